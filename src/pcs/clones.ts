import { byKeyword, readPairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { isTrue } from '../cib/boolean.js';
import { Element } from '../cib/element.js';
import { type Agent, AgentShelf } from './agent.js';
import type { Environment } from './environment.js';
import { ungroup } from './groups-of-resources.js';
import { removeReferences } from './references.js';
import { forceable } from './refusal.js';
import { canPromote } from './resource-create.js';
import { waitAndTell } from './state.js';
import { warnOfStonith } from './stonith-only.js';
import {
  findResource,
  idExists,
  idMistakes,
  innerResource,
  isClone,
  parentOf,
  primitivesOf,
  resourcesOf,
  sortedByName,
  uniqueId,
  updateFirstSet,
} from './tree.js';

/** `pcs resource clone`, `promotable`, `unclone`. */

/** `[ID] [OPTION...] [meta OPTION...]` */
function readCloneWords(
  words: readonly string[],
  promotable: boolean,
): { id: string | null; meta: Map<string, string> } {
  const rest = [...words];
  let id: string | null = null;
  if (rest[0] !== undefined && !['op', 'meta'].includes(rest[0]) && !rest[0].includes('='))
    id = rest.shift()!;
  const groups = byKeyword(rest, ['op', 'meta'], { first: 'options' });
  if (groups.has('op')) throw new WrongUsage('op settings must be changed on base resource, not the clone');
  const meta = readPairs([...wordsOf(groups, 'options'), ...wordsOf(groups, 'meta')]);
  if (promotable) {
    if (meta.has('promotable')) {
      throw new WrongUsage('you cannot specify both promotable option and promotable keyword');
    }
    meta.set('promotable', 'true');
  }
  return { id, meta };
}

/** Clone options that an agent inside cannot live with. */
export async function checkCloneChild(
  environment: Environment,
  child: Element,
  meta: ReadonlyMap<string, string>,
): Promise<void> {
  const shelf = new AgentShelf(environment);
  const group = child.name === 'group' ? child.id : null;
  for (const primitive of primitivesOf(child)) {
    const name = {
      agentClass: primitive.get('class') ?? '',
      provider: primitive.get('provider') ?? null,
      type: primitive.get('type') ?? '',
    };
    const full = [name.agentClass, name.provider, name.type].filter((part) => part).join(':');
    const where = `of resource '${primitive.id}'${group === null ? '' : ` in group '${group}'`}`;
    const text = (option: string) =>
      `Clone option '${option}' is not compatible with '${full}' resource agent ${where}`;
    if (name.agentClass !== 'ocf') {
      const wrong = ['globally-unique', 'promotable'].find((option) => isTrue(meta.get(option)));
      if (wrong !== undefined) environment.report({ severity: 'error', text: text(wrong) });
      continue;
    }
    const agent: Agent | string = await shelf.read(name);
    const forced = group !== null && environment.forced;
    if (typeof agent === 'string') {
      const missing = `Agent '${full}' is not installed or does not provide valid metadata: ${agent}`;
      environment.report(forceable(missing, forced));
    } else if (agent.ocfVersion === '1.1' && isTrue(meta.get('promotable')) && !canPromote(agent)) {
      environment.report(forceable(text('promotable'), forced));
    }
  }
  environment.stopOn();
}

/** Changes the options of a clone that is there. */
export async function updateClone(
  environment: Environment,
  cib: Element,
  clone: Element,
  child: Element,
  words: readonly string[],
): Promise<void> {
  const { meta } = readCloneWords(words, false);
  await checkCloneChild(environment, child, meta);
  updateFirstSet(cib, clone, 'meta_attributes', sortedByName(meta));
}

export const cloneResource = (promotable: boolean) => async (environment: Environment, words: string[]) => {
  // pcs 0.9 had the new name in front: `resource master NAME RESOURCE`.
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  await warnOfStonith(environment, [id]);
  const cib = await environment.cib();
  const seconds = environment.waitSeconds();
  const element = findResource(cib, id, ['primitive', 'group'])?.element;
  if (!element) environment.fail(`unable to find group or resource: ${id}`);
  const parent = parentOf(cib, element)!;
  if (parent.name === 'bundle') environment.fail('cannot clone bundle resource');
  if (isClone(parent)) {
    environment.fail(
      element.name === 'group'
        ? 'cannot clone a group that has already been cloned'
        : `${id} is already a clone resource`,
    );
  }
  const grandparent = parentOf(cib, parent);
  if (parent.name === 'group' && grandparent && isClone(grandparent)) {
    environment.fail(`${id} is already a clone resource`);
  }
  if (element.get('class') === 'stonith') {
    const text = `No need to clone stonith resource '${id}', any node can use a stonith resource (unless specifically banned) regardless of whether the stonith resource is running on that node or not`;
    environment.stopOn(forceable(text, environment.forced));
  }
  const { id: wanted, meta } = readCloneWords(rest, promotable);
  await checkCloneChild(environment, element, meta);
  if (wanted !== null) {
    if (idMistakes(wanted).length > 0) throw new WrongUsage(`invalid id '${wanted}'`);
    if (idExists(cib, wanted)) throw new WrongUsage(`id '${wanted}' already exists`);
  }
  const clone = new Element('clone', { id: wanted ?? uniqueId(cib, `${id}-clone`) });
  parent.remove(element);
  if (parent.name === 'group' && parent.elements('primitive').length === 0) grandparent?.remove(parent);
  clone.append(element);
  resourcesOf(cib).append(clone);
  updateFirstSet(cib, clone, 'meta_attributes', sortedByName(meta));
  repoint(cib, id, clone.id);
  await environment.push();
  await waitAndTell(environment, seconds, clone.id);
};

/** Constraints on a resource hold for its clone from now on. */
function repoint(cib: Element, from: string, to: string): void {
  for (const constraint of cib.at('configuration', 'constraints')?.elements() ?? []) {
    if (!['rsc_location', 'rsc_order', 'rsc_colocation'].includes(constraint.name)) continue;
    for (const attribute of ['rsc', 'first', 'then', 'with-rsc']) {
      if (constraint.get(attribute) === from) constraint.set(attribute, to);
    }
  }
}

/** `resource master [ID] RESOURCE [OPTION...]` of pcs 0.9. */
export async function masterResource(environment: Environment, words: string[]): Promise<void> {
  const [first, second, ...rest] = words;
  const renamed = second !== undefined && !second.includes('=') && second !== 'meta';
  await cloneResource(true)(environment, renamed ? [second, first!, ...rest] : words);
}

export async function uncloneResource(environment: Environment, words: string[]): Promise<void> {
  const [id, more] = words;
  if (id === undefined || more !== undefined) throw new WrongUsage();
  const cib = await environment.cib();
  const named = findResource(cib, id)?.element;
  const resource = named && isClone(named) ? innerResource(named) : named;
  if (!resource || !['primitive', 'group'].includes(resource.name))
    environment.fail(`could not find resource: ${id}`);
  const parent = parentOf(cib, resource)!;
  const grandparent = parentOf(cib, parent);
  const clone = isClone(parent) ? parent : grandparent && isClone(grandparent) ? grandparent : null;
  if (!clone) environment.fail(`'${id}' is not a clone resource`);
  const seconds = environment.waitSeconds();
  const inside = innerResource(clone)!;
  if (inside.name === 'group' && resource.name !== 'group' && inside.elements('primitive').length > 1) {
    ungroup(environment, cib, inside.id, [resource.id]);
  } else {
    removeReferences(environment, cib, clone.id);
    const outer = parentOf(cib, clone)!;
    parent.remove(resource);
    outer.append(resource);
    outer.remove(clone);
  }
  await environment.push();
  await waitAndTell(environment, seconds, resource.id);
}
