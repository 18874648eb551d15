import { isTrue } from '../boolean.js';
import { clusterProperty } from '../cluster-property.js';
import { type Contradiction, findContradictions } from '../contradictions.js';
import type { Element } from '../element.js';
import { INFINITY, parseScore } from '../score.js';
import type { Findings, Severity } from './finding.js';
import { adviseOnRules } from './reachability.js';

interface Pair {
  readonly from: string;
  readonly to: string;
  readonly xml: Element;
}

interface Colocation extends Pair {
  readonly score: number;
}

const HOLDERS: ReadonlySet<string> = new Set(['primitive', 'group', 'clone', 'master', 'bundle', 'template']);

/** What does not fit together among constraints. */
export function adviseOnConstraints(configuration: Element, findings: Findings): void {
  const resources = new Map<string, Element>();
  for (const element of configuration.first('resources')?.descendants() ?? []) {
    if (HOLDERS.has(element.name)) resources.set(element.id, element);
  }
  const tags = new Map((configuration.first('tags')?.elements('tag') ?? []).map((tag) => [tag.id, tag]));
  const nodes = (configuration.first('nodes')?.elements('node') ?? []).map(
    (node) => node.get('uname') ?? node.id,
  );
  const constraints = configuration.first('constraints')?.elements() ?? [];
  for (const xml of constraints) adviseOnMembers(xml, resources, tags, findings);
  const orders = constraints.filter(({ name }) => name === 'rsc_order').flatMap(readOrder);
  const colocations = constraints.filter(({ name }) => name === 'rsc_colocation').flatMap(readColocation);
  const blamed = adviseOnContradictions(configuration, constraints, findings);
  adviseOnRules(constraints, nodes, findings);
  adviseOnOrders(orders, resources, blamed, findings);
  adviseOnColocations(colocations, orders, findings);
  const allowed = adviseOnLocations(configuration, constraints, resources, nodes, findings);
  for (const { from, to, score, xml } of colocations) {
    if (score < INFINITY || from === to) continue;
    const mine = allowed.get(from) ?? new Set(nodes);
    const its = allowed.get(to) ?? new Set(nodes);
    if (mine.size === 0 || its.size === 0 || [...mine].some((node) => its.has(node))) continue;
    findings.add(
      'error',
      'impossible-colocation',
      xml,
      `${from} must run with ${to}, but there is no node where both may run: ` +
        `${from} only on ${[...mine].join(', ')}, ${to} only on ${[...its].join(', ')}`,
    );
  }
}

const SEVERITY: Readonly<Record<Contradiction['code'], Severity>> = {
  'order-loop': 'error',
  'order-self': 'error',
  'colocation-self': 'error',
  'colocation-contradiction': 'error',
  'banned-everywhere': 'error',
  'no-effect': 'advice',
};

/** @returns ids of the orders that loop */
function adviseOnContradictions(
  configuration: Element,
  constraints: readonly Element[],
  findings: Findings,
): Set<string> {
  const looping = new Set<string>();
  for (const { code, message, ids } of findContradictions(configuration)) {
    const blamed = constraints.findLast(({ id }) => ids.includes(id));
    findings.add(SEVERITY[code], code, blamed, message);
    if (code === 'order-loop') for (const id of ids) looping.add(id);
  }
  return looping;
}

function adviseOnMembers(
  xml: Element,
  resources: ReadonlyMap<string, Element>,
  tags: ReadonlyMap<string, Element>,
  findings: Findings,
): void {
  const names = ['rsc', 'with-rsc', 'first', 'then'].flatMap((name) => xml.get(name) ?? []);
  for (const set of xml.elements('resource_set')) {
    for (const reference of set.elements('resource_ref')) names.push(reference.id);
  }
  for (const name of names) {
    if (resources.has(name) || tags.has(name) || resources.has(name.replace(/:[0-9]+$/, ''))) continue;
    findings.add('error', 'dangling-reference', xml, `${xml.id} names ${name}, which does not exist`);
  }
}

/** Mandatory orders as pairs: `from` comes before `to`. */
function readOrder(xml: Element): Pair[] {
  const kind = (xml.get('kind') ?? 'Mandatory').toLowerCase();
  if (kind === 'serialize') return [];
  const score = xml.get('score');
  if (kind === 'optional' || (score !== undefined && parseScore(score) === 0)) return [];
  const action = (name: string) => xml.get(name) ?? 'start';
  if (action('first-action') === 'stop' || action('then-action') === 'stop') return [];
  const sets = xml.elements('resource_set');
  if (sets.length === 0) {
    const first = xml.get('first');
    const then = xml.get('then');
    return first === undefined || then === undefined ? [] : [{ from: first, to: then, xml }];
  }
  const members = sets.map((set) => set.elements('resource_ref').map(({ id }) => id));
  const pairs: Pair[] = [];
  for (const [index, set] of sets.entries()) {
    const here = members[index]!;
    if (isTrue(set.get('sequential') ?? 'true')) {
      for (const [at, to] of here.entries()) if (at > 0) pairs.push({ from: here[at - 1]!, to, xml });
    }
    for (const from of members[index - 1] ?? []) for (const to of here) pairs.push({ from, to, xml });
  }
  return pairs;
}

function readColocation(xml: Element): Colocation[] {
  const score = parseScore(xml.get('score') ?? 'INFINITY');
  const sets = xml.elements('resource_set');
  const from = xml.get('rsc');
  const to = xml.get('with-rsc');
  if (sets.length === 0) return from === undefined || to === undefined ? [] : [{ from, to, score, xml }];
  return sets.flatMap((set) => {
    if (!isTrue(set.get('sequential') ?? 'true')) return [];
    const ids = set.elements('resource_ref').map(({ id }) => id);
    return ids.slice(1).map((id, index) => ({ from: id, to: ids[index]!, score, xml }));
  });
}

/** The resources that run agents within one. */
function leaves(id: string, resources: ReadonlyMap<string, Element>): string[] {
  const element = resources.get(id);
  if (!element || element.name === 'primitive') return [id];
  const inner = element.elements().filter(({ name }) => HOLDERS.has(name));
  return inner.length === 0 ? [id] : inner.flatMap((child) => leaves(child.id, resources));
}

function adviseOnOrders(
  orders: readonly Pair[],
  resources: ReadonlyMap<string, Element>,
  blamed: ReadonlySet<string>,
  findings: Findings,
): void {
  const after = new Map<string, { to: string; xml: Element | undefined }[]>();
  const edge = (from: string, to: string, xml: Element | undefined) => {
    const list = after.get(from) ?? [];
    list.push({ to, xml });
    after.set(from, list);
  };
  for (const { from, to, xml } of orders) {
    if (from === to) continue;
    for (const a of leaves(from, resources))
      for (const b of leaves(to, resources)) if (a !== b) edge(a, b, xml);
  }
  for (const group of resources.values()) {
    if (group.name !== 'group') continue;
    const members = group.elements('primitive').map(({ id }) => id);
    for (const [at, member] of members.entries()) if (at > 0) edge(members[at - 1]!, member, undefined);
  }
  const finished = new Set<string>();
  const reported = new Set<Element>();
  const visit = (id: string, path: string[], xmls: (Element | undefined)[]): void => {
    const at = path.indexOf(id);
    if (at >= 0) {
      const involved = xmls.slice(at).filter((xml) => xml !== undefined);
      const last = involved.at(-1);
      if (!last || reported.has(last) || involved.some(({ id: name }) => blamed.has(name))) return;
      for (const xml of involved) reported.add(xml);
      const loop = [...path.slice(at), id].join(' -> ');
      const ids = [...new Set(involved.map((xml) => xml.id))].join(', ');
      findings.add(
        'error',
        'order-loop',
        last,
        `Orders run in a circle (${ids}): ${loop}; none of them can start`,
      );
      return;
    }
    if (finished.has(id)) return;
    for (const { to, xml } of after.get(id) ?? []) visit(to, [...path, id], [...xmls, xml]);
    finished.add(id);
  };
  for (const id of after.keys()) visit(id, [], []);
}

function adviseOnColocations(
  colocations: readonly Colocation[],
  orders: readonly Pair[],
  findings: Findings,
): void {
  const key = (a: string, b: string) => JSON.stringify([a, b].sort());
  const ordered = new Set(orders.map(({ from, to }) => key(from, to)));
  const together = new Map<string, Colocation>();
  for (const colocation of colocations) {
    const { from, to, score, xml } = colocation;
    if (score === 0 || from === to) continue;
    const pair = key(from, to);
    const other = together.get(pair);
    if (other && other.from === to && other.to === from && score >= INFINITY && other.score >= INFINITY) {
      findings.add(
        'warning',
        'colocation-loop',
        xml,
        `${from} must run with ${to} (${xml.id}) and ${to} with ${from} (${other.xml.id}): ` +
          'where one fails to start the other stops as well',
      );
    }
    if (!other) together.set(pair, colocation);
    if (score >= INFINITY && !ordered.has(pair)) {
      findings.add(
        'advice',
        'colocation-without-order',
        xml,
        `${from} runs where ${to} runs (${xml.id}), but may be started before it: does it need an order as well?`,
      );
    }
  }
  for (const { from, to, xml } of orders) {
    if (from === to || together.has(key(from, to))) continue;
    findings.add(
      'advice',
      'order-without-colocation',
      xml,
      `${to} starts after ${from} (${xml.id}), but may run on another node: does it need a colocation as well?`,
    );
  }
}

/** The nodes where a resource with location constraints may run; those without are not in the result. */
function adviseOnLocations(
  configuration: Element,
  constraints: readonly Element[],
  resources: ReadonlyMap<string, Element>,
  nodes: readonly string[],
  findings: Findings,
): Map<string, Set<string>> {
  const symmetric = isTrue(clusterProperty(configuration, 'symmetric-cluster') ?? 'true');
  const scores = new Map<string, Map<string, { score: number; xml: Element }[]>>();
  const ruled = new Set<string>();
  for (const xml of constraints) {
    if (xml.name !== 'rsc_location') continue;
    const id = xml.get('rsc');
    if (xml.get('role') !== undefined && xml.get('role') !== 'Started') continue;
    const node = xml.get('node');
    if (id === undefined || node === undefined) {
      if (id !== undefined) ruled.add(id);
      else if (xml.get('rsc-pattern') !== undefined) for (const name of resources.keys()) ruled.add(name);
      for (const set of xml.elements('resource_set')) {
        for (const reference of set.elements('resource_ref')) ruled.add(reference.id);
      }
      continue;
    }
    if (!nodes.includes(node) && !resources.has(node)) {
      findings.add(
        'warning',
        'unknown-node',
        xml,
        `${xml.id} names the node ${node}, which does not exist (yet)`,
      );
    }
    const score = parseScore(xml.get('score') ?? '0');
    const byNode = scores.get(id) ?? new Map<string, { score: number; xml: Element }[]>();
    byNode.set(node, [...(byNode.get(node) ?? []), { score, xml }]);
    scores.set(id, byNode);
  }
  const allowed = new Map<string, Set<string>>();
  for (const [id, byNode] of scores) {
    const may = new Set<string>();
    for (const node of nodes) {
      const given = byNode.get(node) ?? [];
      const forbids = given.find(({ score }) => score <= -INFINITY);
      const demands = given.find(({ score }) => score >= INFINITY);
      if (forbids && demands) {
        findings.add(
          'warning',
          'contradicting-locations',
          forbids.xml,
          `${forbids.xml.id} keeps ${id} off ${node}, ${demands.xml.id} wants it there: it will not run there`,
        );
      }
      const total = given.reduce((sum, { score }) => sum + score, 0);
      if (!forbids && (symmetric || (given.length > 0 && total >= 0))) may.add(node);
    }
    if (ruled.has(id)) continue;
    allowed.set(id, may);
    const banned = nodes.every((node) => (byNode.get(node) ?? []).some(({ score }) => score <= -INFINITY));
    if (may.size === 0 && nodes.length > 0 && !banned) {
      const ids = [...byNode.values()].flat().map(({ xml }) => xml.id);
      findings.add(
        'error',
        'nowhere-allowed',
        resources.get(id),
        `${id} may not run on any node, because of ${ids.join(', ')}`,
      );
    }
  }
  if (!symmetric) {
    for (const [id, element] of resources) {
      const top = [...resources.values()].every((one) => !one.elements().includes(element));
      if (!top || element.name === 'template' || scores.has(id) || ruled.has(id)) continue;
      findings.add(
        'error',
        'nowhere-allowed',
        element,
        `${id} may not run on any node: the cluster is asymmetric and no location allows it anywhere`,
      );
      allowed.set(id, new Set());
    }
  }
  return allowed;
}
