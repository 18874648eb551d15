import { join } from 'node:path';

/** Below the state's root (`QUORATE_ROOT`, default `/`): where the agent of a node listens. */
const SOCKET = 'run/quorate/quorated.sock';

export function agentSocketPath(root: string = process.env.QUORATE_ROOT ?? ''): string {
  return join(root || '/', SOCKET);
}
