import type { Connection } from '../../connection/connection.js';

/**
 * Does something whenever the cluster's state has changed, one time after the other, until the connection ends.
 *
 * @param before what is to be done first
 * @returns the exit status
 */
export async function followState(
  connection: Connection,
  changed: () => Promise<void>,
  err: (text: string) => void,
  before: Promise<void> = Promise.resolve(),
): Promise<number> {
  let turn = before;
  const subscribed = await connection.subscribe(['state'], () => {
    turn = turn.then(changed);
  });
  if (!subscribed.ok) {
    err(`${subscribed.error.message}\n`);
    return 1;
  }
  const lost = await connection.closed;
  if (lost) err(`${lost.message}\n`);
  return lost ? 1 : 0;
}
