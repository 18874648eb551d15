import { join } from 'node:path';
import type { Connection } from '../connection/connection.js';
import { openLocal } from '../connection/local.js';
import type { Method, Params, Result } from '../protocol/messages.js';

const open = new Map<string, Connection>();

/**
 * Asks the agent of the node whose `$QUORATE_ROOT` is `root`. Undefined where the agent does not answer (yet), or
 * refuses: the demo then asks again.
 */
export async function ask<M extends Method>(
  root: string,
  method: M,
  params: Params<M>,
): Promise<Result<M> | undefined> {
  let connection = open.get(root);
  if (!connection) {
    const outcome = await openLocal({
      program: 'demo',
      socketPath: join(root, 'run', 'quorate', 'quorated.sock'),
    });
    if (!outcome.ok) return undefined;
    connection = outcome.value;
    open.set(root, connection);
    void connection.closed.then(() => open.delete(root));
  }
  const answer = await connection.call(method, params);
  return answer.ok ? answer.value : undefined;
}
