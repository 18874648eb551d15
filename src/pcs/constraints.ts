import { readPair, readPairs, splitAt } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { invalidScore, invalidValue, namesIn, newId, type Options } from './checks.js';
import { type ConstraintKind, constraintLines, constraintText } from './constraint-text.js';
import { type Environment, sectionOf } from './environment.js';
import { checkConstraintResource, locationLines, warnOfOldRole } from './location.js';
import { constraintsWith, removeConstraint } from './references.js';
import { error, type Finding, forceable } from './refusal.js';
import {
  capitalized,
  elementsWithId,
  findResource,
  idExists,
  idMistakes,
  isClone,
  isScore,
  parentOf,
  ROLES,
  roleForCib,
  roleOfToday,
  uniqueId,
} from './tree.js';
import { byCodePoint, kindNames, quotedList } from './words.js';

/** `pcs constraint colocation|order|ticket|remove|ref|config` */

const ACTIONS = ['start', 'stop', 'promote', 'demote'];
const DUPLICATE = 'duplicate constraint already exists';

function checkFreeId(environment: Environment, cib: Element, id: string): void {
  const [mistake] = idMistakes(id, 'constraint id');
  if (mistake !== undefined) environment.fail(mistake);
  if (idExists(cib, id)) environment.fail(`id '${id}' is already in use, please specify another one`);
}

/** `NAME=VALUE`, the value not empty. */
function fullPair(word: string): [string, string] {
  const [name, value] = readPair(word);
  if (value === '') throw new WrongUsage(`value of '${name}' option is empty`);
  return [name, value];
}

function readRole(environment: Environment, cib: Element, word: string): string {
  const role = capitalized(word);
  if (!ROLES.includes(role)) {
    environment.fail(`invalid role value '${word}', allowed values are: ${quotedList(ROLES)}`);
  }
  warnOfOldRole(environment, word);
  return roleForCib(cib, role);
}

function plainOf(cib: Element, kind: ConstraintKind): Element[] {
  return sectionOf(cib, 'constraints')
    .elements(kind)
    .filter((element) => !element.first('resource_set'));
}

function refuseDuplicates(environment: Environment, kind: ConstraintKind, same: readonly Element[]): void {
  if (environment.forced || same.length === 0) return;
  const lines = same.map((element) => `  ${constraintText(kind, element, true)}`);
  environment.fail(`${DUPLICATE}, use --force to override\n${lines.join('\n')}`);
}

/**
 * `[ROLE] A with [ROLE] B [SCORE] [OPTION=VALUE...]`; also `A B [SCORE] [OPTION=VALUE...]` as in pcs 0.9. A score as
 * an option (`score=...`) does not go into the id.
 */
export async function colocate(environment: Environment, given: string[]): Promise<void> {
  if (given.length < 2) throw new WrongUsage();
  const cib = await environment.cib();
  const words = isOldColocation(cib, given) ? [given[0]!, 'with', ...given.slice(1)] : [...given];
  if (words.length < 3) throw new WrongUsage();
  let role = '';
  let withRole = '';
  if (words[2] === 'with') role = readRole(environment, cib, words.shift()!);
  else if (words[1] !== 'with') throw new WrongUsage();
  const resource = words.shift()!;
  words.shift();
  if (words.includes('with')) {
    throw new WrongUsage(
      "Multiple 'with's cannot be specified.",
      "Use the 'pcs constraint colocation set' command if you want to create a constraint for more than two resources.",
    );
  }
  if (words.length === 0) throw new WrongUsage();
  const [, second] = words;
  if (second !== undefined && !isScore(second) && !second.includes('=')) {
    withRole = readRole(environment, cib, words.shift()!);
  }
  const withResource = words.shift()!;
  const score = words[0] === undefined || words[0].includes('=') ? 'INFINITY' : words.shift()!;
  const options = words.map(fullPair);
  checkConstraintResource(environment, cib, resource);
  checkConstraintResource(environment, cib, withResource);
  const id = options.findLast(([name]) => name === 'id')?.[1];
  if (id !== undefined) checkFreeId(environment, cib, id);
  if (role !== '' && withRole === '') withRole = 'Started';
  if (withRole !== '' && role === '') role = 'Started';
  const element = new Element('rsc_colocation', [
    ['rsc', resource],
    ['with-rsc', withResource],
    ['score', score],
    ...(role === '' ? [] : [['rsc-role', role] as const]),
    ...(withRole === '' ? [] : [['with-rsc-role', withRole] as const]),
    ...options,
  ]);
  if (id === undefined) element.set('id', uniqueId(cib, `colocation-${resource}-${withResource}-${score}`));
  const key = (each: Element) =>
    JSON.stringify([
      each.get('rsc') ?? '',
      each.get('with-rsc') ?? '',
      roleForCib(cib, capitalized(each.get('rsc-role') ?? '') || 'Started'),
      roleForCib(cib, capitalized(each.get('with-rsc-role') ?? '') || 'Started'),
    ]);
  const same = plainOf(cib, 'rsc_colocation').filter((other) => key(other) === key(element));
  refuseDuplicates(environment, 'rsc_colocation', same);
  sectionOf(cib, 'constraints').append(element);
  await environment.push();
}

/** `A B [SCORE]`: two resources with nothing between them. */
function isOldColocation(cib: Element, [first, second, third]: readonly string[]): boolean {
  if (second === 'with' || third === 'with' || first === undefined || second === undefined) return false;
  return findResource(cib, first) !== undefined && findResource(cib, second) !== undefined;
}

export async function removeColocation(environment: Environment, words: string[]): Promise<void> {
  const [a, b] = words;
  if (a === undefined || b === undefined) throw new WrongUsage();
  const constraints = sectionOf(await environment.cib(), 'constraints');
  const found = constraints.elements('rsc_colocation').filter((element) => {
    const [first, second] = [element.get('rsc') ?? '', element.get('with-rsc') ?? ''];
    return (first === a && second === b) || (first === b && second === a);
  });
  if (found.length === 0) environment.fail('No matching resources found in ordering list');
  for (const element of found) constraints.remove(element);
  await environment.push();
}

/** `[ACTION] A then [ACTION] B [OPTION=VALUE...]` */
export async function order(environment: Environment, given: string[]): Promise<void> {
  const words = [...given];
  if (words.length < 3) throw new WrongUsage();
  const action = () => (ACTIONS.includes(words[0] ?? '') ? words.shift()! : 'start');
  const firstAction = action();
  const first = words.shift();
  if (first === undefined || words.shift() !== 'then') throw new WrongUsage();
  if (words.length === 0) throw new WrongUsage();
  const thenAction = action();
  const then = words.shift();
  if (then === undefined) throw new WrongUsage();
  if (words.includes('then')) {
    throw new WrongUsage(
      "Multiple 'then's cannot be specified.",
      "Use the 'pcs constraint order set' command if you want to create a constraint for more than two resources.",
    );
  }
  const cib = await environment.cib();
  checkConstraintResource(environment, cib, first);
  checkConstraintResource(environment, cib, then);
  if (sameGroup(cib, [first, then])) {
    environment.fail('Cannot create an order constraint for resources in the same group');
  }
  const options = readOrderOptions(environment, cib, [
    ...words,
    `first-action=${firstAction}`,
    `then-action=${thenAction}`,
  ]);
  const strength = options.find(([name]) => name === 'score' || name === 'kind');
  const kind = strength ? `${strength[0]}: ${strength[1]}` : 'kind: Mandatory';
  const shown = options.filter(([name]) => name !== 'kind' && name !== 'score');
  const told = ` (Options: ${shown.map(([name, value]) => `${name}=${value}`).join(' ')})`;
  if (!options.some(([name]) => name === 'id')) {
    options.push(['id', uniqueId(cib, `order-${first}-${then}-${strength?.[1] ?? 'mandatory'}`)]);
  }
  const element = new Element('rsc_order', [['first', first], ['then', then], ...options]);
  const key = (each: Element) =>
    JSON.stringify([
      each.get('first') ?? '',
      each.get('then') ?? '',
      (each.get('first-action') ?? '').toLowerCase() || 'start',
      (each.get('then-action') ?? '').toLowerCase() || 'start',
    ]);
  const same = plainOf(cib, 'rsc_order').filter((other) => key(other) === key(element));
  refuseDuplicates(environment, 'rsc_order', same);
  sectionOf(cib, 'constraints').append(element);
  environment.say(`Adding ${first} ${then} (${kind})${told}`);
  await environment.push();
}

function readOrderOptions(
  environment: Environment,
  cib: Element,
  words: readonly string[],
): [string, string][] {
  const options: [string, string][] = [];
  let symmetrical: string | null = null;
  for (const word of words) {
    if (word === 'symmetrical') symmetrical = 'true';
    else if (word === 'nonsymmetrical') symmetrical = 'false';
    else {
      const [name, value] = fullPair(word);
      if (name === 'symmetrical') {
        if (!['true', 'false'].includes(value.toLowerCase())) {
          environment.fail(`invalid symmetrical value '${value}', allowed values are: true, false`);
        }
        symmetrical = value.toLowerCase();
        continue;
      }
      if (name === 'id') checkFreeId(environment, cib, value);
      options.push([name, value]);
    }
  }
  if (symmetrical !== null) options.push(['symmetrical', symmetrical]);
  return options;
}

function sameGroup(cib: Element, ids: readonly string[]): boolean {
  const groups = [...new Set(ids)].flatMap((id) => {
    const resource = findResource(cib, id, ['primitive'])?.element;
    const parent = resource ? parentOf(cib, resource) : undefined;
    return parent?.name === 'group' ? [parent] : [];
  });
  return new Set(groups).size !== groups.length;
}

/** `order remove R...`: also out of every set. */
export async function removeOrder(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const constraints = sectionOf(await environment.cib(), 'constraints');
  let found = false;
  for (const id of words) {
    for (const element of constraints.elements('rsc_order')) {
      if (element.get('first') !== id && element.get('then') !== id) continue;
      constraints.remove(element);
      found = true;
    }
    for (const constraint of constraints.elements()) {
      for (const set of constraint.elements('resource_set')) {
        for (const reference of set.elements('resource_ref')) {
          if (reference.id !== id) continue;
          set.remove(reference);
          found = true;
        }
        if (set.elements('resource_ref').length > 0) continue;
        constraint.remove(set);
        if (!constraint.first('resource_set')) constraints.remove(constraint);
      }
    }
  }
  if (!found) environment.fail('No matching resources found in ordering list');
  await environment.push();
}

interface WantedSet {
  readonly ids: string[];
  readonly options: Map<string, string>;
}

/** `R... [OPTION=VALUE...] [set R...]... [setoptions OPTION=VALUE...]` */
function readSets(words: readonly string[]): { sets: WantedSet[]; options: Map<string, string> } {
  const [first = [], options = [], more] = splitAt(words, 'setoptions');
  if (more) throw new WrongUsage("Keyword 'setoptions' may be mentioned at most once");
  if (first.length === 0) throw new WrongUsage();
  const sets = splitAt(first, 'set').map((part) => ({
    ids: part.filter((word) => !word.includes('=')),
    options: readPairs(part.filter((word) => word.includes('='))),
  }));
  if (sets.some(({ ids }) => ids.length === 0)) throw new WrongUsage();
  return { sets, options: readPairs(options) };
}

const CONSTRAINT_OPTIONS: Readonly<Record<ConstraintKind, readonly string[]>> = {
  rsc_colocation: ['score', 'id'],
  rsc_order: ['symmetrical', 'kind', 'id'],
  rsc_ticket: ['loss-policy', 'ticket', 'id'],
};
const PREFIX = { rsc_colocation: 'colocation', rsc_order: 'order', rsc_ticket: 'ticket' } as const;
const LOSS_POLICIES = ['fence', 'stop', 'freeze', 'demote'];

export const addSets = (kind: ConstraintKind) => async (environment: Environment, words: string[]) => {
  const { sets, options } = readSets(words);
  const cib = await environment.cib();
  prepareSetOptions(environment, cib, kind, sets, options);
  for (const set of sets) {
    environment.report(...checkSetOptions(set.options));
    environment.stopOnErrors();
    for (const id of set.ids) findForConstraint(environment, cib, id);
  }
  const constraints = sectionOf(cib, 'constraints');
  if (
    kind === 'rsc_order' &&
    sameGroup(
      cib,
      sets.flatMap(({ ids }) => ids),
    )
  ) {
    environment.fail('Cannot create an order constraint for resources in the same group');
  }
  const element = constraints.append(new Element(kind, options));
  for (const set of sets) {
    const role = set.options.get('role');
    if (role !== undefined) set.options.set('role', roleForCib(cib, role));
    const child = element.append(new Element('resource_set', set.options));
    child.set('id', uniqueId(cib, `${element.id}_set`));
    for (const id of set.ids) child.append(new Element('resource_ref', { id }));
  }
  const key = (each: Element) =>
    JSON.stringify([
      kind === 'rsc_ticket' ? each.get('ticket') : '',
      each.elements('resource_set').map((set) => set.elements('resource_ref').map(({ id }) => id)),
    ]);
  const same = constraints.elements(kind).filter((other) => other !== element && key(other) === key(element));
  reportDuplicates(environment, kind, same);
  await environment.push();
};

/** As pcs's newer commands report them. */
function reportDuplicates(environment: Environment, kind: ConstraintKind, same: readonly Element[]): void {
  if (same.length === 0) return;
  const list = same.map((element) => `  ${constraintText(kind, element, true)}`).join('\n');
  environment.say(`Duplicate constraints:\n${list}`);
  environment.report(forceable(DUPLICATE, environment.forced));
  environment.stopOnErrors();
}

function prepareSetOptions(
  environment: Environment,
  cib: Element,
  kind: ConstraintKind,
  sets: readonly WantedSet[],
  options: Map<string, string>,
): void {
  environment.stopOn(...namesIn(options, CONSTRAINT_OPTIONS[kind]));
  const id = options.get('id');
  if (id === undefined) {
    const ids = sets.flatMap((set) => set.ids);
    const letters = ids.map((each) => `${each[0]}${each.at(-1)}`).slice(0, 3);
    options.set('id', uniqueId(cib, `${PREFIX[kind]}_set_${letters.join('')}`));
  } else environment.stopOn(...newId(cib, id, 'constraint id').slice(0, 1));
  const findings: Finding[] = [];
  if (kind === 'rsc_colocation') {
    const score = options.get('score');
    if (score === undefined) options.set('score', 'INFINITY');
    else if (!isScore(score)) findings.push(error(invalidScore(score)));
  } else if (kind === 'rsc_order') {
    for (const [name, allowed, normal] of [
      ['kind', ['Optional', 'Mandatory', 'Serialize'], capitalized],
      ['symmetrical', ['true', 'false'], (value: string) => value.toLowerCase()],
    ] as const) {
      const value = options.get(name);
      if (value === undefined) continue;
      if (!(allowed as readonly string[]).includes(normal(value))) {
        findings.push(error(invalidValue(name, value, allowed)));
      }
      options.set(name, normal(value));
    }
  } else {
    findings.push(...checkLossPolicy(options));
    const ticket = options.get('ticket') ?? '';
    findings.push(
      ...(ticket.trim() === '' ? [error("required option 'ticket' is missing")] : checkTicketName(ticket)),
    );
  }
  environment.stopOn(...findings);
}

function checkLossPolicy(options: Options): Finding[] {
  const value = options.get('loss-policy');
  if (value === undefined || LOSS_POLICIES.includes(value)) return [];
  return [error(invalidValue('loss-policy', value, LOSS_POLICIES))];
}

function checkTicketName(name: string): Finding[] {
  if (/^[A-Za-z0-9-]{1,63}$/.test(name)) return [];
  return [error(`booth ticket name '${name}' is not valid, use up to 63 alphanumeric characters or dash`)];
}

function checkSetOptions(options: Options): Finding[] {
  const findings = namesIn(options, ['action', 'require-all', 'role', 'sequential'], { of: 'set' });
  const allowed: [string, readonly string[]][] = [
    ['action', ACTIONS],
    ['require-all', ['true', 'false']],
    ['role', ROLES],
    ['sequential', ['true', 'false']],
  ];
  for (const [name, values] of allowed) {
    const value = options.get(name);
    if (value !== undefined && !values.includes(value))
      findings.push(error(invalidValue(name, value, values)));
  }
  const role = options.get('role');
  if (role === 'Master' || role === 'Slave') {
    findings.push({
      severity: 'deprecation',
      text: `Value '${role}' of option role is deprecated and should not be used, use '${roleOfToday(role)}' value instead`,
    });
  }
  return findings;
}

/** A resource that a set may name. */
function findForConstraint(environment: Environment, cib: Element, id: string): void {
  const place = findResource(cib, id);
  const tags = ['bundle', 'clone', 'group', 'master', 'primitive'];
  if (!place) {
    const other = elementsWithId(cib, id)[0];
    environment.fail(
      other ? `'${id}' is not ${kindNames(tags, true)}` : `${kindNames(tags)} '${id}' does not exist`,
    );
  }
  if (isClone(place.element) || place.element.name === 'bundle') return;
  const outer = place.parents.find((element) => isClone(element) || element.name === 'bundle');
  if (!outer) return;
  const kind = outer.name === 'bundle' ? 'bundle' : 'clone';
  const text = `${id} is a ${kind} resource, you should use the ${kind} id: ${outer.id} when adding constraints`;
  environment.stopOn(forceable(text, environment.forced));
}

/** `ticket add TICKET [ROLE] RESOURCE [OPTION=VALUE...]` */
export async function addTicket(environment: Environment, words: string[]): Promise<void> {
  const at = words.findIndex((word) => word.includes('='));
  const info = at < 0 ? words : words.slice(0, at);
  const [ticket, ...specification] = info;
  if (ticket === undefined) throw new WrongUsage('Ticket not specified');
  if (specification.length !== 1 && specification.length !== 2) {
    throw new WrongUsage(`invalid resource specification: '${specification.join(' ')}'`);
  }
  const options = readPairs(at < 0 ? [] : words.slice(at));
  if (options.has('rsc-role')) {
    throw new WrongUsage('Resource role must not be specified among options, specify it before resource id');
  }
  const role = specification.length === 2 ? specification[0]! : '';
  const resource = specification.at(-1)!;
  const cib = await environment.cib();
  findForConstraint(environment, cib, resource);
  const findings = [...checkLossPolicy(options), ...checkTicketName(ticket)];
  const normalized = capitalized(role);
  if (role !== '' && !ROLES.includes(normalized)) findings.push(error(invalidValue('role', role, ROLES)));
  if (normalized === 'Master' || normalized === 'Slave') {
    findings.push({
      severity: 'deprecation',
      text: `Value '${role}' of option role is deprecated and should not be used, use '${roleOfToday(normalized)}' value instead`,
    });
  }
  findings.push(...namesIn(options, ['id', 'loss-policy']));
  environment.report(...findings);
  environment.stopOnErrors();
  const cibRole = role === '' ? '' : roleForCib(cib, normalized);
  const id = options.get('id');
  if (id !== undefined) environment.stopOn(...newId(cib, id, 'constraint id').slice(0, 1));
  const element = new Element('rsc_ticket', [
    ...options,
    ['ticket', ticket] as const,
    ['rsc', resource] as const,
    ...(cibRole === '' ? [] : [['rsc-role', cibRole] as const]),
  ]);
  if (id === undefined) {
    const suffix = cibRole === '' ? '' : `-${cibRole}`;
    element.set('id', uniqueId(cib, `ticket-${ticket}-${resource}${suffix}`));
  }
  const constraints = sectionOf(cib, 'constraints');
  const key = (each: Element) =>
    JSON.stringify([
      each.get('ticket') ?? '',
      each.get('rsc') ?? '',
      roleForCib(cib, each.get('rsc-role') ?? ''),
    ]);
  const same = constraints.elements('rsc_ticket').filter((other) => key(other) === key(element));
  constraints.append(element);
  reportDuplicates(environment, 'rsc_ticket', same);
  await environment.push();
}

export async function removeTicket(environment: Environment, words: string[]): Promise<void> {
  const [ticket, resource, more] = words;
  if (ticket === undefined || resource === undefined || more !== undefined) throw new WrongUsage();
  const constraints = sectionOf(await environment.cib(), 'constraints');
  let found = false;
  for (const element of constraints.elements('rsc_ticket')) {
    if (element.get('ticket') !== ticket) continue;
    if (element.get('rsc') === resource) {
      constraints.remove(element);
      found = true;
    }
    for (const set of element.elements('resource_set')) {
      for (const reference of set.elements('resource_ref')) {
        if (reference.id !== resource) continue;
        set.remove(reference);
        found = true;
      }
      if (!set.first('resource_ref')) element.remove(set);
      if (element.elements().length === 0) constraints.remove(element);
    }
  }
  if (!found) environment.fail('no matching ticket constraint found');
  await environment.push();
}

export const list = (kind: ConstraintKind) => async (environment: Environment, words: string[]) => {
  if (words.length > 0) throw new WrongUsage();
  environment.print(constraintLines(await environment.cib(), kind, environment.has('--full')).join('\n'));
};

/** All constraints. `all` behind it is pcs 0.9's word for those with their ids. */
export async function listAll(environment: Environment, words: string[]): Promise<void> {
  const old = words.length === 1 && words[0] === 'all';
  const full = environment.has('--full') || old;
  const cib = await environment.cib();
  const options = { full, expired: environment.has('--all') };
  environment.print((await locationLines(environment, cib, options)).join('\n'));
  if (words.length > 0 && !old) throw new WrongUsage();
  for (const kind of ['rsc_order', 'rsc_colocation', 'rsc_ticket'] as const) {
    environment.print(constraintLines(cib, kind, full).join('\n'));
  }
}

export async function remove(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const cib = await environment.cib();
  let failed = false;
  let removed = false;
  for (const id of words) {
    if (removeConstraint(cib, id)) removed = true;
    else {
      environment.say(`Error: Unable to find constraint - '${id}'`);
      failed = true;
    }
  }
  if (removed) await environment.push();
  if (failed) environment.fail(null);
}

export async function references(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const cib = await environment.cib();
  for (const id of words) {
    environment.print(`Resource: ${id}`);
    const { plain, inSets } = constraintsWith(cib, id);
    const all = [...plain, ...[...inSets].sort(byCodePoint)];
    if (all.length === 0) environment.print('  No Matches.');
    for (const constraint of all) environment.print(`  ${constraint}`);
  }
}
