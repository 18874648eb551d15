import { isTrue } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { isMaskedProbeFailure } from '../status/history-entries.js';
import { parseOperationKey } from '../status/operation-key.js';
import { allOf, anyOf, currentLocation, currentNode, currentRole, isActive } from '../status/queries.js';
import {
  type ClusterNode,
  type ClusterStatus,
  parseRole,
  type Resource,
  Role,
  roleName,
  topmost,
} from '../status/types.js';
import { type Block, type Entry, item, list, type Outline, spanItem } from './outline.js';
import { counted, exitText, scanNumber } from './terms.js';
import {
  compareBytes,
  compareNames,
  isAskedFor,
  isElsewhere,
  isFiltered,
  type Medium,
  matches,
  nodeMatches,
  replicaParts,
  runsOnAny,
  type View,
} from './view.js';

/** How one resource is written where it stands. */
export interface ResourceStyle {
  readonly status: ClusterStatus;
  readonly view: View;
  readonly medium: Medium;
  /** Under a node's heading: where it runs goes without saying. */
  readonly withoutNode: boolean;
  /** Parts that the cluster made by itself (a bundle's address and container) are shown too. */
  readonly implicit: boolean;
}

/** What became of one resource: lines, and whether Pacemaker calls that output (an empty detailed clone is). */
interface Shown {
  readonly entries: readonly Entry[];
  readonly counts: boolean;
}

const NOTHING: Shown = { entries: [], counts: false };

/** `ocf:heartbeat:IPaddr2`; only OCF agents have providers. */
export function agentName(resource: Resource): string {
  const standard = resource.xml.get('class') ?? 'unknown';
  const provider = standard === 'ocf' ? resource.xml.get('provider') : undefined;
  return `${standard}${provider === undefined ? '' : `:${provider}`}:${resource.xml.get('type') ?? 'unknown'}`;
}

const PENDING_STATES: Readonly<Record<string, string>> = {
  start: 'Starting',
  stop: 'Stopping',
  migrate_to: 'Migrating',
  migrate_from: 'Migrating',
  promote: 'Promoting',
  demote: 'Demoting',
};

/** The role shown: an active instance of a promotable clone that is not promoted is unpromoted. */
export function shownRole(resource: Resource): Role {
  return resource.role === Role.Started && topmost(resource).promotable ? Role.Unpromoted : resource.role;
}

export function shownState(resource: Resource, pending: boolean): string {
  const state = pending ? PENDING_STATES[resource.pendingTask?.toLowerCase() ?? ''] : undefined;
  return state ?? roleName(shownRole(resource));
}

/** The operation in flight that does not change the state. */
export function pendingOperation(resource: Resource): string | undefined {
  return resource.pendingTask?.toLowerCase() === 'monitor' ? 'Monitoring' : undefined;
}

/** The masked probe of a resource on a node, or on any. */
function failedProbe(
  status: ClusterStatus,
  resource: Resource,
  nodeName: string | undefined,
): Element | undefined {
  const top = topmost(resource);
  const id = resource.clone?.childXml.id ?? top.clone?.childXml.id ?? resource.id;
  for (const { xml } of status.failures) {
    if (!isMaskedProbeFailure(xml)) continue;
    const target = xml.get('on_node');
    if (target === undefined) continue;
    if (nodeName !== undefined && target.toLowerCase() !== nodeName.toLowerCase()) continue;
    if (parseOperationKey(xml.get('operation_key') ?? xml.id)?.resourceId === id) return xml;
  }
  return undefined;
}

/** `vip	(ocf:heartbeat:IPaddr2):	 Started alpha (unmanaged)` */
export function describePrimitive(
  resource: Resource,
  name: string,
  on: ClusterNode | undefined,
  style: ResourceStyle,
): string {
  const { status, view } = style;
  const several = resource.runningOn.length > 1;
  const node = style.withoutNode || several ? undefined : (on ?? resource.lockNode);
  const words: string[] = [];
  if (resource.orphan) words.push(' ORPHANED');
  if (resource.failed) {
    words.push(' FAILED');
    const role = shownRole(resource);
    if (role > Role.Unpromoted) words.push(` ${roleName(role)}`);
  } else {
    words.push(` ${shownState(resource, view.pending)}`);
  }
  if (node) words.push(` ${node.name}`);
  if (shownRole(resource) === Role.Stopped) {
    const probe = failedProbe(status, resource, node?.name);
    if (probe) words.push(` (${exitText(scanNumber(probe.get('rc-code'), 0))}) `);
  }
  const flags: string[] = [];
  if (node && !node.online && node.unclean) flags.push('UNCLEAN');
  if (node && node === resource.lockNode) flags.push('LOCKED');
  const operation = view.pending ? pendingOperation(resource) : undefined;
  if (operation !== undefined) flags.push(operation);
  const targetRole = resource.meta.get('target-role');
  if (parseRole(targetRole) === Role.Stopped) flags.push('disabled');
  else if (parseRole(targetRole) === Role.Unpromoted && topmost(resource).promotable) {
    flags.push(`target-role:${targetRole}`);
  }
  if (resource.blocked) flags.push('blocked');
  else if (!resource.managed) flags.push('unmanaged');
  if (resource.failureIgnored) flags.push('failure ignored');
  if (flags.length > 0) words.push(` (${flags.join(', ')})`);
  if (style.withoutNode || several) {
    const description = resource.xml.get('description');
    if (description !== undefined) words.push(` ${description}`);
  }
  if (several && !style.withoutNode) {
    words.push(` [ ${resource.runningOn.map((where) => where.name).join(' ')} ]`);
  }
  return `${name}\t(${agentName(resource)}):\t${words.join('')}`;
}

function styleClass(resource: Resource): string {
  if (!resource.managed) return 'rsc-managed';
  if (resource.failed || resource.runningOn.length === 0) return 'rsc-failed';
  if (resource.runningOn.length > 1) return 'rsc-multiple';
  return resource.failureIgnored ? 'rsc-failure-ignored' : 'rsc-ok';
}

function showPrimitive(
  resource: Resource,
  name: string,
  on: ClusterNode | undefined,
  style: ResourceStyle,
): Shown {
  if (isTrue(resource.meta.get('internal_rsc')) && !style.implicit) return NOTHING;
  const text = describePrimitive(resource, name, on, style);
  const line = style.medium === 'html' ? spanItem({ text, className: styleClass(resource) }) : item(text);
  return { entries: [line], counts: true };
}

/** Set to stop, or (in a promotable clone) not to be promoted. */
export function isDisabled(resource: Resource): boolean {
  const role = parseRole(resource.meta.get('target-role'));
  return role === Role.Stopped || (role === Role.Unpromoted && topmost(resource).promotable);
}

/** Whether a filter by resource leaves out a group's member, or inactivity does. */
export function skipsMember(group: Resource, child: Resource, view: View): boolean {
  const childFiltered = isFiltered(child, view.resources, false);
  const wanted = isActive(child, false) || view.inactive;
  if (view.resources !== '*' && !childFiltered) return false;
  if (!childFiltered && wanted) return false;
  return !(isAskedFor(group, view.resources) && wanted);
}

function withFlags(title: string, flags: readonly string[], entries: readonly Entry[]): Outline {
  return list(flags.length === 0 ? title : `${title} (${flags.join(', ')})`, entries);
}

function showGroup(group: Resource, style: ResourceStyle): Shown {
  const { view } = style;
  if (isFiltered(group, view.resources, true)) return NOTHING;
  let entries: readonly Entry[] = [];
  if (view.brief) {
    const members = group.children.filter(
      (child) =>
        matches(view.resources, child.printableId) ||
        (child.parent !== undefined && matches(view.resources, child.parent.printableId)),
    );
    if (members.length === 0) return NOTHING;
    entries = briefEntries(members, true, style.withoutNode);
  } else {
    const members = group.children.filter((child) => !skipsMember(group, child, view));
    if (members.length === 0) return NOTHING;
    entries = members.flatMap((child) => showResource(child, style).entries);
  }
  const flags: string[] = [];
  const partly = !isActive(group, true) && isActive(group, false);
  const inactive = partly ? group.children.filter((child) => !isActive(child, true)).length : 0;
  if (inactive > 0 && !view.inactive) flags.push(`${counted(inactive, 'member')} inactive`);
  if (!group.managed) flags.push('unmanaged');
  if (isDisabled(group)) flags.push('disabled');
  return { entries: [withFlags(`Resource Group: ${group.id}`, flags, entries)], counts: true };
}

/** A clone's target-role, its own or that of what it clones. */
export function configuredRole(clone: Resource): string | undefined {
  return clone.meta.get('target-role') ?? clone.children[0]?.meta.get('target-role');
}

/** Where an instance of a clone belongs in the clone's lines. */
type InstanceLine =
  | 'itself'
  | 'stopped'
  | 'nowhere'
  | { readonly node: ClusterNode; readonly promoted: boolean };

function instanceLine(clone: Resource, instance: Resource, view: View): InstanceLine {
  const partlyActive = isActive(instance, false);
  const otherwise = (line: InstanceLine) => (view.detail ? 'itself' : line);
  if (clone.unique) return partlyActive || !clone.orphan ? 'itself' : otherwise('nowhere');
  if (view.pending && instance.pendingTask !== undefined && instance.pendingTask !== 'probe') return 'itself';
  if (!partlyActive) return otherwise(!instance.orphan && view.inactive ? 'stopped' : 'nowhere');
  const troubled =
    anyOf(instance, (part) => part.orphan) ||
    !allOf(instance, (part) => part.managed) ||
    anyOf(instance, (part) => part.failed);
  if (troubled || !isActive(instance, true)) return 'itself';
  const node = currentLocation(instance);
  if (!node || (!node.online && node.unclean)) return 'itself';
  return otherwise({ node, promoted: currentRole(instance) > Role.Unpromoted });
}

function nodeNames(nodes: readonly ClusterNode[], view: View): string[] {
  return nodes
    .map((node) => node.name)
    .filter((name) => nodeMatches(view, name))
    .sort(compareNames);
}

/** Nodes without an active instance, by what is known of the reason. */
function stoppedNodes(clone: Resource, style: ResourceStyle): Map<string, string> {
  const stopped = new Map<string, string>();
  const candidates = clone.allowed.size > 0 ? [...clone.allowed.keys()] : [...clone.knownOn];
  const disabled = parseRole(configuredRole(clone)) === Role.Stopped;
  const active = new Set(clone.runningOn.map((node) => node.name.toLowerCase()));
  for (const node of candidates) {
    if (active.has(node.name.toLowerCase()) || !nodeMatches(style.view, node.name)) continue;
    const probe = failedProbe(style.status, clone, node.name);
    stopped.set(
      node.name,
      probe
        ? `Stopped (${exitText(scanNumber(probe.get('rc-code'), 0))})`
        : disabled
          ? 'Stopped (disabled)'
          : 'Stopped',
    );
  }
  return stopped;
}

function showClone(clone: Resource, style: ResourceStyle): Shown {
  const { view } = style;
  if (isFiltered(clone, view.resources, true)) return NOTHING;
  const whole = isAskedFor(clone, view.resources);
  const entries: Entry[] = [];
  let headed = false;
  const promoted: ClusterNode[] = [];
  const started: ClusterNode[] = [];
  let stopped = new Map<string, string>();
  for (const instance of clone.children) {
    if (isElsewhere(instance, view) || isFiltered(instance, view.resources, whole)) continue;
    const line = instanceLine(clone, instance, view);
    if (line === 'itself') {
      headed = true;
      const all: ResourceStyle = { ...style, view: { ...view, resources: '*' } };
      entries.push(...showResource(instance, all).entries);
    } else if (line === 'stopped') stopped.set(instance.id, 'Stopped');
    else if (line !== 'nowhere') (line.promoted ? promoted : started).push(line.node);
  }
  const flags = [
    ...(clone.promotable ? ['promotable'] : []),
    ...(clone.unique ? ['unique'] : []),
    ...(clone.managed ? [] : ['unmanaged']),
    ...(isDisabled(clone) ? ['disabled'] : []),
  ];
  const titled = (): Entry =>
    withFlags(`Clone Set: ${clone.id} [${clone.clone!.childXml.id}]`, flags, entries);
  const summary = (state: string, names: readonly string[]) => {
    if (names.length > 0) entries.push(item(`${state}: [ ${names.join(' ')} ]`));
  };
  if (view.detail) return { entries: headed ? [titled()] : [], counts: true };

  const promotedNames = nodeNames(promoted, view);
  const startedNames = nodeNames(started, view);
  summary('Promoted', promotedNames);
  const unpromotedWanted = parseRole(configuredRole(clone)) === Role.Unpromoted;
  summary(
    clone.promotable ? (unpromotedWanted ? 'Unpromoted (target-role)' : 'Unpromoted') : 'Started',
    startedNames,
  );
  const active = promotedNames.length + startedNames.length;
  if (view.inactive) {
    if (!clone.unique && clone.clone!.max > active) stopped = stoppedNodes(clone, style);
    for (const state of [...new Set(stopped.values())].sort(compareBytes)) {
      const names = [...stopped].filter(([, of]) => of === state).map(([name]) => name);
      summary(state, names.sort(compareNames));
    }
    if (stopped.size === 0 && active === 0) headed = true;
  }
  return headed || entries.length > 0 ? { entries: [titled()], counts: true } : NOTHING;
}

function showBundle(bundle: Resource, style: ResourceStyle): Shown {
  const { view } = style;
  if (isFiltered(bundle, view.resources, true)) return NOTHING;
  const settings = bundle.bundle!;
  const whole = matches(view.resources, bundle.id);
  const entries: Entry[] = [];
  let printed = false;
  for (const replica of settings.replicas) {
    if (isElsewhere(replica.container, view)) continue;
    const parts = replicaParts(replica).filter((part) => !isFiltered(part, view.resources, whole));
    if (style.implicit || (!whole && parts.length > 0)) {
      const each = parts.flatMap((part) => showResource(part, { ...style, implicit: true }).entries);
      const several = settings.replicas.length > 1;
      const title = `Replica[${replica.offset}]`;
      if (style.medium === 'text') {
        if (several) entries.push(item(title));
        entries.push(list(undefined, each));
      } else if (several) entries.push(list(title, each));
      else entries.push(...each);
    } else if (!whole) continue;
    else {
      const shown = replica.child ?? replica.container;
      const name = (replica.remote ?? replica.container).printableId;
      const label = replica.ipAddress === undefined ? name : `${name} (${replica.ipAddress})`;
      entries.push(...showPrimitive(shown, label, currentNode(replica.container), style).entries);
    }
    printed = true;
  }
  if (!printed) return NOTHING;
  const title =
    `Container bundle${settings.replicaCount > 1 ? ' set' : ''}: ${bundle.id} [${settings.image}]` +
    `${bundle.unique ? ' (unique)' : ''}${bundle.managed ? '' : ' (unmanaged)'}`;
  return { entries: [list(title, entries)], counts: true };
}

/** The lines of one resource, with all that belongs to it. */
export function showResource(resource: Resource, style: ResourceStyle): Shown {
  switch (resource.kind) {
    case 'primitive':
      if (isFiltered(resource, style.view.resources, true)) return NOTHING;
      return showPrimitive(
        resource,
        resource.printableId,
        currentNode(resource) ?? resource.pendingNode,
        style,
      );
    case 'group':
      return showGroup(resource, style);
    case 'clone':
      return showClone(resource, style);
    case 'bundle':
      return showBundle(resource, style);
  }
}

/**
 * Primitives counted by agent and node: `2	(ocf:heartbeat:Dummy):	Active alpha`, with `inactive` also how many
 * there are in all.
 */
export function briefEntries(
  resources: readonly Resource[],
  inactive: boolean,
  withoutNode: boolean,
): Entry[] {
  const configured = new Map<string, number>();
  const active = new Map<string, Map<string, number>>();
  for (const resource of resources) {
    if (resource.kind !== 'primitive') continue;
    const agent = agentName(resource);
    configured.set(agent, (configured.get(agent) ?? 0) + 1);
    for (const node of resource.runningOn) {
      if (!node.unclean && !node.online && resource.managed) continue;
      const counts = active.get(node.name) ?? new Map<string, number>();
      counts.set(agent, (counts.get(agent) ?? 0) + 1);
      active.set(node.name, counts);
    }
  }
  const entries: Entry[] = [];
  for (const agent of [...configured.keys()].sort(compareBytes)) {
    const total = inactive ? `/${configured.get(agent)}` : '';
    let found = false;
    for (const name of [...active.keys()].sort(compareNames)) {
      const count = active.get(name)!.get(agent);
      if (!count) continue;
      found = true;
      entries.push(item(`${count}${total}\t(${agent}):\tActive ${withoutNode ? '' : name}`));
    }
    if (!found && inactive) entries.push(item(`0${total}\t(${agent}):\tActive`));
  }
  return entries;
}

/** The resources section: active ones, all, or (grouped by node) those that no node has. */
export function resourceBlock(
  status: ClusterStatus,
  view: View,
  medium: Medium,
  /** Say so when there is nothing to list. */
  remark: boolean,
  /** Leave out where resources run. */
  withoutNode = false,
): Block | undefined {
  if (view.byNode && !view.inactive) return undefined;
  const style: ResourceStyle = { status, view, medium, withoutNode, implicit: view.detail };
  const entries: Entry[] = [];
  let headed = false;
  let counts = false;
  if (view.brief && !view.byNode) {
    const chosen = status.resources.filter((resource) => matches(view.resources, resource.printableId));
    const brief = briefEntries(chosen, view.inactive, false);
    entries.push(...brief);
    headed = true;
    counts = brief.length > 0;
  }
  for (const resource of status.resources) {
    const active = isActive(resource, true);
    const partlyActive = isActive(resource, false);
    if (resource.orphan && !active) continue;
    if (view.byNode) {
      if (active) continue;
    } else if (view.brief && resource.kind === 'primitive') continue;
    else if (!partlyActive && !view.inactive) continue;
    else if (partlyActive && !runsOnAny(resource, view)) continue;
    headed = true;
    const shown = showResource(resource, style);
    entries.push(...shown.entries);
    counts ||= shown.counts;
  }
  if (remark && !counts) {
    headed = true;
    entries.push(
      item(view.byNode ? 'No inactive resources' : view.inactive ? 'No resources' : 'No active resources'),
    );
  }
  if (!headed) return undefined;
  const title = view.byNode
    ? 'Inactive Resources'
    : view.inactive
      ? 'Full List of Resources'
      : 'Active Resources';
  return { outline: list(title, entries), separates: counts };
}
