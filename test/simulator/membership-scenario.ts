import type { NodeId } from '../../src/membership/types.js';
import { type Check, Violation, violate } from './checks/check.js';
import { leasesCheck } from './checks/leases.js';
import { orderCheck } from './checks/order.js';
import { viewsCheck } from './checks/views.js';
import { coverageCheck } from './coverage.js';
import type { Fault, MembershipLife, Outcome } from './life.js';
import { changesElectorate } from './membership-life.js';
import { MembershipWorld } from './membership-world.js';
import { tell } from './tell.js';

/** A link that has flapped is let back in after up to half a minute. */
const SETTLE_MS = 45_000;

/** Lives one life of bare memberships: first anything may break, then all faults end, and everybody must be together. */
export function playMembershipLife(life: MembershipLife, recording = false): Outcome {
  const { quorum } = life;
  const checks: Check[] = [
    viewsCheck({
      twoNode: quorum.twoNode ?? false,
      dynamic: changesElectorate(quorum),
      waitForAll: quorum.waitForAll ? life.nodes : 0,
    }),
    orderCheck(),
  ];
  // A detector that is wrong is no reason to let go of a view in time.
  if (life.kind !== 'agreement' && !quorum.twoNode) {
    checks.push(
      leasesCheck({
        nodes: Array.from({ length: life.nodes }, (_, i) => i + 1),
        viewOf: (node) => world.member(node)?.membership.view ?? null,
        canAct: (node) => world.member(node)?.listening ?? false,
      }),
    );
  }
  let onHeard: (node: NodeId) => void = () => {};
  const world: MembershipWorld = new MembershipWorld({
    seed: life.seed,
    nodes: life.nodes,
    links: life.links,
    tokenMs: life.tokenMs,
    votes: life.votes,
    ...(quorum.arbiter ? { arbiter: life.nodes } : {}),
    quorum,
    detector: life.kind === 'agreement' ? 'oracle' : 'heartbeats',
    recording,
    copies: life.copies,
    ...(life.attackMs === undefined ? {} : { attackMs: life.attackMs }),
    drift: life.drift,
    onProposing: (node, id) => {
      for (const check of checks) check.proposing?.(node, id);
    },
    onView: (node, view, previous) => {
      for (const check of checks) check.view?.(node, view, previous);
    },
    onActive: (node, active) => {
      for (const check of checks) check.active?.(node, active);
    },
    onOrdered: (node, view, message, transitional) => {
      onHeard(node);
      for (const check of checks) check.ordered?.(node, view, message, transitional);
    },
  });
  checks.push(coverageCheck(world.coverage));
  if (quorum.arbiter) world.coverage.meet('an arbiter');
  if (life.drift > 0) world.coverage.meet('clocks of unequal speed');
  let healedAtMs = Number.NaN;
  const outcome = (kind: Outcome['kind'], text: string): Outcome => ({
    seed: life.seed,
    ok: kind === 'ok',
    kind,
    text,
    lines: world.lines,
    virtualMs: world.schedule.nowMs,
    settledMs: kind === 'ok' ? world.schedule.nowMs - healedAtMs : null,
    met: world.coverage.met,
  });
  try {
    world.network.faults = life.network;
    for (const node of world.nodes) world.disk(node).slowestMs = life.slowestDiskMs;
    world.crashOnWrite = life.crashOnWrite;
    world.startAll();
    if (life.chatterMs > 0) chatter(world, life.chatterMs);
    for (const step of life.steps) {
      world.run(step.afterMs);
      if (recording && step.kind !== 'talk') world.note(`     ${tell(step)}`);
      apply(world, step);
    }
    world.run(life.tokenMs / 4);
    heal(world, recording);
    healedAtMs = world.schedule.nowMs;
    if (world.wire) leaveOneDead(world, life.tokenMs);
    const until = world.schedule.nowMs + SETTLE_MS + life.tokenMs * 20;
    for (;;) {
      if (isTogether(world)) {
        // Together is who hears each other; a view that changes meanwhile may lose what was said.
        const heard = new Map<NodeId, number>();
        onHeard = (node) => heard.set(node, (heard.get(node) ?? 0) + 1);
        world.talk();
        world.run(life.tokenMs);
        if (world.nodes.every((node) => (heard.get(node) ?? 0) >= life.nodes)) return outcome('ok', '');
      } else world.run(life.tokenMs / 4);
      for (const node of world.nodes) world.start(node);
      if (world.schedule.nowMs <= until) continue;
      const how = isTogether(world) ? 'messages are not delivered to all' : 'not together';
      return outcome('liveness', `${how}: ${world.views()}`);
    }
  } catch (error) {
    if (error instanceof Violation) return outcome('safety', error.message);
    return outcome('crash', (error as Error).stack ?? String(error));
  }
}

/** Now one, now another node sends a message, until all faults end. */
function chatter(world: MembershipWorld, everyMs: number): void {
  world.schedule.after(everyMs, () => {
    if (world.healed) return;
    world.say(world.random.pick(world.nodes));
    chatter(world, everyMs);
  });
}

function heal(world: MembershipWorld, recording: boolean): void {
  if (recording) world.note('     ---- all faults end ----');
  world.network.mendAll();
  world.crashOnWrite = 0;
  world.healed = true;
  for (const node of world.nodes) {
    world.disk(node).slowestMs = 4;
    world.disk(node).full = false;
    world.resume(node);
    world.start(node);
    world.noticeSoon(node);
  }
}

/** Whatever is made of what a node has once sent, nobody hears it when it is off. */
function leaveOneDead(world: MembershipWorld, tokenMs: number): void {
  world.run(tokenMs * 3);
  const dead = world.random.pick(world.nodes);
  world.crash(dead);
  world.run(tokenMs * 3);
  for (const node of world.nodes) {
    const peers = world.member(node)?.detector.reachability().peers ?? [];
    if (peers.some((peer) => peer.node === dead)) violate(`node ${node} hears node ${dead}, which is off`);
  }
  world.coverage.meet('a dead node that was not brought to life');
  world.start(dead);
}

function isTogether(world: MembershipWorld): boolean {
  const first = world.member(world.nodes[0]!)?.membership.view;
  if (!first || first.members.length !== world.nodes.length) return false;
  return world.nodes.every((node) => {
    const membership = world.member(node)?.membership;
    if (!membership?.view || membership.frozen) return false;
    const { id } = membership.view;
    return id.epoch === first.id.epoch && id.coordinator === first.id.coordinator;
  });
}

function apply(world: MembershipWorld, fault: Fault): void {
  switch (fault.kind) {
    case 'crash':
      world.crash(fault.node);
      break;
    case 'start':
      world.start(fault.node);
      break;
    case 'leave':
      world.member(fault.node)?.main(() => world.member(fault.node)?.leave());
      break;
    case 'pause':
      world.pause(fault.node, fault.forMs);
      break;
    case 'cut':
      if (fault.link === null) world.cut(fault.from, fault.to);
      else {
        world.network.cut(fault.from, fault.to, fault.link);
        world.coverage.meet('one cut link of two');
      }
      break;
    case 'slow':
      for (let link = 0; link < world.links; link++) {
        world.network.slow(fault.from, fault.to, link, fault.byMs);
      }
      break;
    case 'partition':
      world.partition(
        fault.left,
        world.nodes.filter((node) => !fault.left.includes(node)),
      );
      break;
    case 'mend':
      world.mendLinks();
      break;
    case 'change-key':
      world.wire?.changeKey();
      break;
    case 'part-at-electorate':
      world.atElectorate = {
        when: fault.when,
        run: () => world.schedule.after(fault.lateMs, () => partAnew(world, fault)),
      };
      break;
    case 'talk':
      for (let time = 0; time < fault.times; time++) {
        world.schedule.after(time * fault.everyMs, () => world.talk());
      }
      break;
    case 'doubt':
      world.doubt(fault.of, fault.about, fault.suspectedOnly, fault.forMs);
      break;
    case 'disk-full': {
      const disk = world.disk(fault.node);
      disk.full = true;
      world.schedule.after(fault.forMs, () => {
        disk.full = false;
      });
      break;
    }
  }
}

function partAnew(world: MembershipWorld, { left, crash }: Fault & { kind: 'part-at-electorate' }): void {
  if (world.healed) return;
  world.mendLinks();
  world.partition(
    left,
    world.nodes.filter((node) => !left.includes(node)),
  );
  if (crash !== null) world.crash(crash);
  for (const node of world.nodes) if (node !== crash) world.start(node);
}
