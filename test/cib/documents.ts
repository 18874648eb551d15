import fc from 'fast-check';
import { createPatch } from '../../src/cib/diff.js';
import { Element, type Node } from '../../src/cib/element.js';

const names = ['primitive', 'group', 'meta_attributes', 'nvpair', 'operations'] as const;
const words = fc.constantFrom('a', 'b', 'c', 'd', 'x y', 'ü', '<&">', 'tab\tline\n', "it's");

const comment = fc.constantFrom('one', 'two', ' three ').map((text): Node => ({ kind: 'comment', text }));
const text = fc.constantFrom('words', ' more words').map((value): Node => ({ kind: 'text', text: value }));

/** No two texts side by side: XML cannot tell them apart. */
function separated(children: Node[]): Node[] {
  return children.filter((child, index) => child.kind !== 'text' || children[index - 1]?.kind !== 'text');
}

const tree: fc.Memo<Element> = fc.memo((depth) =>
  fc
    .record({
      name: fc.constantFrom(...names),
      id: fc.option(fc.constantFrom('i1', 'i2', 'i3', 'i4', 'i5'), { nil: undefined, freq: 6 }),
      attributes: fc.dictionary(fc.constantFrom('name', 'value', 'score', 'type'), words, { maxKeys: 3 }),
      children: depth <= 1 ? fc.constant<Node[]>([]) : children(depth - 1),
    })
    .map(
      ({ name, id, attributes, children: below }) =>
        new Element(name, id === undefined ? attributes : { id, ...attributes }, below),
    ),
);

const children = (depth: number): fc.Arbitrary<Node[]> =>
  fc
    .array(
      fc.oneof(
        { weight: 12, arbitrary: tree(depth) as fc.Arbitrary<Node> },
        { weight: 2, arbitrary: comment },
        { weight: 1, arbitrary: text },
      ),
      { maxLength: 5 },
    )
    .map(separated);

/** Any document below `cib`, with comments, texts, and elements that have no id or share one. */
export const document: fc.Arbitrary<Element> = fc
  .tuple(fc.nat(5), children(4))
  .map(
    ([epoch, below]) =>
      new Element('cib', { epoch: String(epoch), num_updates: '0', admin_epoch: '0' }, [
        new Element('configuration', {}, below),
      ]),
  );

/** The patch between two documents, if they differ; null where they have what no patch can tell apart. */
export function patchBetween(before: Element, after: Element): Element | undefined | null {
  try {
    return createPatch(before, after);
  } catch (error) {
    if (!String(error).includes('cannot tell apart')) throw error;
    return null;
  }
}
