import { baseName, isActive } from '../status/queries.js';
import { type ClusterStatus, Resource, topmost } from '../status/types.js';
import type { Section } from './sections.js';

/** Names that a filter lets through; `*` all. */
export type Names = '*' | ReadonlySet<string>;

/** What of the status is shown, and how much of each thing; crm_mon's options once judged. */
export interface View {
  readonly sections: ReadonlySet<Section>;
  /** Names in lower case. */
  readonly nodes: Names;
  /** Ids as `printableId` gives them, or exact instance ids. */
  readonly resources: Names;
  /** Only bans whose id begins so. */
  readonly banPrefix: string | undefined;
  readonly byNode: boolean;
  readonly inactive: boolean;
  readonly brief: boolean;
  readonly timing: boolean;
  /** Node ids, clone instances, implicit resources, feature sets and technical failures (`-R`). */
  readonly detail: boolean;
  /** Operations in flight are shown as the resource's state. */
  readonly pending: boolean;
}

/** Nothing filtered, nothing left out. */
export const EVERYTHING: View = {
  sections: new Set(),
  nodes: '*',
  resources: '*',
  banPrefix: undefined,
  byNode: false,
  inactive: true,
  brief: false,
  timing: true,
  detail: false,
  pending: true,
};

/** How lists are written: text and HTML differ in places. */
export type Medium = 'text' | 'html';

export function matches(names: Names, name: string): boolean {
  return names === '*' || names.has(name);
}

/** A node's name passes a filter in any case. */
export function nodeMatches(view: View, name: string): boolean {
  return view.nodes === '*' || view.nodes.has(name.toLowerCase());
}

/** The nodes that `--node` means: a node's name, or a tag of node ids; undefined: all. */
export function selectNodes(status: ClusterStatus, wanted: string | undefined): Names {
  if (wanted === undefined || wanted === '*') return '*';
  const lower = wanted.toLowerCase();
  if (status.nodes.some((node) => node.name.toLowerCase() === lower)) return new Set([lower]);
  const names = new Set<string>();
  for (const id of status.tags.get(wanted)?.references ?? []) {
    const node = status.nodesById.get(id.toLowerCase());
    if (node) names.add(node.name.toLowerCase());
  }
  return names;
}

/**
 * Finds a resource by id, or by the name its history has; with `loosely` an id without instance number means the
 * first instance. Depth first, as configured.
 */
export function findResource(
  resources: readonly Resource[],
  id: string,
  loosely: boolean,
): Resource | undefined {
  for (const resource of resources) {
    if (resource.id === id || resource.historyName === id) return resource;
    if (loosely && baseName(resource.id) === id) return resource;
    const child = findResource(resource.children, id, loosely);
    if (child) return child;
  }
  return undefined;
}

/** The resources that `--resource` means: an id, an instance's id, or a tag; undefined: all. */
export function selectResources(status: ClusterStatus, wanted: string | undefined): Names {
  if (wanted === undefined || wanted === '*') return '*';
  const found = findResource(status.resources, wanted, true);
  if (found) return new Set([wanted.includes(':') ? found.id : found.printableId]);
  const names = new Set<string>();
  for (const id of status.tags.get(wanted)?.references ?? []) {
    const resource = findResource(status.resources, id, true);
    if (resource) names.add(resource.printableId);
  }
  return names;
}

function isNamed(resource: Resource, names: Names): boolean {
  return matches(names, resource.printableId) || matches(names, resource.id);
}

/**
 * Whether a filter leaves a resource out: neither it, nor a member, nor (with `withParent`) what it belongs to is
 * asked for.
 */
export function isFiltered(resource: Resource, names: Names, withParent: boolean): boolean {
  if (names === '*') return false;
  switch (resource.kind) {
    case 'primitive': {
      if (isNamed(resource, names)) return false;
      if (!withParent || !resource.parent) return true;
      const top = topmost(resource);
      const bundle = top.parent;
      return isFiltered(bundle ?? top, names, false);
    }
    case 'group':
      if (withParent && names.has(topmost(resource).printableId)) return false;
      if (names.has(resource.printableId)) return false;
      if (resource.id.includes(':') && names.has(resource.id)) return false;
      return resource.children.every((child) => isFiltered(child, names, false));
    case 'clone':
      if (names.has(resource.printableId) || names.has(resource.clone!.childXml.id)) return false;
      return resource.children.every((child) => isFiltered(child, names, false));
    case 'bundle':
      if (names.has(resource.printableId)) return false;
      return resource
        .bundle!.replicas.flatMap((replica) => replicaParts(replica))
        .every((part) => isFiltered(part, names, false));
  }
}

/** The resources of one replica, in the order they are shown. */
export function replicaParts(replica: {
  readonly ip: Resource | undefined;
  readonly child: Resource | undefined;
  readonly container: Resource;
  readonly remote: Resource | undefined;
}): Resource[] {
  return [replica.ip, replica.child, replica.container, replica.remote].filter(
    (part) => part instanceof Resource,
  );
}

/** Whether a collection itself, rather than a member, was asked for. */
export function isAskedFor(resource: Resource, names: Names): boolean {
  return matches(names, resource.printableId) || (resource.id.includes(':') && matches(names, resource.id));
}

export function runsOnAny(resource: Resource, view: View): boolean {
  return resource.runningOn.some((node) => nodeMatches(view, node.name));
}

/** Active, and only on nodes that the view leaves out. */
export function isElsewhere(resource: Resource, view: View): boolean {
  return isActive(resource, false) && !runsOnAny(resource, view);
}

/** Names with numbers inside in the order people expect: `node2` before `node10`, in any case. */
export function compareNames(a: string, b: string): number {
  const isDigit = (character: string | undefined) =>
    character !== undefined && character >= '0' && character <= '9';
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (isDigit(a[i]) && isDigit(b[j])) {
      const digitsA = /^[0-9]+/.exec(a.slice(i))![0];
      const digitsB = /^[0-9]+/.exec(b.slice(j))![0];
      const difference = Number(digitsA) - Number(digitsB) || digitsA.length - digitsB.length;
      if (difference !== 0) return difference;
      i += digitsA.length;
      j += digitsB.length;
      continue;
    }
    const lowerA = a[i]!.toLowerCase();
    const lowerB = b[j]!.toLowerCase();
    if (lowerA !== lowerB) return lowerA < lowerB ? -1 : 1;
    i++;
    j++;
  }
  return Math.sign(a.length - i - (b.length - j));
}

/** Byte order, as C's strcmp on UTF-8 gives it. */
export function compareBytes(a: string, b: string): number {
  const pointsA = Array.from(a);
  const pointsB = Array.from(b);
  for (let i = 0; i < Math.min(pointsA.length, pointsB.length); i++) {
    const difference = pointsA[i]!.codePointAt(0)! - pointsB[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return pointsA.length - pointsB.length;
}
