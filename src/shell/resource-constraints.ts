import { fromEpoch } from '../cib/civil-time.js';
import type { Element } from '../cib/element.js';
import { ruleHolds } from '../cib/rule.js';
import { globPattern } from './edits/resources.js';

/** Lines such as `Node n1 (score=100, id=loc, rsc=web)`, a line for each node that a constraint speaks of. */
export function resourceLocations(cib: Element, id: string, nowMs: number): string[] {
  const lines: string[] = [];
  const nodes = cib.at('configuration', 'nodes')?.elements('node') ?? [];
  for (const constraint of cib.at('configuration', 'constraints')?.elements('rsc_location') ?? []) {
    if (!appliesTo(constraint, id)) continue;
    const show = (node: string, score: string, name: string) =>
      lines.push(`Node ${node} (score=${score}, id=${name}, rsc=${id})`);
    const node = constraint.get('node');
    if (node !== undefined) show(node, constraint.get('score') ?? 'INFINITY', constraint.id);
    for (const rule of constraint.elements('rule')) {
      for (const candidate of nodes) {
        const attributes = nodeAttributes(cib, candidate);
        const now = fromEpoch(Math.floor(nowMs / 1000));
        if (!ruleHolds(rule, { now, node: attributes, root: cib })) continue;
        const score = rule.get('score') ?? attributes.get(rule.get('score-attribute') ?? '') ?? '0';
        show(candidate.get('uname') ?? candidate.id, score, rule.id);
      }
    }
  }
  return lines;
}

function appliesTo(constraint: Element, id: string): boolean {
  if (constraint.get('rsc') === id) return true;
  const pattern = constraint.get('rsc-pattern');
  if (pattern !== undefined) {
    try {
      return new RegExp(pattern).test(id);
    } catch {
      return globPattern(pattern).test(id);
    }
  }
  return constraint
    .elements('resource_set')
    .some((set) => set.elements('resource_ref').some((reference) => reference.id === id));
}

function nodeAttributes(cib: Element, node: Element): Map<string, string> {
  const name = node.get('uname') ?? node.id;
  const attributes = new Map([
    ['#uname', name],
    ['#id', node.id],
    ['#kind', node.get('type') === 'remote' ? 'remote' : 'cluster'],
  ]);
  const state = cib
    .first('status')
    ?.elements('node_state')
    .find((candidate) => candidate.get('uname') === name);
  for (const owner of [node, state?.first('transient_attributes')]) {
    for (const set of owner?.elements('instance_attributes') ?? []) {
      for (const pair of set.elements('nvpair'))
        attributes.set(pair.get('name') ?? '', pair.get('value') ?? '');
    }
  }
  return attributes;
}

/** One end of a colocation: the other resource, and the line that shows it. */
export interface Colocated {
  readonly resource: string;
  readonly text: string;
}

/** What a resource is placed with (`primaries`), and what is placed with it (`dependents`). */
export function colocationsOf(
  cib: Element,
  id: string,
): { readonly primaries: Colocated[]; readonly dependents: Colocated[] } {
  const primaries: Colocated[] = [];
  const dependents: Colocated[] = [];
  for (const constraint of cib.at('configuration', 'constraints')?.elements('rsc_colocation') ?? []) {
    for (const pair of pairsOf(constraint)) {
      const describe = (resource: string, role: string | undefined): Colocated => {
        const needs = role && role !== 'Started' ? `, needs role=${role}` : '';
        const score = constraint.get('score') ?? 'INFINITY';
        return { resource, text: `${resource} (score=${score}${needs}, id=${constraint.id})` };
      };
      if (pair.dependent === id) primaries.push(describe(pair.primary, pair.primaryRole));
      if (pair.primary === id) dependents.push(describe(pair.dependent, pair.dependentRole));
    }
  }
  return { primaries, dependents };
}

interface Pair {
  readonly dependent: string;
  readonly dependentRole: string | undefined;
  readonly primary: string;
  readonly primaryRole: string | undefined;
}

/** A constraint as single pairs; of sets, each member with the one before it, and each set with the next. */
function pairsOf(constraint: Element): Pair[] {
  const dependent = constraint.get('rsc');
  const primary = constraint.get('with-rsc');
  if (dependent !== undefined && primary !== undefined) {
    return [
      {
        dependent,
        dependentRole: constraint.get('rsc-role'),
        primary,
        primaryRole: constraint.get('with-rsc-role'),
      },
    ];
  }
  const pairs: Pair[] = [];
  const sets = constraint.elements('resource_set').map((set) => ({
    members: set.elements('resource_ref').map(({ id }) => id),
    role: set.get('role'),
    sequential: set.get('sequential') !== 'false',
  }));
  for (const [index, set] of sets.entries()) {
    const link = (one: string, other: string, role: string | undefined) =>
      pairs.push({ dependent: one, dependentRole: set.role, primary: other, primaryRole: role });
    if (set.sequential) {
      for (let at = 1; at < set.members.length; at++) link(set.members[at]!, set.members[at - 1]!, set.role);
    }
    const next = sets[index + 1];
    if (!next) continue;
    const ones = set.sequential ? set.members.slice(0, 1) : set.members;
    const others = next.sequential ? next.members.slice(-1) : next.members;
    for (const one of ones) for (const other of others) link(one, other, next.role);
  }
  return pairs;
}
