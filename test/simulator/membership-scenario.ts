import { Violation } from './checks/check.js';
import { orderCheck } from './checks/order.js';
import { viewsCheck } from './checks/views.js';
import { MembershipWorld } from './membership-world.js';
import { Random } from './random.js';
import type { RunOutcome } from './scenario.js';

const SETTLE_MS = 30_000;

/** As `runScenario`, of bare memberships: many times faster, and harder on views and order. */
export function runMembershipScenario(seed: number): RunOutcome {
  const random = new Random(seed * 104_729 + 3);
  const nodes = random.integer(2, 6);
  const views = viewsCheck(false);
  const order = orderCheck();
  const world = new MembershipWorld({
    seed,
    nodes,
    links: random.pick([1, 1, 2]),
    tokenMs: random.pick([300, 1000]),
    onView: (node, view, previous) => {
      views.view!(node, view, previous);
      order.view!(node, view, previous);
    },
    onOrdered: (node, view, message, transitional) =>
      order.ordered!(node, view, message.sequence, JSON.stringify(message), transitional),
  });
  const outcome = (kind: RunOutcome['kind'], text: string): RunOutcome => ({
    seed,
    ok: kind === 'ok',
    kind,
    text,
    lines: world.lines,
    virtualMs: world.schedule.nowMs,
  });
  try {
    misbehave(world, random);
    world.network.mendAll();
    world.disks.slowestMs = 8;
    for (const node of world.nodes) {
      world.member(node)?.resume();
      world.start(node);
    }
    const until = world.schedule.nowMs + SETTLE_MS;
    while (!isTogether(world)) {
      world.run(200);
      if (world.schedule.nowMs > until) return outcome('liveness', `not together: ${world.views()}`);
    }
    return outcome('ok', '');
  } catch (error) {
    if (error instanceof Violation) return outcome('safety', error.message);
    return outcome('crash', (error as Error).stack ?? String(error));
  }
}

function isTogether(world: MembershipWorld): boolean {
  const views = new Set<string>();
  for (const node of world.nodes) {
    const membership = world.member(node)?.membership;
    if (!membership?.view || membership.frozen) return false;
    if (membership.view.members.length !== world.nodes.length) return false;
    views.add(`${membership.view.id.epoch}.${membership.view.id.coordinator}`);
  }
  return views.size === 1;
}

function misbehave(world: MembershipWorld, random: Random): void {
  const crashes = random.chance(0.6);
  const pauses = random.chance(0.4);
  const cuts = random.chance(0.7);
  if (random.chance(0.4)) world.disks.slowestMs = random.pick([100, 500]);
  world.network.faults = {
    loss: random.pick([0, 0, 0.02, 0.15]),
    duplication: random.pick([0, 0.05]),
    delayMinMs: 0.1,
    delayMaxMs: random.pick([1, 30, 150]),
  };
  world.startAll();
  world.run(random.integer(300, 2500));
  const pace = random.pick([30, 200, 1000]);
  for (let step = 0; step < 60; step++) {
    world.run(random.integer(1, pace));
    const node = random.pick(world.nodes);
    const other = random.pick(world.nodes);
    switch (random.integer(0, 9)) {
      case 0:
        if (crashes) world.crash(node);
        break;
      case 1:
        world.start(node);
        break;
      case 2:
        if (pauses) {
          const member = world.member(node);
          member?.pause();
          world.schedule.after(random.integer(10, 3000), () => member?.resume());
        }
        break;
      case 3:
        if (cuts && node !== other) world.cut(node, other);
        break;
      case 4:
        if (cuts) {
          const left = world.nodes.filter(() => random.chance(0.5));
          world.partition(
            left,
            world.nodes.filter((one) => !left.includes(one)),
          );
        }
        break;
      case 5:
        world.network.mendLinks();
        break;
      default:
        world.member(node)?.broadcast(step);
    }
  }
}
