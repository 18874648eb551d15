import { setClusterProperty } from '../cib/cluster-property.js';
import { Element } from '../cib/element.js';
import { applyPatch } from '../cib/patch.js';
import { parseXml, writeXml } from '../cib/xml.js';

/**
 * One change of the replicated document. Applying the same edits to the same document gives the same result
 * everywhere.
 */
export type Edit =
  /** A `<diff>` of format 2, as a client made it. */
  | { readonly kind: 'patch'; readonly patch: string }
  /** The whole configuration section. */
  | { readonly kind: 'configuration'; readonly xml: string }
  /** Attributes of the `<cib>` element; null removes. */
  | { readonly kind: 'root'; readonly attributes: Readonly<Record<string, string | null>> }
  /** A node in the configuration, where it is missing. */
  | { readonly kind: 'node'; readonly id: string; readonly name: string }
  /** Cluster properties that the cluster itself sets (`cib-bootstrap-options`). */
  | { readonly kind: 'property'; readonly name: string; readonly value: string }
  /** Attributes of a `<node_state>`, which is made where it is missing. */
  | {
      readonly kind: 'node-state';
      readonly node: string;
      readonly name: string;
      readonly attributes: Readonly<Record<string, string>>;
    }
  /** The whole `<lrm>` of a node. */
  | { readonly kind: 'lrm'; readonly node: string; readonly name: string; readonly xml: string }
  /** Entries of one resource's history, replacing those of the same id; ids that go. */
  | {
      readonly kind: 'history';
      readonly node: string;
      readonly name: string;
      readonly resource: {
        readonly id: string;
        readonly class: string;
        readonly provider?: string;
        readonly type: string;
      };
      readonly entries: readonly string[];
      readonly removed: readonly string[];
      /** Since when (s) the resource waits for the node, which shuts down or has been shut down; absent: it does not. */
      readonly shutdownLock?: number;
    }
  /** A resource's history on a node. */
  | { readonly kind: 'forget'; readonly node: string; readonly resource: string }
  /** A transient attribute; null removes. */
  | {
      readonly kind: 'attribute';
      readonly node: string;
      readonly name: string;
      readonly attribute: string;
      readonly value: string | null;
    }
  /** History and transient attributes of a node that is known to be down; where it says so without what waits for it. */
  | { readonly kind: 'erase'; readonly node: string; readonly keepsLocked?: boolean };

/** What edits hold as text, read once: an edit is tried before it is applied. */
const readEdits = new WeakMap<Edit, readonly Element[]>();

/** Thrown by `applyEdits`; the document may be changed in part and must be given up. */
export class EditError extends Error {}

/** Applies edits in order, in place. Versions are the caller's business. */
export function applyEdits(cib: Element, edits: readonly Edit[]): void {
  for (const edit of edits) applyEdit(cib, edit);
}

/** Whether any of the edits changes the configuration section as the administrator knows it. */
export function changesConfiguration(edits: readonly Edit[]): boolean {
  return edits.some(
    (edit) =>
      edit.kind === 'configuration' ||
      edit.kind === 'node' ||
      edit.kind === 'property' ||
      (edit.kind === 'patch' && /path="\/cib\/configuration/.test(edit.patch)),
  );
}

/** The elements of an edit; not to be changed. */
function readOnce(edit: Edit, texts: readonly string[]): readonly Element[] {
  let elements = readEdits.get(edit);
  if (!elements) {
    elements = texts.map(parseXml);
    readEdits.set(edit, elements);
  }
  return elements;
}

function applyEdit(cib: Element, edit: Edit): void {
  switch (edit.kind) {
    case 'patch': {
      const outcome = applyPatch(cib, readOnce(edit, [edit.patch])[0]!.clone(), {
        checkVersion: false,
        checkDigest: false,
      });
      if (!outcome.ok) throw new EditError(outcome.message);
      break;
    }
    case 'configuration': {
      const made = readOnce(edit, [edit.xml])[0]!.clone();
      const at = cib.children.findIndex(
        (child) => child.kind === 'element' && child.name === 'configuration',
      );
      if (at < 0) cib.children.unshift(made);
      else cib.children[at] = made;
      break;
    }
    case 'root':
      for (const [name, value] of Object.entries(edit.attributes)) cib.set(name, value ?? undefined);
      break;
    case 'node': {
      const nodes = cib.ensure('configuration').ensure('nodes');
      if (!nodes.elements('node').some((node) => node.id === edit.id)) {
        nodes.append(new Element('node', { id: edit.id, uname: edit.name }));
      }
      break;
    }
    case 'property':
      setClusterProperty(cib, edit.name, edit.value);
      break;
    case 'node-state': {
      const state = nodeState(cib, edit.node, edit.name);
      for (const [name, value] of Object.entries(edit.attributes)) state.set(name, value);
      break;
    }
    case 'lrm': {
      const state = nodeState(cib, edit.node, edit.name);
      const old = state.first('lrm');
      if (old) state.remove(old);
      state.append(readOnce(edit, [edit.xml])[0]!.clone());
      break;
    }
    case 'history':
      applyHistory(cib, edit);
      break;
    case 'forget': {
      const resources = findNodeState(cib, edit.node)?.at('lrm', 'lrm_resources');
      const resource = resources?.elements('lrm_resource').find((one) => one.id === edit.resource);
      if (resource) resources?.remove(resource);
      break;
    }
    case 'attribute':
      setAttribute(nodeState(cib, edit.node, edit.name), edit.node, edit.attribute, edit.value);
      break;
    case 'erase': {
      const state = findNodeState(cib, edit.node);
      for (const name of ['lrm', 'transient_attributes']) {
        const child = state?.first(name);
        if (!child) continue;
        const resources = name === 'lrm' && edit.keepsLocked ? child.first('lrm_resources') : undefined;
        const entries = resources?.elements('lrm_resource') ?? [];
        if (!entries.some(isLocked)) state?.remove(child);
        else for (const entry of entries) if (!isLocked(entry)) resources!.remove(entry);
      }
      break;
    }
  }
}

const SHUTDOWN_LOCK = 'shutdown-lock';

const isLocked = (resource: Element): boolean => resource.get(SHUTDOWN_LOCK) !== undefined;

/**
 * The `<lrm>` of a node that has just been started, as XML, with what has waited for it (`shutdown-lock`) in the one that
 * the document has.
 */
export function withLocked(lrm: Element | undefined, xml: string): string {
  const locked = (lrm?.first('lrm_resources')?.elements('lrm_resource') ?? []).filter(isLocked);
  if (locked.length === 0) return xml;
  const made = parseXml(xml);
  const resources = made.ensure('lrm_resources');
  for (const waiting of locked) {
    const known = resources.elements('lrm_resource').find(({ id }) => id === waiting.id);
    if (known) known.set(SHUTDOWN_LOCK, waiting.get(SHUTDOWN_LOCK));
    else resources.append(waiting.clone());
  }
  return writeXml(made, { indent: false });
}

export function findNodeState(cib: Element, node: string): Element | undefined {
  return cib
    .first('status')
    ?.elements('node_state')
    .find((state) => state.id === node);
}

function nodeState(cib: Element, node: string, name: string): Element {
  const found = findNodeState(cib, node);
  if (found) return found;
  return cib.ensure('status').append(new Element('node_state', { id: node, uname: name }));
}

function applyHistory(cib: Element, edit: Edit & { kind: 'history' }): void {
  const lrm = nodeState(cib, edit.node, edit.name).ensure('lrm');
  lrm.set('id', edit.node);
  const resources = lrm.ensure('lrm_resources');
  const { id, type, provider } = edit.resource;
  let resource = resources.elements('lrm_resource').find((one) => one.id === id);
  if (!resource && edit.entries.length === 0) return;
  resource ??= resources.append(new Element('lrm_resource', { id }));
  if (edit.entries.length > 0)
    resource.set('type', type).set('class', edit.resource.class).set('provider', provider);
  resource.set(SHUTDOWN_LOCK, edit.shutdownLock === undefined ? undefined : String(edit.shutdownLock));
  for (const gone of edit.removed) {
    const entry = resource.elements('lrm_rsc_op').find((one) => one.id === gone);
    if (entry) resource.remove(entry);
  }
  for (const read of readOnce(edit, edit.entries)) {
    const entry = read.clone();
    const at = resource.children.findIndex((child) => child.kind === 'element' && child.id === entry.id);
    if (at < 0) resource.children.push(entry);
    else resource.children[at] = entry;
  }
}

/** attrd's ids: `status-1-fail-count-db.monitor_10000`. */
function setAttribute(state: Element, node: string, name: string, value: string | null): void {
  if (value === null && !state.first('transient_attributes')) return;
  const holder = state.ensure('transient_attributes');
  holder.set('id', node);
  let set = holder.first('instance_attributes');
  set ??= holder.append(new Element('instance_attributes', { id: `status-${node}` }));
  const pair = set.elements('nvpair').find((one) => one.get('name') === name);
  if (value === null) {
    if (pair) set.remove(pair);
    return;
  }
  if (pair) pair.set('value', value);
  else {
    const id = `status-${node}-${name}`.replace(/[:#]/g, '.');
    set.append(new Element('nvpair', { id, name, value }));
  }
}

/** Transient attributes of a node by name. */
export function transientAttributes(cib: Element, node: string): Record<string, string> {
  const found: Record<string, string> = {};
  const holder = findNodeState(cib, node)?.first('transient_attributes');
  for (const set of holder?.elements('instance_attributes') ?? []) {
    for (const pair of set.elements('nvpair')) {
      const name = pair.get('name');
      if (name !== undefined) found[name] = pair.get('value') ?? '';
    }
  }
  return found;
}
