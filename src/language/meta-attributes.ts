/** A meta attribute of a resource (Pacemaker Explained, "Resource Meta-Attributes", "Clone Options"). */
export interface MetaAttribute {
  readonly name: string;
  readonly summary: string;
  readonly values: readonly string[];
  readonly default: string | undefined;
}

const BOOLEAN = ['true', 'false'];

function attribute(
  name: string,
  summary: string,
  standard?: string,
  values: readonly string[] = [],
): MetaAttribute {
  return { name, summary, values, default: standard };
}

const RESOURCE: readonly MetaAttribute[] = [
  attribute('target-role', 'what state the cluster keeps it in', 'Started', [
    'Started',
    'Stopped',
    'Promoted',
    'Unpromoted',
  ]),
  attribute('is-managed', 'the cluster may start and stop it', 'true', BOOLEAN),
  attribute('maintenance', 'left alone and not monitored', 'false', BOOLEAN),
  attribute('priority', 'of two that cannot both run, the higher runs', '0'),
  attribute('resource-stickiness', 'score for staying where it is', '0'),
  attribute('migration-threshold', 'failures on a node after which it moves', 'INFINITY'),
  attribute('failure-timeout', 'after this time failures are forgotten', '0'),
  attribute('multiple-active', 'what is done when it runs twice', 'stop_start', [
    'block',
    'stop_only',
    'stop_start',
    'stop_unexpected',
  ]),
  attribute('allow-migrate', 'move it live where the agent can', 'false', BOOLEAN),
  attribute('requires', 'what must be so before it starts', undefined, [
    'nothing',
    'quorum',
    'fencing',
    'unfencing',
  ]),
  attribute('critical', 'its failure may move what depends on it', 'true', BOOLEAN),
  attribute('allow-unhealthy-nodes', 'may run on unhealthy nodes', 'false', BOOLEAN),
  attribute('container-attribute-target', 'where a bundle’s attributes are set', undefined, ['host']),
  attribute('remote-node', 'name of the guest node that it is'),
  attribute('remote-addr', 'address of the guest node'),
  attribute('remote-port', 'port of the guest node', '3121'),
  attribute('remote-connect-timeout', 'how long connecting may take', '60s'),
  attribute('description', 'a remark'),
];

const CLONE: readonly MetaAttribute[] = [
  attribute('clone-max', 'copies in the cluster; default: one a node'),
  attribute('clone-node-max', 'copies on one node', '1'),
  attribute('clone-min', 'copies that must run before what depends on it', '0'),
  attribute('promotable', 'copies can be promoted', 'false', BOOLEAN),
  attribute('promoted-max', 'promoted copies in the cluster', '1'),
  attribute('promoted-node-max', 'promoted copies on one node', '1'),
  attribute('notify', 'copies hear of each other', 'false', BOOLEAN),
  attribute('globally-unique', 'copies differ from each other', 'false', BOOLEAN),
  attribute('ordered', 'copies start one after the other', 'false', BOOLEAN),
  attribute('interleave', 'depends only on the copy on its own node', 'false', BOOLEAN),
];

/** Meta attributes that a statement's resource knows. */
export function metaAttributes(statement: string): readonly MetaAttribute[] {
  return statement === 'clone' || statement === 'ms' ? [...CLONE, ...RESOURCE] : RESOURCE;
}
