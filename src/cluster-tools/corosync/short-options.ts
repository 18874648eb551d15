/** getopt(3) for Corosync's tools: letters, of which some take a value, `--long` names for a few, operands in between. */
export interface ShortOptions {
  /** As getopt's: a letter, with a colon where it takes a value. */
  readonly letters: string;
  readonly long?: Readonly<Record<string, string>>;
}

export type ParsedOptions =
  | {
      readonly ok: true;
      /** Letter → value, or the empty string; the last one counts. */
      readonly given: ReadonlyMap<string, string>;
      readonly operands: readonly string[];
    }
  | { readonly ok: false; readonly message: string };

export function parseShortOptions(table: ShortOptions, words: readonly string[]): ParsedOptions {
  const given = new Map<string, string>();
  const operands: string[] = [];
  const rest = [...words];
  const takesValue = (letter: string): boolean => table.letters[table.letters.indexOf(letter) + 1] === ':';
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      operands.push(...rest);
      break;
    }
    if (word.startsWith('--')) {
      const [name, attached] = word.slice(2).split('=', 2);
      const letter = table.long?.[name!];
      if (letter === undefined) return { ok: false, message: `unrecognized option '--${name}'` };
      const value = takesValue(letter) ? (attached ?? rest.shift()) : '';
      if (value === undefined) return { ok: false, message: `option '--${name}' requires an argument` };
      given.set(letter, value);
    } else if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at]!;
        if (letter === ':' || !table.letters.includes(letter)) {
          return { ok: false, message: `invalid option -- '${letter}'` };
        }
        if (!takesValue(letter)) given.set(letter, '');
        else {
          const value = at + 1 < word.length ? word.slice(at + 1) : rest.shift();
          if (value === undefined)
            return { ok: false, message: `option requires an argument -- '${letter}'` };
          given.set(letter, value);
          break;
        }
      }
    } else operands.push(word);
  }
  return { ok: true, given, operands };
}
