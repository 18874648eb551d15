import type { Statement } from '../../grammar/crm/ast.js';
import { Element } from '../cib/element.js';
import type { AgentMetadata } from './agent-metadata.js';
import type { Configuration } from './configuration.js';
import { loadStatements } from './load.js';
import type { CibObject } from './objects.js';

/** Sets one existing attribute: `ID.NAME`, `ID.OPERATION.NAME` or `ID.OPERATION.INTERVAL.NAME`. */
export function setAttribute(configuration: Configuration, path: string, value: string): boolean {
  const { reports } = configuration;
  const words = path.split('.');
  if (words.length < 2 || words.length > 4) {
    return reports.error('path', `Invalid path: "${path}"; Valid path: "id.[op_type.][interval.]name"`);
  }
  const id = words[0]!;
  const name = words.at(-1)!;
  const object = configuration.find(id);
  if (!object) return reports.error('no-object', `Object ${id} not found`);
  if (words.length === 2) {
    const pairs = [...object.element.descendants()].filter(
      (element) => element.name === 'nvpair' && element.get('name') === name,
    );
    if (pairs.length === 0) return reports.error('no-attribute', `Attribute not found: ${path}`);
    if (pairs.length > 1) {
      return reports.error('many-attributes', `Expected 1 attribute named ${name}, found ${pairs.length}`);
    }
    pairs[0]!.set('value', value);
  } else {
    const operation = words[1]!;
    const interval = words.length === 4 ? words[2]! : undefined;
    const all = [...object.element.descendants()]
      .filter((element) => element.name === 'operations')
      .flatMap((operations) => operations.elements('op'));
    const found = all.filter((op) =>
      interval === undefined ? op.get('name') === operation : op.id === `${id}-${operation}-${interval}`,
    );
    if (found.length === 0) {
      const which = interval === undefined ? '' : ` interval "${interval}"`;
      return reports.error('no-operation', `Operation "${operation}"${which} not found for resource ${id}`);
    }
    if (found.length > 1 && interval === undefined) {
      return reports.error('many-operations', `Should specify interval of ${operation}`);
    }
    found[0]!.set(name, value);
  }
  configuration.modified(object);
  return true;
}

/** Where a new member goes in a group. */
export interface MemberPlace {
  readonly side: 'before' | 'after';
  readonly member: string;
}

/** Puts a primitive into a group or takes it out. */
export function changeGroup(
  configuration: Configuration,
  id: string,
  action: 'add' | 'remove',
  member: string,
  place?: MemberPlace,
): boolean {
  const { reports } = configuration;
  const group = configuration.find(id);
  if (!group) return reports.error('no-object', `group ${id} does not exist`);
  if (group.type !== 'group') return reports.error('no-group', `element ${id} is not a group`);
  const members = group.element.elements('primitive').map((child) => child.id);
  if (place && !members.includes(place.member)) {
    return reports.error('no-member', `${place.member} is not member of ${id}`);
  }
  if (action === 'remove' && !members.includes(member)) {
    return reports.error('no-member', `${member} is not member of ${id}`);
  }
  const statement = configuration.statementOf(group);
  if (statement?.kind !== 'group') return reports.error('no-group', `element ${id} is not a group`);
  const children = [...members];
  if (action === 'remove') children.splice(children.indexOf(member), 1);
  else if (children.includes(member)) {
    return reports.error('duplicate', `child ${member} listed more than once in group ${id}`);
  } else {
    const at = place ? children.indexOf(place.member) : children.length - 1;
    children.splice(place?.side === 'before' ? at : at + 1, 0, member);
  }
  if (children.length === 0) {
    return reports.error('empty-group', `${member} is the only member of ${id}: delete the group instead`);
  }
  const changed: Statement = { ...statement, children };
  return loadStatements(configuration, [changed], configuration.buildContext(), {
    method: 'replace',
    remove: false,
  });
}

const MIGRATION = ['migrate_to', 'migrate_from'];

/** Sets the operations' timeouts to what the agent advises, and adds the operations that every resource has. */
export function defaultTimeouts(
  configuration: Configuration,
  ids: readonly string[],
  metadata: (primitive: Element) => AgentMetadata | null,
): boolean {
  const { reports } = configuration;
  let ok = true;
  // The lists shrink over all the primitives of one call, as crmsh's do.
  const implied = ['start', 'stop'];
  const impliedMigration = [...MIGRATION];
  const impliedPromotion = ['promote', 'demote'];
  for (const id of ids) {
    const object = configuration.findResource(id);
    if (!object) {
      ok = reports.error('no-object', `object ${id} does not exist`);
      continue;
    }
    const whole = object.type === 'primitive' ? configuration.withTemplate(object.element) : undefined;
    if (object.type !== 'primitive' || !whole) {
      ok = reports.error(
        'default-timeouts',
        object.type === 'primitive' ? `template for ${id} not defined` : `element ${id} is not a primitive`,
      );
      continue;
    }
    const agent = metadata(whole);
    if (!agent) {
      reports.error('no-agent', `no resource agent found for ${id}`);
      continue;
    }
    const migrates = [...whole.descendants()].some(
      (element) =>
        element.name === 'nvpair' &&
        element.get('name') === 'allow-migrate' &&
        element.get('value') === 'true',
    );
    const promotes = isPromotable(object);
    let changed = false;
    for (const op of object.element
      .elements('operations')
      .flatMap((operations) => operations.elements('op'))) {
      const name = op.get('name') ?? '';
      if (
        take(implied, name) ||
        (migrates && take(impliedMigration, name)) ||
        (promotes && take(impliedPromotion, name))
      ) {
        // Given by the configuration: only its timeout is set.
      } else if (name !== 'monitor') continue;
      const advised = advisedTimeout(agent, name, op.get('role'), op.get('depth'));
      if (advised === undefined) continue;
      op.set('timeout', advised);
      changed = true;
    }
    for (const name of [
      ...implied,
      ...(migrates ? impliedMigration : []),
      ...(promotes ? impliedPromotion : []),
    ]) {
      const advised = advisedTimeout(agent, name);
      if (advised === undefined) continue;
      const op = new Element('op', { name, timeout: advised, interval: '0' });
      if (configuration.addOperation(configuration.findResource(id)!, op)) changed = true;
      else ok = false;
    }
    if (changed) configuration.modified(configuration.findResource(id)!);
  }
  return ok;
}

function take(list: string[], name: string): boolean {
  const at = list.indexOf(name);
  if (at < 0) return false;
  list.splice(at, 1);
  return true;
}

function isPromotable(object: CibObject): boolean {
  const container = object.container;
  if (!container) return false;
  if (container.type === 'ms') return true;
  const meta = container.element.first('meta_attributes');
  const value = meta
    ?.elements('nvpair')
    .find((pair) => pair.get('name') === 'promotable')
    ?.get('value');
  return /^(y|yes|true|on|1)$/i.test(value ?? '');
}

/** The timeout that the agent advises for an operation of that role and depth. */
export function advisedTimeout(
  agent: AgentMetadata,
  operation: string,
  role?: string,
  depth?: string,
): string | undefined {
  const named = agent.actions.filter((action) => action.name === operation);
  const same = ({ attributes }: (typeof named)[number]) =>
    (role === undefined || attributes.role === undefined || attributes.role === role) &&
    (depth ?? '0') === (attributes.depth ?? '0');
  return (named.find(same) ?? named[0])?.attributes.timeout;
}
