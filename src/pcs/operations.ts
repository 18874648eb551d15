import { Element } from '../cib/element.js';
import { OPERATION_ATTRIBUTES } from '../cib/operation-attributes.js';
import type { Agent } from './agent.js';
import { exclusive, namesIn, requiredAll, valueIn } from './checks.js';
import { type Environment, timeoutSeconds } from './environment.js';
import type { Finding } from './refusal.js';
import {
  appendSet,
  capitalized,
  idBelow,
  idExists,
  idMistakes,
  ROLES,
  roleForCib,
  roleOfToday,
} from './tree.js';
import { byCodePoint } from './words.js';

/** The operations of a new resource: what was asked for, and what the agent offers beside it. */

export const CHECK_LEVEL = 'OCF_CHECK_LEVEL';

export const OPERATION_OPTIONS: readonly string[] = [...OPERATION_ATTRIBUTES, CHECK_LEVEL];
const ON_FAIL = ['block', 'demote', 'fence', 'ignore', 'restart', 'restart-container', 'standby', 'stop'];
const BOOLEANS = ['0', '1', 'true', 'false'];
/** Actions that the cluster does not run by itself. */
const NOT_RUN = new Set(['meta-data', 'status', 'validate-all']);

type Operation = Map<string, string>;

export function defaultInterval(name: string): string {
  return name === 'monitor' ? '60s' : '0s';
}

/** What the agent offers, as operations; without `all` only what every resource needs. */
export function defaultOperations(agent: Agent, all: boolean): Operation[] {
  const stonith = agent.name.agentClass === 'stonith';
  const chosen = agent.actions.filter(({ name }) =>
    all && !stonith ? !NOT_RUN.has(name) : name === 'monitor',
  );
  const operations = chosen.map(({ name, attributes }) => {
    const operation: Operation = new Map([['name', name]]);
    operation.set('interval', attributes.get('interval') || defaultInterval(name));
    for (const [option, source] of [
      ['timeout', 'timeout'],
      ['role', 'role'],
      ['start-delay', 'start-delay'],
      [CHECK_LEVEL, 'depth'],
    ] as const) {
      const value = attributes.get(source);
      if (value === undefined || value === '' || (source === 'depth' && value === '0')) continue;
      operation.set(option, option === 'role' ? roleOfToday(capitalized(value)) : value);
    }
    return operation;
  });
  if (!operations.some((operation) => operation.get('name') === 'monitor')) {
    operations.push(
      new Map([
        ['name', 'monitor'],
        ['interval', '60s'],
      ]),
    );
  }
  return operations;
}

/** Reports what is wrong with operations; answers those that the resource is to have. */
export function prepareOperations(
  environment: Environment,
  cib: Element,
  asked: readonly ReadonlyMap<string, string>[],
  agent: Agent,
  options: { readonly defaults: boolean; readonly forced: boolean },
): Operation[] {
  const known = agent.actions.map(({ name }) => name);
  const operations = asked.map((operation) => normalized(operation));
  for (const [index, operation] of operations.entries()) {
    environment.report(...checkOperation(asked[index]!, operation, known, options.forced));
  }
  for (const operation of operations) {
    const role = operation.get('role');
    if (role !== undefined) operation.set('role', roleForCib(cib, role));
  }
  environment.report(...sameIntervals(operations));
  environment.stopOnErrors();
  const named = new Set(operations.map((operation) => operation.get('name')));
  const rest = defaultOperations(agent, options.defaults).filter(
    (operation) => !named.has(operation.get('name')),
  );
  makeIntervalsUnique(environment, rest);
  for (const operation of operations) {
    if (!operation.has('interval')) operation.set('interval', defaultInterval(operation.get('name')!));
  }
  return [...operations, ...rest].map((operation) => {
    const kept = new Map([...operation].filter(([, value]) => value !== ''));
    const role = kept.get('role');
    if (role !== undefined) kept.set('role', roleForCib(cib, role));
    return kept;
  });
}

function normalized(operation: ReadonlyMap<string, string>): Operation {
  const result = new Map(operation);
  for (const [name, value] of result) {
    if (name === 'role') result.set(name, capitalized(value));
    else if (['on-fail', 'record-pending', 'enabled'].includes(name)) result.set(name, value.toLowerCase());
  }
  return result;
}

function checkOperation(
  typed: ReadonlyMap<string, string>,
  operation: Operation,
  known: readonly string[],
  forced: boolean,
): Finding[] {
  const of = 'resource operation';
  const findings = [
    ...namesIn(operation, OPERATION_OPTIONS, { of }),
    ...requiredAll(operation, ['name'], { of }),
    ...valueIn(operation, 'name', known, { as: 'operation name', forced }),
  ];
  const allowed: [string, readonly string[]][] = [
    ['role', ROLES],
    ['on-fail', ON_FAIL],
    ['record-pending', BOOLEANS],
    ['enabled', BOOLEANS],
  ];
  for (const [name, values] of allowed) {
    const value = operation.get(name);
    if (value !== undefined && !values.includes(value)) {
      findings.push(...valueIn(new Map([[name, typed.get(name)!]]), name, values));
    }
    if (name === 'role' && (value === 'Master' || value === 'Slave')) {
      findings.push({
        severity: 'deprecation',
        text: `Value '${typed.get(name)}' of option role is deprecated and should not be used, use '${roleOfToday(value)}' value instead`,
      });
    }
  }
  findings.push(...exclusive(operation, ['interval-origin', 'start-delay'], of));
  const id = operation.get('id');
  if (id !== undefined) {
    findings.push(...idMistakes(id, 'operation id').map((text) => ({ severity: 'error' as const, text })));
  }
  return findings;
}

function sameIntervals(operations: readonly Operation[]): Finding[] {
  const seen = new Map<string, Map<string, string[]>>();
  for (const operation of operations) {
    const name = operation.get('name') ?? '';
    const interval = operation.get('interval') ?? defaultInterval(name);
    const byInterval = seen.get(name) ?? new Map<string, string[]>();
    seen.set(name, byInterval);
    const seconds = String(timeoutSeconds(interval));
    byInterval.set(seconds, [...(byInterval.get(seconds) ?? []), interval]);
  }
  const lines: string[] = [];
  for (const [name, byInterval] of seen) {
    for (const intervals of byInterval.values()) {
      if (intervals.length > 1) lines.push(`${name} with intervals ${intervals.join(', ')}`);
    }
  }
  if (lines.length === 0) return [];
  const text = `multiple specification of the same operation with the same interval:\n${lines.join('\n')}`;
  return [{ severity: 'error', text }];
}

/** An agent may offer two monitors with one interval; the cluster tells them apart only by that. */
function makeIntervalsUnique(environment: Environment, operations: readonly Operation[]): void {
  const used = new Map<string, Set<number>>();
  for (const operation of operations) {
    const name = operation.get('name')!;
    const interval = operation.get('interval')!;
    const seconds = timeoutSeconds(interval);
    if (seconds === null) continue;
    const taken = used.get(name) ?? new Set<number>();
    used.set(name, taken);
    let free = seconds;
    while (taken.has(free)) free += 1;
    taken.add(free);
    if (free === seconds) continue;
    environment.warn(
      `changing a ${name} operation interval from ${interval} to ${free} to make the operation unique`,
    );
    operation.set('interval', String(free));
  }
}

/** Puts operations into a primitive, sorted by name. */
export function appendOperations(
  environment: Environment,
  cib: Element,
  primitive: Element,
  operations: readonly Operation[],
): void {
  const container = primitive.append(new Element('operations'));
  const sorted = [...operations].sort((a, b) => byCodePoint(a.get('name')!, b.get('name')!));
  for (const operation of sorted) {
    const attributes = new Map([...operation].filter(([name]) => name !== CHECK_LEVEL));
    const id = attributes.get('id');
    if (id !== undefined && idExists(cib, id)) environment.fail(`'${id}' already exists`);
    if (id === undefined) {
      attributes.set(
        'id',
        idBelow(cib, primitive, `${operation.get('name')}-interval-${operation.get('interval')}`),
      );
    }
    const element = container.append(new Element('op', attributes));
    const level = operation.get(CHECK_LEVEL);
    if (level !== undefined) {
      appendSet(cib, element, 'instance_attributes', new Map([[CHECK_LEVEL, level]]));
    }
  }
}
