import { Element } from '../../../src/cib/element.js';
import { type Draft, type Generated, SCORES } from './draft.js';

export function addConstraints(draft: Draft, constraints: Element): void {
  addLocations(draft, constraints);
  if (draft.resources.length > 1) {
    addColocations(draft, constraints);
    addOrders(draft, constraints);
  }
  if (draft.is('tickets')) addTickets(draft, constraints);
}

function roleOf({ dice }: Draft, resource: Generated): string | undefined {
  return resource.promotable && dice.chance(0.4)
    ? dice.pick(['Promoted', 'Unpromoted', 'Started'])
    : undefined;
}

function addLocations(draft: Draft, constraints: Element): void {
  const { dice } = draft;
  for (let i = dice.between(0, 3); i > 0; i--) {
    const resource = dice.pick(draft.resources);
    const id = draft.id('loc');
    const location = new Element('rsc_location', { id, rsc: resource.id });
    if (draft.is('rules') && dice.chance(0.6)) {
      location.append(drawRule(draft, `${id}-rule`, resource));
    } else {
      location.set('node', dice.pick([...draft.nodes, ...draft.remotes]));
      location.set('score', dice.pick(SCORES));
      const role = roleOf(draft, resource);
      if (role) location.set('role', role);
    }
    if (draft.is('probes') && dice.chance(0.5))
      location.set('resource-discovery', dice.pick(['never', 'always', 'exclusive']));
    constraints.append(location);
  }
}

function addColocations(draft: Draft, constraints: Element): void {
  const { dice, resources } = draft;
  for (let i = dice.between(0, 2); i > 0; i--) {
    const id = draft.id('col');
    const score = dice.pick(SCORES);
    if (draft.is('sets') && dice.chance(0.5)) {
      const sets = drawSets(draft, id, ['sequential', 'role']);
      constraints.append(new Element('rsc_colocation', { id, score }, sets));
      continue;
    }
    const a = dice.pick(resources);
    const b = dice.pick(resources);
    if (a === b) continue;
    const colocation = new Element('rsc_colocation', { id, score, rsc: a.id, 'with-rsc': b.id });
    const role = roleOf(draft, a);
    if (role) colocation.set('rsc-role', role);
    const withRole = roleOf(draft, b);
    if (withRole) colocation.set('with-rsc-role', withRole);
    if (dice.chance(0.1)) colocation.set('node-attribute', 'site');
    if (dice.chance(0.1)) colocation.set('influence', dice.pick(['true', 'false']));
    constraints.append(colocation);
  }
}

function addOrders(draft: Draft, constraints: Element): void {
  const { dice, resources } = draft;
  const action = (resource: Generated) =>
    dice.pick(resource.promotable ? ['start', 'promote', 'demote', 'stop'] : ['start', 'stop']);
  for (let i = dice.between(0, 3); i > 0; i--) {
    const id = draft.id('ord');
    const kind = dice.pick(['Mandatory', 'Mandatory', 'Optional', 'Serialize']);
    if (draft.is('sets') && dice.chance(0.5)) {
      const sets = drawSets(draft, id, ['sequential', 'require-all', 'action']);
      constraints.append(new Element('rsc_order', { id, kind }, sets));
      continue;
    }
    const a = dice.pick(resources);
    const b = dice.pick(resources);
    if (a === b) continue;
    const order = new Element('rsc_order', [
      ['id', id],
      ['first', a.id],
      ['then', b.id],
    ]);
    if (dice.chance(0.6)) order.set('kind', kind);
    if (dice.chance(0.2)) order.set('symmetrical', dice.pick(['true', 'false']));
    if (dice.chance(0.3)) order.set('first-action', action(a));
    if (dice.chance(0.3)) order.set('then-action', action(b));
    if (a.kind === 'clone' && dice.chance(0.15)) order.set('require-all', 'false');
    constraints.append(order);
  }
}

function addTickets(draft: Draft, constraints: Element): void {
  const { dice } = draft;
  for (let i = dice.between(1, 2); i > 0; i--) {
    const resource = dice.pick(draft.resources);
    const ticket = new Element('rsc_ticket', {
      id: draft.id('tkt'),
      rsc: resource.id,
      ticket: dice.pick(['ticketA', 'ticketB']),
    });
    const role = roleOf(draft, resource);
    if (role) ticket.set('rsc-role', role);
    const policies = ['stop', 'demote', 'freeze', ...(draft.is('stonith') ? ['fence'] : [])];
    if (dice.chance(0.7)) ticket.set('loss-policy', dice.pick(policies));
    constraints.append(ticket);
  }
}

function drawRule(draft: Draft, id: string, resource: Generated): Element {
  const { dice } = draft;
  const rule = new Element('rule', { id });
  if (dice.chance(0.8)) rule.set('score', dice.pick(SCORES));
  else rule.set('score-attribute', 'weight');
  if (resource.promotable && dice.chance(0.3)) rule.set('role', dice.pick(['Promoted', 'Started']));
  const count = dice.between(1, 2);
  if (count > 1) rule.set('boolean-op', dice.pick(['and', 'or']));
  for (let i = 0; i < count; i++) {
    const operation = dice.pick(['eq', 'ne', 'lt', 'gte', 'defined', 'not_defined']);
    const attribute = dice.pick(['#uname', 'site', 'weight', '#kind', 'pingd']);
    const expression = new Element('expression', { id: `${id}-${i}`, attribute, operation });
    if (!operation.endsWith('defined')) {
      expression.set('value', dice.pick(['a', 'b', '5', 'node1', 'cluster']));
      if (dice.chance(0.3)) expression.set('type', dice.pick(['string', 'number', 'integer']));
    }
    rule.append(expression);
  }
  return rule;
}

function drawSets(draft: Draft, id: string, allowed: readonly string[]): Element[] {
  const { dice } = draft;
  const pool = draft.resources.slice();
  const sets: Element[] = [];
  for (let i = 0; i < 2; i++) {
    const set = new Element('resource_set', { id: `${id}-${i}` });
    for (let n = dice.between(1, 3); n > 0 && pool.length > 0; n--) {
      const [resource] = pool.splice(dice.between(0, pool.length - 1), 1);
      set.append(new Element('resource_ref', { id: resource!.id }));
    }
    if (set.children.length === 0) break;
    if (allowed.includes('sequential') && dice.chance(0.4))
      set.set('sequential', dice.pick(['true', 'false']));
    if (allowed.includes('require-all') && dice.chance(0.3)) set.set('require-all', 'false');
    if (allowed.includes('role') && dice.chance(0.2)) set.set('role', dice.pick(['Started', 'Promoted']));
    if (allowed.includes('action') && dice.chance(0.2))
      set.set('action', dice.pick(['start', 'stop', 'promote']));
    sets.push(set);
  }
  return sets;
}
