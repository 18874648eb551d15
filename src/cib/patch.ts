import { cibDigest } from './digest.js';
import type { Element, Node } from './element.js';
import { scanInteger } from './number.js';
import { applyVersion1 } from './patch-version1.js';
import { type CibVersion, compareCibVersions, formatCibVersion, readVersion } from './version.js';

export type PatchFailure =
  /** The document is newer than what the patch was made from, or the patch changes no version. */
  | 'old-data'
  /** The document is older than what the patch was made from. */
  | 'resync'
  /** The patch names something that is not there, or is no patch. */
  | 'mismatch'
  /** The result is not what the patch's maker had. */
  | 'digest';

export type PatchOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly failure: PatchFailure; readonly message: string };

export interface PatchOptions {
  /** Refuse a patch that was not made from the document's version. Default true. */
  readonly checkVersion?: boolean;
  /** Refuse a patch that deletes what is not there. Default true; Pacemaker passes over it. */
  readonly strictDelete?: boolean;
  /** Compare with the digest in the patch, where there is one. Default true. */
  readonly checkDigest?: boolean;
}

/** The versions that a patch leads from and to; undefined where it does not say. */
export function patchVersions(patch: Element): {
  readonly source: CibVersion | undefined;
  readonly target: CibVersion | undefined;
} {
  const version = (holder: Element | undefined) => (holder ? readVersion(holder) : undefined);
  if (patchFormat(patch) === 1) {
    const side = (name: string) => version(patch.at(name, 'cib') ?? patch.first(name));
    return { source: side('diff-removed'), target: side('diff-added') };
  }
  return { source: version(patch.at('version', 'source')), target: version(patch.at('version', 'target')) };
}

/** 2 for the present format, 1 for the old one (Pacemaker before 1.1.12, and where no format is given). */
export function patchFormat(patch: Element): number {
  return Number(scanInteger(patch.get('format') ?? '1')?.value ?? 1n);
}

/** Whether a patch changes anything in the configuration section. */
export function changesConfiguration(patch: Element): boolean {
  return patch
    .elements('change')
    .some((change) => /^\/cib\/configuration(?:[/[]|$)/.test(change.get('path') ?? ''));
}

function refuse(failure: PatchFailure, message: string): PatchOutcome {
  return { ok: false, failure, message };
}

/**
 * Applies a patch to a document in place. A patch that does not fit is refused before anything is changed (but
 * for `digest`, which can only be seen afterwards, and for format 1).
 */
export function applyPatch(root: Element, patch: Element, options: PatchOptions = {}): PatchOutcome {
  if (patch.name !== 'diff') return refuse('mismatch', `<${patch.name}> is no patch`);
  if (options.checkVersion ?? true) {
    const outcome = checkVersions(root, patch);
    if (!outcome.ok) return outcome;
  }
  const format = patchFormat(patch);
  let outcome: PatchOutcome;
  if (format === 1) outcome = applyVersion1(root, patch);
  else if (format === 2) outcome = applyVersion2(root, patch, options.strictDelete ?? true);
  else outcome = refuse('mismatch', `unknown patch format ${patch.get('format')}`);
  const expected = patch.get('digest');
  if (!outcome.ok || expected === undefined || options.checkDigest === false) return outcome;
  const found = cibDigest(root, root.get('crm_feature_set'));
  return found === expected.toLowerCase()
    ? outcome
    : refuse('digest', `the result has digest ${found}, not ${expected}`);
}

function checkVersions(root: Element, patch: Element): PatchOutcome {
  const here = readVersion(root);
  const { source = here, target = { ...here, numUpdates: here.numUpdates + 1 } } = patchVersions(patch);
  const order = compareCibVersions(here, source);
  const versions = `the document is ${formatCibVersion(here)}, the patch is from ${formatCibVersion(source)} to ${formatCibVersion(target)}`;
  if (order < 0) return refuse('resync', versions);
  if (order > 0) return refuse('old-data', versions);
  const raised =
    target.adminEpoch > source.adminEpoch ||
    target.epoch > source.epoch ||
    target.numUpdates > source.numUpdates;
  return raised
    ? { ok: true }
    : refuse('old-data', `the patch changes no version (${formatCibVersion(source)})`);
}

interface Found {
  readonly node: Node;
  /** Undefined for the root. */
  readonly parent: Element | undefined;
}

const STEP = /\/([^/[]+)(?:\[@id='(.*?)'\])?(?=\/|$)/gy;

/** Follows a patch's path; undefined where it leads nowhere. */
export function findByPath(root: Element, path: string): Element | undefined {
  const found = locate(root, path, undefined, new Set());
  return found?.node.kind === 'element' ? found.node : undefined;
}

/**
 * @param position place of a comment among the children that are not `gone`
 */
function locate(
  root: Element,
  path: string,
  position: number | undefined,
  gone: ReadonlySet<Node>,
): Found | undefined {
  let here: Found | undefined;
  let end = 0;
  for (const match of path.matchAll(STEP)) {
    const [, name, id] = match;
    end = match.index + match[0].length;
    const last = end === path.length;
    if (!here) {
      if (root.name !== name || (id !== undefined && root.get('id') !== id)) return undefined;
      here = { node: root, parent: undefined };
      continue;
    }
    if (here.node.kind !== 'element') return undefined;
    const parent: Element = here.node;
    let node: Node | undefined;
    if (name === 'comment' && last && id === undefined) {
      const present = parent.children.filter((child) => !gone.has(child));
      node =
        position === undefined
          ? present.find((child) => child.kind === 'comment')
          : present[position]?.kind === 'comment'
            ? present[position]
            : undefined;
    }
    node ??= parent.children.find(
      (child) =>
        child.kind === 'element' &&
        child.name === name &&
        (id === undefined || child.attributes.get('id') === id) &&
        !gone.has(child),
    );
    if (!node) return undefined;
    here = { node, parent };
  }
  return end === path.length ? here : undefined;
}

interface Placement {
  readonly parent: Element;
  readonly node: Node;
  readonly position: number;
}

function applyVersion2(root: Element, patch: Element, strictDelete: boolean): PatchOutcome {
  const deletions: Found[] = [];
  const gone = new Set<Node>();
  const modifications: { element: Element; attributes: Map<string, string> }[] = [];
  const moves: Placement[] = [];
  const placements: Placement[] = [];
  for (const change of patch.elements('change')) {
    const operation = change.get('operation');
    const path = change.get('path') ?? '';
    if (operation === undefined) continue;
    const given = scanInteger(change.get('position') ?? '');
    const position = given ? Number(given.value) : undefined;
    const found = locate(root, path, operation === 'delete' ? position : undefined, gone);
    if (!found) {
      if (operation === 'delete' && !strictDelete) continue;
      return refuse('mismatch', `cannot ${operation} ${path}: there is no such element`);
    }
    switch (operation) {
      case 'delete':
        if (!found.parent) return refuse('mismatch', 'the root element cannot be deleted');
        deletions.push(found);
        gone.add(found.node);
        break;
      case 'modify': {
        const result = change.first('change-result')?.elements()[0];
        if (!result || found.node.kind !== 'element') {
          return refuse('mismatch', `the change of ${path} does not say what becomes of it`);
        }
        modifications.push({ element: found.node, attributes: result.attributes });
        break;
      }
      case 'create': {
        const content = change.children.find((child) => child.kind !== 'text');
        if (found.node.kind !== 'element' || !content) {
          return refuse('mismatch', `the creation in ${path} does not say of what`);
        }
        const node = content.kind === 'element' ? content.clone() : { ...content };
        placements.push({ parent: found.node, node, position: position ?? 0 });
        break;
      }
      case 'move': {
        if (!found.parent) return refuse('mismatch', 'the root element cannot be moved');
        const move = { parent: found.parent, node: found.node, position: position ?? 0 };
        moves.push(move);
        placements.push(move);
        break;
      }
      default:
        return refuse('mismatch', `unknown operation ${operation} on ${path}`);
    }
  }
  for (const { node, parent } of deletions) parent!.remove(node);
  for (const { element, attributes } of modifications) element.attributes = new Map(attributes);
  for (const { node, parent } of moves) parent.remove(node);
  placements.sort((a, b) => a.position - b.position);
  for (const { node, parent, position } of placements) parent.children.splice(position, 0, node);
  return { ok: true };
}

/**
 * The document that a patch makes of another, which is left as it is.
 *
 * @throws Error where it does not fit; for patches that were made from this very document
 */
export function patched(root: Element, patch: Element): Element {
  const copy = root.clone();
  const outcome = applyPatch(copy, patch, { checkVersion: false });
  if (!outcome.ok) throw new Error(outcome.message);
  return copy;
}
