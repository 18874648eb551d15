import type { Element, Node } from './element.js';
import { md5 } from './md5.js';
import { compareVersions } from './version.js';

/** Attributes that say who wrote the CIB and when; they do not count as content. */
export const ORIGIN_ATTRIBUTES: ReadonlySet<string> = new Set([
  'crm-debug-origin',
  'cib-last-written',
  'update-origin',
  'update-client',
  'update-user',
]);

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '&': '&amp;',
  '\t': '    ',
  '\n': '\\n',
  '\r': '\\r',
};

/**
 * Escapes an attribute value as Pacemaker 2.1 does for digests and logs: not reversible, and only up to the first
 * character that is not ASCII.
 */
export function escapeForDigest(value: string): string {
  if (/^[ !#-%(-;=?-~]*$/.test(value)) return value;
  const foreign = value.search(/[^\0-\x7f]/);
  const head = foreign < 0 ? value : value.slice(0, foreign);
  const escaped = head.replace(
    /[<>"'&\t\n\r\0-\x1f\x7f]/g,
    (c) => ESCAPES[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return foreign < 0 ? escaped : escaped + value.slice(foreign);
}

/** The text that digests are made of: all on one line, no text between elements. */
function write(node: Node, filtered: boolean, sorted: boolean): string {
  if (node.kind === 'text') return '';
  if (node.kind === 'comment') return sorted ? '' : `<!--${node.text}-->`;
  let text = `<${node.name}`;
  const names = sorted ? [...node.attributes.keys()].sort() : node.attributes.keys();
  for (const name of names) {
    if (filtered && ORIGIN_ATTRIBUTES.has(name)) continue;
    text += ` ${name}="${escapeForDigest(node.attributes.get(name)!)}"`;
  }
  if (node.children.length === 0) return `${text}/>`;
  text += '>';
  for (const child of node.children) text += write(child, filtered, sorted);
  return `${text}</${node.name}>`;
}

function digest(root: Element, version: 1 | 2, filtered: boolean, sorted: boolean): string {
  const text = write(root, filtered, sorted);
  return md5(version === 1 ? ` ${text}\n` : text);
}

/**
 * Digest of a CIB as it stands in patches.
 *
 * @param featureSet `crm_feature_set` of the CIB; older than 3.0.5, or none, means the old way
 */
export function cibDigest(cib: Element, featureSet: string | undefined): string {
  const old = featureSet === undefined || compareVersions('3.0.5', featureSet) > 0;
  return old ? digest(cib, 1, false, false) : digest(cib, 2, true, false);
}

/** Digest of a CIB as it is kept beside the file on disk (`cib.xml.sig`). */
export function onDiskDigest(cib: Element): string {
  return digest(cib, 1, false, false);
}

/** Digest of an operation's parameters, which are the attributes of an element (`op-digest`). */
export function operationDigest(parameters: Element): string {
  return digest(parameters, 1, false, true);
}
