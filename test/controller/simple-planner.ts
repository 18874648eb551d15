import type { Element } from '../../src/cib/element.js';
import { parseInterval } from '../../src/cib/interval.js';
import type { Plan } from '../../src/controller/types.js';
import type { GraphAction, Synapse } from '../../src/scheduler/graph.js';

interface NodeFacts {
  readonly id: string;
  readonly name: string;
  readonly online: boolean;
  readonly usable: boolean;
  readonly shuttingDown: boolean;
  readonly unclean: boolean;
  /** Resource → active, from its history; absent where nobody has looked yet. */
  readonly active: ReadonlyMap<string, boolean>;
  readonly failed: ReadonlySet<string>;
  readonly monitored: ReadonlySet<string>;
}

/**
 * A planner for tests that is obviously right and knows little: primitives run on one node each, the one that has them
 * or the first that may, once every node has looked whether it has them already; without quorum everything stops; with `stonith-enabled` lost nodes are fenced first.
 */
export function simplePlan(cib: Element): Plan {
  const option = optionsOf(cib);
  const quorate = cib.get('have-quorum') === '1' || option('no-quorum-policy') === 'ignore';
  const fencing = option('stonith-enabled') === 'true';
  const nodes = (cib.at('configuration', 'nodes')?.elements('node') ?? []).map((node) => factsOf(cib, node));
  const synapses: Synapse[] = [];
  let ids = 0;
  const add = (action: Omit<GraphAction, 'id'>, inputs: readonly number[]): number => {
    const id = ++ids;
    synapses.push({
      id,
      priority: 0,
      actions: [{ id, ...action }],
      inputs: inputs.map((actionId) => ({ actionId })),
    });
    return id;
  };

  const fenced: number[] = [];
  if (fencing && quorate) {
    for (const node of nodes.filter((one) => one.unclean)) {
      fenced.push(
        add(
          {
            kind: 'crm_event',
            operation: 'stonith',
            operationKey: `stonith-${node.name}-reboot`,
            onNode: node.name,
            onNodeUuid: node.id,
            attributes: { CRM_meta_stonith_action: 'reboot' },
            downed: [node.name],
          },
          [],
        ),
      );
    }
  }

  const stopsByNode = new Map<string, number[]>();
  for (const primitive of primitivesOf(cib)) {
    const wanted = primitive.role !== 'Stopped' && quorate;
    const active = nodes.filter((node) => node.online && node.active.get(primitive.id));
    const able = nodes.filter((node) => node.usable && !node.failed.has(primitive.id));
    const target = wanted ? (active.find((node) => able.includes(node)) ?? able[0]) : undefined;
    const stops: number[] = [];
    for (const node of active) {
      const stays = node === target && active.length === 1;
      if (stays) continue;
      const stop = add(operation(primitive, 'stop', 0, node, 20_000), []);
      stops.push(stop);
      stopsByNode.set(node.name, [...(stopsByNode.get(node.name) ?? []), stop]);
    }
    const probes = nodes
      .filter((node) => node.online && !node.active.has(primitive.id))
      .map((node) => add(operation(primitive, 'monitor', 0, node, 20_000), []));
    if (!target) continue;
    const running = active.length === 1 && active[0] === target;
    const start = running
      ? null
      : add(operation(primitive, 'start', 0, target, 20_000), [...stops, ...fenced, ...probes]);
    for (const intervalMs of primitive.monitors) {
      const key = `${primitive.id}_monitor_${intervalMs}`;
      if (running && target.monitored.has(key)) continue;
      add(operation(primitive, 'monitor', intervalMs, target, 20_000), start === null ? [] : [start]);
    }
  }
  for (const node of nodes.filter((one) => one.online && one.shuttingDown)) {
    add(
      {
        kind: 'crm_event',
        operation: 'do_shutdown',
        operationKey: `do_shutdown-${node.name}`,
        onNode: node.name,
        onNodeUuid: node.id,
        attributes: { CRM_meta_op_no_wait: 'true' },
        downed: [node.name],
      },
      stopsByNode.get(node.name) ?? [],
    );
  }
  const graph = {
    clusterDelayMs: 60_000,
    stonithTimeoutMs: 60_000,
    batchLimit: 0,
    migrationLimit: -1,
    failedStartOffset: 'INFINITY',
    failedStopOffset: 'INFINITY',
    synapses,
  };
  return { graph, messages: [] };
}

function optionsOf(cib: Element): (name: string) => string | undefined {
  const pairs = (cib.at('configuration', 'crm_config')?.elements('cluster_property_set') ?? []).flatMap(
    (set) => set.elements('nvpair'),
  );
  return (name) => pairs.find((pair) => pair.get('name') === name)?.get('value');
}

interface Primitive {
  readonly id: string;
  readonly element: Element;
  readonly role: string;
  readonly monitors: readonly number[];
}

function primitivesOf(cib: Element): Primitive[] {
  const found = [...(cib.at('configuration', 'resources')?.descendants() ?? [])];
  return found
    .filter((element) => element.name === 'primitive' && element.get('class') !== 'stonith')
    .map((element) => ({
      id: element.id,
      element,
      role:
        element
          .elements('meta_attributes')
          .flatMap((set) => set.elements('nvpair'))
          .find((pair) => pair.get('name') === 'target-role')
          ?.get('value') ?? 'Started',
      monitors: (element.first('operations')?.elements('op') ?? [])
        .filter((op) => op.get('name') === 'monitor')
        .map((op) => parseInterval(op.get('interval')) ?? 0)
        .filter((intervalMs) => intervalMs > 0),
    }));
}

function operation(
  primitive: Primitive,
  task: string,
  intervalMs: number,
  node: NodeFacts,
  timeoutMs: number,
): Omit<GraphAction, 'id'> {
  const parameters = primitive.element
    .elements('instance_attributes')
    .flatMap((set) => set.elements('nvpair'))
    .map((pair) => [pair.get('name') ?? '', pair.get('value') ?? ''] as const);
  const provider = primitive.element.get('provider');
  return {
    kind: 'rsc_op',
    operation: task,
    operationKey: `${primitive.id}_${task}_${intervalMs}`,
    onNode: node.name,
    onNodeUuid: node.id,
    resource: {
      id: primitive.id,
      class: primitive.element.get('class') ?? 'ocf',
      type: primitive.element.get('type') ?? 'Dummy',
      ...(provider === undefined ? {} : { provider }),
    },
    attributes: {
      ...Object.fromEntries(parameters),
      CRM_meta_timeout: String(timeoutMs),
      CRM_meta_name: task,
      ...(intervalMs > 0 ? { CRM_meta_interval: String(intervalMs) } : {}),
      ...(task === 'monitor' && intervalMs === 0 ? { CRM_meta_op_target_rc: '7' } : {}),
    },
  };
}

function factsOf(cib: Element, node: Element): NodeFacts {
  const state = cib
    .first('status')
    ?.elements('node_state')
    .find((one) => one.id === node.id);
  const transient = new Map(
    (state?.first('transient_attributes')?.elements('instance_attributes') ?? []).flatMap((set) =>
      set.elements('nvpair').map((pair) => [pair.get('name') ?? '', pair.get('value') ?? ''] as const),
    ),
  );
  const permanent = new Map(
    node
      .elements('instance_attributes')
      .flatMap((set) =>
        set.elements('nvpair').map((pair) => [pair.get('name') ?? '', pair.get('value') ?? ''] as const),
      ),
  );
  const online = state?.get('in_ccm') === 'true' && state.get('crmd') === 'online';
  const shuttingDown = (transient.get('shutdown') ?? '0') !== '0';
  const active = new Map<string, boolean>();
  const failed = new Set<string>();
  const monitored = new Set<string>();
  for (const resource of state?.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? []) {
    const isThere = isActive(resource);
    if (isThere !== null) active.set(resource.id, isThere);
    for (const entry of resource.elements('lrm_rsc_op')) {
      if (entry.get('interval') !== '0' && entry.get('rc-code') === '0') monitored.add(entry.id);
    }
    for (const [name, value] of transient) {
      if (name.startsWith(`fail-count-${resource.id}#`) && value === 'INFINITY') failed.add(resource.id);
    }
  }
  return {
    id: node.id,
    name: node.get('uname') ?? '',
    online,
    usable: online && !shuttingDown && permanent.get('standby') !== 'on',
    shuttingDown,
    // With `startup-fencing`, which is on by default, so is a node that was never seen.
    unclean: !online && state?.get('expected') !== 'down',
    active,
    failed,
    monitored,
  };
}

/**
 * By the last operation that says anything: the one with the highest call id, a pending one above all; null where none
 * says anything.
 */
function isActive(resource: Element): boolean | null {
  const entries = resource.elements('lrm_rsc_op').sort((a, b) => callId(a) - callId(b));
  let active: boolean | null = null;
  for (const entry of entries) {
    const rc = entry.get('rc-code');
    const operation = entry.get('operation');
    if (entry.get('op-status') === '-1') active = operation !== 'stop';
    else if (operation === 'stop') active = rc !== '0';
    else if (operation === 'start') active = true;
    else if (operation === 'monitor') active = rc !== '7';
  }
  return active;
}

function callId(entry: Element): number {
  return entry.get('op-status') === '-1' ? Number.POSITIVE_INFINITY : Number(entry.get('call-id'));
}
