import { Element } from '../../../src/cib/element.js';
import { type Draft, NOW } from './draft.js';
import { addHistory } from './draw-history.js';

export function addStatus(draft: Draft, status: Element): void {
  const { dice } = draft;
  for (const [index, name] of draft.nodes.entries()) {
    const up = dice.chance(0.85);
    if (!up && dice.chance(0.2)) continue;
    const state = new Element('node_state', { id: String(index + 1), uname: name });
    const member = up ? 'true' : dice.pick(['false', 'false', 'true']);
    state.set('in_ccm', member);
    state.set('crmd', up ? 'online' : dice.pick(['offline', 'offline', 'online']));
    state.set(
      'join',
      up
        ? dice.pick(['member', 'member', 'member', 'member', 'down', 'pending'])
        : dice.pick(['down', 'member']),
    );
    state.set('expected', up || dice.chance(0.4) ? 'member' : 'down');
    addHistory(draft, state, index);
    addTransient(draft, state, index, up);
    status.append(state);
  }
  for (const name of draft.remotes) {
    if (!dice.chance(0.6)) continue;
    const state = new Element('node_state', { id: name, uname: name, remote_node: 'true' });
    if (dice.chance(0.2)) state.set('node_fenced', '1');
    addHistory(draft, state, -1);
    status.append(state);
  }
  if (draft.is('tickets')) {
    const tickets = new Element('tickets');
    for (const id of dice.some(['ticketA', 'ticketB'])) {
      tickets.append(
        new Element('ticket_state', {
          id,
          granted: dice.pick(['true', 'false']),
          ...(dice.chance(0.2) ? { standby: 'true' } : {}),
        }),
      );
    }
    status.append(tickets);
  }
}

function addTransient(draft: Draft, state: Element, index: number, up: boolean): void {
  const { dice } = draft;
  const pairs: [string, string][] = [];
  for (const resource of draft.resources) {
    for (const primitive of resource.primitives) {
      if (primitive.promotable && dice.chance(0.7)) {
        pairs.push([`master-${primitive.id}`, dice.pick(['1', '5', '10', '100', '-1', 'INFINITY'])]);
      }
      if (draft.is('failures') && dice.chance(0.15)) {
        const operation = dice.pick(['monitor_10000', 'start_0', 'stop_0']);
        pairs.push([`fail-count-${primitive.id}#${operation}`, dice.pick(['1', '2', '3', 'INFINITY'])]);
        pairs.push([`last-failure-${primitive.id}#${operation}`, String(NOW - dice.pick([5, 100, 9000]))]);
      }
    }
  }
  if (dice.chance(0.2)) pairs.push(['pingd', dice.pick(['0', '5', '1000'])]);
  if (dice.chance(0.2)) pairs.push(['weight', dice.pick(['5', '-5', 'INFINITY'])]);
  if (draft.is('shutdown') && up && dice.chance(0.3)) pairs.push(['shutdown', String(NOW - 60)]);
  if (draft.is('stonith') && dice.chance(0.05)) pairs.push(['terminate', 'true']);
  if (draft.is('probes') && dice.chance(0.5)) pairs.push(['probe_complete', 'true']);
  if (pairs.length === 0) return;
  const attributes = new Element('transient_attributes', { id: state.id });
  const set = attributes.append(new Element('instance_attributes', { id: `status-${index}` }));
  for (const [i, [name, value]] of pairs.entries()) {
    set.append(new Element('nvpair', { id: `status-${index}-${i}`, name, value }));
  }
  state.append(attributes);
}
