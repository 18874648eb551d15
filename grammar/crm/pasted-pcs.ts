import type { Word } from './ast.js';

/** What pcs calls an action or a role before a resource. */
const ACTIONS = /^(?:start|stop|promote|demote)$/i;
const ROLES = /^(?:started|stopped|promoted|unpromoted|master|slave)$/i;
const SCORE = /^[+-]?(?:\d+|inf|infinity)$/i;

/**
 * Constraints in the words of pcs, as whole configurations on people's pages have them among crm's:
 *
 *   colocation [add] [ROLE] A [with] [ROLE] B [SCORE] [score=SCORE] [id=ID]
 *   order [ACTION] A then [ACTION] B [kind=KIND] [score=SCORE] [symmetrical=BOOLEAN] [id=ID]
 *
 * @returns the same in crm's words, each at the place of the word that it is made of; null where it is none of these
 */
export function wordsOfPastedPcs(words: readonly Word[]): Word[] | null {
  const [keyword, ...rest] = words;
  if (keyword?.text === 'colocation') return colocation(keyword, rest);
  if (keyword?.text === 'order') return order(keyword, rest);
  return null;
}

/** The words before the first `name=value`, and these by name; null where an option is none of those allowed. */
function split(
  words: readonly Word[],
  allowed: readonly string[],
): { readonly plain: Word[]; readonly options: ReadonlyMap<string, Word> } | null {
  const first = words.findIndex(({ text }) => text.includes('='));
  const at = first < 0 ? words.length : first;
  const options = new Map<string, Word>();
  for (const word of words.slice(at)) {
    const [name = '', value] = word.text.split('=');
    if (!value || !allowed.includes(name) || options.has(name)) return null;
    options.set(name, { ...word, text: value });
  }
  return { plain: words.slice(0, at), options };
}

/** `Promoted A` as `A:Promoted`; takes the words from the front. */
function takeResource(words: Word[], before: RegExp): Word | null {
  const suffix = words.length > 1 && before.test(words[0]!.text) ? words.shift() : undefined;
  const resource = words.shift();
  if (!resource) return null;
  return suffix ? { ...resource, text: `${resource.text}:${suffix.text}` } : resource;
}

/** `SCORE:` or `KIND:`, from the word that says it or at the place of another. */
const prefix = (word: Word): Word => ({ ...word, text: `${word.text}:` });

function colocation(keyword: Word, rest: readonly Word[]): Word[] | null {
  const found = split(rest, ['id', 'score']);
  if (!found) return null;
  const words = [...found.plain];
  const added = words[0]?.text === 'add' && words.shift() !== undefined;
  const dependent = takeResource(words, ROLES);
  const joined = words[0]?.text === 'with' && words.shift() !== undefined;
  // A statement of crm's own that is only half there is left to be complained about.
  if (!added && !joined && found.options.size === 0) return null;
  const primary = takeResource(words, ROLES);
  if (!dependent || !primary || words.length > 1) return null;
  const score = found.options.get('score') ?? words[0] ?? { ...primary, text: 'INFINITY' };
  if (!SCORE.test(score.text)) return null;
  const id = found.options.get('id') ?? {
    ...dependent,
    text: `colocation-${dependent.text}-${primary.text}-${score.text}`.replaceAll(':', '-'),
  };
  return [keyword, id, prefix(score), dependent, primary];
}

function order(keyword: Word, rest: readonly Word[]): Word[] | null {
  const found = split(rest, ['id', 'score', 'kind', 'symmetrical']);
  if (!found) return null;
  const words = [...found.plain];
  const first = takeResource(words, ACTIONS);
  if (words.shift()?.text !== 'then') return null;
  const then = takeResource(words, ACTIONS);
  if (!first || !then || words.length > 0) return null;
  const kind = found.options.get('kind') ?? found.options.get('score') ?? { ...then, text: 'Mandatory' };
  const id = found.options.get('id') ?? {
    ...first,
    text: `order-${first.text}-${then.text}-${kind.text}`.replaceAll(':', '-').toLowerCase(),
  };
  const symmetrical = found.options.get('symmetrical');
  return [
    keyword,
    id,
    prefix(kind),
    first,
    then,
    ...(symmetrical ? [{ ...symmetrical, text: `symmetrical=${symmetrical.text}` }] : []),
  ];
}
