import type { Occurrence } from './options.js';

/** An option as `getopt_long` knows it. */
export interface GetoptOption {
  readonly long: string;
  readonly short?: string;
  readonly value?: 'required' | 'optional';
}

export type GetoptResult =
  | { readonly ok: true; readonly occurrences: readonly Occurrence[]; readonly operands: readonly string[] }
  | { readonly ok: false; readonly message: string };

/**
 * Reads a command line as `getopt_long` does: operands may stand anywhere, long options may be shortened as far
 * as they stay unambiguous. Occurrences carry the long name, whichever was typed.
 */
export function getopt(options: readonly GetoptOption[], words: readonly string[]): GetoptResult {
  const occurrences: Occurrence[] = [];
  const operands: string[] = [];
  const failed = (message: string): GetoptResult => ({ ok: false, message });
  const found = (option: string, value: string | undefined) =>
    occurrences.push(value === undefined ? { option } : { option, value });
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') {
      operands.push(...words.slice(i + 1));
      break;
    }
    if (word === '-' || !word.startsWith('-')) {
      operands.push(word);
      continue;
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const exact = options.find((option) => option.long === name);
      const candidates = exact ? [exact] : options.filter((option) => option.long.startsWith(name));
      if (candidates.length === 0) return failed(`unrecognized option '--${name}'`);
      if (candidates.length > 1) {
        const names = candidates.map((option) => `'--${option.long}'`).join(' ');
        return failed(`option '--${name}' is ambiguous; possibilities: ${names}`);
      }
      const option = candidates[0]!;
      let value = equals < 0 ? undefined : word.slice(equals + 1);
      if (value !== undefined && !option.value) return failed(`option '--${name}' doesn't allow an argument`);
      if (value === undefined && option.value === 'required') {
        value = words[++i];
        if (value === undefined) return failed(`option '--${name}' requires an argument`);
      }
      found(option.long, value);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!;
      const option = options.find((candidate) => candidate.short === letter);
      if (!option) return failed(`invalid option -- '${letter}'`);
      if (!option.value) {
        found(option.long, undefined);
        continue;
      }
      let value: string | undefined = word.slice(at + 1);
      if (value === '') value = option.value === 'required' ? words[++i] : undefined;
      if (value === undefined && option.value === 'required') {
        return failed(`option requires an argument -- '${letter}'`);
      }
      found(option.long, value);
      break;
    }
  }
  return { ok: true, occurrences, operands };
}
