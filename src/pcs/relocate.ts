import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { simulate } from '../simulation/simulate.js';
import { transitionChanges } from '../simulation/transition-summary.js';
import { type Resource, Role } from '../status/types.js';
import { type Environment, sectionOf } from './environment.js';
import { warnOfStonith } from './stonith-only.js';
import { resourcePlaces, roleForCib, uniqueId, updateFirstSet } from './tree.js';

/** `pcs resource relocate`: to where resources would be if nothing held them where they are. */

const PREFIX = 'pcs-relocate-';

/** The configuration without stickiness of these resources (all of them where none is named). */
function withoutStickiness(environment: Environment, cib: Element, ids: readonly string[]): Element {
  const copy = cib.clone();
  const all = [...resourcePlaces(copy)].map(({ element }) => element).filter(({ name }) => name !== 'bundle');
  const missing = ids.filter((id) => !all.some((element) => element.id === id));
  for (const id of missing) environment.say(`Error: unable to find a resource/clone/group: ${id}`);
  if (missing.length > 0) environment.fail(null);
  for (const element of all) {
    if (ids.length > 0 && !ids.includes(element.id)) continue;
    for (const each of element.descendants()) {
      if (!['primitive', 'group', 'clone', 'master'].includes(each.name)) continue;
      updateFirstSet(copy, each, 'meta_attributes', [['resource-stickiness', '0']]);
    }
  }
  return copy;
}

interface Target {
  readonly id: string;
  readonly node: string;
  readonly promoted: boolean;
}

function outermost(resource: Resource): Resource {
  return resource.parent ? outermost(resource.parent) : resource;
}

function targets(environment: Environment, cib: Element, ids: readonly string[]): Target[] {
  const copy = withoutStickiness(environment, cib, ids);
  const result = simulate(copy, { nowMs: environment.world.nowMs(), simulate: true });
  const found = new Map<string, Target>();
  for (const change of result.schedule ? transitionChanges(result.schedule) : []) {
    if (change.kind !== 'resource' || !change.to) continue;
    const { what, resource, to } = change;
    if (!['Move', 'Start', 'Promote', 'Migrate'].includes(what)) continue;
    const top = outermost(resource);
    const id = (top.kind === 'primitive' ? resource : top).id.replace(/:\d+$/, '');
    if (ids.length > 0 && !ids.includes(id) && !ids.includes(resource.id.replace(/:\d+$/, ''))) continue;
    found.set(id, { id, node: to.name, promoted: what === 'Promote' || resource.nextRole === Role.Promoted });
  }
  return [...found.values()];
}

export async function showRelocation(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const copy = withoutStickiness(environment, await environment.cib(), []);
  const { text } = simulate(copy, { nowMs: environment.world.nowMs(), simulate: true });
  const end = text.search(/\n\n?(Executing Cluster Transition|Revised Cluster Status)/);
  environment.print((end < 0 ? text : text.slice(0, end)).trimEnd());
}

export const relocate = (dry: boolean) => async (environment: Environment, words: string[]) => {
  await warnOfStonith(environment, words);
  const cib = await environment.cib();
  const wanted = targets(environment, cib, words);
  if (wanted.length === 0) return;
  const constraints = sectionOf(cib, 'constraints');
  for (const { id, node, promoted } of wanted) {
    environment.say(
      `Creating location constraint: ${id} prefers ${node}=INFINITY${promoted ? ' role=Promoted' : ''}`,
    );
    constraints.append(
      new Element('rsc_location', {
        id: uniqueId(cib, `${PREFIX}${id}`),
        rsc: id,
        score: 'INFINITY',
        node,
        ...(promoted ? { role: roleForCib(cib, 'Promoted') } : {}),
      }),
    );
  }
  if (!dry) await environment.push();
  environment.say('\nWaiting for resources to move...\n');
  if (!dry) await environment.waitForCluster(0, true);
  const now = await environment.cib();
  clearFrom(environment, now);
  if (!dry) await environment.push();
};

function clearFrom(environment: Environment, cib: Element): void {
  const constraints = sectionOf(cib, 'constraints');
  for (const constraint of constraints.elements('rsc_location')) {
    if (!constraint.id.startsWith(PREFIX)) continue;
    environment.say(`Removing constraint ${constraint.id}`);
    constraints.remove(constraint);
  }
}

export async function clearRelocation(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  clearFrom(environment, await environment.cib());
  await environment.push();
}
