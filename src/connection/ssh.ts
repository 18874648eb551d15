import type { Connection, Outcome } from './connection.js';
import type { OpenOptions } from './open.js';

/** Connects to the agent of another host. */
export async function openSsh(host: string, _options: OpenOptions): Promise<Outcome<Connection>> {
  return { ok: false, error: { kind: 'unsupported', message: `${host}: no connection by SSH yet` } };
}
