import { Element } from '../cib/element.js';
import { sanitizeId } from '../cib/ids.js';
import type { ResultName } from '../command-line/result-codes.js';
import type { CibAccess } from './access.js';

/** Where an attribute or option stands, as `crm_attribute` names it. */
export interface AttributePlace {
  /** `crm_config`, `rsc_defaults`, `op_defaults`, `nodes`, `status` or `tickets`. */
  readonly section: string;
  /** Id of the node, for `nodes` and `status`. */
  readonly nodeId?: string | undefined;
  /** The node is a remote one, which may not be among the nodes yet. */
  readonly remote?: boolean | undefined;
  /** Kind of set within the node: `instance_attributes` (default) or `utilization`. */
  readonly setType?: string | undefined;
  /** Id of the set. */
  readonly setId?: string | undefined;
  /** Id of the nvpair. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

export type AttributeOutcome<T> =
  | { readonly ok: true; readonly value: T }
  /** `ENXIO`: not found; `ENOTUNIQ`: several were found where one was wanted. */
  | {
      readonly ok: false;
      readonly failure: ResultName;
      readonly matches?: readonly Element[];
      /** The write was refused, not the search: the id of the set that it was for, where that was known. */
      readonly refused?: { readonly setId: string | undefined };
    };

const SECTION_PATHS: Readonly<Record<string, string>> = {
  crm_config: '//cib/configuration/crm_config',
  rsc_defaults: '//cib/configuration/rsc_defaults',
  op_defaults: '//cib/configuration/op_defaults',
  nodes: '//cib/configuration/nodes',
  status: '//cib/status',
  tickets: '//cib/status//tickets',
};

/** An XPath for the nvpairs of a place; undefined where it needs a node, or the section is unknown. */
function pathOf(place: AttributePlace): string | ResultName {
  let { setType = 'instance_attributes' } = place;
  let path = SECTION_PATHS[place.section];
  if (place.section === 'crm_config') setType = 'cluster_property_set';
  else if (place.section === 'rsc_defaults' || place.section === 'op_defaults') setType = 'meta_attributes';
  else if (place.section !== 'tickets') {
    if (place.nodeId === undefined) return 'EINVAL';
    if (path === undefined) return 'ENOMSG';
    if (place.section === 'status') setType = 'transient_attributes';
    path += `//${place.section === 'status' ? 'node_state' : 'node'}[@id='${place.nodeId}']`;
  }
  path += `//${setType}`;
  if (place.setId !== undefined) path += `[@id='${place.setId}']`;
  const conditions = [
    ...(place.id === undefined ? [] : [`@id='${place.id}'`]),
    ...(place.name === undefined ? [] : [`@name='${place.name}'`]),
  ];
  return `${path}//nvpair${conditions.length > 0 ? `[${conditions.join(' and ')}]` : ''}`;
}

/** The nvpairs at a place; `ENXIO` where there are none. */
export async function findAttributes(
  access: CibAccess,
  place: AttributePlace,
): Promise<AttributeOutcome<readonly Element[]>> {
  const path = pathOf(place);
  if (!path.startsWith('/')) return { ok: false, failure: path as ResultName };
  const result = await access.perform({ operation: 'query', scope: path, xpath: true });
  if (!result.ok) return { ok: false, failure: result.failure };
  const found = result.value!;
  return { ok: true, value: found.name === 'xpath-query' ? found.elements() : [found] };
}

/** Sets one attribute, made where it is missing. */
export async function setAttribute(
  access: CibAccess,
  place: AttributePlace,
  value: string,
): Promise<AttributeOutcome<undefined>> {
  if (place.id === undefined && place.name === undefined) return { ok: false, failure: 'EINVAL' };
  const found = await findAttributes(access, place);
  if (!found.ok && found.failure !== 'ENXIO') return found;
  if (found.ok && found.value.length > 1) {
    return { ok: false, failure: 'ENOTUNIQ', matches: found.value };
  }
  const pair = found.ok ? nvpair(found.value[0]!.id, place.name, value) : newAttribute(place, value);
  const made = found.ok ? undefined : [...pair.descendants()].at(-2)?.id;
  const section = place.section === 'tickets' ? 'status' : place.section;
  const result = await access.perform({
    operation: 'modify',
    scope: section,
    input: pair,
    allowCreate: true,
  });
  return result.ok
    ? { ok: true, value: undefined }
    : { ok: false, failure: result.failure, refused: { setId: place.setId ?? made } };
}

function nvpair(id: string, name: string | undefined, value: string | undefined): Element {
  const pair = new Element('nvpair', { id });
  return pair.set('name', name).set('value', value);
}

/** A fragment with all that stands around a new attribute. */
function newAttribute(place: AttributePlace, value: string): Element {
  const { section, nodeId, setType } = place;
  let outer: Element | undefined;
  let setName = setType ?? 'instance_attributes';
  let setId: string;
  if (section === 'crm_config') {
    outer = new Element(section);
    setName = 'cluster_property_set';
    setId = 'cib-bootstrap-options';
  } else if (section === 'tickets') {
    outer = new Element('status');
    setId = 'status-tickets';
  } else if (nodeId === undefined || section === 'rsc_defaults' || section === 'op_defaults') {
    outer = new Element(section);
    setName = 'meta_attributes';
    setId = `${section}-options`;
  } else {
    setId = `${section}-${nodeId}${setType === undefined ? '' : `-${setType}`}`;
    if (section === 'status') outer = new Element('node_state', { id: nodeId });
    else if (place.remote) {
      outer = new Element('nodes');
    } else outer = new Element('node', { id: nodeId });
  }
  setId = place.setId ?? setId;
  const id = place.id ?? sanitizeId(`${setId}-${place.name}`);
  const set = new Element(setName, { id: setId }, [nvpair(id, place.name ?? id, value)]);
  if (section === 'tickets') outer.append(new Element('tickets', {}, [set]));
  else if (section === 'status') {
    outer.append(new Element('transient_attributes', { id: nodeId! }, [set]));
  } else if (place.remote && section === 'nodes') {
    outer.append(new Element('node', { type: 'remote', id: nodeId!, uname: nodeId! }, [set]));
  } else outer.append(set);
  return outer;
}

/** Removes one attribute; its id is the result. `ENXIO` where there is none. */
export async function deleteAttribute(
  access: CibAccess,
  place: AttributePlace,
): Promise<AttributeOutcome<string | undefined>> {
  let id = place.id;
  let foundId: string | undefined;
  if (id === undefined) {
    const found = await findAttributes(access, place);
    if (!found.ok) return found;
    if (found.value.length > 1) return { ok: false, failure: 'ENOTUNIQ', matches: found.value };
    id = found.value[0]!.id;
    foundId = id;
  }
  const result = await access.perform({
    operation: 'delete',
    scope: place.section === 'tickets' ? 'status' : place.section,
    input: nvpair(id, place.name, undefined),
  });
  return result.ok ? { ok: true, value: foundId } : { ok: false, failure: result.failure };
}

/** A node as attributes speak of it. */
export interface NodeReference {
  /** What stands as its id in the CIB. */
  readonly id: string;
  readonly remote: boolean;
}

/** The node of that name (in any case): cluster, remote or guest. */
export async function findNode(access: CibAccess, name: string): Promise<AttributeOutcome<NodeReference>> {
  const result = await access.read();
  if (!result.ok) return { ok: false, failure: result.failure === 'EACCES' ? 'ENXIO' : result.failure };
  const cib = result.value;
  const wanted = name.toLowerCase();
  const same = (text: string | undefined) => text?.toLowerCase() === wanted;
  for (const node of cib.at('configuration', 'nodes')?.elements('node') ?? []) {
    if (!same(node.get('uname'))) continue;
    const remote = node.get('type') === 'remote';
    return { ok: true, value: { id: remote ? node.get('uname')! : node.id, remote } };
  }
  for (const primitive of cib.at('configuration', 'resources')?.elements('primitive') ?? []) {
    const isRemote = primitive.get('provider') === 'pacemaker' && primitive.get('type') === 'remote';
    if (isRemote && same(primitive.id)) return { ok: true, value: { id: primitive.id, remote: true } };
    for (const set of primitive.elements('meta_attributes')) {
      for (const pair of set.elements('nvpair')) {
        if (pair.get('name') === 'remote-node' && same(pair.get('value'))) {
          return { ok: true, value: { id: pair.get('value')!, remote: true } };
        }
      }
    }
  }
  for (const state of cib.first('status')?.elements('node_state') ?? []) {
    if (state.get('remote_node') === 'true' && same(state.id)) {
      return { ok: true, value: { id: state.get('uname') ?? state.id, remote: true } };
    }
  }
  return { ok: false, failure: 'ENXIO' };
}
