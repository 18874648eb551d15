import { Element, type Node } from './element.js';

/**
 * A patch in Pacemaker's format 2: `<diff format="2">` with the versions it leads from and to, and changes
 * `create`, `modify`, `move` and `delete`, each with the path of what it is about.
 */

export interface DiffOptions {
  /**
   * Whether an attribute that only stands in another place counts as changed. Default false: the order of
   * attributes has no meaning.
   */
  readonly attributeOrder?: boolean;
}

interface Changes {
  readonly deletions: Element[];
  readonly others: Element[];
  readonly options: DiffOptions;
}

const VERSION_ATTRIBUTES = ['admin_epoch', 'epoch', 'num_updates'] as const;

/**
 * The patch that makes `target` of `source`; undefined where they are the same. The trees are left as they are.
 * Elements are the same where name and id are; what cannot be told apart that way is replaced with its parent.
 *
 * @throws Error where the roots have different names
 */
export function createPatch(
  source: Element,
  target: Element,
  options: DiffOptions = {},
): Element | undefined {
  if (source.name !== target.name) {
    throw new Error(`a patch cannot make <${target.name}> of <${source.name}>`);
  }
  const changes: Changes = { deletions: [], others: [], options };
  const path = step(target);
  if (!compare(source, target, path, changes)) {
    throw new Error(`<${target.name}> has children that a patch cannot tell apart`);
  }
  if (changes.deletions.length === 0 && changes.others.length === 0) return undefined;
  const version = (name: string, cib: Element) =>
    new Element(
      name,
      VERSION_ATTRIBUTES.map((attribute) => [attribute, cib.get(attribute) ?? '1'] as const),
    );
  return new Element('diff', { format: '2' }, [
    new Element('version', {}, [version('source', source), version('target', target)]),
    ...changes.deletions,
    ...changes.others,
  ]);
}

/** One step of a path: `/primitive[@id='vip']`. */
function step(element: Element): string {
  const id = element.attributes.get('id');
  return id === undefined ? `/${element.name}` : `/${element.name}[@id='${id}']`;
}

/**
 * What makes a child the same one in both trees. Comments are the same where text and number among those of the
 * same text are.
 */
function keys(children: readonly Node[]): (string | undefined)[] {
  const comments = new Map<string, number>();
  return children.map((child) => {
    if (child.kind === 'element') return step(child);
    if (child.kind === 'text') return undefined;
    const count = comments.get(child.text) ?? 0;
    comments.set(child.text, count + 1);
    return `<!--${count} ${child.text}`;
  });
}

/**
 * Key → place among the children; undefined where two children have one key, or one without id has a namesake
 * (its path would lead to that one as well).
 */
function places(children: readonly Node[]): Map<string, number> | undefined {
  const found = new Map<string, number>();
  const named = new Map<string, { count: number; anonymous: boolean }>();
  for (const child of children) {
    if (child.kind !== 'element') continue;
    const namesakes = named.get(child.name) ?? { count: 0, anonymous: false };
    namesakes.count++;
    namesakes.anonymous ||= !child.attributes.has('id');
    if (namesakes.anonymous && namesakes.count > 1) return undefined;
    named.set(child.name, namesakes);
  }
  for (const [index, key] of keys(children).entries()) {
    if (key === undefined || found.has(key)) return undefined;
    found.set(key, index);
  }
  return found;
}

/** Whether two trees are the same, the order of attributes aside. */
export function sameTree(a: Node, b: Node, attributeOrder = false): boolean {
  if (a.kind !== 'element' || b.kind !== 'element') {
    return a.kind !== 'element' && b.kind !== 'element' && a.kind === b.kind && a.text === b.text;
  }
  if (a.name !== b.name || a.attributes.size !== b.attributes.size) return false;
  for (const [name, value] of a.attributes) if (b.attributes.get(name) !== value) return false;
  if (attributeOrder) {
    const names = [...b.attributes.keys()];
    let index = 0;
    for (const name of a.attributes.keys()) if (names[index++] !== name) return false;
  }
  return (
    a.children.length === b.children.length &&
    a.children.every((child, index) => sameTree(child, b.children[index]!, attributeOrder))
  );
}

/**
 * Adds the changes from `source` to `target`, which are the same element, to `changes`.
 *
 * @returns false where its children cannot be told apart; the caller then replaces the element
 */
function compare(source: Element, target: Element, path: string, changes: Changes): boolean {
  const from = places(source.children);
  const to = places(target.children);
  if (!from || !to) {
    const same =
      source.children.length === target.children.length &&
      source.children.every((child, index) =>
        sameTree(child, target.children[index]!, changes.options.attributeOrder),
      );
    if (!same) return false;
    addModification(source, target, path, changes);
    return true;
  }

  const deletions: Element[] = [];
  const created = new Set<number>();
  let deleted = 0;
  const remove = (child: Node, index: number) => {
    const position = child.kind === 'comment' ? String(index - deleted) : undefined;
    deletions.push(
      new Element('change', {
        operation: 'delete',
        path: path + (child.kind === 'element' ? step(child) : '/comment'),
        ...(position === undefined ? {} : { position }),
      }),
    );
    deleted++;
  };
  const below: Changes = { deletions: [], others: [], options: changes.options };
  const kept = new Map<number, Changes>();
  const replaced = new Set<string>();
  const sourceKeys = [...from.keys()];
  const targetOrder = [...to.keys()].filter((key) => from.has(key));
  const reordered = sourceKeys.filter((key) => to.has(key)).some((key, index) => targetOrder[index] !== key);
  for (const [index, child] of source.children.entries()) {
    const key = sourceKeys[index]!;
    const place = to.get(key);
    if (place === undefined) {
      remove(child, index);
      continue;
    }
    if (child.kind !== 'element') {
      // A move names what it moves by its path, and one comment's path is another's: out here, in again there.
      if (reordered) {
        remove(child, index);
        created.add(place);
        replaced.add(key);
      }
      continue;
    }
    const own: Changes = { deletions: [], others: [], options: changes.options };
    if (compare(child, target.children[place] as Element, path + step(child), own)) {
      kept.set(place, own);
      below.deletions.push(...own.deletions);
    } else {
      remove(child, index);
      created.add(place);
      replaced.add(key);
    }
  }
  for (const [key, place] of to) if (!from.has(key)) created.add(place);

  changes.deletions.push(...below.deletions, ...deletions);
  addModification(source, target, path, changes);
  const moved = movedPlaces(sourceKeys, [...to.keys()], created, (key) => to.has(key) && !replaced.has(key));
  for (const [place, child] of target.children.entries()) {
    if (created.has(place)) {
      changes.others.push(
        new Element('change', { operation: 'create', path, position: String(place) }, [
          child.kind === 'element' ? child.clone() : { ...child },
        ]),
      );
      continue;
    }
    const own = kept.get(place);
    if (own) changes.others.push(...own.others);
    if (moved.has(place)) {
      changes.others.push(
        new Element('change', {
          operation: 'move',
          path: path + step(child as Element),
          position: String(place),
        }),
      );
    }
  }
  return true;
}

/**
 * Places in `to` of the children that must be moved. Counts as Pacemaker does, so that both make the same patch
 * where its way leads to the right order.
 */
function movedPlaces(
  from: readonly string[],
  to: readonly string[],
  created: ReadonlySet<number>,
  stays: (key: string) => boolean,
): Set<number> {
  const oldOrder = from.filter(stays);
  const newOrder = to.filter((_, place) => !created.has(place));
  const moved = new Set<number>();
  if (oldOrder.every((key, index) => newOrder[index] === key)) return moved;

  const oldIndex = new Map(oldOrder.map((key, index) => [key, index]));
  const placeOf = new Map(to.map((key, place) => [key, place]));
  const skippedOld = new Set<number>();
  const skippedNew = new Set<number>();
  for (const [index, key] of newOrder.entries()) {
    const old = oldIndex.get(key)!;
    const before = (limit: number, skipped: ReadonlySet<number>) => {
      let count = limit;
      for (const skip of skipped) if (skip < limit) count--;
      return count;
    };
    const newPosition = before(index, skippedNew);
    const oldPosition = before(old, skippedOld);
    if (newPosition === oldPosition) continue;
    moved.add(placeOf.get(key)!);
    if (oldPosition > newPosition) skippedOld.add(old);
    else skippedNew.add(index);
  }
  const unmoved = newOrder.filter((key) => !moved.has(placeOf.get(key)!));
  const ordered = unmoved.every(
    (key, index) => index === 0 || oldIndex.get(unmoved[index - 1]!)! < oldIndex.get(key)!,
  );
  if (!ordered) for (const key of newOrder) moved.add(placeOf.get(key)!);
  return moved;
}

function addModification(source: Element, target: Element, path: string, changes: Changes): void {
  const list: Element[] = [];
  const set = (name: string, value: string) => new Element('change-attr', { name, operation: 'set', value });
  for (const [name, value] of target.attributes) {
    if (source.attributes.get(name) !== value) list.push(set(name, value));
  }
  for (const name of source.attributes.keys()) {
    if (!target.attributes.has(name)) list.push(new Element('change-attr', { name, operation: 'unset' }));
  }
  if (list.length === 0 && changes.options.attributeOrder) {
    const before = [...source.attributes.keys()];
    let index = 0;
    for (const [name, value] of target.attributes) {
      if (before[index++] !== name) list.push(set(name, value));
    }
  }
  if (list.length === 0) return;
  changes.others.push(
    new Element('change', { operation: 'modify', path }, [
      new Element('change-list', {}, list),
      new Element('change-result', {}, [new Element(target.name, target.attributes)]),
    ]),
  );
}
