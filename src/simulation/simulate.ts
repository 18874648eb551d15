import { fromEpoch, secondsSinceEpoch } from '../cib/civil-time.js';
import type { Element } from '../cib/element.js';
import { formatDateTime, parseDateTime } from '../cib/iso8601.js';
import { scanInteger } from '../cib/number.js';
import { formatScore } from '../cib/score.js';
import { attributeBlock, type ParameterOf } from '../monitor/attributes.js';
import { failureBlock } from '../monitor/failures.js';
import { historyBlock } from '../monitor/history.js';
import { nodeBlock } from '../monitor/node-text.js';
import type { Block, Outline } from '../monitor/outline.js';
import { resourceBlock } from '../monitor/resource-text.js';
import { outlineLines } from '../monitor/text.js';
import { EVERYTHING } from '../monitor/view.js';
import { dotText } from '../scheduler/dot.js';
import { graphXml } from '../scheduler/graph-xml.js';
import { type Schedule, schedule } from '../scheduler/index.js';
import type { ScoreEntry } from '../scheduler/planner.js';
import { resourceParameters } from '../status/parameters.js';
import type { ClusterStatus } from '../status/types.js';
import { unpackStatus } from '../status/unpack.js';
import { applyInjections, type Injections, isAnyInjection } from './injections.js';
import { type Modification, modificationText, type Step, stepText } from './steps.js';
import { simulateTransition } from './transition.js';
import { summaryLines, transitionChanges } from './transition-summary.js';

export interface SimulateOptions {
  /** Milliseconds since 1970, where neither `date` nor the CIB says another time. */
  readonly nowMs: number;
  /** Seconds east of UTC of the local time zone. Default 0. */
  readonly utcOffsetSec?: number;
  /** The time to judge by (`-t`). */
  readonly date?: string;
  /** Decide what is to be done (`-R`). */
  readonly run?: boolean;
  /** Do it, and show what comes of it (`-S`). */
  readonly simulate?: boolean;
  readonly showScores?: boolean;
  readonly showUtilization?: boolean;
  readonly showPending?: boolean;
  /** Only what was asked for by name (`-Q`). */
  readonly quiet?: boolean;
  /** The CIB was read from a file, and may have been made safe to show. */
  readonly sanitized?: boolean;
  readonly injections?: Injections;
  /** Operations that are to fail: `RESOURCE_TASK_INTERVALMS@NODE=RC`. */
  readonly failures?: readonly string[];
  /** For `dot`: also what is not to happen, and action numbers. */
  readonly allActions?: boolean;
  readonly verbose?: boolean;
  readonly showAttributes?: boolean;
  readonly showFailCounts?: boolean;
}

export interface Simulated {
  /** What `crm_simulate` prints. */
  readonly text: string;
  readonly complaints: readonly string[];
  /** A transition that cannot be carried out was produced. */
  readonly invalid: boolean;
  /** The CIB after injections. */
  readonly input: Element;
  /** The CIB in the end. */
  readonly output: Element;
  readonly schedule?: Schedule;
  /** What was changed before anything was decided; absent: nothing was to be. */
  readonly modifications?: readonly Modification[];
  /** What the simulated transition did, in order. */
  readonly steps?: readonly Step[];
  /** The time that was judged by, where it was not now. */
  readonly effectiveTimeMs?: number;
  /** The status before and, with `simulate`, after. */
  readonly before: ClusterStatus;
  readonly after?: ClusterStatus;
  graph(): Element | undefined;
  dot(): string | undefined;
}

/** Text as Pacemaker's tools lay it out: headings and nested lists, or (with scores) bare lines. */
class Text {
  private readonly lines: string[] = [];
  private readonly fancy: boolean;
  readonly quiet: boolean;
  /** Whether a section was printed, so that the next one is set off by a blank line. */
  printed = false;

  constructor(fancy: boolean, quiet: boolean) {
    this.fancy = fancy;
    this.quiet = quiet;
  }

  info(line: string): void {
    if (!this.quiet) this.lines.push(line);
  }

  spacer(wanted = this.printed): void {
    if (wanted) this.lines.push('');
  }

  heading(title: string): void {
    if (this.fancy) this.lines.push(`${title}:`);
  }

  item(text: string): void {
    this.lines.push(this.fancy ? `  * ${text}` : text);
  }

  raw(lines: readonly string[]): void {
    this.lines.push(...lines);
  }

  /** Nested lists; only the items where the layout is bare. */
  outline(outline: Outline): void {
    if (this.fancy) this.raw(outlineLines(outline, 1));
    else {
      for (const entry of outline.entries) {
        if (entry.kind === 'list') this.outline(entry);
        else this.lines.push(entry.text);
      }
    }
  }

  toString(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }
}

interface Effective {
  readonly nowMs: number;
  readonly notice: string | undefined;
}

function effectiveTime(cib: Element, options: SimulateOptions): Effective {
  const { date, nowMs, utcOffsetSec = 0 } = options;
  if (date !== undefined) {
    const parsed = parseDateTime(date, fromEpoch(Math.floor(nowMs / 1000), utcOffsetSec));
    const time = parsed.ok ? secondsSinceEpoch(parsed.value) * 1000 : nowMs;
    return { nowMs: time, notice: `Setting effective cluster time: ${date}` };
  }
  const original = Number(scanInteger(cib.get('execution-date') ?? '')?.value ?? 0n);
  if (original === 0) return { nowMs, notice: undefined };
  const text = formatDateTime(fromEpoch(original), {
    date: true,
    timeOfDay: true,
    zone: false,
    day: 'gregorian',
  });
  return { nowMs: original * 1000, notice: `Using the original execution date of: ${text}` };
}

/** Does what `crm_simulate` was asked to. The CIB given is not changed. */
export function simulate(given: Element, options: SimulateOptions): Simulated {
  const { quiet = false, showScores = false, showUtilization = false } = options;
  const text = new Text(!showScores && !showUtilization, quiet);
  const complaints: string[] = [];
  let input = given;
  const time = effectiveTime(input, options);
  const statusOptions = {
    nowMs: time.nowMs,
    utcOffsetSec: options.utcOffsetSec ?? 0,
    sanitized: options.sanitized ?? false,
  };
  if (time.notice !== undefined) text.info(time.notice);
  const before = unpackStatus(input, statusOptions);
  if (!quiet) {
    printHeader(text, before);
    printStatus(text, before, 'Current cluster status', options.showPending ?? true, options);
  }
  let modifications: readonly Modification[] | undefined;
  if (options.injections && isAnyInjection(options.injections)) {
    input = given.clone();
    text.spacer(text.printed);
    const injected = applyInjections(input, before, options.injections, options.nowMs);
    modifications = injected.modifications;
    if (!quiet) {
      text.heading('Performing Requested Modifications');
      for (const modification of modifications) text.item(modificationText(modification));
    }
    complaints.push(...injected.errors);
    text.printed = true;
    const again = effectiveTime(input, options);
    if (again.notice !== undefined) text.info(again.notice);
  }
  const run = options.run || options.simulate || showScores || showUtilization;
  let planned: Schedule | undefined;
  if (run) {
    planned = schedule(input, { ...statusOptions, scores: showScores, utilization: showUtilization });
    printScores(text, planned, showScores, showUtilization);
    if (!quiet) {
      text.spacer(text.printed);
      text.heading('Transition Summary');
      for (const line of summaryLines(transitionChanges(planned))) text.item(line);
    }
  }
  const graph = () => planned && graphXml(planned.graph);
  // Written from what was decided: the simulation does not change it.
  const dot = () =>
    planned && dotText(planned.actions, { all: options.allActions ?? false, ids: options.verbose ?? false });
  let output = input;
  let after: ClusterStatus | undefined;
  let steps: readonly Step[] | undefined;
  let invalid = false;
  if (options.simulate && planned) {
    text.spacer(text.printed);
    output = input.clone();
    const result = simulateTransition(output, planned, {
      failures: options.failures ?? [],
      nowMs: options.nowMs,
    });
    complaints.push(...result.complaints);
    steps = result.steps;
    if (!quiet) {
      text.heading('Executing Cluster Transition');
      for (const step of steps) {
        if (step.kind === 'pretence') text.info(stepText(step));
        else text.item(stepText(step));
      }
    }
    if (result.end === 'terminated') {
      invalid = true;
      complaints.push('Transition failed: terminated', 'An invalid transition was produced');
    }
    after = unpackStatus(output, statusOptions);
    if (!quiet) {
      const final = effectiveTime(output, options);
      if (final.notice !== undefined) text.info(final.notice);
      text.spacer(true);
      printStatus(text, after, 'Revised Cluster Status', false, options);
    }
  }
  return {
    text: text.toString(),
    complaints,
    invalid,
    input,
    output,
    before,
    ...(planned ? { schedule: planned } : {}),
    ...(modifications ? { modifications } : {}),
    ...(steps ? { steps } : {}),
    ...(time.notice === undefined ? {} : { effectiveTimeMs: time.nowMs }),
    ...(after ? { after } : {}),
    graph,
    dot,
  };
}

function printHeader(text: Text, status: ClusterStatus): void {
  if (status.options.maintenanceMode) {
    text.raw([
      '',
      '              *** Resource management is DISABLED ***',
      '  The cluster will not attempt to start, stop or recover services',
    ]);
    text.printed = true;
  }
  if (status.disabledCount || status.blockedCount) {
    text.spacer(text.printed);
    text.info(
      `${status.disabledCount} of ${status.instanceCount} resource instances DISABLED and ${status.blockedCount} BLOCKED from further action due to failure`,
    );
    text.printed = true;
  }
}

function printStatus(
  text: Text,
  status: ClusterStatus,
  title: string,
  pending: boolean,
  options: SimulateOptions,
): void {
  const view = { ...EVERYTHING, pending };
  if (title === 'Current cluster status') text.spacer(text.printed);
  text.heading(title);
  const blocks: (Block | undefined)[] = [
    nodeBlock(status, view, 'text'),
    resourceBlock(status, view, 'text', true),
  ];
  if (options.showAttributes) {
    const parameterOf: ParameterOf = (resource, node, name) =>
      resourceParameters(status, resource, node).get(name);
    blocks.push(attributeBlock(status, view, 'text', parameterOf));
  }
  if (options.showFailCounts) {
    blocks.push(historyBlock(status, view, 'text'), failureBlock(status, { ...view, detail: true }));
  }
  let separate = false;
  for (const block of blocks) {
    if (!block || !('outline' in block)) continue;
    text.spacer(separate);
    text.outline(block.outline);
    separate = true;
  }
  text.printed = true;
}

function printScores(text: Text, planned: Schedule, scores: boolean, utilization: boolean): void {
  if (!scores && !utilization) return;
  text.spacer(text.printed);
  for (const message of planned.messages) text.info(message);
  for (const entry of planned.scores) text.item(scoreLine(entry));
  text.printed = true;
}

function scoreLine(entry: ScoreEntry): string {
  const values = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([name, value]) => ` ${name}=${value}`).join('');
  switch (entry.kind) {
    case 'assignment':
      return `${entry.stage}: ${entry.resource.id} allocation score on ${entry.node.name}: ${formatScore(entry.score)}`;
    case 'promotion':
      return `${entry.resource.id} promotion score on ${entry.node?.name ?? 'none'}: ${formatScore(entry.score)}`;
    case 'capacity':
      return `${entry.stage}: ${entry.node.name} capacity:${values(entry.values)}`;
    case 'utilization':
      return `${entry.stage}: ${entry.resource.id} utilization on ${entry.node.name}:${values(entry.values)}`;
  }
}
