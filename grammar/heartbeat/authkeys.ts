import { closest } from '../crm/nearest.js';
import type { AuthKey, AuthKeys, Line, Mistake, Word } from './ast.js';
import { parseLines } from './parser.js';

/** authkeys(5): ids are 1 to 15. */
const ID_MAX = 15;
const METHODS = ['crc', 'md5', 'sha1'] as const;
/** A secret that can be guessed in an afternoon. */
const SECRET_CHARACTERS_MIN = 8;

export interface AuthKeysReading {
  readonly file: AuthKeys;
  /** In the order of the text. */
  readonly mistakes: readonly Mistake[];
}

/** Reads an authkeys file. Mistakes are collected, each with its place. */
export function readAuthKeys(text: string): AuthKeysReading {
  const mistakes: Mistake[] = [];
  const keys: AuthKey[] = [];
  let auth: { readonly word: Word; readonly id: number } | undefined;
  const error = (code: string, word: Word, message: string, fix?: string): void => {
    mistakes.push({
      severity: 'error',
      code,
      message,
      place: word.place,
      ...(fix === undefined ? {} : { fix }),
    });
  };
  const warning = (code: string, word: Word, message: string, fix: string): void => {
    mistakes.push({ severity: 'warning', code, message, fix, place: word.place });
  };

  const idOf = (word: Word): number | null => {
    const id = /^\d+$/.test(word.text) ? Number(word.text) : Number.NaN;
    if (id >= 1 && id <= ID_MAX) return id;
    error('key-id', word, `'${word.text}' is no key number: expected 1 to ${ID_MAX}`);
    return null;
  };

  const readAuth = ({ words: [keyword, which, ...rest] }: Line): void => {
    if (auth) {
      error('duplicate', keyword, `a second 'auth' line; the first is in line ${auth.word.place.line}`);
      return;
    }
    if (!which) {
      error('incomplete', keyword, "'auth' does not say which key signs", "write 'auth 1'");
      return;
    }
    const id = idOf(which);
    if (id !== null) auth = { word: which, id };
    for (const word of rest) {
      error('too-many', word, `'${word.text}' has no meaning here: 'auth' takes one number`);
    }
  };

  const readKey = ({ words: [number, method, secret, ...rest] }: Line): void => {
    const id = idOf(number);
    if (!method) {
      error('incomplete', number, `key ${number.text} has no method`, `write '${number.text} sha1 SECRET'`);
      return;
    }
    const known = METHODS.find((each) => each === method.text);
    if (!known) {
      const near = closest(method.text, METHODS);
      const fix = near ? `did you mean ${near}?` : 'expected sha1, md5 or crc';
      error('method', method, `unknown method '${method.text}'`, fix);
      return;
    }
    if (known === 'crc') {
      warning(
        'crc',
        method,
        'crc protects from broken cables only: anybody on the network can speak for a node',
        `write '${number.text} sha1 SECRET', the same on all nodes`,
      );
    } else if (!secret) {
      error(
        'no-secret',
        method,
        `${known} needs a secret`,
        `write '${number.text} ${known} SECRET', the same on all nodes`,
      );
      return;
    } else if (secret.text.length < SECRET_CHARACTERS_MIN) {
      warning(
        'weak-secret',
        secret,
        `a secret of ${secret.text.length} characters can be guessed`,
        'take a long random one, as: openssl rand -hex 20',
      );
    }
    // As Heartbeat reads it: what follows the secret is not looked at.
    for (const word of known === 'crc' && secret ? [secret, ...rest] : rest) {
      warning(
        'ignored',
        word,
        `'${word.text}' is ignored: ${known === 'crc' ? 'crc takes no secret' : 'a secret has no blanks'}`,
        'take it away',
      );
    }
    if (id === null) return;
    const twin = keys.find((key) => key.id === id);
    if (twin) {
      error('duplicate', number, `key ${id} is given twice; the first is in line ${twin.place.line}`);
      return;
    }
    keys.push({
      id,
      method: known,
      ...(known === 'crc' || !secret ? {} : { secret: secret.text }),
      place: number.place,
    });
  };

  for (const line of parseLines(text, 'authkeys')) {
    const [first, second] = line.words;
    const glued = /^auth(\d+)$/i.exec(first.text);
    if (first.text === 'auth') readAuth(line);
    else if (/^\d/.test(first.text)) readKey(line);
    else if (glued) {
      error(
        'misspelt-auth',
        first,
        `unknown word '${first.text}': between 'auth' and the number belongs a blank`,
        `write 'auth ${glued[1]}'`,
      );
      // Taken as meant, so that nothing that follows from it is complained about as well.
      auth ??= { word: { text: glued[1]!, place: first.place }, id: Number(glued[1]) };
    } else {
      const near = closest(first.text, ['auth']);
      const fix = near ? `did you mean 'auth${second ? ` ${second.text}` : ''}'?` : undefined;
      error(
        'unknown-word',
        first,
        `'${first.text}' is neither 'auth NUMBER' nor a key ('NUMBER METHOD SECRET')`,
        fix,
      );
      if (near && second && /^\d+$/.test(second.text)) auth ??= { word: second, id: Number(second.text) };
    }
  }
  const start: Word = { text: '', place: { line: 1, column: 1, length: 1 } };
  const chosen = auth;
  const active = keys.find((key) => key.id === chosen?.id);
  if (!chosen) {
    const fix = keys[0]
      ? `write 'auth ${keys[0].id}' as the first line`
      : "write 'auth 1' and '1 sha1 SECRET'";
    error('no-auth', start, "there is no 'auth' line: which key signs is not said", fix);
  } else if (!active && !mistakes.some(({ code }) => KEY_MISTAKES.has(code))) {
    const there = keys.length > 0 ? keys.map((key) => key.id).join(', ') : 'none';
    error(
      'no-such-key',
      chosen.word,
      `there is no key ${chosen.id} (there is ${there})`,
      keys[0]
        ? `write 'auth ${keys[0].id}', or add a key '${chosen.id} sha1 SECRET'`
        : `add '${chosen.id} sha1 SECRET'`,
    );
  }
  mistakes.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  return { file: { keys, ...(active ? { active } : {}) }, mistakes };
}

/** Mistakes in a key's line: the key is meant to be there. */
const KEY_MISTAKES: ReadonlySet<string> = new Set(['method', 'no-secret', 'incomplete', 'key-id']);
