/** Fencing by the nodes' own watchdogs: the pseudo device `watchdog` of Pacemaker (agent `fence_watchdog`). */
import { isTrue } from '../cib/boolean.js';
import { clusterProperty } from '../cib/cluster-property.js';
import type { Element } from '../cib/element.js';
import { intervalMs } from '../cib/interval.js';
import { type FenceDevice, UNKNOWN_TRAITS } from './device.js';

export const WATCHDOG = 'watchdog';
const WATCHDOG_AGENT = 'fence_watchdog';

/** True of what must not be run as a fence agent, whether it counts as the watchdog device or not. */
export function isWatchdogDevice(id: string, agent: string): boolean {
  return id === WATCHDOG || agent === WATCHDOG_AGENT;
}

export interface WatchdogTimeout {
  /** After this time a node that must reset itself has done so. 0: nobody relies on that. */
  readonly ms: number;
  /** Why nobody may rely on what is configured. */
  readonly objection: string | null;
}

/**
 * What `stonith-watchdog-timeout` comes to. A negative value is twice the time after which the watchdog fires. One that is
 * shorter than that time is refused, as Pacemaker does (pcmk__valid_sbd_timeout): others would take over before the node has
 * reset itself.
 *
 * @param fireMs the time of this node's own watchdog; null where it has none
 */
export function judgeWatchdogTimeout(value: string, fireMs: number | null): WatchdogTimeout {
  const ms = value.trim().startsWith('-') ? 2 * (fireMs ?? 0) : intervalMs(value);
  if (ms === 0 || fireMs === null || ms >= fireMs) return { ms, objection: null };
  return {
    ms: 0,
    objection: `stonith-watchdog-timeout (${value}) too short (must be >${fireMs}ms)`,
  };
}

/** The same of a configuration: nothing where no node has a watchdog. */
export function watchdogTimeout(cib: Element, fireMs: number | null): WatchdogTimeout {
  if (!isTrue(clusterProperty(cib, 'have-watchdog'))) return { ms: 0, objection: null };
  return judgeWatchdogTimeout(clusterProperty(cib, 'stonith-watchdog-timeout') ?? '0', fireMs);
}

/** The device as it is registered while nodes are fenced by their watchdogs. `configured` is one of the CIB, if there is. */
export function watchdogDevice(configured: FenceDevice | undefined): FenceDevice {
  const hosts = configured?.hosts ?? new Set<string>();
  return {
    id: WATCHDOG,
    agent: WATCHDOG_AGENT,
    parameters: configured?.parameters ?? {},
    traits: { ...UNKNOWN_TRAITS, actions: new Set(['reboot', 'off', 'monitor', 'list']) },
    hostCheck: hosts.size > 0 ? 'static-list' : 'none',
    hosts,
    aliases: new Map(),
    priority: 0,
    unfences: false,
    actionLimit: -1,
    bannedNodes: new Set(),
  };
}

/**
 * The devices that count: those of the configuration, without what claims to be the watchdog and is not, and with the
 * watchdog where it is in use.
 */
export function withWatchdog(devices: readonly FenceDevice[], timeoutMs: number): FenceDevice[] {
  const others = devices.filter(({ id, agent }) => !isWatchdogDevice(id, agent));
  if (timeoutMs <= 0) return others;
  const configured = devices.find(({ id, agent }) => id === WATCHDOG && agent === WATCHDOG_AGENT);
  return [...others, watchdogDevice(configured)];
}
