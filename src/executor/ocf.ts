/** Class `ocf`: resource agents as the Open Cluster Framework's API 1.1 describes them. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentClass, OCF, outcome, outcomeOfFailure } from './agent-class.js';
import { exitReason, ocfEnvironment } from './environment.js';
import { findFile, listDirectories, listExecutables, type Places } from './places.js';
import type { OperationRequest } from './types.js';

export const ocf: AgentClass = {
  name: 'ocf',

  async execute(request, context) {
    const provider = request.agent.provider ?? 'heartbeat';
    const file = agentPath(provider, request.agent.type, context.places);
    const result = await context.run({
      file,
      args: [request.operation],
      env: { ...context.environment, ...ocfEnvironment(request, context.places) },
    });
    const failure = outcomeOfFailure(result, file, request.timeoutMs, 'Resource agent');
    if (failure) return failure;
    const rc = result.end.kind === 'exited' ? result.end.code : OCF.genericError;
    return outcome('done', rc, exitReason(result.stderr), result.stdout + result.stderr);
  },

  list(places, provider) {
    const providers = provider === undefined ? listDirectories(places.ocfAgents) : [provider];
    return listExecutables(
      providers.flatMap((name) => places.ocfAgents.map((directory) => join(directory, name))),
    );
  },

  providers(places) {
    return listDirectories(places.ocfAgents);
  },

  async metadata(type, provider, context) {
    const file = agentPath(provider ?? 'heartbeat', type, context.places);
    const request: OperationRequest = {
      callId: 0,
      key: `${type}_meta-data_0`,
      resource: type,
      agent: { class: 'ocf', provider: provider ?? 'heartbeat', type },
      operation: 'meta-data',
      intervalMs: 0,
      timeoutMs: context.remainingMs(),
      startDelayMs: 0,
      parameters: {},
      meta: {},
      userData: '',
    };
    const result = await context.run({
      file,
      args: ['meta-data'],
      env: { ...context.environment, ...ocfEnvironment(request, context.places) },
    });
    return result.end.kind === 'exited' && result.end.code === 0 && result.stdout.trim() !== ''
      ? result.stdout
      : null;
  },
};

/** Changes whenever the agent's file does; null where there is none. */
export function agentVersion(provider: string, type: string, places: Places): string | null {
  try {
    const { mtimeMs, ino, size } = statSync(agentPath(provider, type, places));
    return `${ino}.${size}.${mtimeMs}`;
  } catch {
    return null;
  }
}

/** The agent's file; where there is none, the path at which it would have been first. */
function agentPath(provider: string, type: string, places: Places): string {
  const name = join(provider, type);
  return findFile(places.ocfAgents, name) ?? join(places.ocfRoot, 'resource.d', name);
}
