/**
 * Scripts in `test/membership/scripts/*.txt`: what is done to a cluster of memberships, and what comes of it.
 *
 * A block is commands, a line `----`, and what they print, up to an empty line; `#` begins a comment. `UPDATE=1` writes what is printed into the
 * files; commit that only when every changed line is understood.
 *
 *     cluster nodes=4 [links=1] [token=1000] [votes=3,1,1,1] [arbiter=4] [OPTION=VALUE...]   options of votequorum(5), qdevice's with `arbiter.`
 *     start 1 2 | crash 1 | leave 1          all nodes where none are named
 *     pause 1 2000ms                         for so long
 *     cut 1 2 | mend                         one direction, all links; everything
 *     partition 1 2 | 3 4
 *     agreed partition 1 2 | 3 4             that, when the coordinator alone knows that a new electorate is agreed
 *     run 1500ms                             prints each node's view as `1 2 3: VIEW quorate 3/4 of 5`: votes, needed, expected
 */
import type { ArbiterOptions, NodeId, QuorumOptions } from '../../src/membership/types.js';
import { formatMembers } from '../../src/membership/view.js';
import { MembershipWorld } from '../simulator/membership-world.js';

const NAMES: Record<string, keyof QuorumOptions> = {
  expected_votes: 'expectedVotes',
  two_node: 'twoNode',
  wait_for_all: 'waitForAll',
  auto_tie_breaker: 'autoTieBreaker',
  auto_tie_breaker_node: 'autoTieBreakerNodes',
  last_man_standing: 'lastManStanding',
  last_man_standing_window: 'lastManStandingWindowMs',
  allow_downscale: 'allowDownscale',
};

/** Runs a script; returns it with what it printed in place of what is written there. */
export function runScript(text: string): string {
  let world: MembershipWorld | null = null;
  const out: string[] = [];
  let printed: string[] = [];
  let skipping = false;
  for (const line of text.split('\n')) {
    if (skipping && line !== '') continue;
    if (skipping) {
      skipping = false;
      out.push(...printed);
      printed = [];
    }
    out.push(line);
    if (line === '----') skipping = true;
    else if (line !== '' && !line.startsWith('#')) {
      const [command = '', ...words] = line.split(' ');
      if (command === 'cluster') world = clusterOf(words);
      else if (world) printed.push(...perform(world, command, words));
      else throw new Error(`${line}: there is no cluster yet`);
    }
  }
  return [...out, ...printed].join('\n');
}

function clusterOf(words: readonly string[]): MembershipWorld {
  const given = new Map(words.map((word) => word.split('=') as [string, string]));
  const number = (name: string, otherwise: number) => Number(given.get(name) ?? otherwise);
  const quorum: Record<string, unknown> = {};
  for (const [name, value] of given) {
    const option = NAMES[name];
    if (!option) continue;
    if (option === 'autoTieBreakerNodes')
      quorum[option] = /^\d/.test(value) ? value.split(',').map(Number) : value;
    else if (/votes|window/i.test(option)) quorum[option] = Number(value);
    else quorum[option] = value === '1';
  }
  if (given.has('arbiter')) {
    const tieBreaker = given.get('arbiter.tie_breaker') ?? 'lowest';
    quorum.arbiter = {
      algorithm: (given.get('arbiter.algorithm') ?? 'ffsplit') as ArbiterOptions['algorithm'],
      tieBreaker: /^\d/.test(tieBreaker) ? Number(tieBreaker) : (tieBreaker as 'lowest' | 'highest'),
      keepActivePartition: given.get('arbiter.keep_active_partition_tie_breaker') === '1',
    };
  }
  const votes = given.get('votes')?.split(',').map(Number) ?? [];
  return new MembershipWorld({
    nodes: number('nodes', 3),
    links: number('links', 1),
    tokenMs: number('token', 1000),
    votes: Object.fromEntries(votes.map((own, i) => [i + 1, own])),
    quorum,
    ...(given.has('arbiter') ? { arbiter: number('arbiter', 0) } : {}),
  });
}

function perform(world: MembershipWorld, command: string, words: readonly string[]): string[] {
  const ids: NodeId[] = words.filter((word) => /^\d+$/.test(word)).map(Number);
  const ms = Number.parseInt(words.find((word) => word.endsWith('ms')) ?? '0', 10);
  const named = ids.length > 0 ? ids : world.nodes;
  switch (command) {
    case 'start':
      for (const id of named) world.start(id);
      return [];
    case 'crash':
      for (const id of named) world.crash(id);
      return [];
    case 'leave':
      for (const id of named) world.member(id)?.leave();
      return [];
    case 'pause':
      world.pause(ids[0]!, ms);
      return [];
    case 'cut':
      world.cut(ids[0]!, ids[1]!);
      return [];
    case 'mend':
      world.mendLinks();
      return [];
    case 'partition':
      world.partition(
        ...words
          .join(' ')
          .split('|')
          .map((side) => side.trim().split(' ').map(Number)),
      );
      return [];
    case 'agreed':
      world.atElectorate = { when: 'agreed', run: () => perform(world, words[0]!, words.slice(1)) };
      return [];
    case 'run':
      world.run(ms);
      return stateOf(world);
    default:
      throw new Error(`${command}: there is no such command`);
  }
}

/** Nodes of the same view on one line. */
function stateOf(world: MembershipWorld): string[] {
  const nodes = new Map<string, NodeId[]>();
  for (const node of world.nodes) {
    const member = world.member(node);
    if (!member) continue;
    const { view } = member.membership;
    const { totalVotes, quorum, expectedVotes, quorate } = view?.quorum ?? {};
    const what = view
      ? `${formatMembers(view.members)} ${quorate ? 'quorate' : '-'} ${totalVotes}/${quorum} of ${expectedVotes}`
      : 'no view';
    nodes.set(what, [...(nodes.get(what) ?? []), node]);
  }
  return [...nodes].map(([what, ids]) => `${ids.join(' ')}: ${what}`);
}
