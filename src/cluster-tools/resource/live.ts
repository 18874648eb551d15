import { intervalMs } from '../../cib/interval.js';
import { EXIT } from '../../command-line/exit-codes.js';
import { exitOf, type ResultName } from '../../command-line/result-codes.js';
import { ToolFailure } from '../../command-line/tool.js';
import type { Resource } from '../../status/types.js';
import type { ResourceContext } from '../crm-resource.js';
import { findResource, outermost } from './find.js';
import type { CommandName } from './options.js';
import { deleteParameter, setParameter } from './parameters.js';

const WAIT_DEFAULT_MS = 60 * 60 * 1000;

/** `--cleanup`, `--refresh`, `--fail` and `--restart`: what only a running cluster can do. */
export async function runThroughAgent(command: CommandName, context: ResourceContext): Promise<ResultName> {
  switch (command) {
    case 'cleanup':
    case 'refresh':
      return context.access.kind === 'file' ? rehearse(context) : clean(context, command === 'refresh');
    case 'restart':
      return restart(context);
    default:
      return fail(context);
  }
}

/** `--fail`: the cluster believes that a primitive has failed on a node. */
async function fail(context: ResourceContext): Promise<ResultName> {
  const { access, status, requested, node } = context;
  if (access.kind === 'file') {
    throw new ToolFailure(exitOf('ENOTCONN'), 'Error connecting to the controller: Connection refused');
  }
  const resource = findResource(status.resources, requested!);
  if (!resource) throw new ToolFailure(exitOf('ENXIO'), `Resource ${requested} not found`, false);
  if (resource.kind !== 'primitive') {
    const what = `We can only process primitive resources, not ${requested}`;
    throw new ToolFailure(exitOf('EINVAL'), what, false);
  }
  if (!node!.online) throw new ToolFailure(exitOf('ENOTCONN'), `Node ${node!.name} is not online`, false);
  const active = sameInstances(resource).find((one) => one.runningOn.includes(node!)) ?? resource;
  const outcome = await access.call('resource.fail', {
    resource: active.historyName ?? active.id,
    node: node!.name,
  });
  if (outcome.ok) return 'ok';
  throw new ToolFailure(exitOf(outcome.failure), outcome.message ?? '', false);
}

/** The instances that a name which they share may mean. */
function sameInstances(resource: Resource): readonly Resource[] {
  const clone = outermost(resource);
  return primitives(clone).filter((one) => one.historyName === resource.historyName || one === resource);
}

function primitives(resource: Resource): Resource[] {
  return resource.children.length === 0 ? [resource] : resource.children.flatMap(primitives);
}

function rehearse({ report, resource, node, force }: ResourceContext): ResultName {
  const where = node ? node.name : 'all nodes';
  if (!resource) {
    report.line(`Dry run: skipping clean-up of ${where} due to CIB_file`);
    return 'ok';
  }
  const whole = force ? resource : outermost(resource);
  for (const one of primitives(whole)) {
    const nodes = node ? [node.name] : one.runningOn.map(({ name }) => name);
    for (const name of nodes) {
      report.line(`Dry run: skipping clean-up of ${one.id} on ${name} due to CIB_file`);
    }
  }
  return 'ok';
}

async function clean(context: ResourceContext, refresh: boolean): Promise<ResultName> {
  const { given, report, access, resource, node, force } = context;
  const operation = given.value('operation');
  const interval = given.value('interval');
  if (interval !== undefined && operation === undefined) {
    throw new ToolFailure(EXIT.USAGE, '--interval requires --operation');
  }
  const whole = resource && (force ? resource : outermost(resource));
  const outcome = await access.call('resource.cleanup', {
    ...(whole ? { resource: whole.id } : {}),
    ...(node ? { node: node.name } : {}),
    ...(operation === undefined ? {} : { operation }),
    ...(interval === undefined ? {} : { intervalMs: intervalMs(interval) }),
    ...(refresh ? { refresh } : {}),
  });
  if (!outcome.ok) return outcome.failure;
  const { cleaned } = outcome.value;
  for (const { resource: id, node: name } of cleaned) report.info(`Cleaned up ${id} on ${name}`);
  if (!whole) report.info(`Cleaned up all resources on ${node ? node.name : 'all nodes'}`);
  if (cleaned.length === 0) return 'ok';
  const replies = cleaned.length === 1 ? 'reply' : 'replies';
  report.info(`Waiting for ${cleaned.length} ${replies} from the controller`);
  for (let left = cleaned.length - 1; left >= 0; left--) {
    report.info(left === 0 ? '... got reply (done)' : '... got reply');
  }
  return 'ok';
}

async function restart(context: ResourceContext): Promise<ResultName> {
  const { given, report, access, resource, requested, node, status } = context;
  if (access.kind === 'file') {
    throw new ToolFailure(exitOf('ENOTCONN'), 'A restart needs a running cluster');
  }
  const whole = outermost(resource!);
  const running = primitives(whole).flatMap((one) => one.runningOn);
  if (running.length === 0 || (node && !running.includes(node))) {
    const where = node ? `on ${node.name}` : 'anywhere';
    throw new ToolFailure(exitOf('ENXIO'), `${requested} is not running ${where} and so cannot be restarted`);
  }
  const asked = intervalMs(given.value('timeout'));
  const timeoutMs = asked > 0 ? asked : WAIT_DEFAULT_MS;
  const settle = async (what: string) => {
    const idle = await access.call('cluster.wait-idle', { timeoutMs });
    if (!idle.ok) throw new ToolFailure(exitOf(idle.failure));
    if (!idle.value.idle)
      throw new ToolFailure(exitOf('ETIME'), `Timed out while ${requested} was to ${what}`);
  };
  if (node && whole.kind === 'clone') {
    const { ban, clear } = await import('./placement.js');
    const request = {
      access,
      report,
      status,
      now: status.now,
      lifetime: undefined,
      promoted: false,
      force: true,
    };
    const banned = await ban(request, whole.id, node.name);
    if (banned !== 'ok') return banned;
    await settle('stop');
    const cleared = await clear(request, whole.id, node, false);
    if (cleared !== 'ok') return cleared;
    await settle('start');
    return 'ok';
  }
  const change = {
    access,
    report,
    resource: whole,
    requested: whole.id,
    place: { setType: 'meta_attributes', setId: undefined, id: undefined, name: 'target-role' },
    force: true,
    dependents: undefined,
  };
  const before = whole.xml
    .elements('meta_attributes')
    .flatMap((set) => set.elements('nvpair'))
    .find((pair) => pair.get('name') === 'target-role')
    ?.get('value');
  const stopped = await setParameter(change, 'Stopped');
  if (stopped !== 'ok') return stopped;
  try {
    await settle('stop');
  } finally {
    if (before === undefined) await deleteParameter(change);
    else await setParameter(change, before);
  }
  await settle('start');
  return 'ok';
}
