import { Element, type Node } from './element.js';

/*
 * The CIB as JSON: another spelling of the same tree, lossless in both directions.
 *
 *   element  {"$": "primitive", "id": "vip", "class": "ocf", "@": [child, ...]}
 *   comment  {"#": "text"}
 *   text     "text"
 *
 * `$` is the element's name and comes first, its attributes follow in document order, `@` lists its children where it
 * has some. No XML name contains these signs, so nothing can clash.
 */

/** Deeper documents are refused, as in XML. */
const DEPTH_MAX = 256;
const NAME = /^[\p{L}_:][\p{L}\p{N}_:.-]*$/u;

/** Writes an element as JSON, two blanks a level, elements without children on one line. */
export function writeCibJson(root: Element): string {
  return `${node(root, '')}\n`;
}

function node(value: Node, pad: string): string {
  if (value.kind === 'text') return JSON.stringify(value.text);
  if (value.kind === 'comment') return `{"#": ${JSON.stringify(value.text)}}`;
  const fields = [['$', value.name], ...value.attributes].map(
    ([name, text]) => `${JSON.stringify(name)}: ${JSON.stringify(text)}`,
  );
  if (value.children.length === 0) return `{${fields.join(', ')}}`;
  const inner = `${pad}  `;
  const children = value.children.map((child) => `\n${inner}${node(child, inner)}`);
  return `{${fields.join(', ')}, "@": [${children.join(',')}\n${pad}]}`;
}

export type JsonOutcome =
  | { readonly ok: true; readonly cib: Element }
  /** `message` says where and what. */
  | { readonly ok: false; readonly message: string };

/** Reads what `writeCibJson` writes, however it is laid out. */
export function parseCibJson(text: string): JsonOutcome {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, message: place((error as Error).message, text) };
  }
  try {
    const root = read(value, '$', 0);
    if (root.kind !== 'element') return { ok: false, message: 'the document is no element' };
    return { ok: true, cib: root };
  } catch (error) {
    if (error instanceof ShapeError) return { ok: false, message: error.message };
    throw error;
  }
}

/** The engine's complaint with line and column in place of an offset. */
function place(message: string, text: string): string {
  const offset = /position (\d+)/.exec(message)?.[1];
  const what = message.replace(/ in JSON at position \d+.*$/s, '').replace(/ at position \d+.*$/s, '');
  if (offset === undefined) return what;
  const before = text.slice(0, Number(offset));
  const line = before.split('\n').length;
  return `${line}:${before.length - before.lastIndexOf('\n')}: ${what}`;
}

class ShapeError extends Error {}

function read(value: unknown, path: string, depth: number): Node {
  if (depth > DEPTH_MAX) throw new ShapeError(`${path}: elements nest deeper than ${DEPTH_MAX}`);
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShapeError(`${path}: expected an element, a comment or a text`);
  }
  const entries = Object.entries(value);
  const own = new Map<string, unknown>(entries);
  if (own.has('#')) {
    const text = own.get('#');
    if (typeof text !== 'string' || own.size > 1) throw new ShapeError(`${path}: a comment is {"#": "text"}`);
    return { kind: 'comment', text };
  }
  const name = own.get('$');
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new ShapeError(`${path}: an element needs "$", its name`);
  }
  const element = new Element(name);
  for (const [key, text] of entries) {
    if (key === '$' || key === '@') continue;
    if (!NAME.test(key)) throw new ShapeError(`${path}: ${JSON.stringify(key)} is no attribute name`);
    if (typeof text !== 'string') throw new ShapeError(`${path}.${key}: attributes are strings`);
    element.attributes.set(key, text);
  }
  const children = own.get('@') ?? [];
  if (!Array.isArray(children)) throw new ShapeError(`${path}: "@" is a list`);
  for (const [i, child] of children.entries())
    element.children.push(read(child, `${path}@[${i}]`, depth + 1));
  return element;
}
