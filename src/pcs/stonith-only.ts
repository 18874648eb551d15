import type { Element } from '../cib/element.js';
import type { Environment } from './environment.js';
import { error } from './refusal.js';
import { elementsWithId, findResource, isStonith, RESOURCE_TAGS } from './tree.js';
import { kindNames } from './words.js';

/** Whether words name resources or stonith devices, tags counting as what is in them. */

/** Resources that ids and tags stand for, each once, in the order named. */
export function expandTags(cib: Element, words: readonly string[]): { found: Element[]; missing: string[] } {
  const found: Element[] = [];
  const missing: string[] = [];
  const add = (element: Element) => {
    if (!found.includes(element)) found.push(element);
  };
  for (const word of words) {
    const resource = findResource(cib, word);
    if (resource) {
      add(resource.element);
      continue;
    }
    const tag = cib
      .at('configuration', 'tags')
      ?.elements('tag')
      .find(({ id }) => id === word);
    if (!tag) {
      missing.push(word);
      continue;
    }
    for (const reference of tag.elements('obj_ref')) {
      const tagged = findResource(cib, reference.id);
      if (tagged) add(tagged.element);
    }
  }
  return { found, missing };
}

/** The resources that words stand for; those that are none are reported. */
export function resourcesNamed(environment: Environment, cib: Element, words: readonly string[]): Element[] {
  const { found, missing } = expandTags(cib, words);
  for (const word of missing) {
    const kinds = [...RESOURCE_TAGS, 'tag'];
    const other = elementsWithId(cib, word)[0];
    environment.report(
      error(
        other ? `'${word}' is not ${kindNames(kinds, true)}` : `${kindNames(kinds)} '${word}' does not exist`,
      ),
    );
  }
  return found;
}

/** Says that a command for resources will not take stonith devices for ever. */
export async function warnOfStonith(
  environment: Environment,
  words: readonly string[],
  instead: string | null = null,
): Promise<void> {
  const { found } = expandTags(await environment.cib(), words);
  if (!found.some(isStonith)) return;
  const use = instead === null ? '' : ` Please use '${instead}' instead.`;
  environment.deprecated(
    `Ability of this command to accept stonith resources is deprecated and will be removed in a future release.${use}`,
  );
}

/** As `warnOfStonith`, the other way around. */
export async function warnOfResources(
  environment: Environment,
  words: readonly string[],
  instead: string | null = null,
): Promise<void> {
  const { found } = expandTags(await environment.cib(), words);
  if (!found.some((element) => !isStonith(element))) return;
  const use = instead === null ? '' : ` Please use '${instead}' instead.`;
  environment.deprecated(
    `Ability of this command to accept resources is deprecated and will be removed in a future release.${use}`,
  );
}
