import { readAllowedPairs } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import type { Element } from '../cib/element.js';
import { type Environment, timeoutSeconds } from './environment.js';
import { warnOfStonith } from './stonith-only.js';
import { runMonitor, runTool } from './tools.js';
import { findResource, innerResource, isClone } from './tree.js';
import { byCodePoint } from './words.js';

/** What `pcs resource` asks of a running cluster: `status`, `failcount`, `cleanup`, `refresh`, `restart`, `debug-*`. */

/** `[ID|TAG] [node=NODE]`: the resource lines of crm_mon. */
export const resourceStatus = (stonith: boolean) => async (environment: Environment, given: string[]) => {
  if (given.length > 2) throw new WrongUsage();
  const words = [...given];
  const at = words.findIndex((word) => !word.includes('='));
  const id = at < 0 ? undefined : words.splice(at, 1)[0];
  const node = readAllowedPairs(words, ['node']).get('node');
  if (node === '') environment.fail("missing value of 'node' option");
  const run = await runMonitor(environment, [
    '--one-shot',
    ...(environment.has('--hide-inactive') ? [] : ['--inactive']),
    ...(id === undefined ? [] : ['--include', 'none,resources', '--resource', id]),
    ...(node === undefined ? [] : ['--node', node]),
  ]);
  if (run.status !== 0) {
    const what = id === undefined ? 'cluster status' : `status of '${id}'`;
    environment.fail(`unable to get ${what} from crm_mon\n${(run.out + run.err).trimEnd()}`);
  }
  const none = stonith ? 'NO stonith devices configured' : 'NO resources configured';
  let inside = false;
  const lines: string[] = [];
  for (const line of run.out.split('\n')) {
    if (/^( {2}\* )?No active resources$/.test(line)) {
      environment.print('No active resources');
      return;
    }
    if (/^( {2}\* )?No resources$/.test(line)) {
      if (id !== undefined && node === undefined) environment.fail(`resource or tag id '${id}' not found`);
      environment.print(node === undefined ? none : 'No active resources');
      return;
    }
    if (line === 'Full List of Resources:' || line === 'Active Resources:') inside = true;
    else if (line === '') inside = false;
    else if (inside && (id !== undefined || /stonith:/.test(line) === stonith)) lines.push(line);
  }
  environment.print(lines.length === 0 ? none : lines.join('\n'));
};

interface Failure {
  readonly node: string;
  readonly resource: string;
  readonly operation: string;
  readonly intervalMs: string;
  count: number;
}

/** Fail-counts of the status section: `fail-count-RESOURCE#OPERATION_INTERVAL`. */
function failures(cib: Element): Failure[] {
  const found: Failure[] = [];
  for (const state of cib.first('status')?.elements('node_state') ?? []) {
    const node = state.get('uname') ?? state.id;
    for (const set of state.first('transient_attributes')?.elements('instance_attributes') ?? []) {
      for (const pair of set.elements('nvpair')) {
        const match = /^fail-count-(.*)#(.*)_(\d+)$/.exec(pair.get('name') ?? '');
        if (!match) continue;
        const value = pair.get('value') ?? '';
        const count = value.toUpperCase() === 'INFINITY' ? Number.POSITIVE_INFINITY : Number(value);
        const [, whole = '', operation = '', intervalMs = ''] = match;
        const resource = whole.replace(/:.*$/, '');
        found.push({ node, resource, operation, intervalMs, count: count >= 1_000_000 ? Infinity : count });
      }
    }
  }
  return found;
}

/** `[ID] [node=] [operation= [interval=]]` */
export async function failCounts(environment: Environment, given: string[]): Promise<void> {
  const words = [...given];
  const resource = words[0] !== undefined && !words[0].includes('=') ? words.shift() : undefined;
  const options = readAllowedPairs(words, ['node', 'operation', 'interval']);
  const { node, operation, interval } = Object.fromEntries(options) as Record<string, string | undefined>;
  if (interval !== undefined && operation === undefined) {
    environment.fail("If option 'interval' is specified, option 'operation' must be specified as well");
  }
  const seconds = interval === undefined ? null : timeoutSeconds(interval);
  if (interval !== undefined && seconds === null) {
    environment.fail(
      `'${interval}' is not a valid interval value, use time interval (e.g. 1, 2s, 3m, 4h, ...)`,
    );
  }
  const all = failures(await environment.cib()).filter(
    (failure) =>
      (resource === undefined || failure.resource === resource) &&
      (node === undefined || failure.node === node) &&
      (operation === undefined || failure.operation === operation) &&
      (seconds === null || failure.intervalMs === String(1000 * seconds)),
  );
  const headline = (empty: boolean, name: string | undefined) =>
    [
      empty ? 'No failcounts' : 'Failcounts',
      ...(operation === undefined ? [] : [`for operation '${operation}'`]),
      ...(operation !== undefined && interval !== undefined ? [`with interval '${interval}'`] : []),
      ...(name === undefined ? [] : [operation === undefined ? 'for' : 'of', `resource '${name}'`]),
      ...(node === undefined ? [] : [`on node '${node}'`]),
    ].join(' ');
  if (all.length === 0) {
    environment.print(headline(true, resource));
    return;
  }
  const unique = (list: readonly string[]) => [...new Set(list)].sort(byCodePoint);
  const sum = (list: readonly Failure[]) => {
    const total = list.reduce((before, { count }) => before + count, 0);
    return total === Infinity ? 'INFINITY' : String(total);
  };
  const lines: string[] = [];
  for (const name of unique(all.map((failure) => failure.resource))) {
    lines.push(headline(false, name));
    const own = all.filter((failure) => failure.resource === name);
    for (const where of unique(own.map((failure) => failure.node))) {
      const here = own.filter((failure) => failure.node === where);
      if (!environment.has('--full')) {
        lines.push(`  ${where}: ${sum(here)}`);
        continue;
      }
      lines.push(`  ${where}:`);
      for (const each of unique(here.map((failure) => failure.operation))) {
        const operations = here.filter((failure) => failure.operation === each);
        const intervals = [...new Set(operations.map(({ intervalMs }) => intervalMs))];
        for (const ms of intervals.sort((a, b) => Number(a) - Number(b))) {
          lines.push(`    ${each} ${ms}ms: ${sum(operations.filter(({ intervalMs }) => intervalMs === ms))}`);
        }
      }
    }
  }
  environment.print(lines.join('\n'));
}

/** `failcount reset` of pcs 0.9. */
export async function resetFailCounts(environment: Environment, words: string[]): Promise<void> {
  environment.deprecated("This command has been replaced with 'pcs resource cleanup'.");
  const [resource, node] = words;
  await cleanup(environment, [
    ...(resource === undefined ? [] : [resource]),
    ...(node === undefined ? [] : [`node=${node}`]),
  ]);
}

async function crmResource(environment: Environment, words: readonly string[]) {
  const { crmResource: tool } = await import('../cluster-tools/crm-resource.js');
  return runTool(environment, 'crm_resource', tool, words);
}

function joined(...texts: readonly string[]): string {
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join('\n');
}

/** `[ID] [node=NODE] [operation=OPERATION [interval=INTERVAL]]`; `--node NODE` as in pcs 0.9. */
export async function cleanup(environment: Environment, given: string[]): Promise<void> {
  await forget(environment, 'cleanup', given, ['node', 'operation', 'interval']);
}

export async function refresh(environment: Environment, given: string[]): Promise<void> {
  await forget(environment, 'refresh', given, ['node']);
}

async function forget(
  environment: Environment,
  verb: 'cleanup' | 'refresh',
  given: readonly string[],
  allowed: readonly string[],
): Promise<void> {
  const words = [...given];
  const resource = words[0] !== undefined && !words[0].includes('=') ? words.shift() : undefined;
  const options = readAllowedPairs(words, allowed);
  const oldNode = environment.value('--node');
  if (oldNode !== undefined) options.set('node', oldNode);
  const run = await crmResource(environment, [
    `--${verb}`,
    ...(resource === undefined ? [] : ['--resource', resource]),
    ...[...options].flatMap(([name, value]) => [`--${name}`, value]),
    ...(environment.has('--strict') ? ['--force'] : []),
  ]);
  if (run.status !== 0) {
    const what = verb === 'cleanup' ? 'Unable to forget failed operations of' : 'Unable to delete history of';
    const whose = resource === undefined ? 'resources' : `resource: ${resource}`;
    environment.fail(`${what} ${whose}\n${joined(run.err, run.out)}`);
  }
  environment.say(joined(run.out, run.err));
}

/** `restart ID [NODE] [--wait=SECONDS]` */
export async function restart(environment: Environment, words: string[]): Promise<void> {
  const [named, node] = words;
  if (named === undefined) environment.fail('You must specify a resource to restart');
  await warnOfStonith(environment, [named]);
  const cib = await environment.cib();
  let id = named;
  const outer = findResource(cib, named)?.parents.find(
    (element) => isClone(element) || element.name === 'bundle',
  );
  if (outer) {
    environment.warn(
      `using ${outer.id}... (if a resource is a clone or bundle you must use the clone or bundle name)`,
    );
    id = outer.id;
  }
  if (node !== undefined && !findResource(cib, id, ['clone', 'master', 'bundle'])) {
    environment.fail('can only restart on a specific node for a clone or bundle resource');
  }
  const wait = environment.value('--wait');
  if (environment.has('--wait') && wait === undefined) {
    environment.fail('You must specify the number of seconds to wait');
  }
  const run = await crmResource(environment, [
    '--restart',
    '--resource',
    id,
    ...(node === undefined ? [] : ['--node', node]),
    ...(wait === undefined ? [] : ['--timeout', wait]),
  ]);
  if (run.status !== 0) environment.fail(joined(run.out, run.err));
  environment.say(`${id} successfully restarted`);
}

const FORCED = {
  'debug-start': '--force-start',
  'debug-stop': '--force-stop',
  'debug-promote': '--force-promote',
  'debug-demote': '--force-demote',
  'debug-monitor': '--force-check',
} as const;

/** Runs an agent's action on this machine, whatever the cluster thinks of it. */
export const debug = (action: keyof typeof FORCED) => async (environment: Environment, words: string[]) => {
  const [id, more] = words;
  if (id === undefined) environment.fail(`You must specify a resource to ${action}`);
  if (more !== undefined) throw new WrongUsage();
  await warnOfStonith(environment, [id]);
  const place = findResource(await environment.cib(), id);
  if (!place) environment.fail(`unable to find a resource/clone/group/bundle: ${id}`);
  const { element } = place;
  const inside = innerResource(element);
  if (element.name === 'bundle') {
    environment.fail(
      inside
        ? `unable to ${action} a bundle, try the bundle's resource: ${inside.id}`
        : `unable to ${action} a bundle`,
    );
  }
  if (element.name === 'group') {
    const members = element.elements('primitive').map((member) => member.id);
    environment.fail(
      `unable to ${action} a group, try one of the group's resource(s) (${members.join(',')})`,
    );
  }
  if (isClone(element))
    environment.fail(`unable to ${action} a clone, try the clone's resource: ${inside?.id}`);
  const run = await crmResource(environment, [
    '-r',
    id,
    FORCED[action],
    ...(environment.has('--full') ? ['--verbose', '--verbose'] : []),
    ...(environment.forced ? ['--force'] : []),
  ]);
  environment.print((run.out + run.err).trimEnd());
  if (run.status !== 0) environment.fail(null);
};
