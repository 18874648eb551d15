import type { Element } from '../element.js';
import { parseInterval } from '../interval.js';
import type { AgentFacts } from './finding.js';

/** What an agent's meta-data (`<resource-agent>`) says about it. */
export function agentFacts(metadata: Element): AgentFacts {
  const parameters = new Map(
    (metadata.first('parameters')?.elements('parameter') ?? []).map((parameter) => {
      const required = parameter.get('required') ?? '0';
      return [parameter.get('name') ?? '', { required: required === '1' || required === 'true' }] as const;
    }),
  );
  const actions = (metadata.first('actions')?.elements('action') ?? []).map((action) => ({
    name: action.get('name') ?? '',
    timeoutMs: parseInterval(action.get('timeout')),
  }));
  return { parameters, actions };
}
