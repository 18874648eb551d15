import { SaxesParser } from 'saxes';
import { Element, type Position } from './element.js';
import { parsePlainXml } from './plain-xml.js';

/** Deeper documents are refused: no CIB comes near, and recursion over the tree must be bounded. */
const DEPTH_MAX = 256;

/** A text that is not well-formed XML, or nests too deep. */
export class XmlError extends Error {
  readonly position: Position;

  constructor(message: string, position: Position) {
    super(message);
    this.name = 'XmlError';
    this.position = position;
  }
}

/**
 * Reads one XML document. DTDs and external entities are not supported: an entity that XML itself does not
 * define is an error. Blank text between elements is dropped.
 *
 * @throws XmlError with the place of the first mistake
 */
export function parseXml(text: string): Element {
  return (
    parsePlainXml(text) ??
    read(text, (mistake) => {
      throw mistake;
    })
  );
}

/**
 * Reads what can be made out of a text that may not be well-formed, with everything that is wrong with it.
 *
 * @throws XmlError where there is not even an element
 */
export function recoverXml(text: string): { readonly root: Element; readonly mistakes: readonly XmlError[] } {
  const mistakes: XmlError[] = [];
  const root = read(text, (mistake) => mistakes.push(mistake));
  return { root, mistakes };
}

function read(text: string, onMistake: (mistake: XmlError) => void): Element {
  const parser = new SaxesParser({ xmlns: false, position: true });
  const open: Element[] = [];
  let root: Element | undefined;
  let start: Position = { line: 1, column: 1 };
  parser.on('error', (error) => {
    const message = error.message.replace(/^\d+:\d+: /, '');
    onMistake(new XmlError(message, { line: parser.line, column: parser.columnIndex + 1 }));
  });
  parser.on('opentagstart', () => {
    start = { line: parser.line, column: parser.columnIndex + 1 };
  });
  parser.on('opentag', (tag) => {
    const element = new Element(tag.name, Object.entries(tag.attributes as Record<string, string>), [], {
      line: start.line,
      column: Math.max(1, start.column - tag.name.length - 2 + 1),
    });
    const parent = open.at(-1);
    if (open.length >= DEPTH_MAX) throw new XmlError(`elements nest deeper than ${DEPTH_MAX}`, start);
    if (parent) parent.children.push(element);
    else root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.on('comment', (comment) => {
    open.at(-1)?.children.push({ kind: 'comment', text: comment });
  });
  const characters = (data: string) => {
    if (data.trim() !== '') open.at(-1)?.children.push({ kind: 'text', text: data });
  };
  parser.on('text', characters);
  parser.on('cdata', characters);
  parser.write(text).close();
  if (!root) throw new XmlError('no element found', { line: 1, column: 1 });
  return root;
}

const ATTRIBUTE_ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
};
const TEXT_ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

function escapeAttribute(value: string): string {
  return /[&<>"\n\t\r]/.test(value) ? value.replace(/[&<>"\n\t\r]/g, (c) => ATTRIBUTE_ESCAPES[c]!) : value;
}

function escapeText(value: string): string {
  return /[&<>\r]/.test(value) ? value.replace(/[&<>\r]/g, (c) => TEXT_ESCAPES[c]!) : value;
}

export interface WriteOptions {
  /** One element a line, two blanks a level, a newline at the end; otherwise all on one line. Default true. */
  readonly indent?: boolean;
  /** Start with `<?xml version="1.0"?>`. Default false. */
  readonly declaration?: boolean;
}

/** Writes an element as libxml2 does: double quotes, empty elements closed at once. */
export function writeXml(root: Element, options: WriteOptions = {}): string {
  const text = writeElement(root, 0, !(options.indent ?? true));
  return options.declaration ? `<?xml version="1.0"?>\n${text}` : text;
}

/** `inline`: on the same line as what stands around it. */
function writeElement(element: Element, depth: number, inline: boolean): string {
  const pad = inline ? '' : '  '.repeat(depth);
  const end = inline ? '' : '\n';
  let text = `${pad}<${element.name}`;
  for (const [name, value] of element.attributes) text += ` ${name}="${escapeAttribute(value)}"`;
  if (element.children.length === 0) return `${text}/>${end}`;
  const within = inline || element.children.some((child) => child.kind === 'text');
  text += within ? '>' : '>\n';
  for (const child of element.children) {
    if (child.kind === 'element') text += writeElement(child, depth + 1, within);
    else if (child.kind === 'text') text += escapeText(child.text);
    else text += within ? `<!--${child.text}-->` : `${'  '.repeat(depth + 1)}<!--${child.text}-->\n`;
  }
  return `${text}${within ? '' : pad}</${element.name}>${end}`;
}
