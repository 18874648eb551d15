import { closest } from '../../grammar/crm/nearest.js';
import type { Configuration } from './configuration.js';
import { constrains } from './constraints.js';
import { type CibObject, isConstraint, isContainer, isResource } from './objects.js';

/**
 * The objects that words select: ids, wildcards, node names, `type:T`, `tag:ID`, `related:X`, `changed`, joined by
 * `or` (the default) and `and`. A plain id that names nothing is an error, and then nothing is selected.
 */
export function selectObjects(
  configuration: Configuration,
  words: readonly string[],
): CibObject[] | undefined {
  if (words.length === 0) return [...configuration.objects()];
  let chosen = new Set<CibObject>();
  let left: Set<CibObject> | undefined;
  for (const word of words) {
    if (word === 'or') continue;
    if (word === 'and') {
      left = chosen;
      chosen = new Set();
      continue;
    }
    const found = matching(configuration, word);
    if (found === undefined) {
      const near = closest(
        word,
        configuration.objects().map(({ id }) => id),
      );
      const hint = near === undefined ? '' : `: did you mean ${near}?`;
      configuration.reports.error('no-object', `object ${word} does not exist${hint}`);
      return undefined;
    }
    for (const object of found) chosen.add(object);
    if (left) {
      const before = left;
      chosen = new Set([...chosen].filter((object) => before.has(object)));
      left = undefined;
    }
  }
  return [...(left ?? chosen)];
}

function matching(configuration: Configuration, word: string): readonly CibObject[] | undefined {
  const objects = configuration.objects();
  if (word === 'changed') return configuration.changedObjects();
  if (word.startsWith('type:')) return objects.filter((object) => object.type === word.slice(5));
  if (word.startsWith('tag:')) return tagged(configuration, word.slice(4));
  if (word.startsWith('related:')) return related(configuration, word.slice(8));
  const found = configuration.findAll(word);
  return found.length > 0 ? found : undefined;
}

function tagged(configuration: Configuration, id: string): CibObject[] {
  return configuration
    .objects()
    .filter((object) => object.type === 'tag' && object.id === id)
    .flatMap((tag) => tag.element.elements('obj_ref'))
    .flatMap((reference) => configuration.findResource(reference.id) ?? []);
}

/** The object, its constraints, tags and containers; and resources whose agent the words name. */
function related(configuration: Configuration, words: string): CibObject[] {
  const named = configuration.findAll(words);
  const object = configuration.find(words);
  const around =
    object && isResource(object)
      ? configuration.objects().filter((other) => isRelated(other, object.id))
      : [];
  return [...named, ...around, ...byAgent(configuration, words)];
}

function isRelated(object: CibObject, id: string): boolean {
  if (isConstraint(object)) return constrains(object.element, id);
  if (object.type === 'tag')
    return object.element.elements('obj_ref').some((reference) => reference.id === id);
  if (!isContainer(object)) return false;
  for (const inner of object.element.descendants()) {
    if (inner !== object.element && inner.id === id && /^(primitive|group|clone|master)$/.test(inner.name)) {
      return true;
    }
  }
  return false;
}

/** `type`, `class:type` or `class:provider:type`. */
function byAgent(configuration: Configuration, spec: string): CibObject[] {
  const words = spec.split(':');
  const type = words.at(-1)!;
  if (words.length > 3 || type === '') return [];
  return configuration.objects().filter(({ element }) => {
    if (element.get('type') !== type) return false;
    if (words.length >= 2 && element.get('class') !== words[0]) return false;
    return words.length < 3 || element.get('provider') === words[1];
  });
}
