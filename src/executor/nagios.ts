/** Class `nagios`: monitoring plugins, which only watch what runs elsewhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AgentClass,
  OCF,
  type OperationContext,
  type Outcome,
  outcome,
  outcomeOfFailure,
} from './agent-class.js';
import { listExecutables } from './places.js';
import type { OperationRequest } from './types.js';

const AGAIN_MS_MAX = 2000;

export const nagios: AgentClass = {
  name: 'nagios',

  async execute(request, context) {
    switch (request.operation) {
      case 'stop':
        return outcome('done', OCF.ok);
      case 'start':
        return start(request, context);
      case 'monitor': {
        if (request.intervalMs > 0) return check(request, pluginArguments(request), context);
        // A probe: there is nothing that could run already, but the plugin must be there.
        const probe = await check(request, ['--version'], context);
        return probe.status === 'done' && probe.rc === OCF.ok ? outcome('done', OCF.notRunning) : probe;
      }
      default:
        return outcome('done', OCF.notImplemented);
    }
  },

  list: (places) => listExecutables([places.nagiosPlugins]),

  async metadata(type, _provider, context) {
    try {
      return readFileSync(join(context.places.nagiosMetadata, `${type}.xml`), 'utf8');
    } catch {
      return null;
    }
  },
};

/** Started means that the check succeeds; what it watches may take its time to come up. */
async function start(request: OperationRequest, context: OperationContext): Promise<Outcome> {
  for (;;) {
    const result = await check(request, pluginArguments(request), context);
    if (result.status !== 'done' || result.rc === OCF.ok) return result;
    const pauseMs = Math.min(AGAIN_MS_MAX, request.timeoutMs / 10);
    if (pauseMs >= context.remainingMs()) {
      return outcome(
        'timeout',
        OCF.genericError,
        'Investigate reason for timeout, and adjust configured operation timeout if necessary',
        result.output,
      );
    }
    if (!(await context.sleep(pauseMs))) return outcome('cancelled', OCF.ok);
  }
}

async function check(
  request: OperationRequest,
  args: readonly string[],
  context: OperationContext,
): Promise<Outcome> {
  const file = join(context.places.nagiosPlugins, request.agent.type);
  const result = await context.run({ file, args, env: context.environment });
  const failure = outcomeOfFailure(result, file, request.timeoutMs, 'Resource agent');
  if (failure) return failure;
  const code = result.end.kind === 'exited' ? result.end.code : 3;
  return outcome('done', nagiosToOcf(code), code === 0 ? '' : firstLine(result.stdout), result.stdout);
}

function pluginArguments(request: OperationRequest): string[] {
  return Object.entries(request.parameters).flatMap(([name, value]) => [`--${name}`, value]);
}

/** OCF exit code for a plugin's: OK 0, WARNING 1, CRITICAL 2, UNKNOWN 3; 100 is lack of privileges (Pacemaker). */
function nagiosToOcf(code: number): number {
  if (code === 0) return OCF.ok;
  if (code === 1) return OCF.degraded;
  return code === 100 ? OCF.insufficientPrivileges : OCF.genericError;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
