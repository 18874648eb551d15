import type { Element } from '../cib/element.js';
import { failCount } from '../status/failcounts.js';
import { type ClusterStatus, type Resource, Role } from '../status/types.js';
import { unpackStatus } from '../status/unpack.js';
import type { CommandStatus, Environment } from './command.js';
import { findNode, nodeNames } from './edits/nodes.js';
import { findResource } from './edits/resources.js';
import { sayUnknown } from './unknown-resource.js';

/** Where an instance of a resource is active. */
export interface Location {
  readonly node: string;
  readonly promoted: boolean;
}

function read(cib: Element, nowMs: number): ClusterStatus {
  return unpackStatus(cib, { nowMs, utcOffsetSec: -new Date(nowMs).getTimezoneOffset() * 60 });
}

/** Every resource with that id: itself, or all instances where it is within a clone. */
function instances(status: ClusterStatus, id: string): Resource[] {
  const found: Resource[] = [];
  const visit = (resource: Resource): void => {
    if (resource.id === id || resource.xml.id === id) found.push(resource);
    else for (const child of resource.children) visit(child);
  };
  for (const resource of status.resources) visit(resource);
  return found;
}

/** Nodes that a resource is active on; undefined where there is no such resource. */
export async function locate(cib: Element, nowMs: number, id: string): Promise<Location[] | undefined> {
  const found = instances(read(cib, nowMs), id);
  if (found.length === 0) return undefined;
  const locations: Location[] = [];
  const visit = (resource: Resource): void => {
    if (resource.children.length > 0) {
      for (const child of resource.children) visit(child);
      return;
    }
    for (const node of resource.runningOn) {
      if (locations.some((location) => location.node === node.name)) continue;
      locations.push({ node: node.name, promoted: resource.role === Role.Promoted });
    }
  };
  for (const resource of found) visit(resource);
  return locations;
}

export async function status(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const cib = await session.readCib();
  if (!cib) return 'failed';
  const nowMs = session.world.now();
  if (args.length === 0) {
    const { resourceListLines } = await import('../monitor/status-text.js');
    const { EVERYTHING } = await import('../monitor/view.js');
    const lines = resourceListLines(read(cib, nowMs), EVERYTHING, 0, true);
    if (lines.length === 0) session.print('NO resources configured');
    else
      session.print(
        ['Full List of Resources:', ...lines.filter((line) => line !== 'Full List of Resources:')].join('\n'),
      );
    return 'done';
  }
  let worst: CommandStatus = 'done';
  for (const id of args) {
    const locations = await locate(cib, nowMs, id);
    if (!locations) {
      sayUnknown(session, id);
      worst = 'failed';
      continue;
    }
    // In crm_resource's order: the instance found last comes first.
    for (const { node, promoted } of locations.toReversed()) {
      session.print(`resource ${id} is running on: ${node} ${promoted ? 'Promoted' : ''}`.trimEnd());
    }
    // Not on stdout, as crm_resource has it: a script reads there where the resource runs.
    if (locations.length === 0) session.message('tool', `resource ${id} is NOT running`);
  }
  return worst;
}

export async function operations(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const cib = await session.readCib();
  if (!cib) return 'failed';
  const [id, node] = args;
  if (id !== undefined && !findResource(cib, id)) {
    sayUnknown(session, id);
    return 'failed';
  }
  const { runSibling } = await import('./sibling-tool.js');
  const { writeTemporary } = await import('./temporary.js');
  const { writeXml } = await import('../cib/xml.js');
  const file = writeTemporary('cib.xml', writeXml(cib));
  try {
    const words = [...(id === undefined ? [] : ['-r', id]), ...(node === undefined ? [] : ['-N', node])];
    const env = { ...session.world.environment, CIB_file: file.path };
    const run = await runSibling('crm_resource', ['--list-operations', ...words], { env });
    if (run.stdout !== '') session.print(run.stdout);
    if (run.stderr !== '') session.message('tool', run.stderr);
    return run.status === 0 ? 'done' : 'failed';
  } finally {
    file.remove();
  }
}

export async function failcount(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const path = [...env.path, env.command].join('.');
  const [id = '', verb = '', node = '', value, operation, interval] = args;
  if (!['set', 'delete', 'show'].includes(verb)) {
    session.error(`${path}: ${verb} is not valid command(should be one of set, delete, show)`);
    return 'usage';
  }
  const cib = await session.readCib();
  if (!cib) return 'failed';
  if (!findResource(cib, id)) {
    session.error(`${path}: Resource ${id} not exists in this cluster`);
    return 'failed';
  }
  if (!findNode(cib, node)) {
    session.error(`${path}: Node ${node} not in this cluster`);
    session.info(`there are: ${nodeNames(cib).join(', ')}`);
    return 'failed';
  }
  if (verb === 'show') {
    const state = read(cib, session.world.now());
    const on = state.nodesByName.get(node.toLowerCase());
    const count = instances(state, id).reduce(
      (sum, resource) => sum + (on ? failCount(state, resource, on).count : 0),
      0,
    );
    const shown = count >= 1_000_000 ? 'INFINITY' : String(count);
    session.print(`scope=status  name=fail-count-${id} value=${shown}`);
    return 'done';
  }
  const connection = await session.connection();
  if (!connection) return 'failed';
  const names = failCountNames(cib, id, node);
  if (verb === 'delete' || (verb === 'set' && Number(value) === 0 && operation === undefined)) {
    const cleaned = await connection.call('resource.cleanup', { resource: id, node });
    if (!cleaned.ok) {
      session.failure(cleaned.error);
      return 'failed';
    }
    session.print(`Cleaned up ${id} on ${node}`);
    session.changedCluster = true;
    return 'done';
  }
  if (value === undefined || !/^(\d+|INFINITY)$/.test(value)) {
    session.error(`${path}: ${value ?? 'no value'}: expected a number or INFINITY`);
    return 'usage';
  }
  const wanted = names.filter(
    (name) =>
      (operation === undefined || name.includes(`#${operation}_`)) &&
      (interval === undefined || name.endsWith(`_${Number(interval) * 1000}`)),
  );
  const chosen =
    wanted.length > 0
      ? wanted
      : [`fail-count-${id}#${operation ?? 'monitor'}_${Number(interval ?? 0) * 1000}`];
  if (chosen.length > 1 && value !== '0') {
    session.error(`${path}: say which operation and interval is meant: ${chosen.join(', ')}`);
    return 'usage';
  }
  for (const name of chosen) {
    const updated = await connection.call('attribute.update', { node, name, value });
    if (!updated.ok) {
      session.failure(updated.error);
      return 'failed';
    }
  }
  session.changedCluster = true;
  return 'done';
}

function failCountNames(cib: Element, id: string, node: string): string[] {
  const states = cib.first('status')?.elements('node_state') ?? [];
  const state = states.find((candidate) => candidate.get('uname') === node);
  const pairs = [...(state?.first('transient_attributes')?.descendants() ?? [])];
  return pairs
    .map((pair) => pair.get('name') ?? '')
    .filter((name) => name.startsWith(`fail-count-${id}#`) || name === `fail-count-${id}`);
}

export async function scores(env: Environment): Promise<CommandStatus> {
  const { showScores } = await import('./simulation.js');
  return showScores(env.session);
}

/** What ties a resource to nodes and to other resources, as `crm_resource --constraints` shows it. */
export async function constraints(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const cib = await session.currentCib();
  if (!cib) return 'failed';
  const [id = ''] = args;
  const place = findResource(cib, id);
  if (!place) {
    sayUnknown(session, id);
    return 'failed';
  }
  // Constraints of what the resource is in hold for it, and are shown under the outermost id.
  const top = place.parents.at(-1)?.id ?? id;
  const lines: string[] = [];
  const { resourceLocations, colocationsOf } = await import('./resource-constraints.js');
  const locations = resourceLocations(cib, top, session.world.now());
  if (locations.length > 0) lines.push('Locations:', ...locations.map((line) => `  * ${line}`));
  const nested = (other: string): string[] => {
    const below = resourceLocations(cib, other, session.world.now());
    return below.length === 0 ? [] : ['    * Locations:', ...below.map((line) => `      * ${line}`)];
  };
  const { primaries, dependents } = colocationsOf(cib, top);
  if (primaries.length > 0) lines.push(`Resources ${top} is colocated with:`);
  for (const { resource, text } of primaries) lines.push(`  * ${text}`, ...nested(resource));
  if (dependents.length > 0) lines.push(`Resources colocated with ${top}:`);
  for (const { resource, text } of dependents) lines.push(`  * ${text}`, ...nested(resource));
  if (lines.length > 0) session.print(lines.join('\n'));
  return 'done';
}
