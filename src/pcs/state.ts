import type { Element } from '../cib/element.js';
import { type Resource, Role, roleName } from '../status/types.js';
import { unpackStatus } from '../status/unpack.js';
import type { Environment } from './environment.js';
import type { Finding } from './refusal.js';
import { byCodePoint, plural, quotedList } from './words.js';

/** Role → names of the nodes where a resource has it. Empty: it runs nowhere. */
export type RunningState = ReadonlyMap<string, readonly string[]>;

function* resourcesWithId(resources: readonly Resource[], id: string): Generator<Resource> {
  for (const resource of resources) {
    if (resource.id === id || resource.id.replace(/:\d+$/, '') === id) yield resource;
    else yield* resourcesWithId(resource.children, id);
  }
}

/** The primitives that say whether a resource runs: of a group the last one, or the first where it is to stop. */
function decisive(resource: Resource, toRun: boolean): Resource[] {
  if (resource.kind === 'primitive') return [resource];
  if (resource.kind === 'group') {
    const child = toRun ? resource.children.at(-1) : resource.children[0];
    return child ? [child] : [];
  }
  if (resource.kind === 'bundle') {
    return resource.bundle!.replicas.flatMap((replica) => [replica.child ?? replica.container]);
  }
  return resource.children.flatMap((child) => decisive(child, toRun));
}

/** Where a resource runs, as the status says. */
export function runningState(environment: Environment, cib: Element, id: string, toRun = true): RunningState {
  const status = unpackStatus(cib, { nowMs: environment.world.nowMs() });
  const roles = new Map<string, Set<string>>();
  for (const resource of resourcesWithId(status.resources, id)) {
    for (const primitive of decisive(resource, toRun)) {
      if (primitive.role < Role.Started || primitive.failed) continue;
      const name = roleName(primitive.role);
      const nodes = roles.get(name) ?? new Set<string>();
      for (const node of primitive.runningOn) nodes.add(node.name);
      if (nodes.size > 0) roles.set(name, nodes);
    }
  }
  return new Map([...roles].map(([role, nodes]) => [role, [...nodes].sort(byCodePoint)]));
}

/** Nodes where a resource is started or promoted. */
export function activeNodes(state: RunningState): string[] {
  return [...(state.get('Promoted') ?? []), ...(state.get('Started') ?? [])];
}

export function stateText(id: string, state: RunningState): string {
  if (state.size === 0) return `resource '${id}' is not running on any node`;
  const parts = [...state].map(
    ([role, nodes]) =>
      `${role === 'Started' ? 'running' : role.toLowerCase()} on ${plural(nodes, 'node')} ${quotedList(nodes)}`,
  );
  return `resource '${id}' is ${parts.sort(byCodePoint).join('; ')}`;
}

/** Whether the cluster manages the resource; undefined where it has none of that id. */
export function isManaged(environment: Environment, cib: Element, id: string): boolean | undefined {
  const status = unpackStatus(cib, { nowMs: environment.world.nowMs() });
  const found = [...resourcesWithId(status.resources, id)];
  if (found.length === 0) return undefined;
  const unmanaged = (resource: Resource): boolean => !resource.managed || resource.children.some(unmanaged);
  const above = (resource: Resource | undefined): boolean =>
    resource !== undefined &&
    (((resource.kind === 'clone' || resource.kind === 'bundle') && !resource.managed) ||
      above(resource.parent));
  return !found.some((resource) => unmanaged(resource) || above(resource.parent));
}

/** Waits for the cluster where `--wait` asks for it, and says what became of resources. */
export async function waitFor(
  environment: Environment,
  seconds: number | null,
  ids: readonly string[],
  expected: 'running' | 'stopped' | 'any',
): Promise<void> {
  if (seconds === null) return;
  await environment.waitForCluster(seconds);
  const cib = await environment.cib();
  const findings = ids.map((id): Finding => {
    const state = runningState(environment, cib, id, expected !== 'stopped');
    const good = expected === 'any' || (expected === 'running') === state.size > 0;
    return { severity: good ? 'info' : 'error', text: stateText(id, state) };
  });
  environment.report(...findings);
  environment.stopOnErrors();
}

/** As `waitFor`, in the words of pcs's older commands. */
export async function waitAndTell(
  environment: Environment,
  seconds: number | null,
  id: string,
): Promise<void> {
  if (seconds === null) return;
  await environment.waitForCluster(seconds, true);
  const state = runningState(environment, await environment.cib(), id);
  if (state.size === 0) {
    environment.say(`Resource '${id}' is not running on any node`);
    return;
  }
  const parts = ['Started', 'Promoted', 'Unpromoted'].flatMap((role) => {
    const nodes = state.get(role);
    if (!nodes) return [];
    return [
      `${role === 'Started' ? 'running' : role.toLowerCase()} on ${plural(nodes, 'node')} ${nodes.join(', ')}`,
    ];
  });
  environment.say(`Resource '${id}' is ${parts.join('; ')}.`);
}
