import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from './session.js';

/** corosync.conf of this machine: `$COROSYNC_MAIN_CONFIG_FILE`, else in /etc below `$QUORATE_ROOT`. */
export function corosyncPath(session: Session): string {
  const { environment } = session.world;
  return (
    environment.COROSYNC_MAIN_CONFIG_FILE ||
    join(environment.QUORATE_ROOT || '/', 'etc/corosync/corosync.conf')
  );
}

/** Its text, or null after a complaint. */
export function readCorosync(session: Session): string | null {
  const path = corosyncPath(session);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    session.error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** Names of the node list; its addresses where a node has no name. Quick, without the grammar. */
export function nodeListNames(session: Session): string[] {
  const path = corosyncPath(session);
  if (!existsSync(path)) return [];
  const names: string[] = [];
  for (const block of readFileSync(path, 'utf8').matchAll(/^\s*node\s*\{([^}]*)\}/gm)) {
    const value = (key: string) => new RegExp(`^\\s*${key}\\s*:\\s*(\\S+)`, 'm').exec(block[1]!)?.[1];
    const name = value('name') ?? value('ring0_addr');
    if (name !== undefined) names.push(name);
  }
  return names;
}
