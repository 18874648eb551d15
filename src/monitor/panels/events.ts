import type { ClusterEvent } from '../../protocol/messages.js';
import type { ClusterStatus, Resource } from '../../status/types.js';
import { describeFailure, shownFailures } from '../failures.js';
import { nodeState } from '../node-text.js';
import { shownState } from '../resource-text.js';
import { EVERYTHING } from '../view.js';
import { type Column, cell, type PanelContent, type Row, type Tone } from './table.js';

const columns: readonly Column[] = [
  { title: 'time', min: 8, grow: 0 },
  { title: 'node', min: 7, grow: 1 },
  { title: 'event', min: 12, grow: 6 },
];

/** An event as it is shown; `cluster` ones come from an agent, others are seen by comparing two pictures. */
export interface TimelineEvent {
  readonly atMs: number;
  readonly node: string;
  readonly text: string;
  readonly tone: Tone;
}

const TONES: Readonly<Record<ClusterEvent['kind'], Tone>> = {
  suspected: 'warning',
  isolated: 'bad',
  lost: 'bad',
  joined: 'good',
  view: 'plain',
  quorum: 'strong',
  dc: 'strong',
  fencing: 'warning',
  fenced: 'warning',
  transition: 'faint',
  operation: 'plain',
  cib: 'faint',
  attribute: 'faint',
  stopping: 'warning',
  started: 'good',
};

export function fromCluster(event: ClusterEvent): TimelineEvent {
  const failed =
    event.kind === 'operation' && Number(event.data.rc ?? 0) !== 0 && event.data.expected !== event.data.rc;
  return { atMs: event.atMs, node: event.node, text: event.text, tone: failed ? 'bad' : TONES[event.kind] };
}

function* leaves(resources: readonly Resource[]): Generator<Resource> {
  for (const resource of resources) {
    if (resource.kind === 'primitive') yield resource;
    else yield* leaves(resource.children);
  }
}

/** A primitive's state, and where it is, in words; the unit in which changes are told. */
function placementOf(resource: Resource): { state: string; nodes: string } {
  const names = resource.runningOn.map((node) => node.name);
  return {
    state: resource.failed ? 'FAILED' : shownState(resource, true),
    nodes: names.length > 1 ? names.sort().join(' ') : (names[0] ?? ''),
  };
}

/** What has happened between two pictures of a cluster that does not tell of events itself. */
export function seenChanges(before: ClusterStatus, after: ClusterStatus, atMs: number): TimelineEvent[] {
  const events: TimelineEvent[] = [];
  const add = (node: string, text: string, tone: Tone) => events.push({ atMs, node, text, tone });
  if (before.quorate !== after.quorate) {
    add('', after.quorate ? 'quorum regained' : 'QUORUM LOST', after.quorate ? 'good' : 'bad');
  }
  if (before.dc?.name !== after.dc?.name)
    add(after.dc?.name ?? '', after.dc ? 'became DC' : 'no DC', 'strong');
  for (const node of after.nodes) {
    const old = before.nodesById.get(node.id.toLowerCase());
    const state = nodeState(node);
    if (!old) add(node.name, `new node, ${state}`, 'plain');
    else if (nodeState(old) !== state) {
      add(node.name, `${nodeState(old)} → ${state}`, node.unclean || !node.online ? 'bad' : 'good');
    }
  }
  for (const node of before.nodes)
    if (!after.nodesById.has(node.id.toLowerCase())) add(node.name, 'node removed', 'warning');
  for (const resource of leaves(after.resources)) {
    const old = before.resourcesById.get(resource.id);
    const then = old && placementOf(old);
    const now = placementOf(resource);
    if (then && then.state === now.state && then.nodes === now.nodes) continue;
    const from = then && then.nodes !== '' && then.nodes !== now.nodes ? ` (was on ${then.nodes})` : '';
    const change = then && then.state !== now.state ? `${then.state} → ${now.state}` : now.state;
    add(now.nodes, `${resource.id} ${change}${from}`, resource.failed ? 'bad' : 'plain');
  }
  const known = new Set(shownFailures(before, EVERYTHING).map(describeFailure));
  for (const failure of shownFailures(after, EVERYTHING)) {
    const text = describeFailure(failure);
    if (!known.has(text)) add(failure.nodeName, text, 'bad');
  }
  return events;
}

function clock(atMs: number): string {
  const date = new Date(atMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** Newest first. */
export function eventsPanel(events: readonly TimelineEvent[]): PanelContent {
  const rows = events.map(
    (event, index): Row => ({
      key: `event ${event.atMs} ${index}`,
      subject: { kind: 'event', text: event.text },
      cells: [cell(clock(event.atMs), 'faint'), cell(event.node), cell(event.text, event.tone)],
    }),
  );
  return { title: 'Events', columns, rows: rows.reverse(), empty: 'none yet' };
}
