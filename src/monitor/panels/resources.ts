import { anyOf, currentNode, isActive } from '../../status/queries.js';
import { type ClusterNode, type ClusterStatus, type Resource, Role } from '../../status/types.js';
import { agentName, isDisabled, pendingOperation, shownRole, shownState } from '../resource-text.js';
import { replicaParts } from '../view.js';
import { type Cell, type Column, cell, type PanelContent, type Row, type Tone } from './table.js';

const columns: readonly Column[] = [
  { title: 'resource', min: 20, grow: 4 },
  { title: 'state', min: 14, grow: 2 },
  { title: 'where', min: 10, grow: 2 },
  { title: 'agent', min: 12, grow: 2 },
];

export interface ResourceOrder {
  /** Under the nodes they run on, rather than in their groups and clones. */
  readonly byNode: boolean;
  /** Trouble first. */
  readonly byState: boolean;
  /** Stopped ones too. */
  readonly inactive: boolean;
  /** Ids of groups, clones and bundles whose members are not shown. */
  readonly folded: ReadonlySet<string>;
}

/** Remarks behind the state, in words. */
function remarks(resource: Resource): string[] {
  const words: string[] = [];
  const operation = pendingOperation(resource);
  if (operation !== undefined) words.push(operation.toLowerCase());
  if (isDisabled(resource)) words.push('disabled');
  if (resource.blocked) words.push('blocked');
  else if (!resource.managed) words.push('unmanaged');
  if (resource.failureIgnored) words.push('failure ignored');
  if (resource.orphan) words.push('orphaned');
  return words;
}

function mark(resource: Resource): { symbol: string; tone: Tone } {
  if (resource.failed || resource.blocked || resource.runningOn.length > 1)
    return { symbol: '✖', tone: 'bad' };
  if (resource.pendingTask !== undefined && resource.pendingTask !== 'probe')
    return { symbol: '◌', tone: 'busy' };
  const where = currentNode(resource);
  if (where && !where.online && where.unclean) return { symbol: '✖', tone: 'bad' };
  if (shownRole(resource) <= Role.Stopped) {
    return isDisabled(resource) ? { symbol: '○', tone: 'faint' } : { symbol: '○', tone: 'bad' };
  }
  if (!resource.managed || resource.failureIgnored) return { symbol: '◐', tone: 'warning' };
  return shownRole(resource) === Role.Promoted
    ? { symbol: '★', tone: 'good' }
    : { symbol: '●', tone: 'good' };
}

/** The type first: it is what is left where there is little room. */
function agentLabel(resource: Resource): string {
  const parts = agentName(resource).split(':');
  return `${parts.at(-1)} ${parts.slice(0, -1).join(':')}`;
}

function primitiveCells(resource: Resource, label: string, on: ClusterNode | undefined): Cell[] {
  const { symbol, tone } = mark(resource);
  const state = [resource.failed ? 'FAILED' : shownState(resource, true), ...remarks(resource)].join(' ');
  const where =
    resource.runningOn.length > 1 ? resource.runningOn.map((node) => node.name).join(' ') : (on?.name ?? '');
  return [
    cell(`${label}${symbol} ${resource.printableId}`, tone),
    cell(state, tone),
    cell(where),
    cell(agentLabel(resource), 'faint'),
  ];
}

/** All primitives below that are configured, not made by the cluster itself. */
function* primitives(resource: Resource): Generator<Resource> {
  if (resource.kind === 'primitive') yield resource;
  else if (resource.kind === 'bundle') {
    for (const replica of resource.bundle!.replicas) yield replica.child ?? replica.container;
  } else for (const child of resource.children) yield* primitives(child);
}

function collectionCells(resource: Resource, indent: string, folded: boolean): Cell[] {
  const all = [...primitives(resource)];
  const running = all.filter((one) => isActive(one, true)).length;
  const troubled = anyOf(resource, (one) => one.failed || one.blocked);
  const disabled = isDisabled(resource);
  const tone: Tone = troubled
    ? 'bad'
    : running === 0
      ? disabled
        ? 'faint'
        : 'bad'
      : resource.kind === 'group' && running < all.length
        ? 'warning'
        : resource.managed
          ? 'good'
          : 'warning';
  const kind =
    resource.kind === 'clone' ? (resource.promotable ? 'promotable clone' : 'clone') : resource.kind;
  const words = [`${running}/${all.length} running`, ...(troubled ? ['FAILED'] : []), ...remarks(resource)];
  const promoted = all
    .filter((one) => one.role === Role.Promoted)
    .map((one) => currentNode(one)?.name ?? '?');
  const nodes = [...new Set(all.flatMap((one) => one.runningOn.map((node) => node.name)))];
  const where = promoted.length > 0 ? `★ ${promoted.join(' ')}` : nodes.join(' ');
  return [
    cell(`${indent}${folded ? '▸' : '▾'} ${resource.id}`, tone === 'good' ? 'strong' : tone),
    cell(words.join(' '), tone),
    cell(where),
    cell(kind, 'faint'),
  ];
}

/** Worst first: 0 failed, 1 busy, 2 stopped against the will, 3 warnings, 4 fine. */
function severity(resource: Resource): number {
  let worst = 4;
  for (const one of primitives(resource)) {
    const { tone, symbol } = mark(one);
    const rank = tone === 'bad' ? (symbol === '○' ? 2 : 0) : tone === 'busy' ? 1 : tone === 'warning' ? 3 : 4;
    worst = Math.min(worst, rank);
  }
  return worst;
}

function treeRows(resources: readonly Resource[], order: ResourceOrder): Row[] {
  const rows: Row[] = [];
  const add = (resource: Resource, indent: string): void => {
    if (!order.inactive && !isActive(resource, false) && resource.pendingTask === undefined) return;
    if (resource.orphan && !isActive(resource, false)) return;
    const on = currentNode(resource) ?? resource.pendingNode;
    const subject = { kind: 'resource', id: resource.printableId, node: on?.name } as const;
    if (resource.kind === 'primitive') {
      const cells = primitiveCells(resource, indent, on);
      rows.push({ key: `resource ${resource.id}`, subject, cells });
      return;
    }
    const folded = order.folded.has(resource.id);
    rows.push({ key: `resource ${resource.id}`, subject, cells: collectionCells(resource, indent, folded) });
    if (folded) return;
    const inside = `${indent}  `;
    if (resource.kind === 'bundle') {
      for (const replica of resource.bundle!.replicas) {
        for (const part of replicaParts(replica)) add(part, inside);
      }
    } else for (const child of resource.children) add(child, inside);
  };
  const sorted = order.byState ? resources.toSorted((a, b) => severity(a) - severity(b)) : resources;
  for (const resource of sorted) add(resource, '');
  return rows;
}

function nodeRows(status: ClusterStatus, order: ResourceOrder): Row[] {
  const rows: Row[] = [];
  const heading = (key: string, text: string, tone: Tone, name: string | undefined) =>
    rows.push({
      key,
      subject: name === undefined ? undefined : { kind: 'node', name },
      cells: [cell(text, tone), cell(''), cell(''), cell('')],
    });
  for (const node of status.nodes) {
    const folded = order.folded.has(node.name);
    const running = order.byState ? node.running.toSorted((a, b) => severity(a) - severity(b)) : node.running;
    heading(
      `on ${node.id}`,
      `${folded ? '▸' : '▾'} ${node.name} (${running.length})`,
      node.online ? 'strong' : 'bad',
      node.name,
    );
    if (folded) continue;
    for (const resource of running) {
      rows.push({
        key: `on ${node.id} ${resource.id}`,
        subject: { kind: 'resource', id: resource.printableId, node: node.name },
        cells: primitiveCells(resource, '  ', node),
      });
    }
  }
  if (!order.inactive) return rows;
  const stopped = status.resources.flatMap((resource) =>
    [...primitives(resource)].filter((one) => one.runningOn.length === 0 && !one.orphan),
  );
  if (stopped.length === 0) return rows;
  heading('nowhere', `▾ not running (${stopped.length})`, 'bad', undefined);
  for (const resource of stopped) {
    rows.push({
      key: `nowhere ${resource.id}`,
      subject: { kind: 'resource', id: resource.printableId, node: undefined },
      cells: primitiveCells(resource, '  ', resource.pendingNode),
    });
  }
  return rows;
}

export function resourcesPanel(status: ClusterStatus, order: ResourceOrder): PanelContent {
  const troubles = [
    ...(status.disabledCount > 0 ? [`${status.disabledCount} disabled`] : []),
    ...(status.blockedCount > 0 ? [`${status.blockedCount} BLOCKED`] : []),
  ];
  const counts = troubles.length > 0 ? ` (${troubles.join(', ')})` : '';
  return {
    title: `Resources ${status.instanceCount}${counts} ${order.byNode ? 'by node' : ''}`.trimEnd(),
    columns,
    rows: order.byNode ? nodeRows(status, order) : treeRows(status.resources, order),
    empty: order.inactive ? 'No resources' : 'No active resources (r shows the others)',
  };
}
