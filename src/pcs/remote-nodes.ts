import { byKeyword, readOperations, readPairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import type { Element } from '../cib/element.js';
import { AgentShelf } from './agent.js';
import { namesIn, valueIsPort, valueIsTime } from './checks.js';
import type { Environment } from './environment.js';
import { knownHosts } from './machines.js';
import { error, type Finding } from './refusal.js';
import { appendPrimitive } from './resource-create.js';
import { removeResource } from './resource-remove.js';
import { findResource, nvpairValue, places, resourcesOf, updateFirstSet } from './tree.js';

/** `pcs cluster node add-remote|remove-remote|add-guest|remove-guest`: what of it is configuration. */

const GUEST_OPTIONS = ['remote-addr', 'remote-connect-timeout', 'remote-port'];

/** No files and services of Pacemaker Remote are brought to the host. */
function manual(environment: Environment, host: string, verb: 'start' | 'stop'): void {
  const file = environment.file !== undefined;
  const why = file
    ? 'because the command does not run on a live cluster (e.g. -f was used)'
    : 'because there is no pacemaker_remote of this cluster';
  const run = `Running action(s) 'pacemaker_remote ${verb === 'start' ? 'enable' : 'disable'}', 'pacemaker_remote ${verb}' on '${host}' was skipped ${why}. Please, run the action(s) manually.`;
  const key =
    verb === 'start'
      ? `Distribution of 'pacemaker authkey' to '${host}' was skipped ${why}. Please, distribute the file(s) manually.`
      : `Removing 'pacemaker authkey' from '${host}' was skipped ${why}. Please, remove the file(s) manually.`;
  for (const line of verb === 'start' ? [key, run] : [run, key]) environment.say(line);
}

function uncheckedNames(environment: Environment): void {
  if (environment.file === undefined) return;
  environment.say(
    'Unable to check if there is a conflict with nodes set in corosync because the command does not run on a live cluster (e.g. -f was used)',
  );
}

function addressOf(environment: Environment, name: string): string {
  const address = knownHosts(environment).get(name) ?? name;
  environment.say(`No addresses specified for host '${name}', using '${address}'`);
  return address;
}

/** `node add-remote NAME [ADDRESS] [OPTION...] [op ...] [meta ...]` */
export async function addRemote(environment: Environment, words: string[]): Promise<void> {
  const [name, ...rest] = words;
  if (name === undefined || name.includes('=')) throw new WrongUsage();
  const given =
    rest[0] !== undefined && !rest[0].includes('=') && !['op', 'meta'].includes(rest[0])
      ? rest.shift()!
      : null;
  const groups = byKeyword(rest, ['op', 'meta'], { first: 'options', repeated: ['op'] });
  const options = readPairs(wordsOf(groups, 'options'));
  if (options.has('server')) throw new WrongUsage();
  const seconds = environment.waitSeconds();
  uncheckedNames(environment);
  const cib = await environment.cib();
  const agent = await new AgentShelf(environment).require(
    { agentClass: 'ocf', provider: 'pacemaker', type: 'remote' },
    environment.forced,
  );
  if (findResource(cib, name))
    environment.stopOn(
      error(`'${name}' already exists`),
      error('Errors have occurred, therefore pcs is unable to continue'),
    );
  const address = given ?? addressOf(environment, name);
  await appendPrimitive(environment, {
    id: name,
    agent,
    attributes: new Map([...options, ['server', address]]),
    meta: readPairs(wordsOf(groups, 'meta')),
    operations: readOperations(groups.get('op') ?? []),
    kind: 'resource',
  });
  manual(environment, name, 'start');
  await environment.push();
  await environment.waitForCluster(seconds);
}

/** The connection resource of a remote node: by its name or address. */
export async function removeRemote(environment: Environment, words: string[]): Promise<void> {
  const [name, more] = words;
  if (name === undefined || more !== undefined) throw new WrongUsage();
  const cib = await environment.cib();
  const found = [...places(resourcesOf(cib))]
    .map(({ element }) => element)
    .find(
      (element) =>
        element.name === 'primitive' &&
        element.get('type') === 'remote' &&
        element.get('provider') === 'pacemaker' &&
        (element.id === name || nvpairValue(element, 'instance_attributes', 'server') === name),
    );
  if (!found) {
    environment.report(error(`remote node '${name}' does not appear to exist in configuration`));
    environment.fail(null);
  }
  manual(environment, found.id, 'stop');
  await removeResource(environment, found.id);
}

/** `node add-guest NAME RESOURCE [OPTION...]` */
export async function addGuest(environment: Environment, words: string[]): Promise<void> {
  const [name, id, ...rest] = words;
  if (name === undefined || id === undefined) throw new WrongUsage();
  const options = readPairs(rest);
  const seconds = environment.waitSeconds();
  uncheckedNames(environment);
  const cib = await environment.cib();
  const findings: Finding[] = [
    ...namesIn(options, GUEST_OPTIONS, { of: 'guest' }),
    ...valueIsTime(options, 'remote-connect-timeout'),
    ...valueIsPort(options, 'remote-port'),
  ];
  const resource = findResource(cib, id)?.element;
  if (!options.has('remote-addr')) options.set('remote-addr', addressOf(environment, name));
  if (!resource) findings.push(error(`resource '${id}' does not exist`));
  else if (nvpairValue(resource, 'meta_attributes', 'remote-node') !== undefined) {
    findings.push(error(`the resource '${id}' is already a guest node`));
  }
  environment.report(...findings);
  environment.stopOnErrors();
  const pairs: [string, string][] = [
    ['remote-node', name],
    ...[...options].filter(([key, value]) => key !== 'remote-addr' || value !== name),
  ];
  updateFirstSet(cib, resource!, 'meta_attributes', pairs);
  manual(environment, name, 'start');
  await environment.push();
  await environment.waitForCluster(seconds);
}

export async function removeGuest(environment: Environment, words: string[]): Promise<void> {
  const [name, more] = words;
  if (name === undefined || more !== undefined) throw new WrongUsage();
  const seconds = environment.waitSeconds();
  const cib = await environment.cib();
  const meta = (element: Element, key: string) => nvpairValue(element, 'meta_attributes', key);
  const found = [...places(resourcesOf(cib))]
    .map(({ element }) => element)
    .find((element) => {
      const node = meta(element, 'remote-node');
      return node !== undefined && [node, element.id, meta(element, 'remote-addr')].includes(name);
    });
  if (!found) {
    environment.report(error(`guest node '${name}' does not appear to exist in configuration`));
    environment.fail(null);
  }
  const host = meta(found, 'remote-node')!;
  updateFirstSet(
    cib,
    found,
    'meta_attributes',
    ['remote-node', ...GUEST_OPTIONS].map((key): [string, string] => [key, '']),
  );
  manual(environment, host, 'stop');
  await environment.push();
  await environment.waitForCluster(seconds);
}
