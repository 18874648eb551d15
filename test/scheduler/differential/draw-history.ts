import { operationDigest } from '../../../src/cib/digest.js';
import { Element } from '../../../src/cib/element.js';
import { type Draft, type GeneratedPrimitive, NOW } from './draft.js';

export function addHistory(draft: Draft, state: Element, index: number): void {
  const { dice } = draft;
  const entries: Element[] = [];
  let call = 0;
  for (const resource of draft.resources) {
    for (const primitive of resource.primitives) {
      if (dice.chance(0.25)) continue;
      const instances = primitive.unique ? dice.between(1, 2) : 1;
      for (let instance = 0; instance < instances; instance++) {
        const name =
          primitive.cloned && (primitive.unique || dice.chance(0.2))
            ? `${primitive.id}:${primitive.unique ? dice.between(0, 2) : 0}`
            : primitive.id;
        const provider = primitive.xml.get('provider');
        const entry = new Element('lrm_resource', {
          id: name,
          type: primitive.xml.get('type')!,
          class: primitive.xml.get('class')!,
          ...(provider ? { provider } : {}),
        });
        if (entries.some((other) => other.id === name)) continue;
        addOperations(draft, entry, name, primitive, state.get('uname')!, index, () => ++call);
        if (entry.children.length > 0) entries.push(entry);
      }
    }
  }
  if (draft.is('orphans') && dice.chance(0.4)) {
    const entry = new Element('lrm_resource', {
      id: 'orphan',
      type: 'Dummy',
      class: 'ocf',
      provider: 'pacemaker',
    });
    entry.append(
      drawOperation(draft, 'orphan', 'orphan_last_0', 'start', 0, 0, ++call, state.get('uname')!, undefined),
    );
    entries.push(entry);
  }
  state.append(new Element('lrm', { id: state.id }, [new Element('lrm_resources', [], entries)]));
}

function addOperations(
  draft: Draft,
  entry: Element,
  name: string,
  primitive: GeneratedPrimitive,
  node: string,
  index: number,
  call: () => number,
): void {
  const { dice } = draft;
  const add = (historyId: string, task: string, interval: number, rc: number, status = 0) =>
    entry.append(
      drawOperation(
        draft,
        name,
        `${name}_${historyId}`,
        task,
        interval,
        rc,
        call(),
        node,
        primitive.xml,
        status,
      ),
    );
  const active = dice.chance(primitive.cloned ? 0.7 : index === 0 ? 0.5 : 0.25);
  if (!active) {
    if (draft.is('pending') && dice.chance(0.15))
      add('last_0', dice.pick(['start', 'monitor', 'stop']), 0, 193, -1);
    else if (draft.is('failures') && dice.chance(0.2))
      add('last_0', dice.pick(['start', 'stop']), 0, dice.pick([1, 5, 6, 4]));
    else if (dice.chance(0.7)) add('last_0', 'monitor', 0, dice.chance(0.95) ? 7 : 5);
    else add('last_0', 'stop', 0, 0);
    return;
  }
  const choice = dice.next();
  if (draft.is('migration') && choice < 0.2) {
    const other = dice.pick(draft.nodes);
    const operation = add('last_0', dice.pick(['migrate_to', 'migrate_from']), 0, dice.pick([0, 0, 1]));
    operation.set('migrate_source', operation.get('operation') === 'migrate_to' ? node : other);
    operation.set('migrate_target', operation.get('operation') === 'migrate_to' ? other : node);
  } else if (choice < 0.35) add('last_0', 'monitor', 0, primitive.promotable && dice.chance(0.4) ? 8 : 0);
  else if (primitive.promotable && choice < 0.7)
    add('last_0', dice.pick(['promote', 'promote', 'demote']), 0, 0);
  else add('last_0', 'start', 0, 0);
  if (dice.chance(0.5)) {
    const bad = draft.is('failures') && dice.chance(0.3);
    const interval = primitive.promotable && dice.chance(0.4) ? 11000 : 10000;
    add(
      `monitor_${interval}`,
      'monitor',
      interval,
      bad
        ? dice.pick([1, 7, 9])
        : entry
              .elements('lrm_rsc_op')
              .some((op) => op.get('operation') === 'promote' || op.get('rc-code') === '8')
          ? 8
          : 0,
    );
  }
  if (draft.is('failures') && dice.chance(0.15))
    add('last_failure_0', dice.pick(['monitor', 'start', 'promote', 'stop']), 0, dice.pick([1, 7, 5, 2]));
}

function drawOperation(
  draft: Draft,
  name: string,
  id: string,
  task: string,
  interval: number,
  rc: number,
  call: number,
  node: string,
  xml: Element | undefined,
  status = 0,
): Element {
  const { dice } = draft;
  const expected = task === 'monitor' && interval === 0 ? 7 : task === 'monitor' && rc === 8 ? 8 : 0;
  const execution =
    status !== 0 ? status : rc === expected || [0, 7, 8].includes(rc) ? 0 : dice.pick([0, 0, 4, 2]);
  const operation = new Element('lrm_rsc_op', {
    id,
    operation_key: `${name}_${task}_${interval}`,
    operation: task,
    'crm-debug-origin': 'test',
    crm_feature_set: '3.16.1',
    'transition-key': `${call}:1:${expected}:11111111-2222-3333-4444-555555555555`,
    'transition-magic': `${execution}:${rc};${call}:1:${expected}:11111111-2222-3333-4444-555555555555`,
    'call-id': String(call),
    'rc-code': String(rc),
    'op-status': String(execution),
    interval: String(interval),
    on_node: node,
    'last-rc-change': String(NOW - dice.pick([10, 500, 10_000])),
  });
  if (xml && dice.chance(0.7)) {
    // What ran: the parameters as configured, or others.
    const parameters = new Map<string, string>();
    for (const pair of xml.first('instance_attributes')?.elements('nvpair') ?? [])
      parameters.set(pair.get('name')!, pair.get('value')!);
    if (interval > 0) {
      const configured = xml
        .first('operations')
        ?.elements('op')
        .find((op) => op.get('name') === 'monitor' && op.get('interval') === `${interval / 1000}s`);
      parameters.set('CRM_meta_timeout', configured?.get('timeout') ? '60000' : '20000');
    }
    if (dice.chance(0.05)) parameters.set('state', '/elsewhere');
    operation.set('op-digest', operationDigest(new Element('parameters', parameters)));
    if (draft.is('reload') && dice.chance(0.5)) {
      operation.set('op-force-restart', ' other ');
      operation.set('op-restart-digest', operationDigest(new Element('parameters', [])));
    }
  }
  return operation;
}
