import { Element } from '../element.js';

/** One remark on what an upgrade did, as `cibadmin --upgrade -V` shows it. */
export interface UpgradeRemark {
  /** Undefined for remarks that stand by themselves. */
  readonly severity: 'WARNING' | 'INFO' | 'DEBUG' | undefined;
  readonly text: string;
}

/** A remark as a line. */
export function remarkLine({ severity, text }: UpgradeRemark): string {
  return severity === undefined ? text : `${severity}: ${text}`;
}

/** What becomes of a name. `to` absent: it goes away. */
interface Change {
  readonly to?: string;
  /** Where it goes; absent: it stays where it is. */
  readonly into?: string;
  /** Only where the value (or, for operations, the operation's name) is one of these. */
  readonly when?: readonly string[];
  readonly value?: string;
  /** Part at the start of the value that goes away; only values that start so are concerned. */
  readonly prefix?: string;
  readonly note?: string;
  readonly severity?: UpgradeRemark['severity'];
}

type Table = Readonly<Record<string, readonly Change[]>>;

const THRESHOLD = 'migration-threshold in rsc_defaults can be configured instead';
const FAILURE_STICKINESS: readonly Change[] = [
  { to: 'migration-threshold', into: 'rsc_defaults', when: ['-INFINITY'], value: '1' },
  { note: THRESHOLD },
];
const rename = (to: string): readonly Change[] => [{ to }];
const move = (to: string, into: string): readonly Change[] => [{ to, into }];
const OWN_QUORUM = 'corosync (2+) infrastructure tracks quorum on its own';
const ALERTS = 'standalone alerts can be configured instead';

const OLD_LAYERS = ['heartbeat', 'openais', 'classic openais', 'classic openais (with plugin)', 'cman'];

const CLUSTER_OPTIONS: Table = {
  'cluster-infrastructure': [
    {
      when: OLD_LAYERS,
      note: 'corosync (2+) infrastructure can be used instead, though the value is not of significance',
    },
  ],
  cluster_recheck_interval: rename('cluster-recheck-interval'),
  dc_deadtime: rename('dc-deadtime'),
  'default-action-timeout': move('timeout', 'op_defaults'),
  default_action_timeout: move('timeout', 'op_defaults'),
  'default-migration-threshold': [{ note: THRESHOLD }],
  default_migration_threshold: [{ note: THRESHOLD }],
  'default-resource-stickiness': move('resource-stickiness', 'rsc_defaults'),
  default_resource_stickiness: move('resource-stickiness', 'rsc_defaults'),
  'default-resource-failure-stickiness': FAILURE_STICKINESS,
  default_resource_failure_stickiness: FAILURE_STICKINESS,
  election_timeout: rename('election-timeout'),
  'expected-quorum-votes': [{ note: OWN_QUORUM }],
  'is-managed-default': move('is-managed', 'rsc_defaults'),
  is_managed_default: move('is-managed', 'rsc_defaults'),
  no_quorum_policy: rename('no-quorum-policy'),
  'notification-agent': [{ note: ALERTS }],
  'notification-recipient': [{ note: ALERTS }],
  remove_after_stop: rename('remove-after-stop'),
  shutdown_escalation: rename('shutdown-escalation'),
  startup_fencing: rename('startup-fencing'),
  stonith_action: rename('stonith-action'),
  stonith_enabled: rename('stonith-enabled'),
  stop_orphan_actions: rename('stop-orphan-actions'),
  stop_orphan_resources: rename('stop-orphan-resources'),
  symmetric_cluster: rename('symmetric-cluster'),
  transition_idle_timeout: rename('cluster-delay'),
};

const PARAMETERS: Table = {
  pcmk_arg_map: [{ to: 'pcmk_host_argument', prefix: 'port:' }, {}],
  pcmk_list_cmd: rename('pcmk_list_action'),
  pcmk_monitor_cmd: rename('pcmk_monitor_action'),
  pcmk_off_cmd: rename('pcmk_off_action'),
  pcmk_on_cmd: rename('pcmk_on_action'),
  pcmk_reboot_cmd: rename('pcmk_reboot_action'),
  pcmk_status_cmd: rename('pcmk_status_action'),
};

const ISOLATION: readonly Change[] = [
  {
    to: 'target-role',
    value: 'Stopped',
    severity: 'WARNING',
    note: 'i.e. resource at hand disabled; isolation wrappers obsoleted with bundle resources',
  },
];
const META_FAILURE_STICKINESS: readonly Change[] = [
  { to: 'migration-threshold', when: ['-INFINITY'], value: '1' },
  { note: 'migration-threshold can be configured instead' },
];

const META: Table = {
  isolation: ISOLATION,
  'isolation-host': ISOLATION,
  'isolation-instance': ISOLATION,
  'isolation-wrapper': ISOLATION,
  'resource-failure-stickiness': META_FAILURE_STICKINESS,
  resource_failure_stickiness: META_FAILURE_STICKINESS,
};

const NEEDS_NOTE = 'only start/promote operation taken into account';
const requiresInto = (into: string): readonly Change[] => [
  { to: 'requires', into, when: ['start', 'promote'] },
  { note: NEEDS_NOTE },
];
const OPERATION: Table = { requires: requiresInto('meta_attributes') };
const OPERATION_PARAMETERS: Table = {
  requires: requiresInto('per-resource-meta_attributes'),
  ...Object.fromEntries(
    ['interval-origin', 'start-delay', 'enabled', 'on-fail', 'record-pending', 'role', 'timeout'].map(
      (name) => [name, move(name, 'meta_attributes')],
    ),
  ),
};

function find(table: Table, name: string, subject: string): Change | undefined {
  if (!Object.hasOwn(table, name)) return undefined;
  return table[name]!.find(
    (change) =>
      (change.when?.includes(subject) ?? true) &&
      (change.prefix === undefined || subject.startsWith(change.prefix)),
  );
}

function remark(into: UpgradeRemark[], place: string, name: string, change: Change): void {
  const severity = change.severity ?? (change.note === undefined ? 'DEBUG' : 'INFO');
  let what: string;
  if (change.to === undefined) what = `dropping ${name}`;
  else if (change.into) {
    what = `moving ${name} under ${change.into} as ${change.to} unless already defined there`;
  } else what = `${change.to === name ? 'keeping' : 'renaming'} ${name} as ${change.to}`;
  if (change.value !== undefined) what += `, redefined as ${change.value}`;
  if (change.when) what += `${change.value === undefined ? '' : ','} for matching ${change.when.join('|')}`;
  if (change.prefix !== undefined) {
    what += ` for matching ${change.prefix} prefix that will, meanwhile, get dropped`;
  }
  into.push({ severity, text: `${place}: ${what}` });
  if (change.note !== undefined) {
    const [heading] = place.split(': ');
    into.push({ severity, text: `${heading}: ... ${change.note}` });
  }
}

function changed(pair: Element, change: Change): Element {
  const copy = pair.clone();
  copy.set('name', change.to);
  const value = change.value ?? copy.get('value')?.slice(change.prefix?.length ?? 0);
  return copy.set('value', value);
}

/** Changes the nvpairs of a set; those that move away are given to `moved`. */
function changePairs(
  set: Element,
  table: Table,
  place: (pair: Element) => string,
  remarks: UpgradeRemark[],
  moved: (pair: Element, into: string) => void,
  subject: (pair: Element) => string = (pair) => pair.get('value') ?? '',
): void {
  const taken = new Set<string>();
  set.children = set.children.flatMap((child) => {
    if (child.kind !== 'element' || child.name !== 'nvpair') return [child];
    const name = child.get('name') ?? '';
    const change = find(table, name, subject(child));
    if (!change) return [child];
    remark(remarks, place(child), name, change);
    if (change.to === undefined) return [];
    const result = changed(child, change);
    if (change.into) {
      moved(result, change.into);
      return [];
    }
    if (taken.has(change.to)) return [];
    taken.add(change.to);
    return [result];
  });
}

/** Removes a set that holds nothing any more. */
function dropEmpty(parent: Element, set: Element): void {
  const held = set.elements('nvpair').length > 0 || set.get('id-ref') !== undefined;
  if (!held) parent.remove(set);
}

/** Whether a set without rules already gives the name. */
function gives(parent: Element, setName: string, name: string): boolean {
  return parent
    .elements(setName)
    .some((set) => !set.first('rule') && set.elements('nvpair').some((pair) => pair.get('name') === name));
}

/** Adds to the first set without rules that is made or found under this id. */
function put(parent: Element, id: string, pair: Element): void {
  const set =
    parent.elements('meta_attributes').find((candidate) => candidate.id === id) ??
    parent.append(new Element('meta_attributes', { id }));
  set.append(pair);
}

/** Brings a CIB of schema 2.10 to 3.0: old names of options, and what stood at another place. */
export function upgradeToThree(cib: Element): UpgradeRemark[] {
  const remarks: UpgradeRemark[] = [];
  const configuration = cib.first('configuration');
  if (!configuration) return remarks;
  const referred = new Map<string, Element>();
  const references = new Set([...configuration.descendants()].map((element) => element.get('id-ref')));
  for (const element of configuration.descendants()) {
    if (references.has(element.get('id'))) referred.set(element.id, element.clone());
  }
  upgradeClusterOptions(configuration, remarks);
  for (const node of configuration.first('nodes')?.elements('node') ?? []) {
    if (node.get('type') !== 'normal') continue;
    const place = `Cluster node: ${node.get('uname')} (id=${node.id})`;
    remark(remarks, place, 'type', { to: 'type', when: ['normal'], value: 'member' });
    node.set('type', 'member');
  }
  for (const resource of configuration.first('resources')?.descendants() ?? []) {
    if (resource.name === 'primitive' || resource.name === 'template') upgradeResource(resource, remarks);
  }
  for (const colocation of configuration.first('constraints')?.elements('rsc_colocation') ?? []) {
    for (const name of ['score-attribute', 'score-attribute-mangle']) {
      if (colocation.get(name) === undefined) continue;
      remark(remarks, `Constraints-colocation: ${colocation.id}`, name, {
        note: 'was actually never in effect',
      });
      colocation.set(name, undefined);
    }
  }
  restoreDangling(configuration, referred, remarks);
  return remarks;
}

function upgradeClusterOptions(configuration: Element, remarks: UpgradeRemark[]): void {
  const options = configuration.first('crm_config');
  if (!options) return;
  const moved: { pair: Element; into: string }[] = [];
  for (const set of options.elements('cluster_property_set')) {
    const ruled = set.first('rule') !== undefined;
    changePairs(
      set,
      CLUSTER_OPTIONS,
      (pair) => `Cluster properties: ${pair.id}`,
      remarks,
      (pair, into) => {
        if (!ruled) moved.push({ pair, into });
      },
    );
    dropEmpty(options, set);
  }
  for (const section of ['op_defaults', 'rsc_defaults']) {
    for (const { pair, into } of moved) {
      if (into !== section) continue;
      const defaults = configuration.ensure(section);
      if (gives(defaults, 'meta_attributes', pair.get('name')!)) continue;
      const id = defaults.elements('meta_attributes').find((set) => !set.first('rule'))?.id;
      put(defaults, id ?? `_2TO3_-${section.replace('_', '-')}`, pair);
    }
  }
}

function upgradeResource(resource: Element, remarks: UpgradeRemark[]): void {
  const nowhere = () => undefined;
  for (const set of resource.elements('meta_attributes')) {
    const place = `Resource meta_attributes: ${resource.id} (meta=${set.id})`;
    changePairs(set, META, () => place, remarks, nowhere);
    dropEmpty(resource, set);
  }
  for (const set of resource.elements('instance_attributes')) {
    changePairs(set, PARAMETERS, (pair) => `Resource instance_attributes: ${pair.id}`, remarks, nowhere);
    dropEmpty(resource, set);
  }
  const forResource: { pair: Element; id: string }[] = [];
  for (const operation of resource.first('operations')?.elements('op') ?? []) {
    upgradeOperation(resource, operation, remarks, forResource);
  }
  for (const { pair, id } of forResource) {
    if (!gives(resource, 'meta_attributes', pair.get('name')!)) put(resource, id, pair);
  }
}

function upgradeOperation(
  resource: Element,
  operation: Element,
  remarks: UpgradeRemark[],
  forResource: { pair: Element; id: string }[],
): void {
  const name = operation.get('name') ?? '';
  const place = (set: Element) => `${operation.id} (rsc=${resource.id}, meta=${set.id})`;
  const own: Element[] = [];
  for (const set of operation.elements('instance_attributes')) {
    changePairs(
      set,
      OPERATION_PARAMETERS,
      () => `Resources-operation instance_attributes: ${place(set)}`,
      remarks,
      (pair, into) => {
        if (into === 'meta_attributes') own.push(pair);
        else forResource.push({ pair, id: `_2TO3_${set.id}` });
      },
      () => name,
    );
    dropEmpty(operation, set);
  }
  for (const set of operation.elements('meta_attributes')) {
    changePairs(
      set,
      OPERATION,
      () => `Resources-operation: ${place(set)}`,
      remarks,
      (pair) => forResource.push({ pair, id: `_2TO3_${resource.id}-meta` }),
      () => name,
    );
    dropEmpty(operation, set);
  }
  const needs = operation.get('requires');
  if (needs !== undefined) {
    const change = find(OPERATION, 'requires', name)!;
    remark(remarks, `Resources-operation: ${operation.id} (rsc=${resource.id})`, 'requires', change);
    operation.set('requires', undefined);
    if (change.into) {
      const pair = { id: `_2TO3_${operation.id}-meta-requires`, name: 'requires', value: needs };
      forResource.unshift({ pair: new Element('nvpair', pair), id: `_2TO3_${resource.id}-meta` });
    }
  }
  for (const pair of own) {
    if (!gives(operation, 'meta_attributes', pair.get('name')!)) {
      put(operation, `_2TO3_${operation.id}-meta`, pair);
    }
  }
}

/** References to what the upgrade took away get a copy of what was there before. */
function restoreDangling(
  configuration: Element,
  before: ReadonlyMap<string, Element>,
  remarks: UpgradeRemark[],
): void {
  const after = new Set([...configuration.descendants()].map((element) => element.get('id')));
  for (const element of [...configuration.descendants()]) {
    element.children = element.children.map((child) => {
      if (child.kind !== 'element') return child;
      const reference = child.get('id-ref');
      const original = reference === undefined ? undefined : before.get(reference);
      if (!original || after.has(reference)) return child;
      remarks.push({
        severity: 'DEBUG',
        text: `${child.name}: original element pointed to with @id-ref (${reference}) disappeared during upgrade`,
      });
      const copy = original.clone().set('id', `_cibtr-2_${reference}`);
      for (const pair of copy.elements()) pair.set('id', `_${copy.id}__${pair.id}`);
      return copy;
    });
  }
}
