import type { Element } from '../../cib/element.js';
import { Configuration } from '../../language/configuration.js';
import { Reports } from '../../language/report.js';
import type { CommandStatus, Environment } from '../command.js';
import { showPaged } from '../pager.js';
import type { Session } from '../session.js';
import { decisionsOf, judgedAt } from './decisions.js';
import { formatSpan, formatTime, timeline } from './timeline.js';
import { type PastTransition, transitionName, transitionTags } from './transitions.js';
import { chosenTransition, chosenTransitions, complain, viewOf } from './view.js';

/** `2026-11-20 14:30:05` in local time. */
function stamp(ms: number): string {
  const date = new Date(ms);
  const pad = (value: number): string => String(value).padStart(2, '0');
  return (
    `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ` +
    `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
  );
}

export async function peinputs(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const verbose = args.includes('v');
  const ranges: (readonly [number, number])[] = [];
  for (const word of args.filter((each) => each !== 'v')) {
    const match = /^(\d+)(?::(\d+))?$/.exec(word);
    const range = match && ([Number(match[1]), Number(match[2] ?? match[1])] as const);
    if (!range || range[0] > range[1]) return complain(env, `${word}: invalid peinputs range`);
    ranges.push(range);
  }
  const known = await chosenTransitions(env);
  if (!known) return 'failed';
  const lines: string[] = [];
  for (const transition of known) {
    const { input } = transition;
    if (!input) continue;
    const number = Number(/\d+$/.exec(input.name)?.[0]);
    if (ranges.length > 0 && !ranges.some(([from, to]) => number >= from && number <= to)) continue;
    lines.push(
      verbose ? `${stamp(transition.startMs)} ${input.node} ${input.name}` : `${input.node}/${input.name}`,
    );
  }
  if (lines.length === 0) return complain(env, 'no scheduler inputs are kept of that time');
  await showPaged(env.session, `${lines.join('\n')}\n`);
  return 'done';
}

export async function transitions(env: Environment): Promise<CommandStatus> {
  const known = await chosenTransitions(env);
  if (!known) return 'failed';
  const rows = known.map((transition) => {
    const { startMs, endMs, node } = transition;
    const end = endMs === null ? '--:--:--' : stamp(endMs).slice(11);
    const name = transitionName(transition).padEnd(15);
    return `${stamp(startMs)} - ${end}: ${name} ${node.padEnd(15)} ${transitionTags(transition).join(' ')}`.trimEnd();
  });
  const heading = `${'Time'.padEnd(30)}  ${'Name'.padEnd(15)} ${'Node'.padEnd(15)} Tags`;
  await showPaged(env.session, `${[heading, ...rows].join('\n')}\n`);
  return 'done';
}

/** The document of a transition, or null after a complaint. */
async function inputOf(env: Environment, transition: PastTransition): Promise<Element | null> {
  if (transition.input) return viewOf(env.session).source.input(transition.input);
  complain(env, `what the scheduler was given for ${transitionName(transition)} is no longer kept`);
  return null;
}

const SIMULATION_WORDS = new Set(['nograph', 'scores', 'actions', 'utilization']);
const VERBS = new Set(['show', 'log', 'tags', 'save', 'showdot', 'graph']);

export async function transition(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const verb = VERBS.has(args[0] ?? '') ? args[0]! : 'show';
  const words = args.filter((word, index) => !(index === 0 && word === verb));
  const wishes = words.filter((word) => SIMULATION_WORDS.has(word) || /^v+$/.test(word));
  const rest = words.filter((word) => !wishes.includes(word));
  if (rest.length > (verb === 'save' ? 2 : 1) || (wishes.length > 0 && verb !== 'show'))
    return complain(env, `bad syntax: ${args.join(' ')}`);
  const chosen = await chosenTransition(env, rest[0]);
  if (!chosen) return 'failed';
  switch (verb) {
    case 'tags': {
      const tags = transitionTags(chosen);
      env.session.print(tags.length > 0 ? tags.join(' ') : 'No tags.');
      return 'done';
    }
    case 'log':
      return showLog(env, chosen);
    case 'save':
      return saveAsShadow(env, chosen, rest[1]);
    case 'showdot':
    case 'graph':
      return showDot(env, chosen);
    default:
      return showTransition(env, chosen, wishes);
  }
}

export async function latest(env: Environment): Promise<CommandStatus> {
  if (viewOf(env.session).source.name === 'live' && !(await env.session.waitIdle())) return 'failed';
  return transition(env, []);
}

async function showLog(env: Environment, { events }: PastTransition): Promise<CommandStatus> {
  await showPaged(env.session, `${timeline(events, viewOf(env.session).detail).join('\n')}\n`);
  return 'done';
}

/** Why it began, what was decided, what was done and how it ended. */
async function showTransition(
  env: Environment,
  chosen: PastTransition,
  wishes: readonly string[],
): Promise<CommandStatus> {
  const { session } = env;
  const { node, startMs, endMs, state, actions, failed, reason, events, input } = chosen;
  const lines = [
    `${transitionName(chosen)} on ${node}, ${formatTime(startMs)}${reason === '' ? '' : `: ${reason}`}`,
  ];
  const cib = input && (await viewOf(session).source.input(input));
  if (cib && wishes.some((word) => word !== 'nograph' && word !== 'actions')) {
    lines.push('', (await simulated(session, cib, wishes)).trimEnd());
  } else if (cib) {
    lines.push('', 'Transition Summary:');
    for (const line of await decisionsOf(cib, session.world.now())) lines.push(`  * ${line}`);
  }
  if (events.length > 0) lines.push('', ...timeline(events, viewOf(session).detail));
  if (endMs !== null) {
    const done = actions === null ? '' : `${actions} actions, `;
    lines.push('', `${state} after ${formatSpan(endMs - startMs)}: ${done}${failed} failed`);
  } else if (events.length > 0) lines.push('', '[unfinished]');
  await showPaged(session, `${lines.join('\n')}\n`);
  return 'done';
}

async function simulated(session: Session, cib: Element, wishes: readonly string[]): Promise<string> {
  const { simulate } = await import('../../simulation/simulate.js');
  return simulate(cib, {
    nowMs: judgedAt(cib, session.world.now()),
    simulate: true,
    showScores: wishes.includes('scores'),
    showUtilization: wishes.includes('utilization'),
    verbose: wishes.some((word) => /^v+$/.test(word)),
  }).text;
}

async function saveAsShadow(
  env: Environment,
  chosen: PastTransition,
  given: string | undefined,
): Promise<CommandStatus> {
  const cib = await inputOf(env, chosen);
  if (!cib) return 'failed';
  const name = given ?? transitionName(chosen);
  const { isShadowName, writeShadow } = await import('../levels/cib-shadows.js');
  if (!isShadowName(name)) return complain(env, `Bad filename: ${name}`);
  if (!writeShadow(env.session, name, cib)) return 'failed';
  env.session.info(`transition ${transitionName(chosen)} saved to shadow ${name}`);
  return 'done';
}

/** The transition's graph for Graphviz, shown with `core.dotty` where that is set. */
async function showDot(env: Environment, chosen: PastTransition): Promise<CommandStatus> {
  const { session } = env;
  const cib = await inputOf(env, chosen);
  if (!cib) return 'failed';
  const { simulate } = await import('../../simulation/simulate.js');
  const dot = simulate(cib, { nowMs: judgedAt(cib, session.world.now()), run: true }).dot() ?? '';
  const viewer = session.options.get('core.dotty');
  if (!session.world.interactive || viewer === '') {
    session.print(dot);
    return 'done';
  }
  const { writeTemporary } = await import('../temporary.js');
  const file = writeTemporary('transition.dot', dot);
  try {
    const status = await session.world.runOnTerminal('/bin/sh', ['-c', `${viewer} "$1"`, 'dotty', file.path]);
    return status === 0 ? 'done' : complain(env, `${viewer} cannot be run`);
  } finally {
    file.remove();
  }
}

/** The CIB that a word names: `live`, or a transition's; with the name that a diff shows. */
async function documentOf(env: Environment, word: string): Promise<Element | null> {
  if (word === 'live') return env.session.readCib();
  const chosen = await chosenTransition(env, word);
  return chosen && inputOf(env, chosen);
}

function configurationText(cib: Element): string {
  return `${new Configuration(cib, { reports: new Reports() }).show()}\n`;
}

async function statusText(session: Session, cib: Element): Promise<string> {
  const { unpackStatus } = await import('../../status/unpack.js');
  const { nodeListLines, resourceListLines } = await import('../../monitor/status-text.js');
  const status = unpackStatus(cib, { nowMs: judgedAt(cib, session.world.now()) });
  return `${[...nodeListLines(status), '', ...resourceListLines(status)].join('\n')}\n`;
}

/** Words behind the documents: `status`, and for `diff` also `html`. Null after a complaint. */
function wishesOf(env: Environment, words: readonly string[], known: readonly string[]): Set<string> | null {
  const wrong = words.find((word) => !known.includes(word));
  if (wrong === undefined) return new Set(words);
  complain(env, `bad syntax: ${wrong} (there are: ${known.join(' ')})`);
  return null;
}

async function textOf(env: Environment, word: string, status: boolean): Promise<string | null> {
  const cib = await documentOf(env, word);
  return cib && (status ? statusText(env.session, cib) : configurationText(cib));
}

export async function show(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const wishes = wishesOf(env, args.slice(1), ['status']);
  if (!wishes) return 'usage';
  const text = await textOf(env, args[0]!, wishes.has('status'));
  if (text === null) return 'failed';
  await showPaged(env.session, text);
  return 'done';
}

export async function graph(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const [word = '', ...rest] = args;
  const cib = await documentOf(env, word);
  if (!cib) return 'failed';
  const { showGraph } = await import('../levels/configure-graph.js');
  return showGraph(env, new Configuration(cib, { reports: new Reports() }), rest);
}

export async function diff(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const wishes = wishesOf(env, args.slice(2), ['status', 'html']);
  if (!wishes) return 'usage';
  const [before, after] = [args[0]!, args[1]!];
  const old = await textOf(env, before, wishes.has('status'));
  const now = old === null ? null : await textOf(env, after, wishes.has('status'));
  if (old === null || now === null) return 'failed';
  const { unifiedDiff } = await import('../unified-diff.js');
  const text = unifiedDiff(before, old, after, now);
  if (text === '') env.session.info(`${before} and ${after} do not differ`);
  else if (wishes.has('html')) env.session.print(htmlDiff(text));
  else await showPaged(env.session, text);
  return 'done';
}

/** A difference as a table of lines; what was added and removed carries a class. */
function htmlDiff(text: string): string {
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const kind = line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'same';
      const escaped = line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      return `<tr class="${kind}"><td><pre>${escaped}</pre></td></tr>`;
    });
  return `<table class="diff">\n${rows.join('\n')}\n</table>\n`;
}

export async function wdiff(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const wishes = wishesOf(env, args.slice(2), ['status']);
  if (!wishes) return 'usage';
  const old = await textOf(env, args[0]!, wishes.has('status'));
  const now = old === null ? null : await textOf(env, args[1]!, wishes.has('status'));
  if (old === null || now === null) return 'failed';
  const { wordDiff } = await import('./word-diff.js');
  await showPaged(env.session, wordDiff(old, now));
  return 'done';
}
