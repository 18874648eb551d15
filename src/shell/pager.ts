import type { Session } from './session.js';

/**
 * Shows a result, through the pager (option `core.pager`, `$PAGER`, `less`) where it is longer than the terminal of
 * the person who asked. Everywhere else it is written as it is.
 */
export async function showPaged(session: Session, text: string): Promise<void> {
  const { interactive, environment, output } = session.world;
  const rows = output.rows;
  if (!interactive || rows === null || text.split('\n').length <= rows) {
    session.print(text);
    return;
  }
  const pager = session.options.get('core.pager') || environment.PAGER || 'less -R -F -X';
  const { writeTemporary } = await import('./temporary.js');
  const file = writeTemporary('crm', text);
  const status = await session.world.runOnTerminal('/bin/sh', ['-c', `${pager} "$1"`, 'pager', file.path]);
  file.remove();
  if (status !== 0) session.print(text);
}
