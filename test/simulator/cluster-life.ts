import type { NodeId, QuorumOptions } from '../../src/membership/types.js';
import { type AgentFaults, CALM_AGENTS } from './executor.js';
import type { Fault, Step } from './life.js';
import { CALM, type NetworkFaults } from './network.js';
import { Random } from './random.js';

export type ClusterFault =
  | Exclude<Fault, { kind: 'doubt' | 'talk' | 'leave' }>
  /** The agent's process ends; what its executor runs goes on, and the agent is started again. */
  | { readonly kind: 'kill'; readonly node: NodeId; readonly restartAfterMs: number }
  /** An operator stops the node. */
  | { readonly kind: 'stop'; readonly node: NodeId }
  /** A client of that node changes the configuration; 0: one of every node that believes to be the DC. */
  | { readonly kind: 'write'; readonly node: NodeId; readonly times: number }
  /** The DC is cut off from everybody, and its clients change the configuration before anybody has noticed. */
  | { readonly kind: 'sever'; readonly times: number }
  /** A service that runs on the node fails. */
  | { readonly kind: 'break-service'; readonly node: NodeId }
  /** A node that is not the DC has something else in its memory than was written there. */
  | { readonly kind: 'damage'; readonly node: NodeId }
  /** The wall clock of a node is set. */
  | { readonly kind: 'clock'; readonly node: NodeId; readonly byMs: number };

/** Which services there are, and how they hang together. */
export interface Services {
  readonly primitives: number;
  /** `r0` before `r1`. Only the product's own scheduler knows of it, and of the following. */
  readonly order: boolean;
  /** A group of two more primitives. */
  readonly group: boolean;
  /** A promotable clone with one promoted instance. */
  readonly promotable: boolean;
}

export interface ClusterLife {
  readonly kind: 'cluster' | 'rare';
  readonly seed: number;
  readonly nodes: number;
  readonly links: number;
  readonly tokenMs: number;
  readonly services: Services;
  /** `simple` is a scheduler for tests that knows primitives only, and takes a small part of the time. */
  readonly planner: 'simple' | 'scheduler';
  readonly fencing: boolean;
  /** Probability that a fence device fails. */
  readonly fenceFailure: number;
  /** The last node only votes. */
  readonly arbiter: boolean;
  readonly quorum: Partial<QuorumOptions>;
  readonly network: NetworkFaults;
  readonly agents: AgentFaults;
  readonly slowestDiskMs: number;
  readonly crashOnWrite: number;
  /** Probability that a DC is paused at the moment when it orders an operation. */
  readonly pauseOnOrder: number;
  /** Probability that a DC is paused soon after it has lost somebody: it holds back what it means to start. */
  readonly pauseOnLoss: number;
  readonly drift: number;
  readonly copies: boolean;
  /** Probability that all power fails at the moment when a write was acknowledged. */
  readonly blackout: number;
  readonly steps: readonly Step<ClusterFault>[];
}

const NODE_COUNTS = [2, 2, 3, 3, 3, 3, 3, 4, 4, 5, 5, 7];

/**
 * What makes two documents with changes of their own: a DC is cut off with changes that nobody else has, the others
 * change theirs, and they meet again. Of its own chance, so that lives without it are what they were.
 */
function drawConflict(seed: number, tokenMs: number): Step<ClusterFault>[] {
  const random = new Random(seed * 7919 + 3);
  if (!random.chance(0.15)) return [];
  return [
    { afterMs: random.integer(0, 500), kind: 'mend' },
    { afterMs: random.integer(1000, 3000) + tokenMs, kind: 'sever', times: random.integer(1, 6) },
    { afterMs: tokenMs + random.integer(200, 2000), kind: 'write', node: 0, times: random.integer(1, 2) },
    { afterMs: random.integer(10, 1000), kind: 'mend' },
  ];
}

/** Draws a life of a whole cluster. Each knows only some of the faults. */
export function drawClusterLife(seed: number, ofNodes?: number): ClusterLife {
  const random = new Random(seed * 7919 + 1);
  const drawn = random.pick(NODE_COUNTS);
  const nodes = ofNodes ?? drawn;
  const ids = Array.from({ length: nodes }, (_, i) => i + 1);
  const tokenMs = random.pick([300, 1000, 1000, 3000]);
  const links = random.pick([1, 1, 2]);
  const planner = random.chance(0.15) ? 'scheduler' : 'simple';
  const weights: (readonly [number, () => ClusterFault])[] = [];
  const possible = (probability: number, weight: number, make: () => ClusterFault): void => {
    if (random.chance(probability)) weights.push([weight, make]);
  };
  const node = () => random.pick(ids);
  const another = (than: NodeId) => random.pick(ids.filter((id) => id !== than));
  possible(0.5, 1, () => ({ kind: 'crash', node: node() }));
  weights.push([1.5, () => ({ kind: 'start', node: node() })]);
  possible(0.3, 1, () => ({ kind: 'kill', node: node(), restartAfterMs: random.integer(5, tokenMs * 2) }));
  possible(0.4, 1, () => ({ kind: 'pause', node: node(), forMs: random.integer(10, tokenMs * 4) }));
  possible(0.3, 1, () => {
    const from = node();
    const link = links > 1 && random.chance(0.5) ? random.integer(0, links - 1) : null;
    return { kind: 'cut', from, to: another(from), link };
  });
  possible(0.15, 1, () => {
    const from = node();
    return { kind: 'slow', from, to: another(from), byMs: random.integer(10, tokenMs) };
  });
  possible(0.5, 1, () => ({ kind: 'partition', left: random.some(ids) }));
  possible(0.8, 1, () => ({ kind: 'mend' }));
  possible(0.3, 1, () => ({ kind: 'stop', node: node() }));
  possible(0.1, 1, () => ({ kind: 'disk-full', node: node(), forMs: random.integer(10, 3000) }));
  possible(0.2, 1, () => ({
    kind: 'clock',
    node: node(),
    byMs: random.pick([-3_600_000, -5000, 5000, 86_400_000]),
  }));
  possible(0.9, 2, () => ({
    kind: 'write',
    node: random.chance(0.5) ? 0 : node(),
    times: random.pick([1, 1, 2, 5]),
  }));
  const pace = random.pick([50, 300, 1500]);
  const count = random.integer(3, 20);
  const steps: Step<ClusterFault>[] = [];
  for (let i = 0; i < count; i++) {
    const make = random.weighted(weights);
    const afterMs = i === 0 ? random.integer(0, 2000 + tokenMs) : random.integer(0, pace);
    steps.push({ afterMs, ...make() });
  }
  steps.push(...drawConflict(seed, tokenMs));
  const fencing = random.chance(0.35);
  return {
    kind: 'cluster',
    seed,
    nodes,
    links,
    tokenMs,
    services: {
      primitives: random.integer(1, 3),
      order: planner === 'scheduler' && random.chance(0.5),
      group: planner === 'scheduler' && random.chance(0.4),
      promotable: planner === 'scheduler' && random.chance(0.4),
    },
    planner,
    fencing,
    fenceFailure: fencing ? random.pick([0, 0.1, 0.6]) : 0,
    arbiter: nodes > 2 && random.chance(0.2),
    quorum: random.pick<Partial<QuorumOptions>>([{}, {}, {}, { waitForAll: true }]),
    network: random.chance(0.6)
      ? CALM
      : {
          loss: random.fraction() * 0.15,
          duplication: random.fraction() * 0.05,
          delayMinMs: 0.1,
          delayMaxMs: random.pick([1, 20, 100]),
        },
    agents: random.chance(0.6)
      ? CALM_AGENTS
      : {
          failure: random.pick([0, 0.02, 0.1]),
          hanging: random.pick([0, 0, 0.05]),
          durationMinMs: 5,
          durationMaxMs: random.pick([50, 500, 5000]),
        },
    slowestDiskMs: random.pick([4, 4, 50, 250]),
    crashOnWrite: random.pick([0, 0, 0, 0.03]),
    pauseOnOrder: random.pick([0, 0, 0, 0, 0.1]),
    pauseOnLoss: new Random(seed * 7919 + 5).pick([0, 0, 0, 0, 0, 0, 0.5]),
    drift: random.pick([0, 0, 0.02]),
    copies: random.chance(0.1),
    blackout: random.pick([0, 0, 0, 0.2]),
    steps,
  };
}

/** Lives that are calmer, or of fewer nodes, in one point each. */
export function* simplerClusterLives(life: ClusterLife): Iterable<ClusterLife> {
  if (life.nodes > 2) {
    const isThere = (step: Step<ClusterFault>) =>
      Object.entries(step).every(
        ([name, value]) => !['node', 'from', 'to'].includes(name) || value !== life.nodes,
      );
    yield { ...life, nodes: life.nodes - 1, steps: life.steps.filter(isThere) };
  }
  if (life.network !== CALM) yield { ...life, network: CALM };
  if (life.agents !== CALM_AGENTS) yield { ...life, agents: CALM_AGENTS };
  if (life.crashOnWrite > 0) yield { ...life, crashOnWrite: 0 };
  if (life.pauseOnOrder > 0) yield { ...life, pauseOnOrder: 0 };
  if (life.pauseOnLoss > 0) yield { ...life, pauseOnLoss: 0 };
  if (life.blackout > 0) yield { ...life, blackout: 0 };
  if (life.slowestDiskMs > 4) yield { ...life, slowestDiskMs: 4 };
  if (life.drift > 0) yield { ...life, drift: 0 };
  if (life.links > 1) yield { ...life, links: 1 };
  if (life.arbiter) yield { ...life, arbiter: false };
  if (life.fenceFailure > 0) yield { ...life, fenceFailure: 0 };
  if (life.fencing) yield { ...life, fencing: false };
  if (Object.keys(life.quorum).length > 0) yield { ...life, quorum: {} };
  const { services } = life;
  if (services.primitives > 1)
    yield { ...life, services: { ...services, primitives: services.primitives - 1 } };
  for (const name of ['order', 'group', 'promotable'] as const) {
    if (services[name]) yield { ...life, services: { ...services, [name]: false } };
  }
  if (life.planner === 'scheduler' && !services.order && !services.group && !services.promotable) {
    yield { ...life, planner: 'simple' };
  }
}
