import type { SetItem, Statement } from '../../../grammar/crm/ast.js';
import { isTrue } from '../../cib/boolean.js';
import type { Element } from '../../cib/element.js';
import { type Attributes, type BuildContext, make } from './context.js';
import { canonical, role } from './roles.js';
import { rule, score, scoreAttribute } from './rules.js';

export function location(source: Statement & { kind: 'location' }, context: BuildContext): Element {
  const element = make('rsc_location', {
    id: source.id,
    rsc: source.resource,
    'rsc-pattern': source.pattern,
  });
  if (source.members) element.children.push(...resourceSets(source.members, 'role', context));
  for (const { name, value } of source.attributes) {
    element.set(name!, name === 'role' || name === 'target-role' ? role(value!, context) : value!);
  }
  if (source.score !== undefined) {
    for (const [name, value] of Object.entries(scoreAttribute(source.score))) element.set(name, value);
    element.set('node', source.node);
  }
  element.children.push(...source.rules.map((one) => rule(one, context)));
  return element;
}

export function colocation(source: Statement & { kind: 'colocation' }, context: BuildContext): Element {
  const element = make('rsc_colocation', {
    id: source.id,
    ...(source.score === undefined ? {} : scoreAttribute(source.score)),
    'node-attribute': source.nodeAttribute,
    influence: source.influence,
  });
  fillMembers(element, source.members, ['rsc', 'with-rsc'], 'role', context);
  return element;
}

export function order(source: Statement & { kind: 'order' }, context: BuildContext): Element {
  const element = make('rsc_order', { id: source.id, kind: orderKind(source.score, context) });
  if (source.symmetrical !== undefined) {
    element.set('symmetrical', isTrue(source.symmetrical) ? 'true' : 'false');
  }
  fillMembers(element, source.members, ['first', 'then'], 'action', context);
  return element;
}

export function ticketConstraint(source: Statement & { kind: 'rsc_ticket' }, context: BuildContext): Element {
  const element = make('rsc_ticket', {
    id: source.id,
    ticket: source.ticket,
    'loss-policy': source.lossPolicy,
  });
  fillMembers(element, source.members, ['rsc'], 'role', context);
  return element;
}

function orderKind(text: string | undefined, context: BuildContext): string | undefined {
  if (text === undefined) return undefined;
  const kind = canonical(text, context.schema.orderKinds);
  if (kind !== undefined) return kind;
  const value = /^(mandatory|advisory)$/i.test(text) ? undefined : score(text);
  if (value === undefined) {
    const kinds = context.schema.orderKinds.map((known) => `${known}:`);
    context.reports.error('kind', `Invalid kind: ${text}`, `${text}:`, kinds);
    return undefined;
  }
  return value === '0' ? 'Optional' : 'Mandatory';
}

/** Fills in the resources of a constraint: simple with exactly as many plain members as it has sides, else sets. */
function fillMembers(
  element: Element,
  items: readonly SetItem[],
  sides: readonly string[],
  name: 'role' | 'action',
  context: BuildContext,
): void {
  const members = items.filter((item) => item.type === 'member');
  if (members.length === sides.length && items.length === members.length) {
    for (const [i, attribute] of sides.entries()) {
      for (const [key, value] of Object.entries(side(members[i]!, attribute, name, context))) {
        element.set(key, value);
      }
    }
  } else element.children.push(...resourceSets(items, name, context));
}

/** Resource sets of a constraint; a change of role or action begins a new one. */
function resourceSets(
  items: readonly SetItem[],
  qualifierName: 'role' | 'action',
  context: BuildContext,
): Element[] {
  const sets: Element[] = [];
  let members: Element[] = [];
  let qualifier = '';
  let sequential = true;
  let requireAll = true;
  const save = () => {
    if (members.length > 0) {
      sets.push(
        make(
          'resource_set',
          {
            'require-all': requireAll ? undefined : 'false',
            sequential: sequential ? undefined : 'false',
            [qualifierName]: qualifier === '' ? undefined : qualifier,
          },
          members,
        ),
      );
    }
    members = [];
    qualifier = '';
  };
  for (const item of items) {
    if (item.type === 'open') {
      save();
      sequential = false;
      if (item.bracket === '[') requireAll = false;
    } else if (item.type === 'close') {
      save();
      sequential = true;
      requireAll = true;
    } else if (item.type === 'attribute') {
      if (item.name === 'sequential') sequential = isTrue(item.value);
      else requireAll = isTrue(item.value);
    } else if (item.type === 'member') {
      const wanted =
        item.qualifier === undefined ? '' : setQualifier(item.id, item.qualifier, qualifierName, context);
      if (wanted !== qualifier) {
        save();
        qualifier = wanted;
      }
      members.push(make('resource_ref', { id: item.id }));
    }
  }
  save();
  return sets;
}

function setQualifier(id: string, word: string, name: 'role' | 'action', context: BuildContext): string {
  const { roles, actions } = context.schema;
  const known = name === 'action' ? canonical(word, actions) : canonical(role(word, context), roles);
  if (known === undefined) {
    context.reports.error(
      name,
      `Invalid ${name} for ${id}:${word}`,
      `${id}:${word}`,
      qualified(id, name === 'action' ? actions : roles),
    );
  }
  return known ?? word;
}

/** Attributes of one side of a simple constraint: `rsc`, `rsc-role` or `rsc-instance`. */
function side(
  item: SetItem & { type: 'member' },
  attribute: string,
  name: 'role' | 'action',
  context: BuildContext,
): Attributes {
  const word = item.qualifier;
  if (word === undefined || word === '') return { [attribute]: item.id };
  const { roles, actions } = context.schema;
  const known = name === 'action' ? canonical(word, actions) : canonical(role(word, context), roles);
  if (known !== undefined) return { [attribute]: item.id, [`${attribute}-${name}`]: known };
  if (/^\d+$/.test(word)) return { [attribute]: item.id, [`${attribute}-instance`]: word };
  context.reports.error(
    name,
    `Invalid ${name} '${word}' for '${item.id}'`,
    `${item.id}:${word}`,
    qualified(item.id, name === 'action' ? actions : roles),
  );
  return {};
}

/** The words that may stand where a resource was given a role or action that is none. */
function qualified(id: string, words: readonly string[]): string[] {
  return words.map((word) => `${id}:${word}`);
}
