import { Violation } from './checks/check.js';
import { Cluster } from './cluster.js';
import type { ClusterFault, ClusterLife } from './cluster-life.js';
import { CALM_AGENTS } from './executor.js';
import type { Outcome } from './life.js';
import { tell } from './tell.js';

/** Everything must be at rest this long (virtual time) after the last fault has ended; links that flapped are held down. */
const SETTLE_MS = 75_000;

/**
 * Lives one life of a cluster: first anything may break, and the invariants must hold at every moment; then all faults
 * end, and the cluster must come to rest with every service running once.
 */
export function playClusterLife(life: ClusterLife, recording = false): Outcome {
  const cluster = new Cluster(life, recording);
  let healedAtMs = Number.NaN;
  const outcome = (kind: Outcome['kind'], text: string): Outcome => ({
    seed: life.seed,
    ok: kind === 'ok',
    kind,
    text,
    lines: cluster.lines,
    virtualMs: cluster.schedule.nowMs,
    settledMs: kind === 'ok' ? cluster.schedule.nowMs - healedAtMs : null,
    met: cluster.coverage.met,
  });
  try {
    if (life.blackout > 0) cluster.onAcknowledged = () => blackOut(cluster, life.blackout);
    cluster.startAll();
    for (const step of life.steps) {
      cluster.run(step.afterMs);
      if (recording) cluster.note(`     ${tell(step)}`);
      apply(cluster, step);
    }
    cluster.run(life.tokenMs / 2);
    cluster.heal(CALM_AGENTS);
    healedAtMs = cluster.schedule.nowMs;
    // What failed for good in the first part is cleaned up by the operator, once everybody is there.
    for (const afterMs of [3000 + life.tokenMs * 2, 20_000, 50_000]) {
      cluster.schedule.after(afterMs, () => cluster.cleanUp());
    }
    const until = cluster.schedule.nowMs + SETTLE_MS + life.tokenMs * 20;
    for (let calm = 0; calm < 3; ) {
      cluster.run(200);
      const unrest = cluster.unrest();
      calm = unrest === null ? calm + 1 : 0;
      // What was damaged is found with the next change.
      if (calm === 1 && cluster.takeDamaged()) {
        for (const id of cluster.running) cluster.write(id);
        calm = 0;
      }
      // Fenced nodes, and nodes that have stopped themselves, are switched on again.
      cluster.startAll();
      if (cluster.schedule.nowMs > until) return outcome('liveness', `not at rest: ${unrest}`);
    }
    cluster.checkSettled();
    return outcome('ok', '');
  } catch (error) {
    if (error instanceof Violation) return outcome('safety', error.message);
    return outcome('crash', (error as Error).stack ?? String(error));
  }
}

function apply(cluster: Cluster, fault: ClusterFault): void {
  const links = Array.from({ length: cluster.options.links }, (_, link) => link);
  switch (fault.kind) {
    case 'crash':
      cluster.crash(fault.node);
      break;
    case 'start':
      cluster.start(fault.node);
      break;
    case 'kill':
      cluster.kill(fault.node, fault.restartAfterMs);
      break;
    case 'stop':
      cluster.node(fault.node)?.shutDown();
      break;
    case 'pause':
      cluster.pause(fault.node, fault.forMs);
      break;
    case 'cut':
      if (fault.link !== null) cluster.coverage.meet('one cut link of two');
      for (const link of fault.link === null ? links : [fault.link]) {
        cluster.network.cut(fault.from, fault.to, link);
      }
      break;
    case 'slow':
      for (const link of links) cluster.network.slow(fault.from, fault.to, link, fault.byMs);
      break;
    case 'partition':
      for (const a of cluster.ids) {
        for (const b of cluster.ids) {
          if (fault.left.includes(a) === fault.left.includes(b)) continue;
          for (const link of links) cluster.network.cut(a, b, link);
        }
      }
      break;
    case 'mend':
      cluster.network.mendLinks();
      break;
    case 'write':
      for (let time = 0; time < fault.times; time++) {
        const coordinators = cluster.running.filter((id) => cluster.node(id)!.controller.isDc);
        for (const node of fault.node === 0 ? coordinators : [fault.node]) cluster.write(node);
      }
      break;
    case 'sever': {
      const dc = cluster.running.find((id) => cluster.node(id)!.controller.isDc);
      if (dc === undefined) break;
      for (const other of cluster.ids.filter((id) => id !== dc)) {
        for (const link of links) {
          cluster.network.cut(dc, other, link);
          cluster.network.cut(other, dc, link);
        }
      }
      for (let time = 0; time < fault.times; time++) cluster.write(dc);
      break;
    }
    case 'break-service':
      cluster.breakService(fault.node);
      break;
    case 'damage':
      cluster.damage(fault.node);
      break;
    case 'clock':
      cluster.setClock(fault.node, fault.byMs);
      break;
    case 'disk-full': {
      const disk = cluster.disk(fault.node);
      disk.full = true;
      cluster.schedule.after(fault.forMs, () => {
        disk.full = false;
      });
      break;
    }
  }
}

/**
 * All power fails at the very moment when a write was acknowledged, and the node that was the DC is the last to come
 * back: what it alone had is worth nothing.
 */
function blackOut(cluster: Cluster, probability: number): void {
  const { random } = cluster;
  if (!random.chance(probability)) return;
  const dc = cluster.running.find((id) => cluster.node(id)?.controller.isDc);
  cluster.note('blackout');
  cluster.coverage.meet('a blackout');
  // Not from within the answer to a client.
  cluster.schedule.after(0, () => {
    for (const id of cluster.ids) cluster.crash(id);
    for (const id of cluster.ids) {
      const delayMs = id === dc ? random.integer(3000, 8000) : random.integer(0, 500);
      cluster.schedule.after(delayMs, () => cluster.start(id));
    }
  });
}
