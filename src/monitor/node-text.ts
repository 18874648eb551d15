import { parseScore } from '../cib/score.js';
import { currentNode } from '../status/queries.js';
import type { ClusterNode, ClusterStatus } from '../status/types.js';
import { type Block, type Entry, item, list, type Span, section, spanItem } from './outline.js';
import { briefEntries, type ResourceStyle, showResource } from './resource-text.js';
import { type Medium, matches, nodeMatches, type View } from './view.js';

/** The name, with `detail` also a guest's host and an id that is not the name. */
export function displayName(node: ClusterNode, detail: boolean): string {
  if (!detail) return node.name;
  const container = node.isGuest ? node.remoteResource!.container : undefined;
  const host = container ? `@${currentNode(container)?.name ?? ''}` : '';
  const id = node.id.toLowerCase() === node.name.toLowerCase() ? '' : ` (${node.id})`;
  return `${node.name}${host}${id}`;
}

export type Health = 'green' | 'yellow' | 'red';

/** The worst of a node's `#health*` attributes, unless the cluster ignores them. */
export function nodeHealth(status: ClusterStatus, node: ClusterNode): Health {
  const strategy = status.options.nodeHealthStrategy;
  if (strategy === 'none') return 'green';
  const scores = status.options.healthScores;
  let worst: Health = 'green';
  for (const [name, value] of node.attributes) {
    if (!name.startsWith('#health')) continue;
    const lower = value.toLowerCase();
    if (lower === 'red') return 'red';
    if (lower === 'yellow') {
      worst = 'yellow';
      continue;
    }
    const score = parseScore(value, scores);
    if (score <= scores.red) return 'red';
    if (score <= scores.yellow && scores.yellow !== scores.green) worst = 'yellow';
  }
  return worst;
}

/** What an online member announces; before 3.15.1 nodes announced nothing. */
export function featureSet(node: ClusterNode): string | undefined {
  if (!node.online || node.isGuestOrRemote) return undefined;
  return node.attributes.get('#feature-set') ?? '<3.15.1';
}

export function nodeState(node: ClusterNode): string {
  if (node.unclean) {
    return node.online ? 'UNCLEAN (online)' : node.pending ? 'UNCLEAN (pending)' : 'UNCLEAN (offline)';
  }
  if (node.pending) return 'pending';
  if (node.standbyOnFail && node.online) return 'standby (on-fail)';
  if (node.standby) {
    if (!node.online) return 'OFFLINE (standby)';
    return node.running.length > 0 ? 'standby (with active resources)' : 'standby';
  }
  if (node.maintenance) return node.online ? 'maintenance' : 'OFFLINE (maintenance)';
  return node.online ? 'online' : 'OFFLINE';
}

function runningStyle(status: ClusterStatus, view: View, medium: Medium): ResourceStyle {
  return { status, view, medium, withoutNode: true, implicit: view.detail };
}

/** Resources under a node's heading, in brief. */
function runningBrief(node: ClusterNode, view: View): Entry[] {
  const chosen = node.running.filter(
    (resource) =>
      matches(view.resources, resource.printableId) ||
      (resource.parent !== undefined && matches(view.resources, resource.parent.printableId)),
  );
  return chosen.length === 0 ? [] : [list('Resources', briefEntries(chosen, false, true))];
}

function textNode(status: ClusterStatus, node: ClusterNode, view: View): Entry | undefined {
  const kind = node.isGuest ? 'GuestNode' : node.isRemote ? 'RemoteNode' : 'Node';
  const health = nodeHealth(status, node);
  const set = view.detail ? featureSet(node) : undefined;
  const line =
    `${kind} ${displayName(node, view.detail)}: ${nodeState(node)}` +
    `${health === 'red' ? ' (health is RED)' : health === 'yellow' ? ' (health is YELLOW)' : ''}` +
    `${set === undefined ? '' : `, feature set ${set}`}`;
  if (!view.byNode) return item(line);
  if (view.brief) {
    const resources = runningBrief(node, view);
    return resources.length > 0 ? list(line, resources) : undefined;
  }
  const style = runningStyle(status, view, 'text');
  const resources = node.running.flatMap((resource) => showResource(resource, style).entries);
  return list(line, [list('Resources', resources)]);
}

/** State, standby, maintenance and health, each with its colour. */
function stateSpans(status: ClusterStatus, node: ClusterNode, view: View): Span[] {
  const spans: Span[] = [
    node.online ? { text: ' online', className: 'online' } : { text: ' OFFLINE', className: 'offline' },
  ];
  const running = node.running.length > 0;
  const standby = (text: string) => spans.push({ text, className: 'standby' });
  if (node.standbyOnFail && running) standby(' (in standby due to on-fail, with active resources)');
  else if (node.standbyOnFail) standby(' (in standby due to on-fail)');
  else if (node.standby && running) standby(' (in standby, with active resources)');
  else if (node.standby) standby(' (in standby)');
  if (node.maintenance) spans.push({ text: ' (in maintenance mode)', className: 'maint' });
  const health = nodeHealth(status, node);
  if (health === 'red') spans.push({ text: ' (health is RED)', className: 'health_red' });
  if (health === 'yellow') spans.push({ text: ' (health is YELLOW)', className: 'health_yellow' });
  const set = view.detail ? featureSet(node) : undefined;
  if (set !== undefined) spans.push({ text: `, feature set ${set}` });
  return spans;
}

function htmlNode(status: ClusterStatus, node: ClusterNode, view: View): Entry {
  const name = `${displayName(node, view.detail)}:`;
  const spans = stateSpans(status, node, view);
  if (!view.byNode) return spanItem({ text: name, className: 'bold' }, ...spans);
  const style = runningStyle(status, view, 'html');
  const nested = view.brief
    ? runningBrief(node, view)
    : node.running.length === 0
      ? []
      : [
          list(
            'Resources',
            node.running.flatMap((resource) => showResource(resource, style).entries),
          ),
        ];
  const state = [{ text: 'Status:' }, ...spans];
  return list(name, [
    item(state.map((span) => span.text).join(''), {
      spans: state,
      nested: nested.filter((entry) => entry.kind === 'list'),
    }),
  ]);
}

/** Nodes in a good state are only named, together; any other has a line of its own. */
function isPlain(status: ClusterStatus, node: ClusterNode, view: View): boolean {
  return !(
    node.unclean ||
    node.pending ||
    (node.standbyOnFail && node.online) ||
    node.standby ||
    node.maintenance ||
    view.byNode ||
    view.detail ||
    nodeHealth(status, node) !== 'green'
  );
}

export function nodeBlock(status: ClusterStatus, view: View, medium: Medium): Block | undefined {
  const nodes = status.nodes.filter((node) => nodeMatches(view, node.name));
  if (nodes.length === 0) return undefined;
  if (medium === 'html') {
    return section(
      'Node List',
      nodes.map((node) => htmlNode(status, node, view)),
    );
  }
  const entries: Entry[] = [];
  const named = new Map<string, string[]>([
    ['Online', []],
    ['OFFLINE', []],
    ['RemoteOnline', []],
    ['RemoteOFFLINE', []],
    ['GuestOnline', []],
  ]);
  for (const node of nodes) {
    if (!isPlain(status, node, view)) {
      const entry = textNode(status, node, view);
      if (entry) entries.push(entry);
      continue;
    }
    const kind = node.isGuest ? 'Guest' : node.isRemote ? 'Remote' : '';
    named.get(`${kind}${node.online ? 'Online' : 'OFFLINE'}`)?.push(displayName(node, view.detail));
  }
  for (const [label, names] of named) {
    if (names.length > 0) entries.push(item(`[ ${names.join(' ')} ]`, { label }));
  }
  return { outline: list('Node List', entries), separates: true };
}
