import type { Element } from './element.js';

/** Constraints that cannot all hold, or that do nothing. A schema accepts them, and so does Pacemaker. */
export interface Contradiction {
  /** Stable name of the kind of mistake. */
  readonly code:
    | 'order-loop'
    | 'order-self'
    | 'colocation-self'
    | 'colocation-contradiction'
    | 'banned-everywhere'
    | 'no-effect';
  readonly message: string;
  /** Ids of the objects that are to blame. */
  readonly ids: readonly string[];
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly constraint: string;
}

function isFalse(value: string | undefined): boolean {
  return /^(n|no|false|off|0)$/i.test(value ?? '');
}

function scoreOf(element: Element): number | undefined {
  const score = element.get('score');
  if (score === undefined) return undefined;
  if (/^\+?infinity$/i.test(score)) return Infinity;
  if (/^-infinity$/i.test(score)) return -Infinity;
  const number = Number(score);
  return Number.isNaN(number) ? undefined : number;
}

/** Everything in a configuration's constraints that contradicts itself. */
export function findContradictions(cib: Element): Contradiction[] {
  const configuration = cib.name === 'configuration' ? cib : cib.first('configuration');
  const constraints = configuration?.first('constraints')?.elements() ?? [];
  const of = (name: string) => constraints.filter((one) => one.name === name);
  return [
    ...orderContradictions(of('rsc_order')),
    ...colocationContradictions(of('rsc_colocation')),
    ...locationContradictions(configuration, of('rsc_location')),
  ];
}

// --- order -----------------------------------------------------------------------------------------------------------

function orderContradictions(orders: readonly Element[]): Contradiction[] {
  const found: Contradiction[] = [];
  const edges: Edge[] = [];
  for (const order of orders) {
    const [first, then] = [order.get('first'), order.get('then')];
    const firstAction = order.get('first-action') ?? 'start';
    const thenAction = order.get('then-action') ?? firstAction;
    if (first !== undefined && first === then && firstAction === thenAction) {
      found.push({
        code: 'order-self',
        message: `${order.id} orders ${first} after itself; Pacemaker 2.1.5's scheduler stops on it`,
        ids: [order.id],
      });
    } else if (isMandatory(order)) edges.push(...orderEdges(order));
  }
  for (const loop of loops(edges)) {
    const path = [...loop.map(({ from }) => from), loop[0]!.from].join(' → ');
    const ids = [...new Set(loop.map(({ constraint }) => constraint))];
    found.push({ code: 'order-loop', message: `${path}: each waits for the other (${ids.join(', ')})`, ids });
  }
  return found;
}

function isMandatory(order: Element): boolean {
  const kind = order.get('kind');
  if (kind !== undefined) return kind.toLowerCase() === 'mandatory';
  const score = scoreOf(order);
  return score === undefined || score > 0;
}

function orderEdges(order: Element): Edge[] {
  const edge = (from: string, to: string): Edge => ({ from, to, constraint: order.id });
  const [first, then] = [order.get('first'), order.get('then')];
  if (first !== undefined && then !== undefined) {
    const action = order.get('first-action') ?? 'start';
    return [edge(`${action} ${first}`, `${order.get('then-action') ?? action} ${then}`)];
  }
  const edges: Edge[] = [];
  let before: string[] = [];
  for (const set of order.elements('resource_set')) {
    // Members of a set that need not all be there do not wait for each other for certain.
    if (isFalse(set.get('require-all'))) {
      before = [];
      continue;
    }
    const action = set.get('action') ?? 'start';
    const members = set.elements('resource_ref').map(({ id }) => `${action} ${id}`);
    for (const step of isFalse(set.get('sequential')) ? [members] : members.map((member) => [member])) {
      for (const from of before) for (const to of step) edges.push(edge(from, to));
      before = step;
    }
  }
  return edges;
}

/** Shortest loop through each edge that is in one, every set of resources once. */
function loops(edges: readonly Edge[]): Edge[][] {
  const outgoing = new Map<string, Edge[]>();
  for (const edge of edges) outgoing.set(edge.from, [...(outgoing.get(edge.from) ?? []), edge]);
  const component = components(outgoing);
  const found = new Map<string, Edge[]>();
  for (const edge of edges) {
    if (component.get(edge.from) !== component.get(edge.to)) continue;
    const back = shortest(edge.to, edge.from, outgoing, component);
    if (!back) continue;
    const loop = [edge, ...back];
    const key = loop
      .map(({ from }) => from)
      .sort()
      .join('\n');
    if (!found.has(key)) found.set(key, loop);
  }
  return [...found.values()];
}

/** Strongly connected components (Tarjan 1972), without recursion. */
function components(outgoing: ReadonlyMap<string, readonly Edge[]>): Map<string, number> {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const component = new Map<string, number>();
  const stack: string[] = [];
  let count = 0;
  for (const start of outgoing.keys()) {
    if (index.has(start)) continue;
    const work: { node: string; next: number }[] = [{ node: start, next: 0 }];
    while (work.length > 0) {
      const top = work.at(-1)!;
      const { node } = top;
      if (top.next === 0) {
        index.set(node, index.size);
        low.set(node, index.get(node)!);
        stack.push(node);
      }
      const edge = outgoing.get(node)?.[top.next];
      top.next += 1;
      if (edge) {
        if (!index.has(edge.to)) work.push({ node: edge.to, next: 0 });
        else if (!component.has(edge.to)) low.set(node, Math.min(low.get(node)!, index.get(edge.to)!));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent) low.set(parent.node, Math.min(low.get(parent.node)!, low.get(node)!));
      if (low.get(node) !== index.get(node)) continue;
      for (;;) {
        const member = stack.pop()!;
        component.set(member, count);
        if (member === node) break;
      }
      count += 1;
    }
  }
  return component;
}

function shortest(
  from: string,
  to: string,
  outgoing: ReadonlyMap<string, readonly Edge[]>,
  component: ReadonlyMap<string, number>,
): Edge[] | undefined {
  const reachedBy = new Map<string, Edge | undefined>([[from, undefined]]);
  const queue = [from];
  for (const node of queue) {
    if (node === to) {
      const path: Edge[] = [];
      for (let edge = reachedBy.get(to); edge; edge = reachedBy.get(edge.from)) path.unshift(edge);
      return path;
    }
    for (const edge of outgoing.get(node) ?? []) {
      if (reachedBy.has(edge.to) || component.get(edge.to) !== component.get(from)) continue;
      reachedBy.set(edge.to, edge);
      queue.push(edge.to);
    }
  }
  return undefined;
}

// --- colocation ------------------------------------------------------------------------------------------------------

/** Which resources must share a node, as far as roles do not matter. */
class Together {
  readonly #parent = new Map<string, string>();

  root(id: string): string {
    let at = id;
    for (let up = this.#parent.get(at); up !== undefined; up = this.#parent.get(at)) at = up;
    return at;
  }

  join(a: string, b: string): void {
    const [x, y] = [this.root(a), this.root(b)];
    if (x !== y) this.#parent.set(x, y);
  }
}

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly score: number;
  readonly constraint: string;
}

function colocationContradictions(colocations: readonly Element[]): Contradiction[] {
  const found: Contradiction[] = [];
  const pairs: Pair[] = [];
  for (const one of colocations) {
    const score = scoreOf(one);
    const [a, b] = [one.get('rsc'), one.get('with-rsc')];
    if (a !== undefined && a === b) {
      found.push({
        code: 'colocation-self',
        message: `${one.id} places ${a} relative to itself`,
        ids: [one.id],
      });
      continue;
    }
    if (score === 0) {
      found.push({ code: 'no-effect', message: `${one.id} has the score 0: it does nothing`, ids: [one.id] });
    }
    if (score === undefined) continue;
    const plain = one.get('rsc-role') === undefined && one.get('with-rsc-role') === undefined;
    if (a !== undefined && b !== undefined && plain && one.get('node-attribute') === undefined) {
      pairs.push({ a, b, score, constraint: one.id });
    }
    for (const set of one.elements('resource_set')) {
      const members = set.elements('resource_ref').map(({ id }) => id);
      if (isFalse(set.get('sequential')) || set.get('role') !== undefined) continue;
      for (let i = 1; i < members.length; i++) {
        pairs.push({ a: members[i - 1]!, b: members[i]!, score, constraint: one.id });
      }
    }
  }
  const together = new Together();
  for (const { a, b, score } of pairs) if (score === Infinity) together.join(a, b);
  for (const { a, b, score, constraint } of pairs) {
    if (score !== -Infinity || together.root(a) !== together.root(b)) continue;
    const others = pairs
      .filter((pair) => pair.score === Infinity && together.root(pair.a) === together.root(a))
      .map((pair) => pair.constraint);
    found.push({
      code: 'colocation-contradiction',
      message: `${constraint} keeps ${a} and ${b} apart, ${[...new Set(others)].join(', ')} on one node: one of them cannot run`,
      ids: [constraint, ...new Set(others)],
    });
  }
  return found;
}

// --- location --------------------------------------------------------------------------------------------------------

function locationContradictions(
  configuration: Element | undefined,
  locations: readonly Element[],
): Contradiction[] {
  const found: Contradiction[] = [];
  const nodes = (configuration?.first('nodes')?.elements('node') ?? [])
    .filter((node) => node.get('type') !== 'remote')
    .flatMap((node) => node.get('uname') ?? []);
  const banned = new Map<string, Map<string, string>>();
  for (const one of locations) {
    const [resource, node] = [one.get('rsc'), one.get('node')];
    if (node === undefined) continue;
    const score = scoreOf(one);
    if (score === 0) {
      found.push({ code: 'no-effect', message: `${one.id} has the score 0: it does nothing`, ids: [one.id] });
    }
    const role = one.get('role');
    if (resource === undefined || score !== -Infinity || (role !== undefined && role !== 'Started')) continue;
    const known = nodes.find((name) => name.toLowerCase() === node.toLowerCase());
    if (known === undefined) continue;
    const bans = banned.get(resource) ?? new Map<string, string>();
    bans.set(known, one.id);
    banned.set(resource, bans);
  }
  for (const [resource, bans] of banned) {
    if (nodes.length === 0 || bans.size < nodes.length) continue;
    const ids = [...bans.values()];
    found.push({
      code: 'banned-everywhere',
      message: `${resource} may run nowhere: ${ids.join(', ')} ban it from every node`,
      ids,
    });
  }
  return found;
}
