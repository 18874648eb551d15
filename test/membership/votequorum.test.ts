import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../grammar/corosync/configuration.js';
import { quorumOptionsOf } from '../../src/agent/configuration.js';
import type { QuorumOptions } from '../../src/membership/types.js';
import { MembershipWorld } from '../simulator/membership-world.js';
import { VOTEQUORUM_CASES } from './votequorum-cases.js';

/** As long as the real ones were given: events of `last_man_standing` are told apart by its window of 3 s. */
const WAIT_MS = { start: 2200, crash: 1600, leave: 1200, split: 2000, heal: 3000, window: 3200 } as const;

function optionsOf(votes: readonly number[], quorum: string): QuorumOptions {
  const nodes = votes.map(
    (own, i) =>
      `node {\nname: n${i + 1}\nnodeid: ${i + 1}\nring0_addr: 10.0.0.${i + 1}\nquorum_votes: ${own}\n}`,
  );
  const { configuration } = readConfiguration(
    `totem {\nversion: 2\ncluster_name: c\n}\nquorum {\nprovider: corosync_votequorum\n${quorum.replaceAll('; ', '\n')}\n}\nnodelist {\n${nodes.join('\n')}\n}\n`,
  );
  return quorumOptionsOf(configuration!.quorum);
}

function play(world: MembershipWorld, event: string): void {
  const [kind, ...words] = event.split(' ') as [keyof typeof WAIT_MS, ...string[]];
  const groups = words
    .join(' ')
    .split(' | ')
    .map((group) => group.split(' ').filter(Boolean).map(Number));
  const chosen = groups[0] ?? [];
  if (kind === 'start') for (const node of chosen) world.start(node);
  else if (kind === 'crash') for (const node of chosen) world.crash(node);
  else if (kind === 'leave') for (const node of chosen) world.member(node)?.leave();
  else if (kind === 'heal') world.mendLinks();
  else if (kind === 'split') {
    world.mendLinks();
    world.partition(...groups);
  }
  world.run(WAIT_MS[kind]);
}

describe('nodes have quorum where those of votequorum(5) do', () => {
  for (const { name, votes, quorum, steps } of VOTEQUORUM_CASES) {
    it(name, () => {
      const world = new MembershipWorld({
        nodes: votes.length,
        tokenMs: 400,
        votes: Object.fromEntries(votes.map((own, i) => [i + 1, own])),
        quorum: optionsOf(votes, quorum),
      });
      const seen = steps.map(([event]) => {
        play(world, event);
        const quorate = world.nodes.filter((node) => world.member(node)?.membership.view?.quorum.quorate);
        return `${event}: ${quorate.join(' ')}`;
      });
      expect(seen).toEqual(steps.map(([event, corosync, ours]) => `${event}: ${ours ?? corosync}`));
    });
  }
});
