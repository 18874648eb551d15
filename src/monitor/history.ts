import type { Element } from '../cib/element.js';
import { failCount } from '../status/failcounts.js';
import { compareAge } from '../status/history-entries.js';
import { type ClusterNode, type ClusterStatus, type Resource, topmost } from '../status/types.js';
import { nodeHeading } from './attributes.js';
import { type Block, type Entry, item, list } from './outline.js';
import { calendarTime, exitText, scanNumber } from './terms.js';
import { findResource, isFiltered, type Medium, matches, nodeMatches, type View } from './view.js';

/** One operation in a node's history. */
export interface ShownOperation {
  readonly xml: Element;
  readonly call: string | undefined;
  /** As run, but a monitor without interval is a probe. */
  readonly task: string;
  /** Without unit; undefined where it is run once. */
  readonly interval: string | undefined;
  readonly code: number;
}

export interface ResourceHistory {
  readonly resource: Resource;
  /** As the history names it. */
  readonly id: string;
  readonly failCount: number;
  /** Seconds since 1970; 0: none known. */
  readonly lastFailure: number;
  /** Empty unless operations are shown. */
  readonly operations: readonly ShownOperation[];
}

export interface NodeHistory {
  readonly node: ClusterNode;
  readonly resources: readonly ResourceHistory[];
}

function shownOperations(entry: Element): ShownOperation[] {
  const shown: ShownOperation[] = [];
  for (const xml of entry.elements('lrm_rsc_op')) {
    const code = Math.max(0, scanNumber(xml.get('rc-code'), 0));
    const interval = xml.get('interval');
    const once = interval === undefined || interval === '0';
    const run = xml.get('operation') ?? '(null)';
    const task = run.toLowerCase() === 'monitor' && once ? 'probe' : run;
    if (task.toLowerCase() === 'notify' || (task.toLowerCase() === 'probe' && code === 7)) continue;
    shown.push({ xml, call: xml.get('call-id'), task, interval: once ? undefined : interval, code });
  }
  return shown.sort((a, b) => compareAge(a.xml, b.xml, true));
}

/** A member of a group is shown only when it or the group is asked for, other resources when any relative is. */
function isLeftOut(resource: Resource, view: View): boolean {
  const top = topmost(resource);
  return top.kind === 'group'
    ? !matches(view.resources, resource.printableId) && !matches(view.resources, top.printableId)
    : isFiltered(resource, view.resources, true);
}

/** What ran on each online node and how often it failed there; with `operations` also those that never failed. */
export function nodeHistories(status: ClusterStatus, view: View): NodeHistory[] {
  const withOperations = view.sections.has('operations');
  const histories: NodeHistory[] = [];
  for (const state of status.cib.at('status')?.elements('node_state') ?? []) {
    const node = status.nodesById.get(state.id.toLowerCase());
    if (!node?.online || !nodeMatches(view, node.name)) continue;
    const resources: ResourceHistory[] = [];
    for (const entry of state.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? []) {
      const resource = findResource(status.resources, entry.id, false);
      if (!resource || isLeftOut(resource, view)) continue;
      const { count, lastFailureSec } = failCount(status, resource, node);
      const operations = withOperations ? shownOperations(entry) : [];
      if (withOperations ? operations.length === 0 : count <= 0) continue;
      resources.push({
        resource,
        id: withOperations ? resource.printableId : entry.id,
        failCount: count,
        lastFailure: count > 0 ? lastFailureSec : 0,
        operations,
      });
    }
    histories.push({ node, resources });
  }
  return histories;
}

function operationText(operation: ShownOperation, timing: boolean): string {
  const call = `(${operation.call ?? '(null)'}) ${operation.task}`;
  const interval = operation.interval === undefined ? '' : ` interval="${operation.interval}ms"`;
  if (!timing) return `${call}${interval === '' ? '' : `:${interval}`}`;
  const changed = scanNumber(operation.xml.get('last-rc-change'), 0);
  const change = changed > 0 ? ` last-rc-change="${calendarTime(changed * 1000)}"` : '';
  const time = (name: string) => {
    const value = operation.xml.get(name);
    return value === undefined ? '' : ` ${name}="${value}ms"`;
  };
  return (
    `${call}:${interval}${change}${time('exec-time')}${time('queue-time')}` +
    ` rc=${operation.code} (${exitText(operation.code)})`
  );
}

function resourceText(history: ResourceHistory): string {
  const failures = history.failCount > 0 ? ` fail-count=${history.failCount}` : '';
  const last = history.lastFailure > 0 ? ` last-failure='${calendarTime(history.lastFailure * 1000)}'` : '';
  return `${history.id}: migration-threshold=${history.resource.migrationThreshold}${failures}${last}`;
}

/** Operations (`-o`), or only the resources that have failed (`-f`). */
export function historyBlock(status: ClusterStatus, view: View, medium: Medium): Block | undefined {
  const withOperations = view.sections.has('operations');
  const histories = nodeHistories(status, view);
  if (histories.length === 0) return undefined;
  const entries: Entry[] = histories
    .filter(({ resources }) => resources.length > 0)
    .map(({ node, resources }) =>
      list(
        nodeHeading(node, view, medium),
        resources.map((history) =>
          withOperations
            ? list(
                resourceText(history),
                history.operations.map((operation) => item(operationText(operation, view.timing))),
              )
            : item(resourceText(history)),
        ),
      ),
    );
  const title = withOperations ? 'Operations' : 'Migration Summary';
  return { outline: list(title, entries), separates: true };
}
