import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Options } from './options.js';
import { EXIT } from './plan.js';

/** Set for the process that does the work, so that it stays where it is. */
export const DAEMON_VARIABLE = 'QUORATE_CRM_MON_DAEMON';

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts crm_mon again in the background, its id in the pid file; refuses where one already runs there. */
export function startDaemon(
  argv: readonly string[],
  options: Options,
  writeError: (text: string) => void,
): number {
  const { pidFile } = options;
  const old = existsSync(pidFile) ? Number.parseInt(readFileSync(pidFile, 'utf8'), 10) : Number.NaN;
  if (old > 0 && isRunning(old)) {
    writeError(`crm_mon: already running as process ${old} (see ${pidFile})\n`);
    return EXIT.error;
  }
  const child = spawn(process.execPath, [process.argv[1]!, ...argv], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, [DAEMON_VARIABLE]: '1' },
  });
  child.unref();
  try {
    writeFileSync(pidFile, `${child.pid}\n`);
  } catch (error) {
    writeError(`crm_mon: ${pidFile}: ${error instanceof Error ? error.message : error}\n`);
    if (child.pid !== undefined) process.kill(child.pid);
    return EXIT.cantCreate;
  }
  return EXIT.ok;
}
