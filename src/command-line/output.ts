import { exitStatus } from './exit-codes.js';

/** A node of the XML output: an element, or text. */
export type OutputNode = OutputElement | string;

export interface OutputElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: OutputNode[];
}

/** An element of the XML output; attributes without value are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
  children: readonly OutputNode[] = [],
): OutputElement {
  const set: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) set[key] = String(value);
  return { name, attributes: set, children: [...children] };
}

/** Text that is already XML and goes into the output as it is. */
export function cdata(
  name: string,
  attributes: Record<string, string | undefined>,
  text: string,
): OutputElement {
  return element(name, attributes, [`<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`]);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
};

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\n\t\r]/g, (c) => ESCAPES[c]!);
}

function escapeText(text: string): string {
  return text.startsWith('<![CDATA[') ? text : text.replace(/[&<>\r]/g, (c) => ESCAPES[c]!);
}

/** Writes an element, two blanks a level. */
export function renderElement(root: OutputElement): string {
  const lines: string[] = [];
  const write = (node: OutputElement, depth: number) => {
    const pad = '  '.repeat(depth);
    const attributes = Object.entries(node.attributes)
      .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
      .join('');
    if (node.children.length === 0) {
      lines.push(`${pad}<${node.name}${attributes}/>`);
    } else if (node.children.every((child) => typeof child === 'string')) {
      lines.push(`${pad}<${node.name}${attributes}>${node.children.map(escapeText).join('')}</${node.name}>`);
    } else {
      lines.push(`${pad}<${node.name}${attributes}>`);
      for (const child of node.children) {
        if (typeof child === 'string') lines.push(`${pad}  ${escapeText(child)}`);
        else write(child, depth + 1);
      }
      lines.push(`${pad}</${node.name}>`);
    }
  };
  write(root, 0);
  return `${lines.join('\n')}\n`;
}

/** A command line as Pacemaker quotes it in its output. */
export function quoteCommandLine(words: readonly string[]): string {
  return words.map((word) => (word.includes(' ') ? `'${word.replaceAll("'", "\\'")}'` : word)).join(' ');
}

/** Version of Pacemaker 2.1.5's output schemas. */
export const API_VERSION = '2.25';

/** The document that all tools put their XML output into. */
export function resultDocument(
  request: readonly string[],
  content: readonly OutputNode[],
  exit: number,
  errors: readonly string[],
): OutputElement {
  const status = element('status', { code: exit, message: exitStatus(exit).description });
  if (errors.length > 0) {
    status.children.push(
      element(
        'errors',
        {},
        errors.map((error) => element('error', {}, [error])),
      ),
    );
  }
  return element('pacemaker-result', { 'api-version': API_VERSION, request: quoteCommandLine(request) }, [
    ...content,
    status,
  ]);
}
