import { clusterProperty } from '../cib/cluster-property.js';
import type { Element } from '../cib/element.js';
import { writeXml } from '../cib/xml.js';
import type { NodeId, View } from '../membership/types.js';
import { type Edit, findNodeState, transientAttributes, withLocked } from './edits.js';
import { compareJoins } from './lineage.js';
import type { ControllerConfig, Join } from './types.js';

/** The member whose document the view goes on with. */
export function bestDocument(joins: ReadonlyMap<NodeId, Join>, self: NodeId): NodeId {
  let best = self;
  for (const [node, join] of [...joins].sort(([a], [b]) => a - b)) {
    if (compareJoins(join, joins.get(best)!) > 0) best = node;
  }
  return best;
}

/** Brings the status section in line with the view, when all members have joined. Never empty. */
export function joinEdits(
  cib: Element,
  config: ControllerConfig,
  view: View,
  joins: ReadonlyMap<NodeId, Join>,
): Edit[] {
  const edits: Edit[] = [];
  const root = {
    'have-quorum': view.quorum.quorate ? '1' : '0',
    'dc-uuid': String(config.self),
  };
  edits.push({ kind: 'root', attributes: root });
  edits.push(...clusterFacts(cib, config));
  for (const { node, name, arbiter } of config.nodes) {
    if (arbiter) continue;
    const id = String(node);
    const join = joins.get(node);
    if (join) edits.push(...memberEdits(cib, id, name, join));
    else edits.push(...absentEdits(cib, id, name));
  }
  return edits;
}

/** Nodes and properties that the cluster itself puts into the configuration. */
function clusterFacts(cib: Element, config: ControllerConfig): Edit[] {
  const edits: Edit[] = [];
  const nodes = cib.at('configuration', 'nodes')?.elements('node') ?? [];
  for (const { node, name, arbiter } of config.nodes) {
    if (arbiter || nodes.some((one) => one.id === String(node))) continue;
    edits.push({ kind: 'node', id: String(node), name });
  }
  const facts = {
    'have-watchdog': String(config.hasWatchdog ?? false),
    'dc-version': config.version,
    'cluster-infrastructure': 'corosync',
    'cluster-name': config.clusterName,
  };
  for (const [name, value] of Object.entries(facts)) {
    if (value !== '' && clusterProperty(cib, name) !== value) edits.push({ kind: 'property', name, value });
  }
  return edits;
}

function memberEdits(cib: Element, id: string, name: string, join: Join): Edit[] {
  const edits: Edit[] = [];
  const state = findNodeState(cib, id);
  const attributes = { in_ccm: 'true', crmd: 'online', join: 'member', expected: 'member' };
  if (needs(state, attributes)) {
    const all = { ...attributes, 'crm-debug-origin': 'do_state_transition' };
    edits.push({ kind: 'node-state', node: id, name, attributes: all });
  }
  if (join.fresh) {
    for (const attribute of Object.keys(transientAttributes(cib, id))) {
      edits.push({ kind: 'attribute', node: id, name, attribute, value: null });
    }
  }
  const lrm = state?.first('lrm');
  const xml = withLocked(lrm, join.lrm);
  if (!lrm || writeXml(lrm, { indent: false }) !== xml) edits.push({ kind: 'lrm', node: id, name, xml });
  const shutdown = join.shutdownSince === null ? undefined : String(join.shutdownSince);
  if (shutdown !== undefined && (join.fresh || transientAttributes(cib, id).shutdown === undefined)) {
    edits.push({ kind: 'attribute', node: id, name, attribute: 'shutdown', value: shutdown });
  }
  return edits;
}

function absentEdits(cib: Element, id: string, name: string): Edit[] {
  const state = findNodeState(cib, id);
  // A node that was never seen is not lost: it may simply not have been started yet.
  if (!state) return [];
  const attributes = { in_ccm: 'false', crmd: 'offline', join: 'down' };
  if (!needs(state, attributes)) return [];
  const all = { ...attributes, 'crm-debug-origin': 'peer_update_callback' };
  const edits: Edit[] = [{ kind: 'node-state', node: id, name, attributes: all }];
  // It said goodbye: nothing of what it had is left, but for what waits for it to come back.
  if (state.get('expected') === 'down') edits.push({ kind: 'erase', node: id, keepsLocked: true });
  return edits;
}

function needs(state: Element | undefined, attributes: Readonly<Record<string, string>>): boolean {
  return Object.entries(attributes).some(([name, value]) => state?.get(name) !== value);
}
