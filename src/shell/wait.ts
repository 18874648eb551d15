import type { Connection } from '../connection/connection.js';
import type { Session } from './session.js';

/**
 * Waits until the cluster is idle, with a line saying what it is doing meanwhile.
 * False (reported) where the time ran out or the connection was lost, or that was interrupted; on a file there is nothing to wait for.
 */
export async function waitIdle(
  session: Session,
  connection: Connection,
  timeoutMs: number,
): Promise<boolean> {
  if (connection.target.kind === 'file') return true;
  const { output } = session.world;
  output.progress('waiting for the cluster ...');
  const watching = await connection.subscribe(['state'], (notification) => {
    if (notification.notify !== 'state') return;
    const { transition, dc } = notification.state;
    if (dc === null) output.progress('waiting for the cluster: no DC yet');
    else if (transition) {
      const running = transition.running.map(({ key, node }) => `${key} on ${node}`).join(', ');
      const what = running === '' ? '' : `: ${running}`;
      output.progress(`waiting: ${transition.completed} of ${transition.total} actions done${what}`);
    }
  });
  const waited = await connection.call('cluster.wait-idle', { timeoutMs });
  if (watching.ok) watching.value();
  output.progress(null);
  if (!waited.ok) {
    session.failure(waited.error);
    return false;
  }
  if (!waited.value.idle)
    session.warning(`the cluster did not settle within ${Math.round(timeoutMs / 1000)} s`);
  return waited.value.idle;
}
