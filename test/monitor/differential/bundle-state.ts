import { Element } from '../../../src/cib/element.js';
import type { Dice } from '../../scheduler/differential/dice.js';

/** An entry of a node's history. */
export interface Entry {
  readonly resource: string;
  readonly standard: string;
  readonly provider?: string;
  readonly type: string;
  readonly task: string;
  readonly intervalMs?: number;
  readonly rc: number;
  readonly expected?: number;
  readonly status?: number;
}

/** Adds an entry to the history in a node's state, which is made where there is none. */
export function addEntry(state: Element, entry: Entry, dice: Dice): void {
  const lrm = state.first('lrm') ?? state.append(new Element('lrm', { id: state.id }));
  const resources = lrm.first('lrm_resources') ?? lrm.append(new Element('lrm_resources'));
  const { resource, standard, provider, type, task, intervalMs = 0, rc, expected = 0, status = 0 } = entry;
  const found = resources.elements('lrm_resource').find((one) => one.id === resource);
  const history =
    found ??
    resources.append(
      new Element('lrm_resource', {
        id: resource,
        class: standard,
        ...(provider === undefined ? {} : { provider }),
        type,
      }),
    );
  const call = dice.between(1, 400);
  const transition = `${call}:1:${expected}:11111111-2222-3333-4444-555555555555`;
  const suffix = intervalMs > 0 ? `${task}_${intervalMs}` : 'last_0';
  const id = `${resource}_${suffix}`;
  history.children.splice(
    0,
    history.children.length,
    ...history.children.filter((child) => child.kind !== 'element' || child.id !== id),
  );
  history.append(
    new Element('lrm_rsc_op', {
      id,
      operation_key: `${resource}_${task}_${intervalMs}`,
      operation: task,
      crm_feature_set: '3.16.1',
      'transition-key': transition,
      'transition-magic': `${status}:${rc};${transition}`,
      'call-id': String(status === -1 ? -1 : call),
      'rc-code': String(rc),
      'op-status': String(status),
      interval: String(intervalMs),
      on_node: state.get('uname') ?? state.id,
      'last-rc-change': String(1_700_000_000 - dice.pick([10, 500, 10_000])),
      'exec-time': String(dice.between(0, 90_000)),
      'queue-time': '0',
    }),
  );
}

/** A way that one part of a replica stands. */
function standing(dice: Dice): Pick<Entry, 'task' | 'rc' | 'status' | 'expected'> | undefined {
  const chance = dice.next();
  if (chance < 0.6) return { task: 'start', rc: 0 };
  if (chance < 0.7) return { task: 'stop', rc: 0 };
  if (chance < 0.78) return { task: 'start', rc: 1, status: 4 };
  if (chance < 0.84) return { task: 'start', rc: 193, status: -1 };
  if (chance < 0.9) return { task: 'monitor', rc: 7, expected: 7 };
  return undefined;
}

/** Gives the bundles of a CIB a past: containers, addresses, connections and what runs inside. */
export function addBundleStates(cib: Element, dice: Dice): void {
  const section = cib.first('status')!;
  const states = section.elements('node_state').filter((state) => state.get('remote_node') === undefined);
  if (states.length === 0) return;
  for (const bundle of cib.at('configuration', 'resources')?.elements('bundle') ?? []) {
    const container = bundle.elements().find((one) => one.get('image') !== undefined);
    if (!container || dice.chance(0.15)) continue;
    const inside = bundle.first('primitive');
    const count = Number(container.get('replicas') ?? '1');
    for (let replica = 0; replica < count; replica++) {
      const state = dice.pick(states);
      const add = (at: Element, entry: Omit<Entry, 'task' | 'rc'>) => {
        const how = standing(dice);
        if (how) addEntry(at, { ...entry, ...how }, dice);
        return how?.task === 'start' && how.rc === 0;
      };
      const name = `${bundle.id}-${replica}`;
      const runtime = container.name;
      const runs = add(state, {
        resource: `${bundle.id}-${runtime}-${replica}`,
        standard: 'ocf',
        provider: 'heartbeat',
        type: runtime,
      });
      const address = bundle.first('network')?.get('ip-range-start');
      if (address) {
        const suffix = address.replace(/\d+$/, (last) => String(Number(last) + replica));
        add(state, {
          resource: `${bundle.id}-ip-${suffix}`,
          standard: 'ocf',
          provider: 'heartbeat',
          type: 'IPaddr2',
        });
      }
      if (!inside || (!runs && dice.chance(0.7))) continue;
      add(state, { resource: name, standard: 'ocf', provider: 'pacemaker', type: 'remote' });
      const guest = section.append(new Element('node_state', { remote_node: 'true', id: name, uname: name }));
      if (dice.chance(0.9)) guest.set('in_ccm', dice.pick(['true', 'true', 'true', 'false']));
      const instance = {
        resource: inside.id,
        standard: inside.get('class')!,
        type: inside.get('type')!,
        ...(inside.get('provider') === undefined ? {} : { provider: inside.get('provider')! }),
      };
      if (add(guest, instance)) {
        if (dice.chance(0.3)) addEntry(guest, { ...instance, task: 'promote', rc: 0 }, dice);
        if (dice.chance(0.3)) {
          const rc = dice.pick([0, 0, 8, 7, 1]);
          addEntry(guest, { ...instance, task: 'monitor', intervalMs: 10_000, rc }, dice);
        }
      }
    }
  }
}
