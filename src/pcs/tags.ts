import { byKeyword, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { type Environment, sectionOf } from './environment.js';
import { error, type Finding } from './refusal.js';
import { elementsWithId, findResource, idExists, idMistakes, RESOURCE_TAGS } from './tree.js';
import { kindNames, plural, quotedList } from './words.js';

/** `pcs tag ...` */

function duplicates(ids: readonly string[], verb: 'add' | 'remove'): Finding[] {
  const twice = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
  if (twice.length === 0) return [];
  return [error(`Ids to ${verb} must be unique, duplicate ${plural(twice, 'id')}: ${quotedList(twice)}`)];
}

function notResources(cib: Element, ids: readonly string[]): Finding[] {
  return [...new Set(ids)]
    .filter((id) => !findResource(cib, id))
    .map((id) => {
      const other = elementsWithId(cib, id)[0];
      const kinds = kindNames(RESOURCE_TAGS, other !== undefined);
      return error(other ? `'${id}' is not ${kinds}` : `${kinds} '${id}' does not exist`);
    });
}

export async function createTag(environment: Environment, words: string[]): Promise<void> {
  const [id, ...ids] = words;
  if (id === undefined || ids.length === 0) throw new WrongUsage();
  const cib = await environment.cib();
  const mistakes = idMistakes(id, 'id').map(error);
  environment.report(
    ...mistakes,
    ...(mistakes.length === 0 && idExists(cib, id) ? [error(`'${id}' already exists`)] : []),
    ...(ids.includes(id) ? [error('Tag cannot contain itself')] : []),
    ...notResources(cib, ids),
    ...duplicates(ids, 'add'),
  );
  environment.stopOnErrors();
  const references = ids.map((each) => new Element('obj_ref', { id: each }));
  sectionOf(cib, 'tags').append(new Element('tag', { id }, references));
  await environment.push();
}

function tagsOf(cib: Element): Element[] {
  return cib.at('configuration', 'tags')?.elements('tag') ?? [];
}

function missingTag(cib: Element, id: string): Finding {
  return error(elementsWithId(cib, id).length > 0 ? `'${id}' is not a tag` : `tag '${id}' does not exist`);
}

export async function showTags(environment: Environment, words: string[]): Promise<void> {
  const cib = await environment.cib();
  const all = tagsOf(cib);
  const chosen = words.length === 0 ? all : words.flatMap((id) => all.find((tag) => tag.id === id) ?? []);
  environment.report(
    ...words.filter((id) => !all.some((tag) => tag.id === id)).map((id) => missingTag(cib, id)),
  );
  environment.stopOnErrors();
  if (chosen.length === 0) {
    environment.say(' No tags defined');
    return;
  }
  environment.print(tagLines(chosen).join('\n'));
}

export function tagLines(tags: readonly Element[]): string[] {
  return tags.flatMap((tag) => [tag.id, ...tag.elements('obj_ref').map(({ id }) => `  ${id}`)]);
}

export async function removeTags(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const cib = await environment.cib();
  const constraints = cib.at('configuration', 'constraints')?.elements() ?? [];
  for (const id of words) {
    const users = constraints.filter(
      (constraint) =>
        ['rsc', 'with-rsc', 'first', 'then'].some((name) => constraint.get(name) === id) ||
        constraint
          .elements('resource_set')
          .some((set) => set.elements('resource_ref').some((reference) => reference.id === id)),
    );
    if (users.length === 0) continue;
    const ids = users.map((constraint) => constraint.id);
    environment.report(
      error(
        `Tag '${id}' cannot be removed because it is referenced in ${plural(ids, 'constraint')} ${quotedList(ids)}`,
      ),
    );
  }
  const all = tagsOf(cib);
  environment.report(
    ...words.filter((id) => !all.some((tag) => tag.id === id)).map((id) => missingTag(cib, id)),
  );
  environment.stopOnErrors();
  const section = sectionOf(cib, 'tags');
  for (const tag of all) if (words.includes(tag.id)) section.remove(tag);
  await environment.push();
}

/** `TAG [add ID... [--before ID|--after ID]] [remove ID...]` */
export async function updateTag(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  const groups = byKeyword(rest, ['add', 'remove'], { once: true });
  const add = wordsOf(groups, 'add');
  const remove = wordsOf(groups, 'remove');
  const empty =
    groups.size === 0 ||
    (groups.has('add') && add.length === 0) ||
    (groups.has('remove') && remove.length === 0);
  if (empty) throw new WrongUsage(null, "Specify at least one id for 'add' or 'remove' arguments.");
  const before = environment.value('--before');
  const after = environment.value('--after');
  if (before !== undefined && after !== undefined)
    throw new WrongUsage('Cannot specify both --before and --after');
  const beside = after ?? before;
  const cib = await environment.cib();
  const tag = tagsOf(cib).find((each) => each.id === id);
  const present = tag?.elements('obj_ref').map((reference) => reference.id) ?? [];
  environment.report(
    ...(tag ? [] : [missingTag(cib, id)]),
    ...checkUpdate(cib, { id, known: tag !== undefined, add, remove, present, beside }),
  );
  environment.stopOnErrors();
  const reference = (each: string) =>
    tag!.elements('obj_ref').find((candidate) => candidate.id === each) ??
    new Element('obj_ref', { id: each });
  const adding = [...new Set(add)].map(reference);
  const removing = remove.map(reference);
  for (const element of adding) tag!.remove(element);
  const at = tag!.children.findIndex((child) => child.kind === 'element' && child.id === beside);
  if (at < 0) tag!.children.push(...adding);
  else tag!.children.splice(after === undefined ? at : at + 1, 0, ...adding);
  for (const element of removing) tag!.remove(element);
  if (!tag!.first('obj_ref')) sectionOf(cib, 'tags').remove(tag!);
  await environment.push();
}

interface Update {
  readonly id: string;
  readonly known: boolean;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly present: readonly string[];
  readonly beside: string | undefined;
}

function checkUpdate(cib: Element, { id, known, add, remove, present, beside }: Update): Finding[] {
  const findings: Finding[] = [];
  if (add.length === 0 && beside !== undefined) {
    findings.push(error(`Cannot specify adjacent id '${beside}' without ids to add`));
  }
  const both = [...new Set(add)].filter((each) => remove.includes(each));
  if (both.length > 0)
    findings.push(error(`Ids cannot be added and removed at the same time: ${quotedList(both)}`));
  findings.push(...duplicates(add, 'add'), ...notResources(cib, add));
  const already = [...new Set(add)].filter((each) => present.includes(each));
  if (beside === undefined && already.length > 0) {
    findings.push(
      error(
        `Cannot add reference ${plural(already, 'id')} already in the tag '${id}': ${quotedList(already)}`,
      ),
    );
  }
  if (!known) return findings;
  if (remove.length > 0) {
    const wrong = duplicates(remove, 'remove');
    const missing = [...new Set(remove)].filter((each) => !present.includes(each));
    if (missing.length > 0) {
      wrong.push(error(`Tag '${id}' does not contain ${plural(missing, 'id')}: ${quotedList(missing)}`));
    }
    if (wrong.length === 0 && add.length === 0 && present.every((each) => remove.includes(each))) {
      wrong.push(
        error(
          `There would be no references left in the tag '${id}', please remove the whole tag using the 'pcs tag remove ${id}' command`,
        ),
      );
    }
    findings.push(...wrong);
  }
  if (beside === undefined) return findings;
  if (!present.includes(beside)) {
    findings.push(
      error(
        `There is no reference id '${beside}' in the tag '${id}', cannot put reference ids next to it in the tag`,
      ),
    );
    return findings;
  }
  if (add.includes(beside)) findings.push(error(`Cannot put id '${beside}' next to itself.`));
  if (remove.includes(beside))
    findings.push(error(`Cannot remove id '${beside}' next to which ids are being added`));
  return findings;
}
