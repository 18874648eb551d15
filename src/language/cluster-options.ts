/** A cluster option: `property NAME=VALUE`. */
export interface ClusterOption {
  readonly name: string;
  readonly type: 'boolean' | 'integer' | 'time' | 'select' | 'percentage' | 'score' | 'string';
  /** What holds where the option is not set; undefined where nothing does. */
  readonly default: string | undefined;
  readonly values: readonly string[];
  readonly summary: string;
}

const BOOLEANS = ['true', 'false'];

function option(
  name: string,
  type: ClusterOption['type'],
  standard: string | undefined,
  summary: string,
  values: readonly string[] = type === 'boolean' ? BOOLEANS : [],
): [string, ClusterOption] {
  return [name, { name, type, default: standard, values, summary }];
}

/** Options of Pacemaker 2.1.5 with their defaults (Pacemaker Explained, "Cluster Options"). */
export const clusterOptions: ReadonlyMap<string, ClusterOption> = new Map([
  option('no-quorum-policy', 'select', 'stop', 'what a partition without quorum does', [
    'stop',
    'freeze',
    'ignore',
    'demote',
    'suicide',
  ]),
  option('symmetric-cluster', 'boolean', 'true', 'resources may run on any node unless forbidden'),
  option('maintenance-mode', 'boolean', 'false', 'leave all resources alone'),
  option('start-failure-is-fatal', 'boolean', 'true', 'after one failed start a node is not tried again'),
  option('enable-startup-probes', 'boolean', 'true', 'look for running resources when a node joins'),
  option('shutdown-lock', 'boolean', 'false', 'resources wait for a cleanly stopped node to come back'),
  option('shutdown-lock-limit', 'time', '0', 'how long they wait; 0 is forever'),
  option('stonith-enabled', 'boolean', 'true', 'nodes that fail are fenced'),
  option('stonith-action', 'select', 'reboot', 'how nodes are fenced', ['reboot', 'off', 'poweroff']),
  option('stonith-timeout', 'time', '60s', 'how long fencing may take'),
  option('have-watchdog', 'boolean', 'false', 'set by the cluster: watchdogs are in use'),
  option('concurrent-fencing', 'boolean', 'false', 'several nodes may be fenced at once'),
  option('startup-fencing', 'boolean', 'true', 'fence nodes that were never seen'),
  option(
    'priority-fencing-delay',
    'time',
    '0',
    'delay in favour of the node with the more important resources',
  ),
  option('cluster-delay', 'time', '60s', 'longest round trip over the network'),
  option('batch-limit', 'integer', '0', 'most actions at once in the cluster; 0 adapts to the load'),
  option('migration-limit', 'integer', '-1', 'most live migrations at once on a node; -1 is no limit'),
  option('stop-all-resources', 'boolean', 'false', 'stop everything'),
  option('stop-orphan-resources', 'boolean', 'true', 'stop resources that are not configured any more'),
  option('stop-orphan-actions', 'boolean', 'true', 'cancel monitors that are not configured any more'),
  option('remove-after-stop', 'boolean', 'false', 'deprecated: forget resources that are stopped'),
  option('pe-error-series-max', 'integer', '-1', 'scheduler inputs with errors that are kept'),
  option('pe-warn-series-max', 'integer', '5000', 'scheduler inputs with warnings that are kept'),
  option('pe-input-series-max', 'integer', '4000', 'other scheduler inputs that are kept'),
  option('node-health-strategy', 'select', 'none', 'what node health attributes do', [
    'none',
    'migrate-on-red',
    'only-green',
    'progressive',
    'custom',
  ]),
  option('node-health-base', 'integer', '0', 'health score that nodes begin with'),
  option('node-health-green', 'integer', '0', 'score of "green"'),
  option('node-health-yellow', 'integer', '0', 'score of "yellow"'),
  option('node-health-red', 'integer', '-INFINITY', 'score of "red"'),
  option('placement-strategy', 'select', 'default', 'how resources are spread over nodes', [
    'default',
    'utilization',
    'minimal',
    'balanced',
  ]),
  option('dc-version', 'string', 'none', 'set by the cluster: version on the DC'),
  option('cluster-infrastructure', 'string', 'corosync', 'set by the cluster: messaging layer'),
  option('cluster-name', 'string', undefined, 'a name for the cluster'),
  option('dc-deadtime', 'time', '20s', 'how long to wait for other nodes at the start'),
  option('cluster-recheck-interval', 'time', '15min', 'how often rules with dates are looked at again'),
  option('load-threshold', 'percentage', '80%', 'load above which fewer actions run'),
  option('node-action-limit', 'integer', '0', 'most actions at once on a node; 0 is twice the cores'),
  option('fence-reaction', 'select', 'stop', 'what a node does that learns of its own fencing', [
    'stop',
    'panic',
  ]),
  option('election-timeout', 'time', '2min', 'longest election'),
  option('shutdown-escalation', 'time', '20min', 'longest clean shutdown'),
  option('join-integration-timeout', 'time', '3min', 'longest join'),
  option('join-finalization-timeout', 'time', '30min', 'longest end of a join'),
  option('transition-delay', 'time', '0s', 'pause before every transition'),
  option('stonith-watchdog-timeout', 'time', '0', 'when a node with a watchdog counts as down'),
  option('stonith-max-attempts', 'integer', '10', 'failed fencings before waiting'),
  option('enable-acl', 'boolean', 'false', 'access control lists are obeyed'),
  option('cluster-ipc-limit', 'integer', '500', 'longest message backlog of a client'),
  option('last-lrm-refresh', 'string', undefined, 'set by the cluster: time of the last refresh'),
]);
