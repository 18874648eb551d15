/**
 * The words of a pcs command, below its name:
 *
 *     ARGUMENTS := { WORD | PAIR | KEYWORD { WORD | PAIR } }
 *     PAIR      := NAME=[VALUE]            an empty value removes
 *
 * Which words are keywords (`op`, `meta`, `clone`, `set`, `setoptions`, ...) is the command's business.
 */
import { WrongUsage } from './mistake.js';

/** Splits `NAME=VALUE` at the first `=`. */
export function readPair(word: string): [name: string, value: string] {
  const equals = word.indexOf('=');
  if (equals < 0) throw new WrongUsage(`missing value of '${word}' option`);
  if (equals === 0) throw new WrongUsage(`missing key in '${word}' option`);
  return [word.slice(0, equals), word.slice(equals + 1)];
}

/** Pairs by name, in the order typed; the same name twice is a mistake unless both say the same. */
export function readPairs(words: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const word of words) {
    const [name, value] = readPair(word);
    const earlier = pairs.get(name);
    if (earlier !== undefined && earlier !== value) {
      throw new WrongUsage(`duplicate option '${name}' with different values '${earlier}' and '${value}'`);
    }
    pairs.set(name, value);
  }
  return pairs;
}

/** As `readPairs`; options that may stand several times get all their values. */
export function readRepeatablePairs(
  words: readonly string[],
  repeatable: readonly string[],
): { single: Map<string, string>; repeated: Map<string, string[]> } {
  const repeated = new Map<string, string[]>();
  const others: string[] = [];
  for (const word of words) {
    const [name, value] = readPair(word);
    if (repeatable.includes(name)) repeated.set(name, [...(repeated.get(name) ?? []), value]);
    else others.push(word);
  }
  return { single: readPairs(others), repeated };
}

/** As `readPairs`, with no other options than those allowed. */
export function readAllowedPairs(words: readonly string[], allowed: readonly string[]): Map<string, string> {
  const pairs = readPairs(words);
  const unknown = [...pairs.keys()].filter((name) => !allowed.includes(name)).sort();
  if (unknown.length > 0) {
    throw new WrongUsage(`Unknown option${unknown.length > 1 ? 's' : ''} '${unknown.join("', '")}'`);
  }
  return pairs;
}

/** The words between separators; always one more than there are separators. */
export function splitAt(words: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === separator) parts.push([]);
    else parts.at(-1)!.push(word);
  }
  return parts;
}

export interface Keywords {
  /** Key for the words before the first keyword; absent: there must be none. */
  readonly first?: string;
  /** A keyword that is no `repeated` one may stand only once. Default false: its words are put together. */
  readonly once?: boolean;
  /** Each occurrence counts for itself. */
  readonly repeated?: readonly string[];
}

/** Words by the keyword that they stand behind: one list an occurrence. Keywords that do not occur are absent. */
export function byKeyword(
  words: readonly string[],
  keywords: readonly string[],
  options: Keywords = {},
): Map<string, string[][]> {
  const groups = new Map<string, string[][]>();
  let current: string[] | undefined;
  const enter = (keyword: string) => {
    const repeated = options.repeated?.includes(keyword) ?? false;
    const earlier = groups.get(keyword);
    if (earlier && options.once && !repeated) {
      throw new WrongUsage(`'${keyword}' cannot be used more than once`);
    }
    if (earlier && !repeated) current = earlier[0]!;
    else {
      current = [];
      groups.set(keyword, [...(earlier ?? []), current]);
    }
  };
  for (const word of words) {
    if (keywords.includes(word)) enter(word);
    else {
      if (current === undefined) {
        if (options.first === undefined) throw new WrongUsage();
        enter(options.first);
      }
      current!.push(word);
    }
  }
  return groups;
}

/** The words of a keyword that counts once. */
export function wordsOf(groups: ReadonlyMap<string, string[][]>, keyword: string): string[] {
  return groups.get(keyword)?.flat() ?? [];
}

/** `NAME` begins a group, pairs belong to the last one: `monitor interval=10 start timeout=5`. */
export function byName(words: readonly string[], label: string): Map<string, string[]> {
  const [first] = words;
  if (first?.includes('=')) throw new WrongUsage(`Invalid character '=' in ${label} '${first}'`);
  const groups = new Map<string, string[]>();
  let current: string[] = [];
  for (const word of words) {
    if (word.includes('=')) {
      current.push(word);
      continue;
    }
    if (groups.has(word)) {
      const capital = label.charAt(0).toUpperCase() + label.slice(1);
      throw new WrongUsage(`${capital} '${word}' defined multiple times`);
    }
    current = [];
    groups.set(word, current);
  }
  return groups;
}

/** `TYPE%VALUE`; without a type it is `fallback`. */
export function readTyped(
  word: string,
  types: readonly string[],
  fallback: string,
): { type: string; value: string } {
  const percent = word.indexOf('%');
  if (percent < 0) return { type: fallback, value: word };
  const type = word.slice(0, percent);
  const value = word.slice(percent + 1);
  if (type === '') return { type: fallback, value };
  if (!types.includes(type)) {
    throw new WrongUsage(
      `'${type}' is not an allowed type for '${word}', use ${[...types].sort().join(', ')}`,
    );
  }
  return { type, value };
}

/** Every word at most once. */
export function onlyOnce(words: readonly string[]): void {
  const twice = [...new Set(words.filter((word, index) => words.indexOf(word) !== index))].sort();
  if (twice.length === 0) return;
  const list = twice.map((word) => `'${word}'`).join(', ');
  throw new WrongUsage(`duplicate argument${twice.length > 1 ? 's' : ''}: ${list}`);
}

/** `op` groups of `resource create`: each `ACTION PAIR...` is one operation, `name` first. */
export function readOperations(groups: readonly (readonly string[])[]): Map<string, string>[] {
  const operations: string[][] = [];
  const incomplete = "When using 'op' you must specify an operation name and at least one option";
  for (const group of groups) {
    const [first] = group;
    if (first === undefined) throw new WrongUsage(incomplete);
    if (first.includes('=')) {
      throw new WrongUsage("When using 'op' you must specify an operation name after 'op'");
    }
    for (const word of group) {
      if (word.includes('=')) operations.at(-1)!.push(word);
      else operations.push([`name=${word}`]);
    }
  }
  if (operations.some((operation) => operation.length < 2)) throw new WrongUsage(incomplete);
  return operations.map(readPairs);
}
