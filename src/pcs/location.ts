import { readTyped } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { invalidScore } from './checks.js';
import { insteadUse } from './command.js';
import { type Environment, sectionOf } from './environment.js';
import type { Finding } from './refusal.js';
import { normalizedRule, ruleLines } from './rule-text.js';
import { addConstraintRule, readRule, ruleStatus, usesIntegers } from './rules.js';
import {
  capitalized,
  findResource,
  idExists,
  idMistakes,
  isClone,
  isScore,
  parentOf,
  roleForCib,
  roleOfToday,
  toId,
  uniqueId,
} from './tree.js';
import { byCodePoint } from './words.js';

/** `pcs constraint location ...` */

const TYPES = ['regexp', 'resource'];
const NOT_CHECKED = 'Validation for node existence in the cluster will be skipped';

interface Subject {
  readonly attribute: 'rsc' | 'rsc-pattern';
  readonly value: string;
}

function readSubject(word: string): Subject {
  const { type, value } = readTyped(word, TYPES, 'resource');
  return { attribute: type === 'regexp' ? 'rsc-pattern' : 'rsc', value };
}

/** A resource that a constraint may name: not one inside a clone or bundle, unless forced. */
export function checkConstraintResource(environment: Environment, cib: Element, id: string): void {
  const place = findResource(cib, id);
  if (!place) environment.fail(`Resource '${id}' does not exist`);
  if (isClone(place.element) || place.element.name === 'bundle') return;
  const outer = place.parents.find((element) => isClone(element) || element.name === 'bundle');
  if (!outer || environment.forced) return;
  const kind = outer.name === 'bundle' ? 'bundle' : 'clone';
  environment.fail(
    `${id} is a ${kind} resource, you should use the ${kind} id: ${outer.id} when adding constraints. Use --force to override.`,
  );
}

function checkSubject(environment: Environment, cib: Element, subject: Subject): void {
  if (subject.attribute === 'rsc') checkConstraintResource(environment, cib, subject.value);
}

/** Names of the cluster's nodes, remote and guest nodes included. */
export function clusterNodes(cib: Element): string[] {
  const names = (cib.at('configuration', 'nodes')?.elements('node') ?? []).map(
    (node) => node.get('uname') ?? node.id,
  );
  for (const element of cib.at('configuration', 'resources')?.descendants() ?? []) {
    if (element.name === 'nvpair' && element.get('name') === 'remote-node')
      names.push(element.get('value') ?? '');
    if (element.name === 'primitive' && element.get('type') === 'remote' && element.get('class') === 'ocf') {
      names.push(element.id);
    }
  }
  return names;
}

function checkNode(cib: Element, node: string): Finding[] {
  if (clusterNodes(cib).includes(node)) return [];
  return [
    { severity: 'error', text: `Node '${node}' does not appear to exist in configuration`, force: '--force' },
  ];
}

function skipsNodeCheck(environment: Environment): boolean {
  return environment.file !== undefined || environment.forced;
}

/** Words without a keyword first: `RESOURCE prefers|avoids NODE...`, `RESOURCE rule ...`. */
export async function locate(environment: Environment, words: string[]): Promise<void> {
  const [subject, keyword, ...rest] = words;
  if (subject === undefined || keyword === undefined || rest.length === 0) throw new WrongUsage();
  if (keyword === 'rule') return addRuleConstraint(environment, subject, rest);
  if (keyword !== 'prefers' && keyword !== 'avoids') throw new WrongUsage();
  const { value } = readSubject(subject);
  const cib = await environment.cib();
  const skip = skipsNodeCheck(environment);
  if (skip) environment.warn(NOT_CHECKED);
  const findings: Finding[] = [];
  const wanted: { id: string; node: string; score: string }[] = [];
  for (const word of rest) {
    const equals = word.indexOf('=');
    const node = equals < 0 ? word : word.slice(0, equals);
    if (!skip) findings.push(...checkNode(cib, node));
    let score = keyword === 'prefers' ? 'INFINITY' : '-INFINITY';
    if (equals >= 0) {
      score = word.slice(equals + 1);
      if (!isScore(score)) environment.fail(invalidScore(score));
      if (keyword === 'avoids') score = score.startsWith('-') ? score.slice(1) : `-${score}`;
    }
    wanted.push({ id: toId(`location-${value}-${node}-${score}`), node, score });
  }
  environment.stopOn(...findings);
  for (const { id, node, score } of wanted) {
    await put(environment, id, subject, node, score, []);
    await environment.push();
  }
}

/** Puts a constraint; what has its id, or says something of the same resource and node, goes. */
async function put(
  environment: Environment,
  id: string,
  subjectWord: string,
  node: string,
  score: string,
  options: readonly (readonly [string, string])[],
): Promise<void> {
  const subject = readSubject(subjectWord);
  const cib = await environment.cib();
  const [mistake] = idMistakes(id, 'constraint id');
  if (mistake !== undefined) environment.fail(mistake);
  checkSubject(environment, cib, subject);
  const constraints = sectionOf(cib, 'constraints');
  for (const other of constraints.elements('rsc_location')) {
    const same = (other.get('node') ?? '') === node && other.get(subject.attribute) === subject.value;
    if (other.id === id || same) constraints.remove(other);
  }
  constraints.append(
    new Element('rsc_location', [
      ['id', id],
      [subject.attribute, subject.value],
      ['node', node],
      ['score', score],
      ...options,
    ]),
  );
}

/** `location add ID RESOURCE NODE SCORE [resource-discovery=...]`; the score may be `score=...` as in pcs 0.12. */
export async function add(environment: Environment, words: string[]): Promise<void> {
  const [id, subject, node, scoreWord, ...rest] = words;
  if (id === undefined || subject === undefined || node === undefined || scoreWord === undefined) {
    throw new WrongUsage();
  }
  const score = scoreWord.startsWith('score=') ? scoreWord.slice('score='.length) : scoreWord;
  const options = rest.map((word): [string, string] => {
    const equals = word.indexOf('=');
    if (equals < 0) throw new WrongUsage(`bad option '${word}'`);
    const name = word.slice(0, equals);
    if (name !== 'resource-discovery' && !environment.forced) {
      environment.fail(`bad option '${name}', use --force to override`);
    }
    return [name, word.slice(equals + 1)];
  });
  const cib = await environment.cib();
  if (skipsNodeCheck(environment)) environment.warn(NOT_CHECKED);
  else environment.stopOn(...checkNode(cib, node));
  if (!isScore(score)) environment.fail(invalidScore(score));
  await put(environment, id, subject, node, score, options);
  await environment.push();
}

export async function remove(environment: Environment, words: string[]): Promise<void> {
  const [id, more] = words;
  if (id === undefined || more !== undefined) throw new WrongUsage();
  const constraints = sectionOf(await environment.cib(), 'constraints');
  const found = constraints.elements('rsc_location').filter((constraint) => constraint.id === id);
  if (found.length === 0) environment.fail(`resource location id: ${id} not found.`);
  for (const constraint of found) constraints.remove(constraint);
  await environment.push();
}

const RULE_OPTIONS = ['id', 'role', 'score', 'score-attribute'];

/** Options in front of a rule's expression. */
function readRuleOptions(
  words: readonly string[],
  more: readonly string[] = [],
): { options: Map<string, string>; rest: string[] } {
  const options = new Map<string, string>();
  let at = 0;
  for (; at < words.length; at++) {
    const name = [...RULE_OPTIONS, ...more].find((option) => words[at]!.startsWith(`${option}=`));
    if (name === undefined) break;
    options.set(name, words[at]!.slice(name.length + 1));
  }
  return { options, rest: words.slice(at) };
}

async function addRuleConstraint(
  environment: Environment,
  subjectWord: string,
  words: readonly string[],
): Promise<void> {
  const subject = readSubject(subjectWord);
  const { options, rest } = readRuleOptions(words, ['constraint-id', 'resource-discovery']);
  await upgradeForIntegers(environment, rest);
  const cib = await environment.cib();
  checkSubject(environment, cib, subject);
  const id = options.get('constraint-id') || undefined;
  if (id !== undefined) checkNewId(environment, cib, id, 'constraint id');
  const discovery = options.get('resource-discovery') || undefined;
  const constraint = new Element('rsc_location', {
    ...(discovery === undefined ? {} : { 'resource-discovery': discovery }),
    id: id ?? uniqueId(cib, toId(`location-${subject.value}`)),
    [subject.attribute]: subject.value,
  });
  sectionOf(cib, 'constraints').append(constraint);
  addRule(environment, cib, constraint, options, rest);
  refuseDuplicates(environment, cib, constraint);
  await environment.push();
}

function checkNewId(environment: Environment, cib: Element, id: string, description: string): void {
  const [mistake] = idMistakes(id, description);
  if (mistake !== undefined) environment.fail(mistake);
  if (idExists(cib, id)) environment.fail(`id '${id}' is already in use, please specify another one`);
}

/** The type `integer` needs a schema that has it. */
async function upgradeForIntegers(environment: Environment, words: readonly string[]): Promise<void> {
  if (!words.includes('integer')) return;
  try {
    if (usesIntegers(readRule(environment, words))) await environment.requireSchema('3.5.0');
  } catch {
    // What is wrong with the rule is said where it is added.
  }
}

function addRule(
  environment: Environment,
  cib: Element,
  constraint: Element,
  options: ReadonlyMap<string, string>,
  words: readonly string[],
): void {
  const score = options.get('score') || undefined;
  const scoreAttribute = options.get('score-attribute') || undefined;
  let role = options.get('role') || undefined;
  if (score !== undefined && scoreAttribute !== undefined) {
    environment.fail('can not specify both score and score-attribute');
  }
  if (score !== undefined && !isScore(score)) environment.fail(`invalid score'${score}'`);
  if (role !== undefined) {
    warnOfOldRole(environment, role);
    const name = capitalized(role);
    if (!['Promoted', 'Master', 'Unpromoted', 'Slave'].includes(name)) {
      environment.fail(`invalid role '${role}', use 'Master', 'Promoted', 'Slave' or 'Unpromoted'`);
    }
    role = roleForCib(cib, name);
  }
  const id = options.get('id') || undefined;
  if (id !== undefined) checkNewId(environment, cib, id, 'rule id');
  if (words.length === 0) environment.fail('no rule expression was specified');
  const rule = addConstraintRule(cib, constraint, readRule(environment, words), id);
  if (role !== undefined) rule.set('role', role);
  if (scoreAttribute !== undefined) rule.set('score-attribute', scoreAttribute);
  else rule.set('score', score ?? 'INFINITY');
  constraint.set('score', undefined).set('node', undefined);
}

export function warnOfOldRole(environment: Environment, role: string): void {
  const old = capitalized(role);
  if (old !== 'Master' && old !== 'Slave') return;
  environment.deprecated(
    `Role value '${role}' is deprecated and should not be used, use '${roleOfToday(old)}' instead`,
  );
}

/** Two constraints that say the same are refused unless forced. */
function refuseDuplicates(environment: Environment, cib: Element, constraint: Element): void {
  if (environment.forced) return;
  const rules = (element: Element) => [...element.descendants()].filter(({ name }) => name === 'rule');
  const key = (element: Element) => {
    const pattern = element.get('rsc-pattern');
    return JSON.stringify([
      pattern === undefined ? ['resource', element.get('rsc') ?? ''] : ['regexp', pattern],
      rules(element).map(normalizedRule),
    ]);
  };
  const same = sectionOf(cib, 'constraints')
    .elements('rsc_location')
    .filter((other) => other !== constraint && rules(other).length > 0 && key(other) === key(constraint));
  if (same.length === 0) return;
  const lines = same.flatMap((other) => [
    `  Constraint: ${other.id}`,
    ...other.elements('rule').flatMap((rule) => ruleLines(rule, false, true).map((line) => `    ${line}`)),
  ]);
  environment.fail(`duplicate constraint already exists, use --force to override\n${lines.join('\n')}`);
}

/** `constraint rule add CONSTRAINT ...`, `constraint rule remove RULE`. */
export async function addRuleTo(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  const { options, rest: expression } = readRuleOptions(rest);
  await upgradeForIntegers(environment, expression);
  const cib = await environment.cib();
  const constraint = sectionOf(cib, 'constraints')
    .elements('rsc_location')
    .find((each) => each.id === id);
  if (!constraint) environment.fail(`Unable to find constraint: ${id}`);
  addRule(environment, cib, constraint, options, expression);
  refuseDuplicates(environment, cib, constraint);
  await environment.push();
}

export async function removeRule(environment: Environment, words: string[]): Promise<void> {
  const [id] = words;
  if (id === undefined) throw new WrongUsage();
  const cib = await environment.cib();
  const constraints = sectionOf(cib, 'constraints');
  for (const constraint of constraints.elements('rsc_location')) {
    const rule = constraint.elements().find((each) => each.id === id);
    if (!rule) continue;
    if (constraint.elements().length > 1) {
      environment.say(`Removing Rule: ${id}`);
      constraint.remove(rule);
    } else {
      environment.say(`Removing Constraint: ${constraint.id}`);
      parentOf(cib, constraint)?.remove(constraint);
    }
    return environment.push();
  }
  environment.fail(`unable to find rule with id: ${id}`);
}

export async function show(environment: Environment, words: string[]): Promise<void> {
  environment.deprecated(insteadUse('pcs constraint location config'));
  await config(environment, words);
}

/** `location config [resources R...|nodes N...]` */
export async function config(environment: Environment, words: string[]): Promise<void> {
  const [first, ...rest] = words;
  const byNode = first === 'nodes';
  const wanted = byNode ? rest : rest.map((word) => key(readSubject(word)));
  const lines = await locationLines(environment, await environment.cib(), {
    full: environment.has('--full'),
    expired: environment.has('--all'),
    byNode,
    wanted,
  });
  environment.print(lines.join('\n'));
}

function key(subject: Subject): string {
  return `${subject.attribute} ${subject.value}`;
}

interface ListOptions {
  readonly full: boolean;
  /** Rules that have expired are shown, too. */
  readonly expired: boolean;
  readonly byNode?: boolean;
  /** Only these nodes, or subjects; all where it is empty. */
  readonly wanted?: readonly string[];
  /** Do not look whether rules have expired. */
  readonly ignoreExpiry?: boolean;
}

interface Entry {
  readonly subject: Subject;
  readonly element: Element;
  readonly positive: boolean;
}

export async function locationLines(
  environment: Environment,
  cib: Element,
  options: ListOptions,
): Promise<string[]> {
  const entries = (cib.at('configuration', 'constraints')?.elements('rsc_location') ?? []).map(
    (element): Entry => {
      const pattern = element.get('rsc-pattern');
      const subject: Subject =
        pattern === undefined
          ? { attribute: 'rsc', value: element.get('rsc') ?? '' }
          : { attribute: 'rsc-pattern', value: pattern };
      // What is avoided with a score of 0 counts as allowed.
      const positive = !/^-(?!0+$)/.test(element.get('score') ?? '0');
      return { subject, element, positive };
    },
  );
  const lines = ['Location Constraints:'];
  const subjects = sortedSubjects(entries);
  if (options.byNode) {
    const nodes = [...new Set(entries.map(({ element }) => element.get('node') ?? ''))].sort(byCodePoint);
    for (const node of nodes) {
      if (options.wanted && options.wanted.length > 0 && !options.wanted.includes(node)) continue;
      lines.push(`  Node: ${node}`);
      const here = entries.filter(({ element }) => (element.get('node') ?? '') === node);
      lines.push(
        ...entryLines(here, ['    Allowed to run:', '    Not allowed to run:'], options, (entry) =>
          label(entry.subject),
        ),
      );
    }
    for (const subject of subjects) {
      const rules = await ruleConstraintLines(environment, cib, entries, subject, options);
      if (rules.some) lines.push(`  ${label(subject)}`, ...rules.lines);
    }
    return lines;
  }
  for (const subject of subjects) {
    if (options.wanted && options.wanted.length > 0 && !options.wanted.includes(key(subject))) continue;
    const own = entries.filter((entry) => key(entry.subject) === key(subject));
    const part = [
      `  ${label(subject)}`,
      ...entryLines(own, ['    Enabled on:', '    Disabled on:'], options, ({ element }) =>
        element.get('node') ? `Node: ${element.get('node')}` : '',
      ),
      ...(await ruleConstraintLines(environment, cib, entries, subject, options)).lines,
    ];
    if (part.length > 2) lines.push(...part);
  }
  return lines;
}

function label({ attribute, value }: Subject): string {
  return attribute === 'rsc' ? `Resource: ${value}` : `Resource pattern: ${value}`;
}

/** Patterns first, each by name. */
function sortedSubjects(entries: readonly Entry[]): Subject[] {
  const unique = new Map(entries.map(({ subject }) => [key(subject), subject]));
  return [...unique.values()].sort(
    (a, b) => byCodePoint(b.attribute, a.attribute) || byCodePoint(a.value, b.value),
  );
}

function entryLines(
  entries: readonly Entry[],
  headings: readonly [string, string],
  { full }: ListOptions,
  name: (entry: Entry) => string,
): string[] {
  return [true, false].flatMap((positive, index) => {
    const lines = entries
      .filter((entry) => entry.positive === positive && name(entry) !== '')
      .map((entry) => {
        const { element } = entry;
        const role = element.get('role');
        const discovery = element.get('resource-discovery');
        return [
          `      ${name(entry)}`,
          `(score:${element.get('score') || '0'})`,
          ...(role ? [`(role:${roleOfToday(capitalized(role))})`] : []),
          ...(discovery ? [`(resource-discovery=${discovery})`] : []),
          ...(full ? [`(id:${element.id})`] : []),
        ].join(' ');
      });
    return lines.length > 0 ? [headings[index]!, ...lines] : [];
  });
}

async function ruleConstraintLines(
  environment: Environment,
  cib: Element,
  entries: readonly Entry[],
  subject: Subject,
  { full, expired, ignoreExpiry }: ListOptions,
): Promise<{ lines: string[]; some: boolean }> {
  const own = entries
    .filter((entry) => key(entry.subject) === key(subject) && entry.element.first('rule'))
    .sort((a, b) => byCodePoint(a.element.id, b.element.id));
  const lines: string[] = [];
  for (const { element } of own) {
    let allExpired = !ignoreExpiry;
    const inner: string[] = [];
    for (const rule of element.elements('rule')) {
      const over = !ignoreExpiry && (await ruleStatus(environment, cib, rule.id)) === 'expired';
      if (!over) allExpired = false;
      inner.push(...ruleLines(rule, over && expired, full).map((line) => `      ${line}`));
    }
    if (!expired && allExpired) continue;
    const discovery = element.get('resource-discovery');
    const info = discovery ? ` (resource-discovery=${discovery})` : '';
    lines.push(`    Constraint${allExpired ? ' (expired)' : ''}: ${element.id}${info}`, ...inner);
  }
  return { lines, some: own.length > 0 };
}
