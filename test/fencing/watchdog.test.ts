import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Log } from '../../src/agent/log.js';
import { prepareWatchdog, readWatchdogSettings, SelfFencing } from '../../src/agent/watchdog.js';

let root: string;
let device: string;
let log: Log;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quorate-watchdog-'));
  mkdirSync(join(root, 'etc/default'), { recursive: true });
  device = join(root, 'watchdog');
  writeFileSync(device, '');
  log = new Log(join(root, 'log'), { stderr: false, debug: false });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const written = () => readFileSync(device, 'latin1');
const logged = () => readFileSync(join(root, 'log'), 'utf8');

/** A node with a watchdog that would fire after 50 ms, of which the world may be changed. */
class Host {
  isQuorate = false;
  isListening = true;
  options: Record<string, string> = { 'stonith-watchdog-timeout': '10s' };
  readonly fencing = new SelfFencing({
    settings: { device, firesAfterMs: 50 },
    clusterOption: (name) => this.options[name],
    quorate: () => this.isQuorate,
    listening: () => this.isListening,
    log,
  });
}

/** Waits until so many more writes were seen. */
async function writes(count: number): Promise<void> {
  const before = written().length;
  await expect.poll(() => written().length - before, { timeout: 20_000, interval: 5 }).toBeGreaterThan(count);
}

describe('settings', () => {
  it('are those of sbd', () => {
    expect(readWatchdogSettings(root)).toBeNull();
    writeFileSync(join(root, 'etc/default/sbd'), '# SBD_WATCHDOG_DEV=/dev/no\nSBD_PACEMAKER=yes\n');
    expect(readWatchdogSettings(root)).toBeNull();
    writeFileSync(
      join(root, 'etc/default/sbd'),
      'SBD_WATCHDOG_DEV="/dev/watchdog1"\nSBD_WATCHDOG_TIMEOUT=7\n',
    );
    expect(readWatchdogSettings(root)).toEqual({ device: '/dev/watchdog1', firesAfterMs: 7000 });
    writeFileSync(join(root, 'etc/default/sbd'), 'SBD_WATCHDOG_DEV=/dev/watchdog\n');
    expect(readWatchdogSettings(root)).toEqual({ device: '/dev/watchdog', firesAfterMs: 5000 });
  });
});

/** Stands in for util-linux's: writes the time where the kernel would show it, unless the driver refuses. */
const WDCTL = `#!/bin/sh
[ "$1" = --settimeout ] || exit 64
echo "$*" >>ROOT/wdctl.asked
[ "$2" -le 60 ] || { echo "wdctl: cannot set timeout for $3: Invalid argument" >&2; exit 1; }
echo "$2" >ROOT/sys/class/watchdog/watchdog0/timeout
`;

describe('the time after which the device fires', () => {
  const path = process.env.PATH;
  afterEach(() => {
    process.env.PATH = path;
  });

  function configured(seconds: number, known: string | null): ReturnType<typeof prepareWatchdog> {
    const name = join(root, 'dev-watchdog0');
    const kernel = join(root, 'sys/class/watchdog/dev-watchdog0');
    mkdirSync(kernel, { recursive: true });
    writeFileSync(name, '');
    if (known !== null) writeFileSync(join(kernel, 'timeout'), `${known}\n`);
    writeFileSync(
      join(root, 'wdctl'),
      WDCTL.replaceAll('ROOT', root).replace('class/watchdog/watchdog0', 'class/watchdog/dev-watchdog0'),
      { mode: 0o755 },
    );
    process.env.PATH = `${root}:${path}`;
    writeFileSync(
      join(root, 'etc/default/sbd'),
      `SBD_WATCHDOG_DEV=${name}\nSBD_WATCHDOG_TIMEOUT=${seconds}\n`,
    );
    return prepareWatchdog(root, log);
  }
  const asked = () =>
    existsSync(join(root, 'wdctl.asked')) ? readFileSync(join(root, 'wdctl.asked'), 'utf8') : '';

  it.each([
    { what: 'is set', seconds: 7, known: '60', fires: 7000, sets: true },
    { what: 'is left where it is right', seconds: 5, known: '5', fires: 5000, sets: false },
    {
      what: 'is as configured where the kernel shows none',
      seconds: 5,
      known: null,
      fires: 5000,
      sets: false,
    },
  ])('$what', ({ seconds, known, fires, sets }) => {
    expect(configured(seconds, known)?.firesAfterMs).toBe(fires);
    expect(asked()).toBe(sets ? `--settimeout ${seconds} ${join(root, 'dev-watchdog0')}\n` : '');
  });

  it('is what the driver has where it cannot be set, which is said', () => {
    expect(configured(90, '30')?.firesAfterMs).toBe(30_000);
    expect(logged()).toMatch(
      /warning: watchdog: .*dev-watchdog0 fires after 30 s and could not be set to 90 s \(wdctl: .*Invalid argument\)/,
    );
  });
});

describe('stonith-watchdog-timeout', () => {
  it('that is too short for the watchdog of this host is complained of, once', () => {
    const fencing = new SelfFencing({
      settings: { device, firesAfterMs: 5000 },
      clusterOption: (name) => (name === 'stonith-watchdog-timeout' ? '3s' : undefined),
      quorate: () => true,
      listening: () => true,
      log,
    });
    for (let look = 0; look < 3; look++) expect(fencing.complaint()).toBeNull();
    expect(logged().match(/error: watchdog: .*/g)).toEqual([
      'error: watchdog: stonith-watchdog-timeout (3s) too short (must be >5000ms): nobody is fenced by it',
    ]);
  });
});

describe('the device', () => {
  it('is written to while all is well, and disarmed at the end', async () => {
    const { fencing } = new Host();
    fencing.arm();
    await writes(3);
    fencing.close();
    expect(written()).toMatch(/^\0+V$/);
  });

  it('is left to fire once this node is to be fenced, and not disarmed any more', async () => {
    const { fencing } = new Host();
    fencing.arm();
    await writes(1);
    expect(fencing.fire('this node is to be fenced')).toBe(true);
    const last = written();
    fencing.close();
    expect(written()).toBe(last);
    expect(logged()).toContain(
      'error: watchdog: this node is to be fenced: the machine resets within 0.05 s',
    );
  });

  it('that cannot be opened stops the agent from starting; a host without one cannot fence itself', () => {
    const settings = { device: join(root, 'absent'), firesAfterMs: 50 };
    const options = { clusterOption: () => undefined, quorate: () => true, listening: () => true, log };
    expect(() => new SelfFencing({ ...options, settings }).arm()).toThrow(/ENOENT/);
    const without = new SelfFencing({ ...options, settings: null });
    without.arm();
    expect(without.fire('anything')).toBe(false);
    without.close();
  });
});

describe('complaints', () => {
  it('begin when quorum is lost that the node once had, and end when it is back', () => {
    const host = new Host();
    expect(host.fencing.complaint()).toBeNull();
    host.isQuorate = true;
    expect(host.fencing.complaint()).toBeNull();
    host.isQuorate = false;
    expect(host.fencing.complaint()).toBe('quorum is lost, and others count on stonith-watchdog-timeout');
    host.isQuorate = true;
    expect(host.fencing.complaint()).toBeNull();
  });

  it.each([
    ['0', undefined, null],
    ['0s', 'stop', null],
    ['-1', 'stop', 'quorum is lost, and others count on stonith-watchdog-timeout'],
    ['10', 'freeze', 'quorum is lost, and others count on stonith-watchdog-timeout'],
    ['10', 'ignore', null],
    ['0', 'suicide', 'quorum is lost, and no-quorum-policy is suicide'],
  ])('stonith-watchdog-timeout=%s no-quorum-policy=%s: %s', (timeout, policy, expected) => {
    const host = new Host();
    host.isQuorate = true;
    host.fencing.complaint();
    host.isQuorate = false;
    host.options = {
      'stonith-watchdog-timeout': timeout,
      ...(policy === undefined ? {} : { 'no-quorum-policy': policy }),
    };
    expect(host.fencing.complaint()).toBe(expected);
  });

  it('begin when nothing has been heard for two looks', () => {
    const host = new Host();
    host.isListening = false;
    expect(host.fencing.complaint()).toBeNull();
    expect(host.fencing.complaint()).toBe('nothing is known of the peers');
    host.isListening = true;
    expect(host.fencing.complaint()).toBeNull();
  });
});
