import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Pacemaker's folder for the shadow CIBs of root and of its own user. */
const STANDARD = '/var/lib/pacemaker/cib';

/** Folder of the shadow CIBs: `CIB_shadow_dir`, for root and hacluster Pacemaker's where it exists, else `~/.cib`. */
export function shadowFolderOf(
  env: Readonly<Record<string, string | undefined>>,
  chosen: { readonly standard?: string; readonly user?: string } = {},
): string {
  if (env.CIB_shadow_dir) return env.CIB_shadow_dir;
  const standard = chosen.standard || STANDARD;
  const user = chosen.user || userInfo().username;
  if ((user === 'root' || user === 'hacluster') && existsSync(standard)) return standard;
  return join(env.HOME || homedir(), '.cib');
}

export function shadowFile(folder: string, name: string): string {
  return join(folder, `shadow.${name}`);
}
