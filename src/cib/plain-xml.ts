import { Element } from './element.js';

/*
 * Reading the XML that Pacemaker's tools and ours write, in a tenth of the time that a whole XML parser takes to get
 * going: most commands run for less time than that. What is not written in this plain manner (text, CDATA, processing
 * instructions, other references, line breaks in tags), and what is no XML at all, is left to the parser.
 */

const PROLOG = /^<\?xml version="1\.0"(?: encoding="[A-Za-z][\w.-]*")?(?: standalone="(?:yes|no)")? ?\?>/;
/** What XML forbids, and what only a parser should judge: line ends of other systems, characters beyond the BMP. */
const UNUSUAL = /[^\t\n\x20-\ud7ff\ue000-\ufffd]|^\ufeff/;
const BLANK = /[ \t\n]*/y;
const CLOSE = /<\/([A-Za-z_][\w.-]*) *>/y;
const OPEN = /<([A-Za-z_][\w.-]*)((?: +[A-Za-z_][\w.:-]*="[^"<\t\n]*")*) *(\/?)>/y;
const ATTRIBUTE = / +([^=]+)="([^"]*)"/y;
const REFERENCE = /&([^;&]*);?/g;
const REFERENCES = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&#9;', '\t'],
  ['&#10;', '\n'],
  ['&#13;', '\r'],
]);

/** Beyond these the parser is asked: about depth it complains, and many attributes take it less time. */
const DEPTH_MAX = 200;
const ATTRIBUTES_MAX = 60;

/** The attributes of a tag, or null where there is something in them for the parser. */
function attributesOf(text: string): [string, string][] | null {
  const attributes: [string, string][] = [];
  ATTRIBUTE.lastIndex = 0;
  for (let at = 0; at < text.length; at = ATTRIBUTE.lastIndex) {
    const [, name, written] = ATTRIBUTE.exec(text) as unknown as [string, string, string];
    if (attributes.length >= ATTRIBUTES_MAX || attributes.some(([other]) => other === name)) return null;
    let value = written;
    if (written.includes('&')) {
      let unknown = false;
      value = written.replace(REFERENCE, (reference) => {
        const meant = REFERENCES.get(reference);
        if (meant === undefined) unknown = true;
        return meant ?? '';
      });
      if (unknown) return null;
    }
    attributes.push([name, value]);
  }
  return attributes;
}

/** The document as `parseXml` reads it, positions included; undefined where it is not plain. */
export function parsePlainXml(text: string): Element | undefined {
  if (UNUSUAL.test(text)) return undefined;
  const open: Element[] = [];
  let root: Element | undefined;
  let at = PROLOG.exec(text)?.[0].length ?? 0;
  let line = 1;
  let lineStart = 0;
  /** Goes on to `end`, counting lines. */
  const advance = (end: number) => {
    for (let newline = text.indexOf('\n', at); newline >= 0 && newline < end; ) {
      line += 1;
      lineStart = newline + 1;
      newline = text.indexOf('\n', lineStart);
    }
    at = end;
  };
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (;;) {
    match(BLANK);
    advance(BLANK.lastIndex);
    if (at === text.length) return open.length === 0 ? root : undefined;
    const tag = match(OPEN);
    if (tag) {
      const attributes = attributesOf(tag[2]!);
      const parent = open.at(-1);
      if (!attributes || open.length >= DEPTH_MAX || (!parent && root)) return undefined;
      const element = new Element(tag[1]!, attributes, [], { line, column: at - lineStart + 2 });
      if (parent) parent.children.push(element);
      else root = element;
      if (tag[3] === '') open.push(element);
      at = OPEN.lastIndex;
      continue;
    }
    const end = match(CLOSE);
    if (end) {
      if (open.pop()?.name !== end[1]) return undefined;
      at = CLOSE.lastIndex;
      continue;
    }
    const dashes = text.startsWith('<!--', at) ? text.indexOf('--', at + 4) : -1;
    if (dashes < 0 || text[dashes + 2] !== '>') return undefined;
    open.at(-1)?.children.push({ kind: 'comment', text: text.slice(at + 4, dashes) });
    advance(dashes + 3);
  }
}
