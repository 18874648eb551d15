/**
 * After which time a watchdog device fires: read where the kernel shows it (Documentation/ABI/testing/sysfs-class-watchdog),
 * set by `wdctl` of util-linux, since Node has no ioctl (WDIOC_SETTIMEOUT).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Log } from './log.js';

/** Null for what is no watchdog that the kernel knows. */
function readTimeoutMs(root: string, device: string): number | null {
  const name = existsSync(device) ? basename(realpathSync(device)) : basename(device);
  // /dev/watchdog is another door to the first of them.
  const file = join(root, '/sys/class/watchdog', name === 'watchdog' ? 'watchdog0' : name, 'timeout');
  const seconds = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN;
  return seconds > 0 ? seconds * 1000 : null;
}

/**
 * Has the device, which nobody may have open, fire after the wanted time.
 *
 * @returns in ms, when it really fires: a driver may not allow every time, or any
 */
export function setFiringTime(root: string, device: string, wantedMs: number, log: Log): number {
  const before = readTimeoutMs(root, device);
  if (before === null || before === wantedMs) return wantedMs;
  const seconds = String(Math.max(1, Math.round(wantedMs / 1000)));
  const ran = spawnSync('wdctl', ['--settimeout', seconds, device], { encoding: 'utf8', timeout: 10_000 });
  const now = readTimeoutMs(root, device) ?? before;
  if (now !== wantedMs) {
    const why = (ran.error?.message ?? ran.stderr).trim().split('\n').at(-1);
    const told = why === undefined || why === '' ? '' : ` (${why})`;
    log.write(
      'warning',
      `watchdog: ${device} fires after ${now / 1000} s and could not be set to ${seconds} s${told}`,
    );
  }
  return now;
}
