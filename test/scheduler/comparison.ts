import type { Element } from '../../src/cib/element.js';
import { parseXml } from '../../src/cib/xml.js';
import { simulate } from '../../src/simulation/simulate.js';

/** What is compared about a decision: Pacemaker's three renderings of it, and the scores behind it. */
export const LEVELS = ['summary', 'scores', 'dot', 'graph'] as const;

export type Level = (typeof LEVELS)[number];

/** The texts that `crm_simulate` writes about a CIB. */
export type Texts = Readonly<Record<Level | 'complaints', string>>;

/** The same, from our scheduler. */
export function ownTexts(cib: Element, options: { nowMs: number; date?: string }): Texts {
  const shown = simulate(cib, { nowMs: options.nowMs, simulate: true, sanitized: true });
  const run = simulate(cib, { ...options, run: true, showScores: true, quiet: true, sanitized: true });
  return {
    summary: shown.text,
    complaints: shown.complaints.map((line) => `${line}\n`).join(''),
    scores: run.text,
    dot: run.dot()!,
    graph: serialize(run.graph()!),
  };
}

/** Lines that only one of two texts has; empty where they mean the same. */
export function differences(level: Level, expected: string, got: string): string[] {
  switch (level) {
    case 'summary':
      return inOrder(linesOf(expected), linesOf(got));
    case 'scores':
      return asSets(linesOf(expected).filter(Boolean), linesOf(got).filter(Boolean));
    case 'dot':
      return asSets(dotItems(expected), dotItems(got));
    case 'graph':
      return asBags(graphItems(parseXml(expected)), graphItems(parseXml(got)));
  }
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

function inOrder(expected: readonly string[], got: readonly string[]): string[] {
  const at = expected.findIndex((line, i) => line !== got[i]);
  if (at < 0 && expected.length === got.length) return [];
  const from = at < 0 ? expected.length : at;
  return [
    ...expected.slice(from, from + 8).map((line) => `- ${line}`),
    ...got.slice(from, from + 8).map((line) => `+ ${line}`),
  ];
}

function asSets(expected: readonly string[], got: readonly string[]): string[] {
  return asBags([...new Set(expected)], [...new Set(got)]);
}

function asBags(expected: readonly string[], got: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of got) counts.set(line, (counts.get(line) ?? 0) - 1);
  return [...counts]
    .flatMap(([line, count]) =>
      Array.from({ length: Math.abs(count) }, () => `${count > 0 ? '-' : '+'} ${line}`),
    )
    .sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));
}

function dotItems(text: string): string[] {
  return linesOf(text)
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '' && line !== '}' && !line.startsWith('digraph'));
}

const IGNORED = new Set(['batch-limit', 'crm_feature_set', 'transition_id']);
const WITHOUT_ID = new Set([...IGNORED, 'id']);

function serialize(element: Element, without: ReadonlySet<string> = new Set()): string {
  const escaped = (value: string) =>
    value
      .replace(/[&<>"]/g, (c) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[c]};`)
      .replace(/\n/g, '&#10;')
      .replace(/\t/g, '&#9;');
  const attributes = [...element.attributes]
    .filter(([name]) => !without.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ` ${name}="${escaped(value)}"`);
  const inner = without === WITHOUT_ID ? IGNORED : without;
  return `<${element.name}${attributes.join('')}>${element
    .elements()
    .map((child) => serialize(child, inner))
    .join('')}</${element.name}>`;
}

/** One text for each synapse, in which other actions are meant by what they are rather than by their numbers. */
function graphItems(graph: Element): string[] {
  const actions = new Map<string, string>();
  const synapses = graph.elements('synapse').map((synapse) => ({
    priority: synapse.get('priority') ?? '0',
    actions: synapse.first('action_set')?.elements() ?? [],
    inputs: (synapse.first('inputs')?.elements() ?? []).flatMap((trigger) => trigger.elements()),
  }));
  for (const synapse of synapses) {
    for (const action of synapse.actions) actions.set(action.id, serialize(action, WITHOUT_ID));
  }
  const head = [...graph.attributes].filter(([name]) => !IGNORED.has(name)).map((pair) => pair.join('='));
  return [
    `graph ${head.sort().join(' ')}`,
    ...synapses.map(({ priority, actions: own, inputs }) => {
      const waits = inputs
        .map((input) => `${serialize(input, WITHOUT_ID)} <- ${actions.get(input.id)}`)
        .sort();
      return `${priority} ${own
        .map((action) => serialize(action, WITHOUT_ID))
        .sort()
        .join('')} after ${waits.join('; ')}`;
    }),
  ];
}
