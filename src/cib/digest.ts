import type { Element } from './element.js';
import { Element as Tree } from './element.js';
import { md5 } from './md5.js';
import { compareVersions } from './version.js';
import { writeXml } from './xml.js';

/** Attributes that say who wrote the CIB and when; they do not count as content. */
export const ORIGIN_ATTRIBUTES: ReadonlySet<string> = new Set([
  'crm-debug-origin',
  'cib-last-written',
  'update-origin',
  'update-client',
  'update-user',
]);

function withoutOrigin(element: Element): Element {
  const copy = new Tree(element.name);
  for (const [name, value] of element.attributes) {
    if (!ORIGIN_ATTRIBUTES.has(name)) copy.attributes.set(name, value);
  }
  for (const child of element.children) {
    copy.children.push(child.kind === 'element' ? withoutOrigin(child) : child);
  }
  return copy;
}

/** As `writeXml` on one line, which is how digests see a document. */
function flat(element: Element): string {
  return writeXml(element, { indent: false });
}

/** The form of version 1 digests: a blank before and a line end behind. */
function flatFramed(element: Element): string {
  return ` ${flat(element)}\n`;
}

function sorted(element: Element): Element {
  const names = [...element.attributes.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return new Tree(
    element.name,
    names.map((name) => [name, element.attributes.get(name)!] as const),
    element.elements().map(sorted),
  );
}

/**
 * Digest of a CIB as it stands in patches.
 *
 * @param featureSet `crm_feature_set` of the CIB; older than 3.0.5, or none, means version 1
 */
export function cibDigest(cib: Element, featureSet: string | undefined): string {
  if (featureSet === undefined || compareVersions('3.0.5', featureSet) > 0) return md5(flatFramed(cib));
  return md5(flat(withoutOrigin(cib)));
}

/** Digest of a CIB as it is kept beside the file on disk (`cib.xml.sig`). */
export function onDiskDigest(cib: Element): string {
  return md5(flatFramed(cib));
}

/** Digest of an operation's parameters, which are the attributes of an element (`op-digest`). */
export function operationDigest(parameters: Element): string {
  return md5(flatFramed(sorted(parameters)));
}
