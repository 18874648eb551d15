import type { Element } from '../../cib/element.js';
import { INFINITY } from '../../cib/score.js';
import { failCount } from '../../status/failcounts.js';
import { sortedHistory } from '../../status/history-entries.js';
import { resourceParameters } from '../../status/parameters.js';
import type { ClusterStatus, Resource } from '../../status/types.js';
import { describeFailure, shownFailures } from '../failures.js';
import { nodeHealth, nodeState } from '../node-text.js';
import type { TimelineEvent } from '../panels/events.js';
import type { Subject, Tone } from '../panels/table.js';
import { agentName, shownState } from '../resource-text.js';
import { calendarTime, executionText, exitText, scanNumber } from '../terms.js';
import { EVERYTHING, findResource } from '../view.js';
import type { Placement, Placements } from './placement.js';

export interface DetailLine {
  readonly text: string;
  readonly tone: Tone;
}

export interface Details {
  readonly title: string;
  readonly lines: readonly DetailLine[];
  /** How long monitors took, oldest first, in ms; for a sparkline. */
  readonly times: readonly number[];
}

const line = (text: string, tone: Tone = 'plain'): DetailLine => ({ text, tone });
const heading = (text: string): DetailLine[] => [line(''), line(text, 'strong')];

/** Values of these parameters are nobody's business on a screen that others may see. */
const SECRET = /passw|secret|token|key$/i;

function operationLine(operation: Element): DetailLine {
  const code = scanNumber(operation.get('rc-code'), 0);
  const status = scanNumber(operation.get('op-status'), 0);
  const interval = scanNumber(operation.get('interval'), 0);
  const task = operation.get('operation') ?? '?';
  const expected = /^\s*-?\d+:-?\d+:(\d+):/.exec(operation.get('transition-key') ?? '')?.[1];
  const failed = status > 0 || (status === 0 && expected !== undefined && Number(expected) !== code);
  const changed = scanNumber(operation.get('last-rc-change'), 0);
  const result = status === 0 ? exitText(code) : executionText(status);
  const reason = operation.get('exit-reason');
  const words = [
    `  (${operation.get('call-id') ?? '?'})`,
    interval > 0 ? `${task} every ${interval / 1000}s` : task === 'monitor' ? 'probe' : task,
    result,
    ...(reason ? [`"${reason}"`] : []),
    ...(operation.get('exec-time') === undefined ? [] : [`took ${operation.get('exec-time')}ms`]),
    ...(changed > 0 ? [`since ${calendarTime(changed * 1000)}`] : []),
  ];
  return line(words.join(' '), failed ? 'bad' : status === -1 ? 'busy' : 'plain');
}

function histories(status: ClusterStatus, resource: Resource): { node: string; operations: Element[] }[] {
  const names = new Set([
    resource.id,
    resource.printableId,
    ...(resource.historyName ? [resource.historyName] : []),
  ]);
  const found: { node: string; operations: Element[] }[] = [];
  for (const state of status.cib.first('status')?.elements('node_state') ?? []) {
    for (const entry of state.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? []) {
      if (!names.has(entry.id)) continue;
      found.push({ node: state.get('uname') ?? state.id, operations: sortedHistory(entry) });
    }
  }
  return found;
}

/** One line for each constraint that names the resource or what it belongs to. */
function constraintLines(status: ClusterStatus, resource: Resource): DetailLine[] {
  const names = new Set<string>();
  for (let one: Resource | undefined = resource; one; one = one.parent) names.add(one.printableId);
  for (const one of resource.children) names.add(one.printableId);
  const lines: DetailLine[] = [];
  for (const constraint of status.cib.at('configuration', 'constraints')?.elements() ?? []) {
    const values = [
      ...['rsc', 'with-rsc', 'first', 'then'].map((attribute) => constraint.get(attribute)),
      ...[...constraint.descendants()].filter((one) => one.name === 'resource_ref').map((one) => one.id),
    ];
    if (!values.some((value) => value !== undefined && names.has(value))) continue;
    const words = [...constraint.attributes]
      .filter(([name]) => name !== 'id')
      .map(([name, value]) => `${name}=${value}`);
    const kind = constraint.name.replace('rsc_', '');
    lines.push(
      line(
        `  ${kind} ${constraint.id}: ${words.join(' ')}`,
        kind === 'location' && constraint.get('score')?.startsWith('-') ? 'warning' : 'plain',
      ),
    );
  }
  return lines;
}

function scoreText(score: number): string {
  return score >= INFINITY ? 'INFINITY' : score <= -INFINITY ? '-INFINITY' : String(score);
}

/** Where it may run, and what the scheduler makes of that. */
function placementLines(placement: Placement | undefined): DetailLine[] {
  if (!placement || placement.scores.length === 0) return [];
  const nowhere = placement.scores.every(({ score }) => score < 0);
  return [
    ...heading('Scores'),
    ...(nowhere ? [line('  It may run nowhere.', 'bad')] : []),
    ...placement.scores.map(({ node, score }) =>
      line(`  ${node}: ${scoreText(score)}`, score < 0 ? 'warning' : 'plain'),
    ),
    ...placement.promotion.map(({ node, score }) => line(`  promotion on ${node}: ${scoreText(score)}`)),
  ];
}

function resourceDetails(
  status: ClusterStatus,
  id: string,
  nodeName: string | undefined,
  timeline: readonly TimelineEvent[],
  placements: Placements | undefined,
): Details {
  const resource = findResource(status.resources, id, true);
  if (!resource)
    return { title: id, lines: [line(`There is no resource ${id} any more.`, 'warning')], times: [] };
  const lines: DetailLine[] = [];
  const times: number[] = [];
  const where = resource.runningOn.map((node) => node.name).join(' ') || 'nowhere';
  if (resource.kind === 'primitive') {
    lines.push(
      line(
        `${agentName(resource)}  ${resource.failed ? 'FAILED' : shownState(resource, true)} on ${where}`,
        resource.failed ? 'bad' : 'strong',
      ),
    );
  } else lines.push(line(`${resource.kind} of ${resource.children.length}, active on ${where}`, 'strong'));
  const description = resource.xml.get('description');
  if (description) lines.push(line(description, 'faint'));
  const failures = shownFailures(status, EVERYTHING).filter((failure) =>
    (failure.key ?? failure.xml.id).startsWith(`${resource.printableId}_`),
  );
  if (failures.length > 0) {
    lines.push(...heading('Failures'));
    for (const failure of failures) lines.push(line(`  ${describeFailure(failure)}`, 'bad'));
  }
  const counts = status.nodes
    .map((node) => ({ node, ...failCount(status, resource, node) }))
    .filter(({ count }) => count > 0);
  for (const { node, count, lastFailureSec } of counts) {
    const limit = resource.migrationThreshold;
    const last = lastFailureSec > 0 ? `, last ${calendarTime(lastFailureSec * 1000)}` : '';
    const shown = count >= 1_000_000 ? 'INFINITY' : String(count);
    const banned = count >= limit ? ': may not run there until cleaned up' : '';
    lines.push(line(`  fail-count on ${node.name}: ${shown} of ${limit}${last}${banned}`, 'warning'));
  }
  const recorded = histories(status, resource);
  if (recorded.length > 0) {
    lines.push(...heading('Operations'));
    const here = (node: string) => (node === nodeName ? 0 : 1);
    for (const { node, operations } of recorded.toSorted((a, b) => here(a.node) - here(b.node))) {
      lines.push(line(` on ${node}`, 'faint'));
      for (const operation of operations) {
        lines.push(operationLine(operation));
        const took = scanNumber(operation.get('exec-time'), -1);
        if (took >= 0) times.push(took);
      }
    }
  }
  lines.push(...placementLines(placements?.get(resource.printableId)));
  const constraints = constraintLines(status, resource);
  if (constraints.length > 0) lines.push(...heading('Constraints'), ...constraints);
  const parameters = resourceParameters(status, resource, resource.runningOn[0]);
  if (parameters.size > 0) {
    lines.push(...heading('Parameters'));
    for (const [name, value] of parameters) {
      lines.push(line(`  ${name}=${SECRET.test(name) ? '********' : value}`));
    }
  }
  const meta = resource.xml.elements('meta_attributes').flatMap((set) => set.elements('nvpair'));
  if (meta.length > 0) {
    lines.push(...heading('Meta-attributes'));
    for (const pair of meta) lines.push(line(`  ${pair.get('name')}=${pair.get('value')}`));
  }
  const events = timeline.filter((event) => mentions(event.text, resource.printableId)).slice(-20);
  if (events.length > 0) lines.push(...heading('Events'), ...events.map(eventLine));
  return { title: resource.printableId, lines, times };
}

function mentions(text: string, id: string): boolean {
  const at = text.indexOf(id);
  return at >= 0 && !/[\w-]/.test(text[at - 1] ?? '') && !/[\w-]/.test(text[at + id.length] ?? '');
}

function eventLine(event: TimelineEvent): DetailLine {
  return line(`  ${calendarTime(event.atMs)} ${event.node} ${event.text}`, event.tone);
}

function nodeDetails(status: ClusterStatus, name: string, timeline: readonly TimelineEvent[]): Details {
  const node = status.nodes.find((one) => one.name === name);
  if (!node)
    return { title: name, lines: [line(`There is no node ${name} any more.`, 'warning')], times: [] };
  const health = nodeHealth(status, node);
  const lines: DetailLine[] = [
    line(
      `${nodeState(node)}${node.isDc ? ', DC' : ''}, id ${node.id}, ${node.isGuest ? 'guest' : node.type}, health ${health}`,
      node.unclean || !node.online ? 'bad' : 'strong',
    ),
  ];
  lines.push(...heading(`Resources ${node.running.length}`));
  for (const resource of node.running) {
    lines.push(
      line(`  ${resource.printableId} ${shownState(resource, true)}`, resource.failed ? 'bad' : 'plain'),
    );
  }
  const attributes = [...node.attributes].filter(([key]) => !key.startsWith('#')).toSorted();
  if (attributes.length > 0) {
    lines.push(...heading('Attributes'));
    for (const [key, value] of attributes) {
      lines.push(line(`  ${key}=${value}`, key.startsWith('fail-count') ? 'warning' : 'plain'));
    }
  }
  if (node.utilization.size > 0) {
    lines.push(...heading('Capacity'));
    for (const [key, value] of node.utilization) lines.push(line(`  ${key}=${value}`));
  }
  const failures = shownFailures(status, EVERYTHING).filter((failure) => failure.nodeName === name);
  if (failures.length > 0) {
    lines.push(...heading('Failures'));
    for (const failure of failures) lines.push(line(`  ${describeFailure(failure)}`, 'bad'));
  }
  const events = timeline.filter((event) => event.node === name || mentions(event.text, name)).slice(-20);
  if (events.length > 0) lines.push(...heading('Events'), ...events.map(eventLine));
  return { title: name, lines, times: [] };
}

/** What the nodes' logs say of it. */
export interface LogExcerpt {
  readonly node: string;
  readonly lines: readonly string[];
}

function logDetails(log: readonly LogExcerpt[] | undefined): DetailLine[] {
  const found = (log ?? []).filter(({ lines }) => lines.length > 0);
  if (found.length === 0) return [];
  return [
    ...heading('Log'),
    ...found.flatMap(({ node, lines }) => [
      line(` of ${node}`, 'faint'),
      ...lines.map((text) =>
        line(
          `  ${text}`,
          /\berror\b|failed/i.test(text) ? 'bad' : /\bwarning\b/i.test(text) ? 'warning' : 'plain',
        ),
      ),
    ]),
  ];
}

/** Details of the state last asked about, so that scrolling does not make them anew. */
let remembered:
  | {
      readonly key: string;
      readonly status: ClusterStatus;
      readonly placements: Placements | undefined;
      readonly log: readonly LogExcerpt[] | undefined;
      readonly details: Details;
    }
  | undefined;

/** All that is known of what a row stands for: from "something is red" to "this is why". */
export function detailsOf(
  subject: Subject,
  status: ClusterStatus | undefined,
  timeline: readonly TimelineEvent[],
  placements?: Placements,
  log?: readonly LogExcerpt[],
): Details {
  if (subject.kind === 'event') return { title: 'Event', lines: [line(subject.text)], times: [] };
  const name = subject.kind === 'node' ? subject.name : subject.id;
  if (!status) {
    return {
      title: name,
      lines: [line('Details are kept only of the present. End returns to it.', 'warning')],
      times: [],
    };
  }
  const key = `${subject.kind} ${name} ${timeline.length}`;
  if (
    remembered?.status === status &&
    remembered.key === key &&
    remembered.placements === placements &&
    remembered.log === log
  ) {
    return remembered.details;
  }
  const known =
    subject.kind === 'node'
      ? nodeDetails(status, subject.name, timeline)
      : resourceDetails(status, subject.id, subject.node, timeline, placements);
  const details = { ...known, lines: [...known.lines, ...logDetails(log)] };
  remembered = { key, status, placements, log, details };
  return details;
}
