/** Fence agents: parameters as `name=value` lines on standard input (the FenceAgentAPI), and class `stonith` on top of it. */
import { join } from 'node:path';
import {
  type AgentClass,
  OCF,
  type OperationContext,
  type Outcome,
  outcome,
  outcomeOfFailure,
} from './agent-class.js';
import { findFile, listExecutables, type Places } from './places.js';
import { resolveSecrets } from './secrets.js';
import type { FenceAgentCall } from './types.js';

/** What is written to the agent's standard input. */
export function fenceAgentInput(call: FenceAgentCall): string {
  const lines = [`action=${call.action}`];
  if (call.target) {
    lines.push(`nodename=${call.target.node}`);
    if (call.target.parameter !== undefined) lines.push(`${call.target.parameter}=${call.target.value}`);
  }
  const given = call.target?.parameter;
  for (const [name, value] of Object.entries(call.parameters)) {
    if (/^(pcmk_|CRM_meta_|crm_feature_set$|action$|nodename$)/.test(name) || name === given) continue;
    lines.push(`${name}=${value}`);
  }
  // A line break inside a value would be read as another parameter.
  return lines.map((line) => `${line.replaceAll('\n', ' ')}\n`).join('');
}

/** Runs a fence agent once. For `status`, rc 0 is on and 2 is off. */
export async function runFenceAgent(
  call: FenceAgentCall,
  timeoutMs: number,
  context: OperationContext,
): Promise<Outcome> {
  const file = fenceAgentPath(call.agent, context.places);
  const parameters = resolveSecrets(context.places.secrets, call.resource ?? '', call.parameters);
  if (parameters === null) return outcome('no-secrets', OCF.genericError, 'Failed to get CIB secrets');
  const result = await context.run({
    file,
    args: [],
    env: context.environment,
    stdin: fenceAgentInput({ ...call, parameters }),
  });
  const failure = outcomeOfFailure(result, file, timeoutMs, 'Fence agent');
  if (failure) return failure;
  const code = result.end.kind === 'exited' ? result.end.code : OCF.genericError;
  const reason = code === 0 ? '' : lastLine(result.stderr);
  return outcome('done', code, reason, result.stdout + result.stderr);
}

export const stonith: AgentClass = {
  name: 'stonith',

  async execute(request, context) {
    switch (request.operation) {
      case 'stop':
        return outcome('done', OCF.ok);
      case 'monitor':
        // A probe asks whether the device is in use here, not whether it works.
        if (request.intervalMs === 0) return outcome('done', context.isStarted ? OCF.ok : OCF.notRunning);
        break;
      case 'start':
      case 'validate-all':
      case 'list':
        break;
      default:
        return outcome(
          'error',
          OCF.notImplemented,
          `Invalid operation ${request.operation} for a fence device`,
        );
    }
    const standard = request.operation === 'start' ? 'monitor' : request.operation;
    const action = request.parameters[`pcmk_${standard}_action`] || standard;
    const result = await runFenceAgent(
      { agent: request.agent.type, action, parameters: request.parameters },
      request.timeoutMs,
      context,
    );
    return result.status === 'done' && result.rc !== OCF.ok
      ? outcome('error', OCF.genericError, result.exitReason || 'Agent returned error', result.output)
      : result;
  },

  list: (places) => listExecutables(places.fenceAgents).filter((name) => name.startsWith('fence_')),

  async metadata(type, _provider, context) {
    const file = fenceAgentPath(type, context.places);
    const result = await context.run({
      file,
      args: [],
      env: context.environment,
      stdin: fenceAgentInput({ agent: type, action: 'metadata', parameters: {} }),
    });
    return result.end.kind === 'exited' && result.end.code === 0 && result.stdout.includes('<resource-agent')
      ? result.stdout
      : null;
  },
};

function fenceAgentPath(agent: string, places: Places): string {
  return findFile(places.fenceAgents, agent) ?? join('/usr/sbin', agent);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}
