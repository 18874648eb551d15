import { WrongUsage } from '../../grammar/pcs/mistake.js';
import type { Element } from '../cib/element.js';
import type { Environment } from './environment.js';
import { warnOfStonith } from './stonith-only.js';
import { elementsWithId, findResource, parentOf, RESOURCE_TAGS } from './tree.js';
import { byCodePoint } from './words.js';

/** `pcs resource relations`: a tree of what a resource has to do with others through order and containment. */

interface Relation {
  /** Unique among relations; ids cannot have a colon in them. */
  readonly id: string;
  readonly kind: 'order' | 'order set' | 'inner resource(s)' | 'outer resource';
  readonly element: Element;
  readonly members: readonly string[];
}

interface Node {
  readonly id: string;
  readonly relation: Relation | null;
  readonly children: Node[];
  readonly parent: Node | null;
  /** Shown elsewhere already. */
  leaf: boolean;
}

const KINDS: readonly Relation['kind'][] = ['inner resource(s)', 'outer resource', 'order', 'order set'];

function relationsOf(cib: Element, resource: Element): Relation[] {
  const { id } = resource;
  const orders = cib.at('configuration', 'constraints')?.elements('rsc_order') ?? [];
  const plain = orders
    .filter(
      (order) => !order.first('resource_set') && (order.get('first') === id || order.get('then') === id),
    )
    .map(
      (order): Relation => ({
        id: order.id,
        kind: 'order',
        element: order,
        members: [order.get('first') ?? '', order.get('then') ?? ''],
      }),
    );
  const membersOf = (order: Element) =>
    order
      .elements('resource_set')
      .flatMap((set) => set.elements('resource_ref').map((reference) => reference.id));
  const sets = orders
    .filter((order) => membersOf(order).includes(id))
    .map(
      (order): Relation => ({
        id: order.id,
        kind: 'order set',
        element: order,
        members: [...new Set(membersOf(order))].sort(byCodePoint),
      }),
    );
  const inside = resource
    .elements()
    .filter(({ name }) => RESOURCE_TAGS.includes(name))
    .map((child) => child.id);
  const parent = parentOf(cib, resource);
  return [
    ...plain,
    ...sets,
    ...(resource.name === 'primitive'
      ? []
      : [{ id: `inner:${id}`, kind: 'inner resource(s)' as const, element: resource, members: inside }]),
    ...(parent && RESOURCE_TAGS.includes(parent.name)
      ? [{ id: `outer:${parent.id}`, kind: 'outer resource' as const, element: parent, members: [parent.id] }]
      : []),
  ];
}

function opposite(relation: Relation): string {
  if (relation.kind === 'inner resource(s)') return `outer:${relation.element.id}`;
  return relation.kind === 'outer resource' ? `inner:${relation.element.id}` : '';
}

/** Breadth first; what was met before is a leaf. */
function buildTree(cib: Element, id: string): Node {
  const root: Node = { id, relation: null, children: [], parent: null, leaf: false };
  const seen = new Set<string>();
  const queue = [root];
  for (let node = queue.shift(); node; node = queue.shift()) {
    if (seen.has(node.id)) {
      node.leaf = true;
      continue;
    }
    seen.add(node.id);
    const above = new Set<string>();
    for (let parent = node.parent; parent; parent = parent.parent) above.add(parent.id);
    const resource = node.relation ? undefined : findResource(cib, node.id)?.element;
    const candidates: { id: string; relation: Relation | null }[] = node.relation
      ? node.relation.members.map((member) => ({ id: member, relation: null }))
      : (resource ? relationsOf(cib, resource) : []).map((relation) => ({ id: relation.id, relation }));
    for (const { id: child, relation } of candidates) {
      if (above.has(child)) continue;
      if (relation && above.has(opposite(relation)) && relation.members.length <= 1) continue;
      node.children.push({ id: child, relation, children: [], parent: node, leaf: false });
    }
    queue.push(...node.children);
  }
  return root;
}

function title(cib: Element, node: Node, full: boolean): string {
  if (node.relation) return `${node.relation.kind}${full ? ` (${node.relation.element.id})` : ''}`;
  if (!full) return node.id;
  const element = findResource(cib, node.id)?.element;
  const kind =
    element?.name === 'primitive'
      ? [element.get('class'), element.get('provider'), element.get('type')].filter((part) => part).join(':')
      : element?.name === 'master'
        ? 'clone'
        : (element?.name ?? '<unknown>');
  return `${node.id} (resource: ${kind})`;
}

function shown(element: Element, names: readonly string[]): string {
  return [...element.attributes]
    .filter(([name]) => names.includes(name))
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function details({ relation }: Node): string[] {
  if (!relation) return [];
  const { element, kind } = relation;
  const common = shown(element, ['symmetrical', 'kind', 'require-all', 'score']);
  const rest = common === '' ? [] : [common];
  if (kind === 'order') {
    const get = (name: string) => element.get(name) ?? '';
    return [`${get('first-action')} ${get('first')} then ${get('then-action')} ${get('then')}`, ...rest];
  }
  if (kind === 'order set') {
    const sets = element.elements('resource_set').map((set) => {
      const options = shown(set, [
        'sequential',
        'require-all',
        'ordering',
        'action',
        'role',
        'kind',
        'score',
      ]);
      const members = set
        .elements('resource_ref')
        .map(({ id }) => id)
        .join(' ');
      return `   set ${members}${options === '' ? '' : ` (${options})`}`;
    });
    return [...rest, ...sets];
  }
  return kind === 'inner resource(s)' && relation.members.length > 1
    ? [`members: ${relation.members.join(' ')}`]
    : [];
}

function sorted(node: Node): Node[] {
  const key = (child: Node) => `${child.relation ? KINDS.indexOf(child.relation.kind) : ''}_${child.id}`;
  return [...node.children].sort((a, b) => byCodePoint(key(a), key(b)));
}

function lines(cib: Element, node: Node, full: boolean, first: string, rest: string): string[] {
  const result = [`${first}${title(cib, node, full)}`];
  if (node.leaf) return [`${result[0]} [displayed elsewhere]`];
  const children = sorted(node);
  const bar = children.length > 0 ? '|  ' : '   ';
  for (const detail of details(node)) result.push(`${rest}${bar}${detail}`);
  for (const [index, child] of children.entries()) {
    const last = index === children.length - 1;
    result.push(
      ...lines(cib, child, full, `${rest}${last ? '`- ' : '|- '}`, `${rest}${last ? '   ' : '|  '}`),
    );
  }
  return result;
}

export async function relations(environment: Environment, words: string[]): Promise<void> {
  const [id, more] = words;
  if (id === undefined || more !== undefined) throw new WrongUsage();
  const cib = await environment.cib();
  const [element] = elementsWithId(cib, id);
  if (!element) environment.fail(`resource '${id}' does not exist`);
  if (!RESOURCE_TAGS.includes(element.name)) environment.fail(`'${id}' is not a resource`);
  await warnOfStonith(environment, [id]);
  for (const line of lines(cib, buildTree(cib, id), environment.has('--full'), '', ''))
    environment.print(line);
}
