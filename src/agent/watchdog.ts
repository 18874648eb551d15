/**
 * The host's watchdog (Linux: Documentation/watchdog/watchdog-api.rst): a device that resets the machine when nothing has
 * been written to it for a while. It is configured where sbd's is, for the same machines.
 */
import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { intervalMs } from '../cib/interval.js';
import { judgeWatchdogTimeout } from '../fencing/watchdog.js';
import type { Log } from './log.js';
import { setFiringTime } from './watchdog-device.js';

/** sbd's default, in seconds. */
const FIRES_AFTER_S = 5;
/** It is written to so often in the time after which it would fire. */
const WRITES = 5;
const SYSCONFIG = ['/etc/sysconfig/sbd', '/etc/default/sbd'];

export interface WatchdogSettings {
  readonly device: string;
  readonly firesAfterMs: number;
}

/** `SBD_WATCHDOG_DEV` and `SBD_WATCHDOG_TIMEOUT` (seconds) of sbd's settings; null where no device is named. */
export function readWatchdogSettings(root: string): WatchdogSettings | null {
  const file = SYSCONFIG.map((path) => join(root, path)).find((path) => existsSync(path));
  if (file === undefined) return null;
  const values = new Map<string, string>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, name, , value] = /^\s*(\w+)=(["']?)(.*?)\2\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, value);
  }
  const device = values.get('SBD_WATCHDOG_DEV');
  if (!device) return null;
  const seconds = Number(values.get('SBD_WATCHDOG_TIMEOUT'));
  return { device, firesAfterMs: (seconds > 0 ? seconds : FIRES_AFTER_S) * 1000 };
}

/** The watchdog that the host is configured with, its device set to fire when it shall; null where there is none. */
export function prepareWatchdog(root: string, log: Log): WatchdogSettings | null {
  const settings = readWatchdogSettings(root);
  if (!settings) return null;
  return { ...settings, firesAfterMs: setFiringTime(root, settings.device, settings.firesAfterMs, log) };
}

export interface WatchdogOptions extends WatchdogSettings {
  /** Why the machine must not live on; null while all is well. Asked before each write. */
  readonly complaint: () => string | null;
  readonly log: Log;
}

/** Keeps the machine from being reset as long as there is nothing to complain of. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #device: number;
  readonly #timer: NodeJS.Timeout;
  #verdict: string | null = null;
  #complaint: string | null = null;

  /** Arms it. Throws where the device cannot be opened. */
  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#device = openSync(options.device, constants.O_WRONLY | constants.O_APPEND);
    this.#write('\0');
    this.#timer = setInterval(() => this.#tick(), options.firesAfterMs / WRITES);
  }

  /** Nothing is written any more, whatever comes: the machine is reset within `firesAfterMs`. */
  fire(reason: string): void {
    this.#verdict ??= reason;
    this.#tick();
  }

  /** Disarms it (the `V` of the kernel's "magic close"), unless the machine is to be reset. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#verdict === null) this.#write('V');
    closeSync(this.#device);
  }

  #tick(): void {
    const complaint = this.#verdict ?? this.#options.complaint();
    const { log, firesAfterMs } = this.#options;
    if (complaint !== this.#complaint) {
      this.#complaint = complaint;
      if (complaint === null) log.write('warning', 'watchdog: all is well again');
      else log.write('error', `watchdog: ${complaint}: the machine resets within ${firesAfterMs / 1000} s`);
    }
    if (complaint === null) this.#write('\0');
  }

  #write(text: string): void {
    try {
      writeSync(this.#device, text);
    } catch (error) {
      this.#options.log.write('error', `watchdog: ${(error as Error).message}`);
    }
  }
}

export interface SelfFencingOptions {
  /** Null: this host has no watchdog. */
  readonly settings: WatchdogSettings | null;
  readonly clusterOption: (name: string) => string | undefined;
  readonly quorate: () => boolean;
  /** What the node knows of its peers is not older than a moment. */
  readonly listening: () => boolean;
  readonly log: Log;
}

/** When this machine must reset itself: it was told to, or others may count on it. */
export class SelfFencing {
  readonly #options: SelfFencingOptions;
  #watchdog: Watchdog | null = null;
  #wasQuorate = false;
  #objection: string | null = null;
  /** Looks in a row at which the node had not listened. */
  #deaf = 0;

  constructor(options: SelfFencingOptions) {
    this.#options = options;
  }

  /** Arms the watchdog, where there is one. Throws where it cannot be opened: others would count on it in vain. */
  arm(): void {
    const { settings, log } = this.#options;
    if (!settings) return;
    this.#watchdog = new Watchdog({ ...settings, log, complaint: () => this.complaint() });
    log.write('info', `watchdog: ${settings.device} fires after ${settings.firesAfterMs / 1000} s`);
  }

  /** False where there is no watchdog to do it. */
  fire(reason: string): boolean {
    this.#watchdog?.fire(reason);
    return this.#watchdog !== null;
  }

  close(): void {
    this.#watchdog?.close();
  }

  complaint(): string | null {
    const { quorate, clusterOption, listening } = this.#options;
    this.#tellObjection();
    this.#deaf = listening() ? 0 : this.#deaf + 1;
    // Once may be a message that is under way.
    if (this.#deaf > 1) return 'nothing is known of the peers';
    if (quorate()) {
      this.#wasQuorate = true;
      return null;
    }
    // One that never was part of a cluster with quorum holds nothing that others would take over.
    if (!this.#wasQuorate) return null;
    const policy = clusterOption('no-quorum-policy') ?? 'stop';
    if (policy === 'suicide') return 'quorum is lost, and no-quorum-policy is suicide';
    return this.#isCountedOn() && policy !== 'ignore'
      ? 'quorum is lost, and others count on stonith-watchdog-timeout'
      : null;
  }

  #isCountedOn(): boolean {
    const timeout = this.#options.clusterOption('stonith-watchdog-timeout') ?? '0';
    return timeout.trim().startsWith('-') || intervalMs(timeout) > 0;
  }

  /** Once for each value that this host's watchdog cannot keep. */
  #tellObjection(): void {
    const { settings, clusterOption, log } = this.#options;
    const value = clusterOption('stonith-watchdog-timeout') ?? '0';
    const { objection } = judgeWatchdogTimeout(value, settings?.firesAfterMs ?? null);
    if (objection !== null && objection !== this.#objection) {
      log.write('error', `watchdog: ${objection}: nobody is fenced by it`);
    }
    this.#objection = objection;
  }
}
