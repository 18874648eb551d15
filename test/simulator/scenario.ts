import { Violation, violate } from './checks/check.js';
import { Cluster } from './cluster.js';
import { CALM_AGENTS } from './executor.js';
import { Random } from './random.js';

export interface RunOutcome {
  readonly seed: number;
  readonly ok: boolean;
  readonly kind: 'ok' | 'safety' | 'liveness' | 'crash';
  readonly text: string;
  readonly lines: readonly string[];
  readonly virtualMs: number;
}

/** Everything must be at rest this long (virtual time) after the last fault has ended. */
const SETTLE_MS = 40_000;

/**
 * One random life of a cluster, drawn from the seed alone: first anything may break, and the invariants must hold at
 * every moment; then all faults end, and the cluster must come to rest with every service running once.
 */
export function runScenario(seed: number): RunOutcome {
  const random = new Random(seed * 7919 + 1);
  const nodes = random.pick([2, 3, 3, 3, 4, 5, 5, 7]);
  const cluster = new Cluster({
    seed,
    nodes,
    links: random.pick([1, 1, 2]),
    tokenMs: random.pick([300, 1000, 1000, 3000]),
    resources: random.integer(1, 6),
    fencing: random.chance(0.3),
    arbiter: nodes > 2 && random.chance(0.2),
    ...(nodes === 2 && random.chance(0.5) ? { quorum: { waitForAll: true } } : {}),
  });
  const outcome = (kind: RunOutcome['kind'], text: string): RunOutcome => ({
    seed,
    ok: kind === 'ok',
    kind,
    text,
    lines: cluster.lines,
    virtualMs: cluster.schedule.nowMs,
  });
  try {
    misbehave(cluster, random);
    heal(cluster);
    const until = cluster.schedule.nowMs + SETTLE_MS + cluster.options.tokenMs * 20;
    let calm = 0;
    while (calm < 5) {
      cluster.run(200);
      calm = cluster.unrest() === null ? calm + 1 : 0;
      // Fenced nodes, and nodes that have stopped themselves, are switched on again.
      for (const id of cluster.down) cluster.start(id);
      if (cluster.schedule.nowMs > until) {
        return outcome('liveness', `not at rest: ${cluster.unrest()}`);
      }
    }
    cluster.checkSettled();
    return outcome('ok', '');
  } catch (error) {
    if (error instanceof Violation) return outcome('safety', error.message);
    return outcome('crash', (error as Error).stack ?? String(error));
  }
}

function misbehave(cluster: Cluster, random: Random): void {
  // Each run knows only some of the faults: more of few finds more than a little of all.
  const enabled = {
    crash: random.chance(0.6),
    pause: random.chance(0.4),
    partition: random.chance(0.6),
    oneWay: random.chance(0.4),
    loss: random.chance(0.4),
    agents: random.chance(0.4),
    stop: random.chance(0.3),
    slowDisks: random.chance(0.3),
    blackout: random.chance(0.2),
  };
  if (enabled.blackout) cluster.onAcknowledged = () => blackOut(cluster, random);
  if (enabled.slowDisks) cluster.disks.slowestMs = random.pick([100, 500]);
  if (enabled.loss) {
    cluster.network.faults = {
      loss: random.fraction() * 0.15,
      duplication: random.fraction() * 0.05,
      delayMinMs: 0.1,
      delayMaxMs: random.pick([1, 20, 100]),
    };
  }
  if (enabled.agents) {
    cluster.agentFaults = {
      failure: random.pick([0, 0.02, 0.1]),
      durationMinMs: 5,
      durationMaxMs: random.pick([50, 500, 5000]),
    };
  }
  if (random.chance(0.8)) cluster.startAll();
  else for (const id of cluster.ids) cluster.schedule.after(random.integer(0, 5000), () => cluster.start(id));
  cluster.run(random.integer(500, 4000));
  const pace = random.pick([100, 500, 2000]);
  const steps = random.integer(5, 40);
  for (let step = 0; step < steps; step++) {
    cluster.run(random.integer(1, pace));
    const id = random.pick(cluster.ids);
    const other = random.pick(cluster.ids);
    switch (random.integer(0, 9)) {
      case 0:
        if (enabled.crash) cluster.crash(id);
        break;
      case 1:
      case 2:
        cluster.start(id);
        break;
      case 3:
        if (enabled.pause) {
          cluster.pause(id);
          cluster.schedule.after(random.integer(10, 6000), () => cluster.resume(id));
        }
        break;
      case 4:
        if (enabled.partition) partition(cluster, random);
        break;
      case 5:
        if (enabled.oneWay && id !== other) {
          for (let link = 0; link < cluster.options.links; link++) {
            if (random.chance(0.7)) cluster.network.cut(id, other, link);
          }
          cluster.note(`cut n${id} > n${other}`);
        }
        break;
      case 6:
        cluster.network.mendLinks();
        cluster.note('links mended');
        break;
      case 7:
        if (enabled.stop) cluster.node(id)?.shutDown();
        break;
      default:
        cluster.write(id);
    }
  }
}

/**
 * All power fails at the very moment when a write was acknowledged, and the node that was the DC is the last to come
 * back: what it alone had is worth nothing.
 */
function blackOut(cluster: Cluster, random: Random): void {
  if (!random.chance(0.3)) return;
  const dc = cluster.running.find((id) => cluster.node(id)?.controller.isDc);
  cluster.note('blackout');
  // Not from within the answer to a client.
  cluster.schedule.after(0, () => {
    for (const id of cluster.ids) cluster.crash(id);
    for (const id of cluster.ids) {
      const delayMs = id === dc ? random.integer(3000, 8000) : random.integer(0, 500);
      cluster.schedule.after(delayMs, () => cluster.start(id));
    }
  });
}

function partition(cluster: Cluster, random: Random): void {
  const left = cluster.ids.filter(() => random.chance(0.5));
  const right = cluster.ids.filter((id) => !left.includes(id));
  cluster.note(`partition (${left.join(' ')}) (${right.join(' ')})`);
  for (const a of left) {
    for (const b of right) {
      for (let link = 0; link < cluster.options.links; link++) {
        cluster.network.cut(a, b, link);
        cluster.network.cut(b, a, link);
      }
    }
  }
}

function heal(cluster: Cluster): void {
  cluster.note('---- all faults end ----');
  cluster.onAcknowledged = () => {};
  cluster.network.mendAll();
  cluster.agentFaults = CALM_AGENTS;
  cluster.disks.slowestMs = 8;
  for (const id of cluster.ids) {
    cluster.resume(id);
    const node = cluster.node(id);
    if (node) node.executor.faults = CALM_AGENTS;
    cluster.start(id);
  }
  if (cluster.ids.length === 0) violate('there are no nodes');
  // What failed for good in the first part is cleaned up by the operator.
  cluster.schedule.after(5000, () => cluster.cleanUp());
  cluster.schedule.after(15_000, () => cluster.cleanUp());
}
