import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from './session.js';

/** corosync.conf of the node worked on; here `$COROSYNC_MAIN_CONFIG_FILE`, else in /etc below `$QUORATE_ROOT`. */
export function corosyncPath(session: Session): string {
  const { environment } = session.world;
  if (session.hosts.length > 0) return '/etc/corosync/corosync.conf';
  return (
    environment.COROSYNC_MAIN_CONFIG_FILE ||
    join(environment.QUORATE_ROOT || '/', 'etc/corosync/corosync.conf')
  );
}

/** Its text on the node worked on, or null after a complaint. */
export async function readCorosync(session: Session): Promise<string | null> {
  const path = corosyncPath(session);
  if (session.hosts.length > 0) return readThere(session, path);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    session.error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** A file of the node that the session works on from afar; null after a complaint. */
export async function readThere(session: Session, path: string): Promise<string | null> {
  const { runOnNodes } = await import('./fan-out.js');
  // Connected or not: a node whose service is down has its files all the same.
  await session.connect();
  const [run] = await runOnNodes(session, [session.nodeName], `cat '${path}'`);
  if (run?.status === 0) return run.stdout;
  session.error(`[${session.nodeName}]: ${run?.stderr.trim() ?? ''}`);
  return null;
}

/** Names of this machine's node list; none where there is no file. */
export function nodeListNames(session: Session): string[] {
  const path = corosyncPath(session);
  return existsSync(path) ? namesIn(readFileSync(path, 'utf8')) : [];
}

/** Names in a node list, addresses where a node has no name. Quick, without the grammar. */
export function namesIn(text: string): string[] {
  const names: string[] = [];
  for (const block of text.matchAll(/^\s*node\s*\{([^}]*)\}/gm)) {
    const value = (key: string) => new RegExp(`^\\s*${key}\\s*:\\s*(\\S+)`, 'm').exec(block[1]!)?.[1];
    const name = value('name') ?? value('ring0_addr');
    if (name !== undefined) names.push(name);
  }
  return names;
}
