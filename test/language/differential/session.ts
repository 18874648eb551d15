import { randomNumbers } from '../../../scripts/random-numbers.mjs';

/** What the sessions begin with. */
export const BASE = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="11" num_updates="0" admin_epoch="0" have-quorum="1">
<configuration><crm_config><cluster_property_set id="cib-bootstrap-options"><nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="false"/></cluster_property_set></crm_config>
<nodes><node id="1" uname="node1"/><node id="2" uname="node2"/></nodes>
<resources><template id="tmpl" class="ocf" provider="heartbeat" type="Dummy"/>
${['d1', 'd2', 'd3', 'd4'].map((id) => `<primitive id="${id}" class="ocf" provider="heartbeat" type="Dummy"><instance_attributes id="${id}-instance_attributes"><nvpair id="${id}-instance_attributes-state" name="state" value="/run/${id}"/></instance_attributes><operations><op id="${id}-monitor-10s" name="monitor" interval="10s" timeout="20s"/></operations></primitive>`).join('\n')}
<primitive id="st1" class="stonith" type="fence_xvm"/><primitive id="st2" class="stonith" type="fence_xvm"/>
<group id="g1">${['ga', 'gb', 'gc'].map((id) => `<primitive id="${id}" class="ocf" provider="heartbeat" type="Dummy"/>`).join('')}</group>
<clone id="c1"><primitive id="ca" class="ocf" provider="heartbeat" type="Dummy"/></clone></resources>
<constraints><rsc_location id="l-d1" rsc="d1" node="node1" score="100"/><rsc_order id="o-g1" kind="Mandatory" first="d1" then="g1"/></constraints>
<acls><acl_role id="reader"><acl_permission id="reader-0" kind="read" xpath="/cib"/></acl_role></acls></configuration><status/></cib>
`;

/** The text that they load, `some.crm`. */
export const SOME = `# a comment
primitive d4 Dummy params state=/run/other
group g9 d3 d4 meta target-role=Stopped
node 1: node1
node 2: node2
location l-g9 g9 5: node2
property stonith-timeout=9s
`;

/** Statements and commands, `count` of them. */
export function session(seed: number, count: number): string[] {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const maybe = (text: () => string) => (random() < 0.4 ? ` ${text()}` : '');
  const some = (make: () => string, most: number) =>
    Array.from({ length: 1 + Math.floor(random() * most) }, make).join(' ');
  const rsc = () => pick(['d1', 'd2', 'd3', 'd4', 'g1', 'c1', 'x1', 'x2', 'x3']);
  const prim = () => pick(['d1', 'd2', 'd3', 'd4', 'x1', 'x2', 'x3']);
  const node = () => pick(['node1', 'node2']);
  const fresh = (prefix: string) => `${prefix}${Math.floor(random() * 4)}`;
  const score = () => pick(['inf:', '-inf:', '100:', '0:', '-5:', 'INFINITY:']);
  const value = () => pick(['1', 'a', '"x y"', '/run/x', 'a:b', '10s', "'it'", '""', 'a=b', '"q\\"q"']);
  const pair = () => `${pick(['state', 'fake', 'op_sleep', 'passwd'])}=${value()}`;
  const meta = () =>
    `${pick(['priority', 'is-managed', 'target-role', 'resource-stickiness'])}=${pick(['1', 'true', 'Started'])}`;
  const rule = () =>
    `rule ${maybe(() => pick(['$role=Started', '$id=r1'])).trim()} ${maybe(() => pick(['10:', '-inf:', 'attr1:'])).trim()} ${pick(
      [
        '#uname eq node1',
        'defined pingd',
        'not_defined pingd or pingd number:lte 0',
        'date gt 2020-01-01',
        'date in start=2020-01-01 end=2021-01-01',
        'date in start=2020-01-01 weeks=2',
        'date spec hours=9-16 weekdays=1-5',
      ],
    )}`;
  const op = () =>
    `op ${pick(['monitor', 'start', 'stop'])} ${pick(['interval=10s', 'interval=0', 'timeout=20s', 'interval=20 timeout=5 OCF_CHECK_LEVEL=10'])}`;
  const member = (qualifiers: readonly string[]) => `${rsc()}${random() < 0.3 ? `:${pick(qualifiers)}` : ''}`;
  const members = (qualifiers: readonly string[]) =>
    pick([
      () => `${member(qualifiers)} ${member(qualifiers)}`,
      () => some(() => member(qualifiers), 4),
      () => `( ${some(() => member(qualifiers), 3)} ) ${member(qualifiers)}`,
      () => `[ ${some(() => member(qualifiers), 3)} ] ( ${some(() => member(qualifiers), 2)} )`,
    ])();
  const statements = [
    () =>
      `primitive ${fresh('x')} ${pick(['Dummy', 'ocf:pacemaker:Dummy', '@tmpl'])} params ${some(pair, 3)}${maybe(() => `meta ${some(meta, 2)}`)}${maybe(op)}`,
    () => `primitive ${fresh('x')} ocf:heartbeat:Dummy ${op()}${maybe(() => `params ${rule()} ${pair()}`)}`,
    () => `group ${fresh('g')} ${some(prim, 3)}${maybe(() => `meta ${meta()}`)}`,
    () => `clone ${fresh('c')} ${rsc()}${maybe(() => `meta ${some(meta, 2)}`)}`,
    () => `location ${fresh('l')} ${rsc()} ${score()} ${node()}`,
    () => `location ${fresh('l')} ${rsc()} ${rule()}${maybe(rule)}`,
    () => `location ${fresh('l')} { ${members(['Started'])} } ${score()} ${node()}`,
    () => `colocation ${fresh('k')} ${score()} ${members(['Started', 'Master', 'Stopped'])}`,
    () =>
      `order ${fresh('o')} ${pick(['Mandatory:', 'Optional:', 'Serialize:', '', '0:'])} ${members(['start', 'stop', 'promote'])}${maybe(() => 'symmetrical=false')}`,
    () => `rsc_ticket ${fresh('t')} tick: ${members(['Started'])}${maybe(() => 'loss-policy=stop')}`,
    () =>
      `property ${some(() => `${pick(['no-quorum-policy', 'maintenance-mode', 'cluster-name'])}=${pick(['ignore', 'true', 'x'])}`, 2)}`,
    () => `rsc_defaults ${maybe(() => pick(['$id=rd', 'rd2:'])).trim()} ${meta()}`,
    () => `op_defaults timeout=${pick(['10s', '60s'])}`,
    () => `tag ${fresh('tg')} ${some(rsc, 3)}`,
    () => `monitor ${prim()}${maybe(() => '').trim()} ${pick(['10s', '20s:5s', '11s'])}`,
    () => `node ${pick(['node1', 'node2', 'node3'])} attributes ${pick(['a=1', 'standby=on', 'b="x y"'])}`,
    () => `delete ${some(() => pick([rsc(), 'l1', 'o1', 'k1', 'tg1']), 2)}`,
    () => `rename ${rsc()} ${fresh('y')}`,
    () =>
      `modgroup g1 ${pick([`add ${prim()}`, `remove ${pick(['ga', 'gb', 'gc'])}`, `add ${prim()} before gb`])}`,
    () => `set ${prim()}.${pick(['state', 'fake', 'monitor.timeout'])} ${pick(['1', '7s'])}`,
    () => `fencing_topology ${pick(['st1', 'node1: st1 st2', 'node1: st1 node2: st2'])}`,
    () =>
      `filter "sed 's/${pick(['100', 'Started', 'timeout=20s'])}/${pick(['200', 'Stopped', 'timeout=30s'])}/'"`,
    () => 'save all.crm\nload update all.crm',
    () => `acl_target ${fresh('u')} reader`,
    () =>
      `primitive ${fresh('x')} Dummy params ${rule()} ${pair()} params ${maybe(() => '5:').trim()} ${pair()}`,
    () =>
      `primitive ${fresh('x')} Dummy ${pick(['params', 'meta', 'utilization'])} $id-ref=${pick(['d1', 'd1-instance_attributes', 'x1', 'nosuch'])}`,
    () =>
      `primitive ${fresh('x')} Dummy params $${fresh('nv')}:state=${value()} op monitor interval=10s op_params a=1 op_meta b=2`,
    () => `rsc_template ${fresh('tm')} Dummy ${op()}${maybe(() => `meta ${meta()}`)}`,
    () =>
      `bundle ${fresh('b')} ${pick(['docker', 'rkt'])} image=a:1${maybe(() => 'replicas=2')}${maybe(() => 'network ip-range-start=10.0.0.1 port-mapping port=80')}${maybe(() => 'storage storage-mapping target-dir=/a source-dir=/b')}${maybe(() => `primitive ${prim()}`)}`,
    () =>
      `alert ${fresh('al')} ${pick(['/srv/x.sh', '"/srv/a b"'])}${maybe(() => 'attributes a=1')}${maybe(() => 'select nodes fencing attributes { a b }')}${maybe(() => 'to { "/a" meta timeout=1 }')}${maybe(() => 'to x@y')}`,
    () =>
      `role ${fresh('ro')} ${pick(['read', 'write', 'deny'])} ${pick(['property:a', 'node:node1', 'nodeattr:x', 'params:d1:state', 'utilization:d1', 'location:d1', 'tag:nvpair attr:value', 'cib', 'type:primitive attr:id'])}`,
    () =>
      `property ${pick(['$id=p2', 'p3:'])} ${maybe(rule).trim()} ${pick(['a=b', 'stonith-timeout=5s', 'x='])}`,
    () =>
      `location ${fresh('l')} ${pick(['/d.*/', 'd1', 'ms9'])} ${pick(['resource-discovery=never', 'role=Master', ''])} ${score()} ${node()}`,
    () => `default-timeouts ${some(prim, 2)}`,
    () => `load ${pick(['update', 'push'])} some.crm`,
    () =>
      `filter "sed 's/${pick(['ga gb', '^order.*', 'inf:', 'd2'])}/${pick(['gb ga', '', '7:', 'd3'])}/'" ${pick(['', 'type:order', 'g1', 'related:d1'])}`,
    () =>
      `show ${some(() => pick(['type:primitive', 'tag:tg1', 'related:d1', 'd*', 'xml', 'changed', 'nosuch']), 2)}`,
    () => `get-property ${pick(['stonith-enabled', '-t maintenance-mode', 'nosuch'])}`,
    () =>
      `role ${fresh('ro')} ${some(() => `${pick(['read', 'write', 'deny'])} ${pick(['xpath:/cib', 'ref:d1', 'type:primitive', 'meta:d1', 'status'])}`, 2)}`,
  ];
  return Array.from({ length: count }, () => pick(statements)().replace(/ +/g, ' ').trim());
}
