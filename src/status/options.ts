import { isTrue, parseBoolean } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { intervalMs, parseInterval } from '../cib/interval.js';
import { scanInteger } from '../cib/number.js';
import { type HealthScores, INFINITY, parseScore } from '../cib/score.js';
import { surroundings, unpackNvpairs } from './nvpairs.js';
import { remarkOnInterval, remarkOnScore } from './remarks.js';
import type { ClusterOptions, ClusterStatus, QuorumPolicy } from './types.js';

const valid = {
  boolean: (value: string) => parseBoolean(value) !== undefined,
  interval: (value: string) => parseInterval(value) !== undefined,
  number: (value: string) => /^[+-]?INFINITY$/.test(value) || scanInteger(value) !== undefined,
  oneOf:
    (...words: string[]) =>
    (value: string) =>
      words.includes(value.toLowerCase()),
};

/** The options that the scheduler reads, their defaults, and what values they take (`man pacemaker-schedulerd`). */
const OPTIONS: readonly (readonly [name: string, value: string, check: (value: string) => boolean])[] = [
  ['no-quorum-policy', 'stop', valid.oneOf('stop', 'freeze', 'ignore', 'demote', 'suicide')],
  ['symmetric-cluster', 'true', valid.boolean],
  ['maintenance-mode', 'false', valid.boolean],
  ['start-failure-is-fatal', 'true', valid.boolean],
  ['enable-startup-probes', 'true', valid.boolean],
  ['shutdown-lock', 'false', valid.boolean],
  ['shutdown-lock-limit', '0', valid.interval],
  ['stonith-enabled', 'true', valid.boolean],
  ['stonith-action', 'reboot', valid.oneOf('reboot', 'off', 'poweroff')],
  ['stonith-timeout', '60s', valid.interval],
  ['have-watchdog', 'false', valid.boolean],
  ['concurrent-fencing', 'false', valid.boolean],
  ['startup-fencing', 'true', valid.boolean],
  ['priority-fencing-delay', '0', valid.interval],
  ['cluster-delay', '60s', valid.interval],
  ['batch-limit', '0', valid.number],
  ['migration-limit', '-1', valid.number],
  ['stop-all-resources', 'false', valid.boolean],
  ['stop-orphan-resources', 'true', valid.boolean],
  ['stop-orphan-actions', 'true', valid.boolean],
  ['remove-after-stop', 'false', valid.boolean],
  ['pe-error-series-max', '-1', valid.number],
  ['pe-warn-series-max', '5000', valid.number],
  ['pe-input-series-max', '4000', valid.number],
  [
    'node-health-strategy',
    'none',
    valid.oneOf('none', 'migrate-on-red', 'only-green', 'progressive', 'custom'),
  ],
  ['node-health-base', '0', valid.number],
  ['node-health-green', '0', valid.number],
  ['node-health-yellow', '0', valid.number],
  ['node-health-red', '-INFINITY', valid.number],
  ['placement-strategy', 'default', valid.oneOf('default', 'utilization', 'minimal', 'balanced')],
];

/** Reads `crm_config`; an invalid value is complained about and replaced by the default. */
export function unpackOptions(status: ClusterStatus, crmConfig: Element | undefined): void {
  const all = new Map<string, string>();
  unpackNvpairs(status, crmConfig, 'cluster_property_set', surroundings(status), all, {
    alwaysFirst: 'cib-bootstrap-options',
  });
  for (const [name, fallback, check] of OPTIONS) {
    const value = all.get(name);
    if (value !== undefined && check === valid.interval) remarkOnInterval(status, value);
    if (value !== undefined && check === valid.number) remarkOnScore(status, value);
    if (value !== undefined && check(value)) continue;
    if (value !== undefined) {
      status.messages.push({
        severity: 'error',
        text: `Using default value for cluster option '${name}' because '${value}' is invalid`,
      });
    }
    all.set(name, fallback);
  }
  const flag = (name: string) => isTrue(all.get(name));
  const stonithEnabled = flag('stonith-enabled');
  const strategy = all.get('node-health-strategy')!.toLowerCase();
  const action = all.get('stonith-action')!;
  const options: ClusterOptions = {
    all,
    symmetricCluster: flag('symmetric-cluster'),
    stonithEnabled,
    haveStonithResource: flag('have-watchdog'),
    unfencing: asksForUnfencing(status.cib),
    stonithAction: action === 'poweroff' ? 'off' : action,
    stonithTimeoutMs: intervalMs(all.get('stonith-timeout')),
    concurrentFencing: flag('concurrent-fencing'),
    startupFencing: stonithEnabled && flag('startup-fencing'),
    priorityFencingDelaySec: Math.trunc(intervalMs(all.get('priority-fencing-delay')) / 1000),
    noQuorumPolicy: quorumPolicy(status, all.get('no-quorum-policy')!, stonithEnabled),
    maintenanceMode: flag('maintenance-mode'),
    stopAllResources: flag('stop-all-resources'),
    stopOrphanResources: flag('stop-orphan-resources'),
    stopOrphanActions: flag('stop-orphan-actions'),
    removeAfterStop: flag('remove-after-stop'),
    startFailureIsFatal: flag('start-failure-is-fatal'),
    startupProbes: flag('enable-startup-probes'),
    placementStrategy: all.get('placement-strategy')!.toLowerCase(),
    shutdownLock: flag('shutdown-lock'),
    shutdownLockLimitSec: flag('shutdown-lock')
      ? Math.trunc(intervalMs(all.get('shutdown-lock-limit')) / 1000)
      : 0,
    nodeHealthStrategy: strategy,
    nodeHealthBase: strategy === 'progressive' ? parseScore(all.get('node-health-base')) : 0,
    healthScores: healthScores(strategy, all),
  };
  status.options = options;
  if (action === 'poweroff') {
    status.messages.push({
      severity: 'warning',
      text: "Support for stonith-action of 'poweroff' is deprecated and will be removed in a future release (use 'off' instead)",
    });
  }
  if (options.removeAfterStop) {
    status.messages.push({
      severity: 'warning',
      text: 'Support for the remove-after-stop cluster property is deprecated and will be removed in a future release',
    });
  }
  if (!options.startupFencing) {
    status.messages.push({
      severity: 'warning',
      text: 'Blind faith: not fencing unseen nodes',
      remark: true,
    });
  }
}

/** `suicide` needs fencing, and quorum that this partition has or once had. */
function quorumPolicy(status: ClusterStatus, text: string, stonithEnabled: boolean): QuorumPolicy {
  const policy = text.toLowerCase() as QuorumPolicy;
  if (policy !== 'suicide') return policy;
  if (!stonithEnabled) {
    status.messages.push({
      severity: 'error',
      text: "Resetting no-quorum-policy to 'stop' because fencing is disabled",
    });
    return 'stop';
  }
  const panic = Number(scanInteger(status.cib.get('no-quorum-panic') ?? '')?.value ?? 0n) !== 0;
  return panic || status.quorate ? 'suicide' : 'stop';
}

/** Whether any meta-attribute `provides` or `requires` of a resource or of `rsc_defaults` says `unfencing`. */
function asksForUnfencing(cib: Element): boolean {
  const configuration = cib.first('configuration');
  const places = [configuration?.first('resources'), configuration?.first('rsc_defaults')];
  for (const place of places) {
    if (!place) continue;
    for (const set of place.descendants()) {
      if (set.name !== 'meta_attributes') continue;
      for (const pair of set.elements('nvpair')) {
        const name = pair.get('name');
        if ((name === 'provides' || name === 'requires') && pair.get('value') === 'unfencing') return true;
      }
    }
  }
  return false;
}

/** What `red`, `yellow` and `green` are worth under a strategy ("Pacemaker Explained", Tracking Node Health). */
function healthScores(strategy: string, all: ReadonlyMap<string, string>): HealthScores {
  switch (strategy) {
    case 'none':
      return { red: 0, yellow: 0, green: 0 };
    case 'migrate-on-red':
      return { red: -INFINITY, yellow: 0, green: 0 };
    case 'only-green':
      return { red: -INFINITY, yellow: -INFINITY, green: 0 };
    default:
      return {
        red: parseScore(all.get('node-health-red')),
        yellow: parseScore(all.get('node-health-yellow')),
        green: parseScore(all.get('node-health-green')),
      };
  }
}
