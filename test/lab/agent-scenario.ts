/** What happens to resources in the comparison of how agents are called (agents-as-pacemaker.test.ts). */

const pairs = (owner: string, kind: string, values: Record<string, string>): string =>
  `<${kind} id="${owner}-${kind}">${Object.entries(values)
    .map(([name, value]) => `<nvpair id="${owner}-${kind}-${name}" name="${name}" value="${value}"/>`)
    .join('')}</${kind}>`;

interface Recorder {
  readonly parameters?: Record<string, string>;
  readonly meta?: Record<string, string>;
  readonly operations?: string;
}

const recorder = (
  records: string,
  id: string,
  { parameters = {}, meta, operations }: Recorder = {},
): string =>
  `<primitive id="${id}" class="ocf" provider="test" type="recorder">${pairs(id, 'instance_attributes', {
    records,
    ...parameters,
  })}${meta ? pairs(id, 'meta_attributes', meta) : ''}<operations>${operations ?? `<op id="${id}-mon" name="monitor" interval="10s" timeout="15s"/>`}</operations></primitive>`;

/** A movable one with everything an operation can have, a failing one, a group, promotable and cloned ones with notifications. */
const resources = (records: string): string =>
  `<resources>
${recorder(records, 'movable', {
  parameters: { plain: 'a', only: 'b', soft: '1', hidden: 'c', 'with-dash': 'd', with_space: 'x  y' },
  meta: { 'allow-migrate': 'true', 'migration-threshold': '5', 'own-meta': 'value', priority: '3' },
  operations: `
    <op id="movable-start" name="start" interval="0" timeout="31s" on-fail="restart">${pairs('movable-start', 'instance_attributes', { extra: 'of-start' })}</op>
    <op id="movable-mon" name="monitor" interval="10s" timeout="15s" start-delay="1s" enabled="true" description="looks" on-fail="restart">${pairs('movable-mon', 'instance_attributes', { OCF_CHECK_LEVEL: '10' })}</op>
    <op id="movable-stop" name="stop" interval="0" timeout="32s">${pairs('movable-stop', 'meta_attributes', { 'own-op-meta': 'yes' })}</op>
    <op id="movable-to" name="migrate_to" interval="0" timeout="33s"/>`,
})}
${recorder(records, 'failing', {
  meta: { 'migration-threshold': '10', 'failure-timeout': '1h' },
  operations: `<op id="failing-mon" name="monitor" interval="2s" timeout="4s"/><op id="failing-start" name="start" interval="0" timeout="3s"/>`,
})}
<group id="group">${recorder(records, 'first')}${recorder(records, 'second')}</group>
<clone id="prom">${pairs('prom', 'meta_attributes', { promotable: 'true', notify: 'true', 'promoted-max': '1', interleave: 'true' })}
${recorder(records, 'state', {
  operations: `<op id="state-mon-p" name="monitor" role="Promoted" interval="10s" timeout="15s"/><op id="state-mon-u" name="monitor" role="Unpromoted" interval="11s" timeout="15s"/>`,
})}</clone>
<clone id="every">${pairs('every', 'meta_attributes', { notify: 'true' })}${recorder(records, 'plain')}</clone>
<clone id="twice">${pairs('twice', 'meta_attributes', { 'globally-unique': 'true', 'clone-max': '2', 'clone-node-max': '1' })}${recorder(records, 'unique')}</clone>
<clone id="grouped">${pairs('grouped', 'meta_attributes', { notify: 'true' })}<group id="members">${recorder(records, 'one')}${recorder(records, 'two')}</group></clone>
</resources>`;

const prefers = (id: string, resource: string, node: string): string =>
  `<rsc_location id="${id}" rsc="${resource}" node="${node}" score="100"/>`;

const promotesOn = (node: string): string =>
  `<rsc_location id="promotes" rsc="prom"><rule id="promotes-rule" role="Promoted" score="100"><expression id="promotes-expression" attribute="#uname" operation="eq" value="${node}"/></rule></rsc_location>`;

/**
 * The cloned group prefers neither of its two nodes: where it prefers one and the other has joined first, the scheduler
 * (Pacemaker's as ours) moves its instances to and fro in every transition. It has an instance for the third, where it
 * may not run: with two, whether there is an inactive one depends on the order of joining, too.
 */
const constraints = `<constraints>
${prefers('where-movable', 'movable', 'n1')}${prefers('where-failing', 'failing', 'n2')}${prefers('where-group', 'group', 'n3')}
${prefers('where-twice', 'twice', 'n1')}<rsc_location id="also-twice" rsc="twice" node="n2" score="50"/>
<rsc_location id="not-grouped" rsc="grouped" node="n3" score="-INFINITY"/><rsc_location id="not-twice" rsc="twice" node="n3" score="-INFINITY"/>
${promotesOn('n1')}
</constraints>`;

export const configuration = (records: string): string =>
  `<configuration>${resources(records)}${constraints}</configuration>`;

export interface ScenarioStep {
  readonly name: string;
  /** Command lines of the engine's own tools, with the nodes that they are run on; then everything is waited for. */
  readonly happens: readonly (readonly [node: string, command: string])[];
  /** Seen on n1 once the step has begun to work; for what is noticed only later. */
  readonly until?: string;
}

const change = (xml: string): readonly [string, string] => ['n1', `cibadmin --modify --xml-text '${xml}'`];
const parameter = (resource: string, name: string, value: string): readonly [string, string] => [
  'n1',
  `crm_resource --resource ${resource} --set-parameter ${name} --parameter-value '${value}'`,
];
const failCount = (resource: string): string => `fail-count-${resource}`;
const inStatus = (what: string): string => `cibadmin -Q --scope status | grep -q -- '${what}'`;

const stopped = Object.entries({
  primitive: ['movable', 'failing'],
  group: ['group'],
  clone: ['prom', 'every', 'twice', 'grouped'],
})
  .flatMap(([name, ids]) =>
    ids.map(
      (id) => `<${name} id="${id}">${pairs(id, 'meta_attributes', { 'target-role': 'Stopped' })}</${name}>`,
    ),
  )
  .join('');

export const STEPS: readonly ScenarioStep[] = [
  {
    name: 'first start',
    happens: [['n1', 'cibadmin --modify --allow-create --xml-file /root/configuration.xml']],
  },
  { name: 'a reloadable parameter', happens: [parameter('movable', 'soft', '2')] },
  { name: 'a parameter that restarts', happens: [parameter('movable', 'plain', 'z')] },
  { name: 'a private parameter', happens: [parameter('movable', 'hidden', 'z')] },
  {
    name: 'another timeout of the monitor',
    happens: [change('<op id="movable-mon" timeout="16s"/>')],
  },
  {
    name: 'another interval of the monitor',
    happens: [change('<op id="movable-mon" interval="12s"/>')],
  },
  { name: 'live migration', happens: [change('<rsc_location id="where-movable" node="n2"/>')] },
  { name: 'promotion elsewhere', happens: [change('<expression id="promotes-expression" value="n2"/>')] },
  { name: 'standby', happens: [['n1', 'crm_attribute -t nodes -N n1 -n standby -v on']] },
  { name: 'online again', happens: [['n1', 'crm_attribute -t nodes -N n1 -n standby -v off']] },
  {
    name: 'a failed monitor',
    happens: [['n2', 'echo 1 > /run/recorder-failing.fail-monitor']],
    until: inStatus(`${failCount('failing')}#monitor_2000`),
  },
  {
    name: 'a monitor that hangs',
    happens: [['n2', 'echo hang > /run/recorder-failing.fail-monitor']],
    until: inStatus(`${failCount('failing')}#monitor_2000.* value="2"`),
  },
  {
    name: 'vanished, and the start fails',
    happens: [['n2', 'echo 6 > /run/recorder-failing.fail-start; rm /run/recorder-failing']],
    until: inStatus(`${failCount('failing')}#start_0`),
  },
  { name: 'cleanup', happens: [['n1', 'crm_resource --cleanup --resource failing']] },
  {
    name: 'a migration that fails',
    happens: [
      ['n3', 'echo 1 > /run/recorder-movable.fail-migrate_from'],
      change('<rsc_location id="where-movable" node="n3"/>'),
    ],
  },
  {
    name: 'the promoted one fails',
    happens: [['n2', 'echo 9 > /run/recorder-state.fail-monitor']],
    until: inStatus(failCount('state')),
  },
  {
    name: 'disabled',
    // In one change: how many transitions there are for several is chance.
    happens: [
      [
        'n1',
        `cibadmin --modify --allow-create --xml-text '<configuration><resources>${stopped}</resources></configuration>'`,
      ],
    ],
  },
];
