import type {
  AttributeSet,
  ContainerStatement,
  LocationStatement,
  NameValue,
  Operation,
  PrimitiveStatement,
  PropertyStatement,
  Rule,
  Statement,
} from '../../../grammar/crm/ast.js';
import type { HaCf, HaResource, ResourceGroup } from '../../../grammar/heartbeat/ast.js';
import type { MachineFacts, Note } from './types.js';
import { ocfAgentOf } from './version1-scripts.js';

/** What a group's preferred node is worth. */
const PREFERENCE = '100';
/** With ping hosts: what staying is worth, for each resource of a group (`auto_failback off`). */
const STAY = 200;
/** What one more ping host that answers is worth: more than a whole group's wish to stay or to go home. */
const CONNECTED = 10_000;
/** Heartbeat did not look after its resources; this is how often they are looked at now. */
const MONITOR_INTERVAL = '10s';

const DEFAULT_DEADPING_S = 30;

export interface ResourcePart {
  readonly statements: readonly Statement[];
  readonly notes: readonly Note[];
}

const values = (...pairs: (readonly [string, string])[]): NameValue[] =>
  pairs.map(([name, value]) => ({ name, value }));
const attributes = (
  keyword: AttributeSet['keyword'],
  pairs: readonly (readonly [string, string])[],
): AttributeSet => ({
  type: 'set',
  keyword,
  rules: [],
  values: values(...pairs),
});
const operation = (name: string, ...pairs: (readonly [string, string])[]): Operation => ({
  name,
  values: values(...pairs),
  sets: [],
});

function primitive(
  id: string,
  agent: string,
  parameters: readonly (readonly [string, string])[],
  operations: readonly Operation[],
): PrimitiveStatement {
  return {
    kind: 'primitive',
    id,
    agent,
    parts: [
      ...(parameters.length > 0 ? [attributes('params', parameters)] : []),
      ...(operations.length > 0 ? [{ type: 'operations' as const, operations }] : []),
    ],
  };
}

function property(
  kind: PropertyStatement['kind'],
  id: string,
  ...pairs: (readonly [string, string])[]
): PropertyStatement {
  return { kind, ...(kind === 'property' ? {} : { id }), rules: [], values: values(...pairs) };
}

/** Resources, where they want to be, and what keeps them there: haresources and the parts of ha.cf about them. */
export function convertResources(
  haCf: HaCf,
  groups: readonly ResourceGroup[],
  facts: MachineFacts,
): ResourcePart {
  const notes: Note[] = [];
  const statements: Statement[] = [];
  const locations: Statement[] = [];
  const taken = new Set<string>();
  const tops: string[] = [];
  for (const [index, group] of groups.entries()) {
    const members = group.resources.map((resource, position) => {
      const statement = convertResource(resource, position + 1, facts, taken, notes);
      statements.push(statement);
      return statement.id;
    });
    if (members.length === 0) continue;
    let top = members[0]!;
    if (members.length > 1) {
      top = `group_${index + 1}`;
      statements.push({ kind: 'group', id: top, children: members, sets: [] } satisfies ContainerStatement);
      notes.push({
        outcome: 'kept',
        what: group.resources.map(nameOf).join(' '),
        where: `haresources:${group.node.place.line}`,
        text: `group ${top}: started in this order, stopped in the opposite one, moved as one`,
      });
    }
    tops.push(top);
    const node =
      haCf.nodes.find(({ text }) => text.toLowerCase() === group.node.text)?.text ?? group.node.text;
    locations.push({
      kind: 'location',
      id: `home_${top}`,
      resource: top,
      attributes: [],
      score: PREFERENCE,
      node,
      rules: [],
    } satisfies LocationStatement);
    notes.push({
      outcome: 'kept',
      what: node,
      where: `haresources:${group.node.place.line}`,
      text: `${node} is where ${top} belongs: location home_${top}, score ${PREFERENCE}`,
    });
  }
  const pings = convertPings(haCf, tops, notes);
  return {
    statements: [
      ...statements,
      ...pings.resources,
      ...locations,
      ...pings.locations,
      ...defaults(haCf, notes),
    ],
    notes,
  };
}

function nameOf(resource: HaResource): string {
  return resource.script === 'IPaddr' ? resource.args[0]! : [resource.script, ...resource.args].join('::');
}

function freeId(wanted: string, taken: Set<string>): string {
  const base = wanted.replace(/[^\w.-]/g, '_').replace(/^(?=[^A-Za-z_])/, '_');
  let id = base;
  for (let copy = 2; taken.has(id); copy++) id = `${base}_${copy}`;
  taken.add(id);
  return id;
}

function convertResource(
  resource: HaResource,
  position: number,
  facts: MachineFacts,
  taken: Set<string>,
  notes: Note[],
): PrimitiveStatement {
  const what = nameOf(resource);
  const where = `haresources:${resource.place.line}`;
  const monitor = operation('monitor', ['interval', MONITOR_INTERVAL]);
  const own = ocfAgentOf(resource);
  if (own && facts.ocfAgents.has(own.type)) {
    const id = freeId(
      resource.address
        ? `${resource.script}_${resource.address.address.replace(/[.:]/g, '_')}`
        : `${own.type}_${position}`,
      taken,
    );
    if (own.complaint) notes.push({ outcome: 'todo', what, where, text: own.complaint });
    const implied = resource.script === 'IPaddr' ? ', which IPaddr was for all but its name' : '';
    notes.push({
      outcome: 'kept',
      what,
      where,
      text: `${id}: the agent ocf:heartbeat:${own.type}${implied}`,
    });
    return primitive(id, `ocf:heartbeat:${own.type}`, own.parameters, [monitor]);
  }
  const { script, args } = resource;
  const id = freeId(`${script}_${position}`, taken);
  const positional = args.map((value, index) => [String(index + 1), value] as const);
  const asIs = 'runs as it is';
  if (facts.resourceScripts.has(script)) {
    const better =
      script === 'drbddisk'
        ? '; ocf:linbit:drbd as a promotable clone would also see whether the data are good (docs/stories/heartbeat-and-drbd.md)'
        : '';
    notes.push({
      outcome: 'kept',
      what,
      where,
      text: `${id}: /etc/ha.d/resource.d/${script} ${asIs} (class heartbeat)${better}`,
    });
    return primitive(id, `heartbeat:${script}`, positional, [monitor]);
  }
  const blind = facts.blindScripts.get(script);
  if (facts.initScripts.has(script) && args.length === 0 && blind !== undefined) {
    // Heartbeat went by what `status` prints, so that class has the script started where it says nothing.
    const type = blind === 'silent' ? 'heartbeat' : 'lsb';
    notes.push({
      outcome: 'todo',
      what,
      where,
      text:
        `${id}: /etc/init.d/${script} ${asIs} (class ${type}), but is not monitored: its 'status' exits with 0 on every node. ` +
        `Let it exit with 3 where the service does not run, then give it class lsb and "op monitor interval=${MONITOR_INTERVAL}" by "crm configure edit ${id}"`,
    });
    return primitive(id, `${type}:${script}`, [], []);
  }
  if (facts.initScripts.has(script) && args.length === 0) {
    notes.push({
      outcome: 'kept',
      what,
      where,
      text: `${id}: /etc/init.d/${script} ${asIs} (class lsb); its 'status' must exit with 3 when it does not run`,
    });
    return primitive(id, `lsb:${script}`, [], [monitor]);
  }
  const found = facts.initScripts.has(script);
  notes.push({
    outcome: found ? 'kept' : 'todo',
    what,
    where,
    text: found
      ? `${id}: /etc/init.d/${script} ${asIs}, with its arguments first (class heartbeat)`
      : `${id}: there is no ${script} in /etc/ha.d/resource.d or /etc/init.d here; put it there on all nodes before the cluster starts`,
  });
  return primitive(id, `heartbeat:${script}`, positional, [monitor]);
}

/** Ping hosts: a clone that counts which answer, and places that follow the count. */
function convertPings(
  haCf: HaCf,
  tops: readonly string[],
  notes: Note[],
): { readonly resources: Statement[]; readonly locations: Statement[] } {
  const resources: Statement[] = [];
  const locations: Statement[] = [];
  const deadS = Math.max(2, Math.round((haCf.timing.deadpingMs ?? DEFAULT_DEADPING_S * 1000) / 1000));
  const timeoutS = Math.max(1, Math.floor(deadS / 4));
  const attempts = 2;
  const intervalS = Math.max(1, deadS - attempts * timeoutS);
  const ping = (name: string, hosts: readonly string[], multiplier: number): void => {
    resources.push(
      primitive(
        `ping_${name}`,
        'ocf:pacemaker:ping',
        [
          ['name', name],
          ['host_list', hosts.join(' ')],
          ['multiplier', String(multiplier)],
          ['attempts', String(attempts)],
          ['timeout', String(timeoutS)],
          ['dampen', '1s'],
        ],
        [operation('monitor', ['interval', `${intervalS}s`], ['timeout', `${deadS + 20}s`])],
      ),
      {
        kind: 'clone',
        id: `ping_${name}-clone`,
        children: [`ping_${name}`],
        sets: [],
      } satisfies ContainerStatement,
    );
  };
  const place = (id: string, resource: string, rule: Rule): void => {
    locations.push({
      kind: 'location',
      id,
      resource,
      attributes: [],
      rules: [rule],
    } satisfies LocationStatement);
  };
  const plain = haCf.pings.filter(({ group }) => group === undefined).flatMap(({ hosts }) => hosts);
  if (plain.length > 0) {
    ping('pingd', plain, CONNECTED);
    for (const top of tops) {
      place(`connected_${top}`, top, {
        score: 'pingd',
        expressions: [{ type: 'attribute', attribute: 'pingd', operation: 'defined' }],
      });
    }
  }
  for (const { group, hosts } of haCf.pings) {
    if (group === undefined) continue;
    const name = freeId(`pingd_${group}`, new Set());
    ping(name, hosts, 1);
    for (const top of tops) {
      place(`connected_${top}_${group}`, top, {
        score: String(CONNECTED),
        expressions: [{ type: 'attribute', attribute: name, operation: 'gt', value: '0' }],
      });
    }
  }
  if (haCf.pings.length > 0) {
    const ipfail = haCf.respawns.some(({ program }) => /\/ipfail$/.test(program));
    notes.push({
      outcome: ipfail ? 'kept' : 'changed',
      what: haCf.pings
        .map(({ group, hosts }) => [group ? `ping_group ${group}` : 'ping', ...hosts].join(' '))
        .join(', '),
      where: `ha.cf:${haCf.pings[0]!.place.line}`,
      text:
        'a clone of ocf:pacemaker:ping counts which hosts answer; resources go where more do ' +
        `(${CONNECTED} for each, found within about ${deadS} s)` +
        (ipfail ? '' : '; without "respawn hacluster .../ipfail" Heartbeat only logged it'),
    });
  }
  return { resources, locations };
}

/** Cluster options, defaults of resources and operations. */
function defaults(haCf: HaCf, notes: Note[]): Statement[] {
  const off = haCf.autoFailback === 'off';
  const stickiness = !off ? '0' : haCf.pings.length > 0 ? String(STAY) : 'INFINITY';
  const said = haCf.directives.findLast(({ name }) => name === 'auto_failback' || name === 'nice_failback');
  notes.push({
    outcome: haCf.autoFailback === 'legacy' ? 'changed' : 'kept',
    what: said ? [said.name, ...said.values.map(({ text }) => text)].join(' ') : 'auto_failback, not set',
    ...(said ? { where: `ha.cf:${said.place.line}` } : {}),
    text: off
      ? `resource-stickiness=${stickiness}: resources stay where they are when their preferred node is back`
      : `resource-stickiness=${stickiness}: resources go home when their preferred node is back`,
  });
  const fencing = haCf.directives.some(({ name }) => name === 'stonith' || name === 'stonith_host');
  notes.push({
    outcome: 'todo',
    what: fencing ? 'stonith' : 'no stonith',
    text: fencing
      ? 'stonith-enabled=false for now: devices of Heartbeat must be made anew, as in "crm configure primitive f stonith:fence_ipmilan params ...", then "crm configure property stonith-enabled=true"'
      : 'stonith-enabled=false, as before: a node that is only cut off may run the same resources; with a fence device this cannot happen',
  });
  notes.push({
    outcome: 'changed',
    what: 'resources',
    text: `all are monitored, every ${MONITOR_INTERVAL}; Heartbeat only saw whole nodes die`,
  });
  return [
    property('property', 'cib-bootstrap-options', ['stonith-enabled', 'false']),
    property('rsc_defaults', 'rsc-options', ['resource-stickiness', stickiness]),
    property('op_defaults', 'op-options', ['timeout', '120s']),
  ];
}
