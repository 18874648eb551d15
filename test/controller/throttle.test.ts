import { describe, expect, it, test } from 'vitest';
import { Controller } from '../../src/controller/controller.js';
import { actionLimit, type MachineLoad, slownessOf, Throttle } from '../../src/controller/throttle.js';
import { Transition } from '../../src/controller/transition.js';
import type { ControllerEffect, ControllerInput } from '../../src/controller/types.js';
import type { OperationRequest } from '../../src/executor/types.js';
import type { GraphAction, TransitionGraph } from '../../src/scheduler/graph.js';

const INFINITY = Number.POSITIVE_INFINITY;

test.each([
  // processors, threads for each, node-action-limit, load-threshold → most at once
  ['a machine of which nothing is known', null, undefined, undefined, INFINITY],
  ['processors to spare', [4, 0.7], undefined, undefined, INFINITY],
  ['up to the threshold', [4, 0.8], undefined, undefined, INFINITY],
  ['a bit above', [4, 1], undefined, undefined, 6],
  ['twice the threshold', [4, 1.6], undefined, undefined, 4],
  ['a machine that others keep busy', [4, 50], undefined, undefined, 4],
  ['one processor, busy', [1, 9], undefined, undefined, 1],
  ['a limit of its own', [4, 0], '10', undefined, 10],
  ['a limit of its own is known without a load', null, '10', undefined, 10],
  ['a limit of its own, busy: never more than idle', [4, 1.6], '3', undefined, 3],
  ['a limit of one, busy', [4, 50], '1', undefined, 1],
  ['0 is no limit of its own', [4, 0], '0', undefined, INFINITY],
  ['a higher threshold', [4, 1.6], undefined, '200%', INFINITY],
  ['a lower threshold', [4, 0.6], undefined, '50%', 6],
  ['a threshold of 0 %: load does not count', [4, 50], undefined, '0%', INFINITY],
] as const)('%s', (_, load, nodeActionLimit, loadThreshold, expected) => {
  const machine = load ? { processors: load[0], perProcessor: load[1] } : undefined;
  expect(actionLimit(machine, { nodeActionLimit, loadThreshold })).toBe(expected);
});

test.each([
  [undefined, 1],
  [0, 1],
  [0.9, 1],
  [2.5, 2.5],
  [40, 4],
])('with %s threads for each processor a machine may take %s times as long', (perProcessor, expected) => {
  expect(slownessOf(perProcessor === undefined ? undefined : { perProcessor, processors: 2 })).toBe(expected);
});

const start = (id: number, onNode: string): GraphAction => ({
  id,
  kind: 'rsc_op',
  operation: 'start',
  operationKey: `r${id}_start_0`,
  onNode,
  attributes: { CRM_meta_timeout: '20000' },
  resource: { id: `r${id}`, class: 'ocf', provider: 'test', type: 'Dummy' },
});

const migration = (id: number, operation: string): GraphAction => ({
  ...start(id, 'a'),
  operation,
  attributes: { CRM_meta_migrate_source: 'a', CRM_meta_migrate_target: 'b' },
});

function graphOf(actions: readonly GraphAction[], bounds: Partial<TransitionGraph> = {}): TransitionGraph {
  return {
    clusterDelayMs: 60_000,
    stonithTimeoutMs: 60_000,
    batchLimit: 0,
    migrationLimit: -1,
    failedStartOffset: 'INFINITY',
    failedStopOffset: 'INFINITY',
    synapses: actions.map((action) => ({ id: action.id, priority: 0, actions: [action], inputs: [] })),
    ...bounds,
  };
}

describe('what a transition begins', () => {
  const ids = (actions: readonly GraphAction[]) => actions.map(({ id }) => id);
  const take = (transition: Transition, limits: Record<string, number>) => {
    const throttle = new Throttle(
      (node) => limits[node] ?? INFINITY,
      transition.graph.migrationLimit,
      transition.inFlight(),
    );
    return ids(transition.takeReady(throttle));
  };

  it('is no more than each node may have, and goes on as results come in', () => {
    const nodes = ['a', 'a', 'a', 'b', 'b', 'c'];
    const transition = new Transition(1, graphOf(nodes.map((node, i) => start(i + 1, node))));
    const limits = { a: 2, b: 1 };
    expect(take(transition, limits)).toEqual([1, 2, 4, 6]);
    expect(take(transition, limits)).toEqual([]);
    transition.confirm(2, true);
    expect(take(transition, limits)).toEqual([3]);
    transition.confirm(4, true);
    expect(take(transition, limits)).toEqual([5]);
    for (const id of [1, 3, 5, 6]) transition.confirm(id, true);
    expect(transition.isComplete()).toBe(true);
  });

  it('is no more than the batch limit on all nodes together', () => {
    const actions = ['a', 'b', 'c'].map((node, i) => start(i + 1, node));
    const transition = new Transition(1, graphOf(actions, { batchLimit: 2 }));
    expect(take(transition, {})).toEqual([1, 2]);
    transition.confirm(1, true);
    expect(take(transition, {})).toEqual([3]);
  });

  it('is no more live migrations from or to a node than migration-limit says; other work goes on', () => {
    const actions = [
      migration(1, 'migrate_to'),
      migration(2, 'migrate_to'),
      start(3, 'a'),
      {
        ...migration(4, 'migrate_from'),
        attributes: { CRM_meta_migrate_source: 'c', CRM_meta_migrate_target: 'b' },
      },
    ];
    const transition = new Transition(1, graphOf(actions, { migrationLimit: 1 }));
    expect(take(transition, {})).toEqual([1, 3]);
    transition.confirm(1, true);
    expect(take(transition, {})).toEqual([2]);
    transition.confirm(2, true);
    expect(take(transition, {})).toEqual([4]);
  });

  it('counts a live migration on both nodes, and what runs on a remote node where its connection is', () => {
    const remote = { ...start(2, 'remote'), routerNode: 'b' };
    const transition = new Transition(1, graphOf([migration(1, 'migrate_to'), remote, start(3, 'remote')]));
    expect(take(transition, { a: 1, b: 1, remote: 5 })).toEqual([1, 3]);
  });
});

/** A cluster of one node whose scheduler wants twelve resources started, all at once. */
class OneNode {
  readonly executing: OperationRequest[] = [];
  started = 0;
  readonly #controller: Controller;
  #planned = false;

  constructor(properties: string, load: MachineLoad | null) {
    const actions = Array.from({ length: 12 }, (_, i) => start(i + 1, 'a'));
    this.#controller = new Controller(
      {
        self: 1,
        clusterName: 'c',
        nodes: [{ node: 1, name: 'a', arbiter: false }],
        version: '1',
        unfencedGraceMs: 0,
        tokenMs: 1000,
        uuid: 'u',
      },
      () => {
        const graph = graphOf(this.#planned ? [] : actions);
        this.#planned = true;
        return { graph, messages: [] };
      },
    );
    const cib = `<cib admin_epoch="0" epoch="1" num_updates="0"><configuration><crm_config><cluster_property_set id="p">${properties}</cluster_property_set></crm_config><nodes/><resources/><constraints/></configuration><status/></cib>`;
    const id = { epoch: 1, coordinator: 1 };
    this.feed({ kind: 'start', nowMs: 0, cib, lineage: { view: 1, diverged: false } });
    this.feed({ kind: 'executor', nowMs: 0, history: [], underWay: [], lastCallId: 0 });
    this.feed({ kind: 'active', nowMs: 0, active: true });
    if (load) this.feed({ kind: 'load', nowMs: 0, load });
    const quorum = {
      quorate: true,
      expectedVotes: 1,
      totalVotes: 1,
      quorum: 1,
      flags: [],
      waitingForAll: false,
    };
    this.feed({
      kind: 'view',
      nowMs: 0,
      view: { id, members: [{ node: 1, boot: 'x' }], quorum },
      previous: null,
      continuing: [],
      lost: [],
    });
  }

  feed(input: ControllerInput): void {
    for (const effect of this.#controller.step(input)) this.#perform(effect);
  }

  #perform(effect: ControllerEffect): void {
    const view = { epoch: 1, coordinator: 1 };
    if (effect.kind === 'direct') {
      this.feed({ kind: 'direct', nowMs: 0, view, from: 1, payload: effect.payload });
    } else if (effect.kind === 'set-timer' && effect.delayMs === 0) {
      this.feed({ kind: 'timer', nowMs: 0, timer: effect.timer });
    } else if (effect.kind === 'execute') {
      this.started++;
      this.executing.push(effect.request);
    }
  }

  end(request: OperationRequest): void {
    this.executing.splice(this.executing.indexOf(request), 1);
    this.feed({
      kind: 'executed',
      nowMs: 0,
      result: {
        ...request,
        status: 'done',
        rc: 0,
        exitReason: '',
        output: '',
        startedAtMs: 0,
        lastChangeAtMs: 0,
        execTimeMs: 1,
        queueTimeMs: 0,
      },
    });
  }

  /** Ends everything, one after the other; the most that ran at once. */
  runAll(): number {
    let most = 0;
    for (let request = this.executing[0]; request; request = this.executing[0]) {
      most = Math.max(most, this.executing.length);
      this.end(request);
    }
    return most;
  }
}

describe('the DC', () => {
  it.each([
    ['begins everything at once on an idle machine', '', null, 12],
    ['keeps to node-action-limit', '<nvpair id="l" name="node-action-limit" value="5"/>', null, 5],
    ['begins less on a busy machine, and comes to an end', '', { perProcessor: 9, processors: 2 }, 2],
  ] as const)('%s', (_, properties, load, most) => {
    const node = new OneNode(properties, load);
    expect(node.runAll()).toBe(most);
    expect(node.started).toBe(12);
  });

  it('begins more as soon as the machine is less busy', () => {
    const node = new OneNode('', { perProcessor: 9, processors: 2 });
    expect(node.executing).toHaveLength(2);
    node.feed({ kind: 'load', nowMs: 0, load: { perProcessor: 0, processors: 2 } });
    expect(node.executing).toHaveLength(12);
  });
});
