import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { type Environment, timeoutSeconds } from './environment.js';
import { CHECK_LEVEL, defaultInterval, OPERATION_OPTIONS } from './operations.js';
import { warnOfStonith } from './stonith-only.js';
import { findResource, idExists, idMistakes, ROLES, roleForCib, uniqueId } from './tree.js';
import { byCodePoint, quotedList } from './words.js';

/** `pcs resource op add`, `op remove`; operations of `resource update`. */

/** Pairs of words that have a `=`; others are passed over, as pcs's older commands do. */
export function loosePairs(words: readonly string[]): [string, string][] {
  return words.flatMap((word): [string, string][] => {
    const equals = word.indexOf('=');
    return equals < 0 ? [] : [[word.slice(0, equals), word.slice(equals + 1)]];
  });
}

export function operationText(operation: Element): string {
  const attributes = [...operation.attributes]
    .filter(([name]) => name !== 'id' && name !== 'name')
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([name, value]) => `${name}=${value}`);
  const pairs = [...operation.descendants()]
    .filter(({ name }) => name === 'nvpair')
    .map((pair) => `${pair.get('name')}=${pair.get('value')}`);
  return [operation.get('name') ?? '', ...attributes, ...pairs, `(${operation.id})`].join(' ');
}

export async function addOperation(environment: Environment, words: string[]): Promise<void> {
  const [id] = words;
  if (id === undefined) throw new WrongUsage();
  await warnOfStonith(environment, [id], 'pcs stonith op add');
  if (loosePairs(words).some(([name, value]) => name === 'on-fail' && value === 'demote')) {
    await environment.requireSchema('3.4.0');
  }
  putOperation(environment, await environment.cib(), id, words.slice(1), true, null);
  await environment.push();
}

/**
 * Adds an operation to a primitive.
 *
 * @param strict a second one of the same kind is refused
 * @param before the operation in front of which it is put; null: at the end
 */
export function putOperation(
  environment: Environment,
  cib: Element,
  id: string,
  words: readonly string[],
  strict: boolean,
  before: Element | null,
): void {
  const [name, ...rest] = words;
  if (name === undefined) throw new WrongUsage();
  const resource = findResource(cib, id, ['primitive'])?.element;
  if (!resource) environment.fail(`Unable to find resource: ${id}`);
  if (name.includes('=')) environment.fail(`${name} does not appear to be a valid operation action`);
  const pairs = loosePairs(rest);
  if (!environment.forced) {
    for (const [option, value] of pairs) {
      if (!OPERATION_OPTIONS.includes(option)) {
        environment.fail(`${option} is not a valid op option (use --force to override)`);
      }
      if (option === 'role' && !ROLES.includes(value)) {
        environment.fail(`role must be: ${quotedList(ROLES, ' or ')} (use --force to override)`);
      }
    }
  }
  const given = pairs.find(([option]) => option === 'interval')?.[1] ?? '';
  const interval = given === '' ? defaultInterval(name) : given;
  if (given === '') pairs.push(['interval', interval]);
  pairs.sort(([a], [b]) => byCodePoint(a, b));
  let operationId: string | undefined;
  for (const [option, value] of pairs) {
    if (option !== 'id') continue;
    const [mistake] = idMistakes(value, 'operation id');
    if (mistake !== undefined) environment.fail(mistake);
    if (idExists(cib, value)) environment.fail(`id '${value}' is already in use, please specify another one`);
    operationId = value;
  }
  const operation = new Element('op', {
    id: operationId ?? uniqueId(cib, `${id}-${name}-interval-${interval}`),
  });
  for (const [option, value] of [['name', name], ...pairs] as [string, string][]) {
    if (option === CHECK_LEVEL) {
      const set = operation.append(
        new Element('instance_attributes', { id: uniqueId(cib, `params-${operation.id}`) }),
      );
      const pairId = uniqueId(cib, [operation.id, option, value].join('-'));
      set.append(new Element('nvpair', { name: option, value, id: pairId }));
    } else if (option === 'role' && !environment.forced) {
      operation.set(option, roleForCib(cib, value));
    } else operation.set(option, value);
  }
  let container = resource.first('operations');
  if (container) refuseDouble(environment, cib, container, operation, id, strict);
  else container = resource.append(new Element('operations'));
  const at = before === null ? -1 : container.children.indexOf(before);
  if (at < 0) container.append(operation);
  else container.children.splice(at, 0, operation);
}

function checkLevel(operation: Element): string | undefined {
  for (const set of operation.elements('instance_attributes')) {
    for (const pair of set.elements('nvpair')) if (pair.get('name') === CHECK_LEVEL) return pair.get('value');
  }
  return undefined;
}

function refuseDouble(
  environment: Environment,
  cib: Element,
  container: Element,
  operation: Element,
  id: string,
  strict: boolean,
): void {
  const seconds = (element: Element) =>
    timeoutSeconds(element.get('interval') ?? '') ?? element.get('interval') ?? '';
  const others = container.elements('op').filter((other) => other.get('name') === operation.get('name'));
  const same = others.filter((other) => seconds(other) === seconds(operation));
  if (same.length > 0) {
    environment.fail(
      `operation ${operation.get('name')} with interval ${seconds(operation)}s already specified for ${id}:\n${same.map(operationText).join('\n')}`,
    );
  }
  if (!strict || environment.forced) return;
  const role = (element: Element) => roleForCib(cib, element.get('role') || 'Started');
  const alike = others.filter(
    (other) =>
      operation.get('name') !== 'monitor' ||
      (role(other) === role(operation) && checkLevel(other) === checkLevel(operation)),
  );
  if (alike.length === 0) return;
  environment.fail(
    `operation ${operation.get('name')} already specified for ${id}, use --force to override:\n${alike.map(operationText).join('\n')}`,
  );
}

export async function removeOperation(environment: Environment, words: string[]): Promise<void> {
  const [id, name, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  await warnOfStonith(environment, [id], 'pcs stonith op delete');
  const cib = await environment.cib();
  if (name === undefined) {
    for (const container of cib.descendants()) {
      const operation = container.elements('op').find((each) => each.id === id);
      if (!operation) continue;
      container.remove(operation);
      return environment.push();
    }
    environment.fail(`unable to find operation id: ${id}`);
  }
  const resource = findResource(cib, id, ['primitive'])?.element;
  if (!resource) environment.fail(`Unable to find resource: ${id}`);
  const wanted = new Map([...loosePairs(rest), ['name', name] as [string, string]]);
  let found = false;
  for (const container of resource.elements('operations')) {
    for (const operation of container.elements('op')) {
      const attributes = new Map([...operation.attributes].filter(([key]) => key !== 'id'));
      const equal =
        attributes.size === wanted.size && [...wanted].every(([key, value]) => attributes.get(key) === value);
      if (rest.length === 0 ? operation.get('name') !== name : !equal) continue;
      container.remove(operation);
      found = true;
      if (rest.length > 0) break;
    }
  }
  if (!found) environment.fail(`Unable to find operation matching: ${[name, ...rest].join(' ')}`);
  await environment.push();
}
