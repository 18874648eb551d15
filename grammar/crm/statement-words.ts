import type { IToken } from 'chevrotain';
import type { NameValue, SetItem } from './ast.js';

/* What single words of a statement say. */

/** An object without the properties that are undefined, which `exactOptionalPropertyTypes` wants absent. */
export function compact<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] === undefined) delete value[key];
  return value as T;
}

export interface Header {
  id?: string;
  idRef?: string;
}

/** The set's id or reference from `$id=x`, `$id-ref=x`. */
export function idSpec(token: IToken | undefined): Header {
  if (!token) return {};
  const at = token.image.indexOf('=');
  const value = token.image.slice(at + 1);
  return token.image.slice(0, at).toLowerCase() === '$id' ? { id: value } : { idRef: value };
}

export function scoreText(token: IToken | undefined): string | undefined {
  return token?.image.slice(0, -1);
}

export function afterEquals(token: IToken | undefined): string | undefined {
  return token?.image.slice(token.image.indexOf('=') + 1);
}

export function nameValue(token: IToken): NameValue {
  const text = token.image;
  const withId = /^\$([^:=]+)(?::(.+))?=(.*)$/s.exec(text);
  const ref = /^@([^:]+)(?::(.+))?$/s.exec(text);
  if (ref) return compact<NameValue>({ idRef: ref[1], name: ref[2] });
  if (withId) return { id: withId[1]!, name: withId[2] ?? withId[1]!, value: withId[3]! };
  const at = text.indexOf('=');
  return at < 0 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** The value that a keyword stands for. */
export function as<const T>(_keyword: IToken, value: T): T {
  return value;
}

export function member(token: IToken): SetItem {
  const at = token.image.indexOf(':');
  if (at < 0) return { type: 'member', id: token.image };
  return { type: 'member', id: token.image.slice(0, at), qualifier: token.image.slice(at + 1) };
}
