import { Element } from '../cib/element.js';
import type { GraphAction, GraphActionHead, TransitionGraph } from './graph.js';

/** The graph as Pacemaker's `<transition_graph>`. */
export function graphXml(graph: TransitionGraph, transitionId = 0): Element {
  const root = new Element('transition_graph', {
    'cluster-delay': graph.clusterDelay ?? `${graph.clusterDelayMs}ms`,
    'stonith-timeout': graph.stonithTimeout ?? `${graph.stonithTimeoutMs}ms`,
    'failed-stop-offset': graph.failedStopOffset,
    'failed-start-offset': graph.failedStartOffset,
    'batch-limit': String(graph.batchLimit),
    transition_id: String(transitionId),
  });
  if (graph.migrationLimit > 0) root.set('migration-limit', String(graph.migrationLimit));
  if (graph.recheckBy !== undefined) root.set('recheck-by', String(graph.recheckBy));
  const heads = new Map<number, GraphActionHead>();
  for (const synapse of graph.synapses) for (const action of synapse.actions) heads.set(action.id, action);
  for (const synapse of graph.synapses) {
    const element = root.append(new Element('synapse', { id: String(synapse.id) }));
    if (synapse.priority > 0) element.set('priority', String(synapse.priority));
    element.append(new Element('action_set', [], synapse.actions.map(actionXml)));
    const inputs = element.append(new Element('inputs'));
    for (const { actionId, head } of synapse.inputs) {
      const named = head ?? heads.get(actionId);
      if (named) inputs.append(new Element('trigger', [], [headXml(named)]));
    }
  }
  return root;
}

function headXml(head: GraphActionHead): Element {
  const element = new Element(head.kind);
  if (head.mode !== undefined) element.set('mode', head.mode);
  element.set('id', String(head.id));
  element.set('operation', head.operation);
  element.set('operation_key', head.operationKey);
  if (head.internalOperationKey !== undefined) {
    element.set('internal_operation_key', head.internalOperationKey);
  }
  if (head.onNode !== undefined) element.set('on_node', head.onNode);
  if (head.onNodeUuid !== undefined) element.set('on_node_uuid', head.onNodeUuid);
  if (head.routerNode !== undefined) element.set('router_node', head.routerNode);
  return element;
}

function actionXml(action: GraphAction): Element {
  const element = headXml(action);
  if (action.shutdownLock !== undefined) element.set('shutdown-lock', String(action.shutdownLock));
  const { resource } = action;
  if (resource) {
    const primitive = element.append(new Element('primitive', { id: resource.id }));
    if (resource.longId !== undefined) primitive.set('long-id', resource.longId);
    primitive.set('class', resource.class);
    if (resource.provider !== undefined) primitive.set('provider', resource.provider);
    primitive.set('type', resource.type);
  }
  const names = Object.keys(action.attributes).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const attributes = element.append(
    new Element(
      'attributes',
      names.map((name) => [name, action.attributes[name]!] as const),
    ),
  );
  for (const [name, value] of action.parameters ?? []) {
    attributes.append(new Element('param', { name, value }));
  }
  if (action.downed) {
    element.append(
      new Element(
        'downed',
        [],
        action.downed.map((id) => new Element('node', { id })),
      ),
    );
  }
  if (action.maintenance) {
    const nodes = action.maintenance.map(
      ({ id, maintenance }) => new Element('node', { id, node_in_maintenance: maintenance ? '1' : '0' }),
    );
    element.append(new Element('maintenance', [], nodes));
  }
  return element;
}
