import { byKeyword, readPairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { parseDefaultsRule } from '../../grammar/pcs/defaults-rule.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import type { RuleExpression } from '../../grammar/pcs/rule-ast.js';
import { Element } from '../cib/element.js';
import { invalidValue, namesIn, newId, valueIsScore } from './checks.js';
import { type Environment, sectionOf } from './environment.js';
import { error, type Finding } from './refusal.js';
import { setRuleLines } from './rule-text.js';
import { addSetRule, type RuleStatus, ruleStatus, usesIntegers } from './rules.js';
import { absence, elementsWithId, idBelow, putPairs } from './tree.js';
import { indent, quotedList, sortedPairs } from './words.js';

/** `pcs resource defaults`, `pcs resource op defaults`. */

export type DefaultsKind = 'rsc_defaults' | 'op_defaults';

const OVERRIDDEN = 'Defaults do not apply to resources which override them with their own defined values';

function hasKind(rule: RuleExpression, kinds: readonly string[]): boolean {
  if (rule.kind === 'and' || rule.kind === 'or') return rule.children.some((child) => hasKind(child, kinds));
  return kinds.includes(rule.kind);
}

function* parts(rule: RuleExpression): Generator<RuleExpression> {
  yield rule;
  if (rule.kind === 'and' || rule.kind === 'or') for (const child of rule.children) yield* parts(child);
}

const LIMITS: Readonly<Record<string, readonly [number, number] | null>> = {
  hours: [0, 23],
  monthdays: [1, 31],
  moon: [0, 7],
  months: [1, 12],
  weekdays: [1, 7],
  weeks: [1, 53],
  weekyears: null,
  years: null,
  yearsdays: [1, 366],
};

/** ISO 8601 as far as pcs reads it: dates with or without a time, week dates, compact forms. */
function isIsoDate(text: string): boolean {
  const date = String.raw`(\d{4}|\d{4}-?\d{2}-?\d{2}|\d{4}-\d{2}|\d{4}-?W\d{2}(-?[1-7])?|\d{4}-?\d{3})`;
  const time = String.raw`\d{2}(:?\d{2}(:?\d{2}([.,]\d{1,6})?)?)?`;
  const zone = String.raw`(Z|[+-]\d{2}(:?\d{2})?)?`;
  if (!new RegExp(`^${date}(.${time}${zone})?$`).test(text)) return false;
  const match = /^(\d{4})-?(\d{2})-?(\d{2})(?!\d)/.exec(text);
  if (!match) return true;
  const [year, month, day] = match.slice(1).map(Number);
  const last = new Date(Date.UTC(year!, month!, 0)).getUTCDate();
  return month! >= 1 && month! <= 12 && day! >= 1 && day! <= last;
}

function checkParts(rule: Extract<RuleExpression, { kind: 'date-spec' | 'in-range' }>): Finding[] {
  const spec = rule.kind === 'date-spec';
  const given = spec ? rule.parts : (rule.duration ?? []);
  const findings: Finding[] = [];
  const values = new Map(given);
  for (const [name, limits] of Object.entries(LIMITS)) {
    const value = values.get(name);
    if (value === undefined) continue;
    if (!spec) {
      if (!/^0*[1-9]\d*$/.test(value)) findings.push(error(invalidValue(name, value, 'a positive integer')));
      continue;
    }
    const match = /^(\d+)(?:-(\d+))?$/.exec(value);
    const [since, until] = [Number(match?.[1]), match?.[2] === undefined ? undefined : Number(match[2])];
    const inside = (n: number) => limits === null || (n >= limits[0] && n <= limits[1]);
    const good = match && inside(since) && (until === undefined || (inside(until) && since < until));
    const hint =
      limits === null
        ? 'an integer or integer-integer'
        : `${limits[0]}..${limits[1]} or ${limits[0]}..${limits[1] - 1}-${limits[0] + 1}..${limits[1]}`;
    if (!good) findings.push(error(invalidValue(name, value, hint)));
  }
  findings.push(...namesIn(values, Object.keys(LIMITS), { of: spec ? 'datespec' : 'duration' }));
  const twice = [
    ...new Set(given.map(([name]) => name).filter((name, index, all) => all.indexOf(name) !== index)),
  ];
  if (twice.length > 0) {
    findings.push(error(`Duplicate options in a single (sub)expression: ${quotedList(twice)}`));
  }
  return findings;
}

function checkRule(rule: RuleExpression, kind: DefaultsKind): Finding[] {
  const findings: Finding[] = [];
  const badDate = (text: string) =>
    isIsoDate(text) ? [] : [error(invalidValue('date', text, 'ISO 8601 date'))];
  for (const part of parts(rule)) {
    if (part.kind === 'date') findings.push(...badDate(part.date));
    if (part.kind === 'date-spec') findings.push(...checkParts(part));
    if (part.kind === 'in-range') {
      findings.push(...(part.start === null ? [] : badDate(part.start)));
      findings.push(...(part.end === null ? [] : badDate(part.end)));
      if (part.start !== null && part.end !== null && Date.parse(part.start) >= Date.parse(part.end)) {
        findings.push(error(`Since '${part.start}' is not sooner than until '${part.end}'`));
      }
      if (part.duration) findings.push(...checkParts(part));
    }
    if (part.kind === 'attribute' && kind === 'op_defaults') findings.push(...checkTyped(part));
  }
  if (kind === 'rsc_defaults') {
    if (hasKind(rule, ['attribute', 'defined'])) {
      findings.push(
        error(
          "Keywords 'defined', 'not_defined', 'eq', 'ne', 'gte', 'gt', 'lte' and 'lt' cannot be used in a rule in this command",
        ),
      );
    }
    if (hasKind(rule, ['operation'])) {
      findings.push(error("Keyword 'op' cannot be used in a rule in this command"));
    }
  }
  return findings;
}

function checkTyped({ type, value }: Extract<RuleExpression, { kind: 'attribute' }>): Finding[] {
  if (type === 'integer' && !/^[+-]?\d+$/.test(value)) {
    return [error(invalidValue('integer attribute', value, 'an integer'))];
  }
  if (type === 'number' && Number.isNaN(Number(value))) {
    return [error(invalidValue('number attribute', value, 'a floating-point number'))];
  }
  if (type === 'version' && !/^\d+(\.\d+)*$/.test(value)) {
    return [error(invalidValue('version attribute', value, 'a version number (e.g. 1, 1.2, 1.23.45, ...)'))];
  }
  return [];
}

/** `[id=ID] [score=SCORE] [meta NAME=VALUE...] [rule EXPRESSION]` */
export const createDefaults = (kind: DefaultsKind) => async (environment: Environment, words: string[]) => {
  const groups = byKeyword(words, ['meta', 'rule'], { first: 'options', once: true });
  const meta = readPairs(wordsOf(groups, 'meta'));
  const options = readPairs(wordsOf(groups, 'options'));
  const text = wordsOf(groups, 'rule').join(' ');
  const parsed = text === '' ? null : parseDefaultsRule(text);
  if (parsed?.ok) {
    if (hasKind(parsed.rule, ['operation', 'resource'])) await environment.requireSchema('3.4.0');
    if (usesIntegers(parsed.rule)) await environment.requireSchema('3.5.0');
  }
  const cib = await environment.cib();
  const { forced } = environment;
  const id = options.get('id');
  environment.report(
    ...namesIn(options, ['id', 'score'], { forced }),
    ...(id === undefined ? [] : newId(cib, id, 'id')),
    ...valueIsScore(options, 'score'),
  );
  if (parsed?.ok) environment.report(...checkRule(parsed.rule, kind));
  else if (parsed) {
    environment.report(
      error(
        `'${text}' is not a valid rule expression, parse error near or after line 1 column ${parsed.column}\n  ${text}\n  ${'-'.repeat(parsed.column - 1)}^`,
      ),
    );
  }
  environment.stopOnErrors();
  const section = sectionOf(cib, kind);
  const set = new Element('meta_attributes', { id: id || idBelow(cib, section, 'meta_attributes') });
  for (const [name, value] of options) if (name !== 'id' && value !== '') set.set(name, value);
  section.append(set);
  if (parsed?.ok) addSetRule(cib, set, parsed.rule);
  putPairs(cib, set, meta);
  environment.warn(OVERRIDDEN);
  await environment.push();
};

/** `defaults update NAME=VALUE...`, where there is one set. */
export const updateDefaults = (kind: DefaultsKind) => async (environment: Environment, words: string[]) => {
  const pairs = readPairs(words);
  if (pairs.size === 0) return;
  const cib = await environment.cib();
  const removing = [...pairs.values()].every((value) => value === '');
  const existing = cib.at('configuration', kind);
  if (removing && !existing) {
    environment.warn(OVERRIDDEN);
    return;
  }
  const section = sectionOf(cib, kind);
  const sets = section.elements('meta_attributes');
  if (sets.length > 1) {
    const command = `pcs resource ${kind === 'op_defaults' ? 'op ' : ''}defaults set update`;
    environment.report(
      error(`Several options sets exist, please use the '${command}' command and specify an option set ID`),
    );
    environment.stopOnErrors();
  }
  let [set] = sets;
  if (!set) {
    if (removing) {
      environment.warn(OVERRIDDEN);
      return;
    }
    set = section.append(new Element('meta_attributes', { id: idBelow(cib, section, 'meta_attributes') }));
  }
  environment.warn(OVERRIDDEN);
  putPairs(cib, set, pairs);
  await environment.push();
};

function findSet(environment: Environment, cib: Element, kind: DefaultsKind, id: string): Element | null {
  const set = cib
    .at('configuration', kind)
    ?.elements()
    .find((each) => each.id === id && ['meta_attributes', 'instance_attributes'].includes(each.name));
  if (set) return set;
  const [other] = elementsWithId(cib, id);
  if (other && ['meta_attributes', 'instance_attributes'].includes(other.name)) {
    environment.report(error(`${other.name} '${id}' exists but does not belong to '${kind}'`));
  } else environment.report(error(absence(cib, id, ['options set'])));
  return null;
}

export const updateDefaultsSet =
  (kind: DefaultsKind) => async (environment: Environment, words: string[]) => {
    const [id, ...rest] = words;
    if (id === undefined) throw new WrongUsage();
    const groups = byKeyword(rest, ['meta'], { once: true });
    const pairs = readPairs(wordsOf(groups, 'meta'));
    const cib = await environment.cib();
    const set = findSet(environment, cib, kind, id);
    environment.stopOnErrors();
    environment.warn(OVERRIDDEN);
    putPairs(cib, set!, pairs);
    await environment.push();
  };

export const removeDefaultsSets =
  (kind: DefaultsKind) => async (environment: Environment, words: string[]) => {
    if (words.length === 0) return;
    const cib = await environment.cib();
    const sets = words.map((id) => findSet(environment, cib, kind, id));
    environment.stopOnErrors();
    for (const set of sets) sectionOf(cib, kind).remove(set!);
    await environment.push();
  };

/** The sets of one kind, each with its values and rule. */
export async function defaultsLines(
  environment: Environment,
  cib: Element,
  kind: DefaultsKind,
  options: { readonly full: boolean; readonly expired: boolean; readonly evaluate: boolean },
): Promise<string[]> {
  const sets = cib.at('configuration', kind)?.elements('meta_attributes') ?? [];
  if (sets.length === 0) return ['No defaults set'];
  const lines: string[] = [];
  for (const set of sets) {
    const rule = set.first('rule');
    let status: RuleStatus = 'unknown';
    if (rule && options.evaluate) status = await ruleStatus(environment, cib, rule.id);
    if (status === 'expired' && !options.expired) continue;
    const label = status === 'expired' || status === 'not yet in effect' ? status : null;
    const attributes = sortedPairs([...set.attributes].filter(([name]) => name !== 'id'));
    const pairs = set
      .elements('nvpair')
      .map((pair) => [pair.get('name') ?? '', pair.get('value') ?? ''] as const);
    lines.push(
      [`Meta Attrs${label === null ? '' : ` (${label})`}: ${set.id}`, ...attributes].join(' '),
      ...indent([...sortedPairs(pairs), ...(rule ? setRuleLines(rule, options.full, label) : [])]),
    );
  }
  return lines;
}

export const showDefaults = (kind: DefaultsKind) => async (environment: Environment, words: string[]) => {
  if (words.length > 0) throw new WrongUsage();
  const lines = await defaultsLines(environment, await environment.cib(), kind, {
    full: environment.has('--full'),
    expired: environment.has('--all'),
    evaluate: !environment.has('--no-expire-check'),
  });
  environment.print(lines.join('\n'));
};
