import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import type { Element } from '../../cib/element.js';
import { writeXml } from '../../cib/xml.js';
import { shadowFile, shadowFolderOf } from '../../command-line/shadows.js';
import type { Session } from '../session.js';

const PREFIX = 'shadow.';

/** Folder of the shadow CIBs, as crm_shadow finds it, unless options name another. */
export function shadowFolder(session: Session): string {
  return shadowFolderOf(session.world.environment, {
    standard: session.options.get('path.crm_config'),
    user: session.options.get('core.user'),
  });
}

export function shadowPath(session: Session, name: string): string {
  return shadowFile(shadowFolder(session), name);
}

export function shadowNames(session: Session): string[] {
  try {
    return readdirSync(shadowFolder(session))
      .filter((name) => name.startsWith(PREFIX) && !name.endsWith('.sig'))
      .map((name) => name.slice(PREFIX.length))
      .sort();
  } catch {
    // No folder, no shadows.
    return [];
  }
}

/** Names that would leave the folder or need quoting are refused. */
export function isShadowName(name: string): boolean {
  return name !== '' && !/['`\\/#*?$[\];]/.test(name);
}

/** False after a complaint. */
export function writeShadow(session: Session, name: string, cib: Element): boolean {
  try {
    mkdirSync(shadowFolder(session), { recursive: true, mode: 0o750 });
    writeFileSync(shadowPath(session, name), writeXml(cib), { mode: 0o600 });
    return true;
  } catch (error) {
    session.error(`${shadowPath(session, name)}: ${(error as Error).message}`);
    return false;
  }
}
