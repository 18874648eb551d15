import { Element, type Node } from '../cib/element.js';
import type { Block, Entry, Outline, Span } from './outline.js';

/** Pacemaker's own stylesheet: pages that people have styled rely on its classes. */
const STYLESHEET = `.bold { font-weight: bold }
.online { color: green }
.offline { color: red }
.maint { color: blue }
.standby { color: blue }
.health_red { color: red }
.health_yellow { color: GoldenRod }
.rsc-failed { color: red }
.rsc-failure-ignored { color: DarkGreen }
.rsc-managed { color: blue }
.rsc-multiple { color: orange }
.rsc-ok { color: green }
.warning { color: red; font-weight: bold }`;

export interface HtmlPage {
  readonly title: string;
  readonly stylesheet: string | undefined;
  /** Seconds after which a browser asks again. */
  readonly refreshSec: number | undefined;
  readonly cgi: boolean;
}

function textNode(text: string): Node {
  return { kind: 'text', text };
}

function spans(of: readonly Span[]): Element[] {
  return of.map(
    (span) =>
      new Element('span', span.className === undefined ? {} : { class: span.className }, [
        textNode(span.text),
      ]),
  );
}

function entryElements(entry: Entry): Element[] {
  if (entry.kind === 'list') {
    return [new Element('li', {}, outlineElements(entry, 'h3'))];
  }
  const children: Node[] = entry.spans ? spans(entry.spans) : [textNode(entry.text)];
  for (const nested of entry.nested ?? []) children.push(...entryElements(nested));
  return [new Element('li', entry.className === undefined ? {} : { class: entry.className }, children)];
}

function outlineElements(outline: Outline, heading: 'h2' | 'h3'): Element[] {
  const title = outline.title === undefined ? [] : [new Element(heading, {}, [textNode(outline.title)])];
  return [...title, new Element('ul', {}, outline.entries.flatMap(entryElements))];
}

/** HTML as libxml2 lays it out; every element that we make is in these two groups. */
const EMPTY = new Set(['meta', 'link', 'br']);
const INLINE = new Set(['span', 'br']);

function escapeText(text: string): string {
  return text.replace(/[&<>\u0080-\u{10ffff}]/gu, (character) => {
    if (character === '&') return '&amp;';
    if (character === '<') return '&lt;';
    if (character === '>') return '&gt;';
    return `&#x${character.codePointAt(0)!.toString(16).toUpperCase()};`;
  });
}

/** Newlines stand only between block elements, never beside text; that is libxml2's htmlNodeDumpFormatOutput. */
function writeHtml(root: Element): string {
  const parts: string[] = [];
  const write = (node: Node, parent: Element | undefined, next: Node | undefined): void => {
    if (node.kind !== 'element') {
      if (node.kind === 'text') parts.push(parent?.name === 'style' ? node.text : escapeText(node.text));
      return;
    }
    const block = !INLINE.has(node.name);
    const paragraph = (name: string | undefined) => name?.startsWith('p') ?? false;
    parts.push('<', node.name);
    for (const [name, value] of node.attributes) {
      parts.push(' ', name, '="', escapeText(value).replaceAll('"', '&quot;'), '"');
    }
    parts.push('>');
    if (!EMPTY.has(node.name)) {
      const inner = node.children.filter((child) => child.kind !== 'text' || child.text !== '');
      const first = inner[0];
      const last = inner.at(-1);
      const several = inner.length > 1 && block && !paragraph(node.name);
      if (several && first?.kind !== 'text') parts.push('\n');
      for (const [index, child] of inner.entries()) write(child, node, inner[index + 1]);
      if (several && last?.kind !== 'text') parts.push('\n');
      parts.push('</', node.name, '>');
    }
    if (block && next && next.kind !== 'text' && parent && !paragraph(parent.name)) parts.push('\n');
  };
  write(root, undefined, undefined);
  return parts.join('');
}

/** The page of a status; `errors` follow it as a list. */
export function writePage(blocks: readonly Block[], page: HtmlPage, errors: readonly string[] = []): string {
  const elements = blocks.flatMap((block) =>
    'outline' in block ? outlineElements(block.outline, 'h2') : [],
  );
  if (errors.length > 0) {
    elements.push(
      new Element(
        'ul',
        {},
        errors.map((error) => new Element('li', {}, [textNode(error)])),
      ),
    );
  }
  return writeBody(elements, page);
}

/** A page with a line for each of some facts. */
export function writeFacts(heading: string, facts: readonly string[], page: HtmlPage): string {
  const lines = facts.map((fact) => new Element('div', {}, [textNode(fact)]));
  return writeBody([new Element('h2', {}, [textNode(heading)]), ...lines], page);
}

/** A page of these elements. */
export function writeBody(elements: readonly Element[], page: HtmlPage): string {
  const head = new Element('head', {}, [
    new Element('title', {}, [textNode(page.title)]),
    new Element('meta', { charset: 'utf-8' }),
  ]);
  if (page.refreshSec !== undefined) {
    head.append(new Element('meta', { 'http-equiv': 'refresh', content: String(page.refreshSec) }));
  }
  head.append(new Element('style', {}, [textNode(STYLESHEET)]));
  if (page.stylesheet !== undefined) {
    head.append(new Element('link', { rel: 'stylesheet', href: page.stylesheet }));
  }
  const body = new Element('body', {}, [...elements]);
  const html = writeHtml(new Element('html', { lang: 'en' }, [head, body]));
  return `${page.cgi ? 'Content-Type: text/html\n\n' : ''}<!DOCTYPE html>\n${html}\n`;
}
