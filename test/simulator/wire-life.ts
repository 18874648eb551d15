import type { NodeId } from '../../src/membership/types.js';
import type { Fault, MembershipLife, Step } from './life.js';
import { CALM } from './network.js';
import { Random } from './random.js';

/** Draws a short life of memberships whose packets are sealed as the product's are, with somebody on the network. */
export function drawWireLife(seed: number): MembershipLife {
  const random = new Random(seed * 104_729 + 17);
  const nodes = random.pick([2, 3, 3, 4]);
  const ids = Array.from({ length: nodes }, (_, i) => i + 1);
  const links = random.pick([1, 1, 2]);
  const tokenMs = random.pick([300, 1000]);
  const node = () => random.pick(ids);
  const another = (than: NodeId) => random.pick(ids.filter((id) => id !== than));
  const faults: (readonly [number, () => Fault])[] = [
    [1, () => ({ kind: 'crash', node: node() })],
    [2, () => ({ kind: 'start', node: node() })],
    [0.5, () => ({ kind: 'leave', node: node() })],
    [0.5, () => ({ kind: 'pause', node: node(), forMs: random.integer(10, tokenMs * 2) })],
    [0.5, () => ({ kind: 'partition', left: random.some(ids) })],
    [1, () => ({ kind: 'mend' })],
    [1, () => ({ kind: 'talk', times: random.integer(1, 5), everyMs: 5 })],
    [0.7, () => ({ kind: 'change-key' })],
    [
      0.5,
      () => {
        const from = node();
        return { kind: 'cut', from, to: another(from), link: null };
      },
    ],
  ];
  const pace = random.pick([100, 500]);
  const steps: Step[] = Array.from({ length: random.integer(3, 15) }, (_, i) => {
    const afterMs = i === 0 ? tokenMs * 2 + 500 : random.integer(0, pace);
    return { afterMs, ...random.weighted(faults)() };
  });
  return {
    kind: 'wire',
    seed,
    nodes,
    links,
    tokenMs,
    votes: {},
    quorum: {},
    network: random.chance(0.5)
      ? CALM
      : { loss: random.pick([0, 0.05]), duplication: 0.1, delayMinMs: 0.1, delayMaxMs: 50 },
    slowestDiskMs: 4,
    crashOnWrite: 0,
    drift: 0,
    copies: false,
    chatterMs: 0,
    attackMs: random.pick([1, 3, 10]),
    steps,
  };
}
