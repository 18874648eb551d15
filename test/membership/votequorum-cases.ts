/** What is done to a cluster, and which nodes then have quorum. */
export interface VotequorumCase {
  readonly name: string;
  /** `quorum_votes` by node. */
  readonly votes: readonly number[];
  /** Settings of the quorum section. */
  readonly quorum: string;
  /**
   * What happens, and which nodes have quorum when it has settled, as corosync-quorumtool of Corosync 3.1.7 says; third,
   * where that is not what is wanted here, what is instead.
   */
  readonly steps: readonly (readonly [event: string, quorate: string, ours?: string])[];
}

/** Played with real Corosyncs on five hosts, `token: 400`, `token_coefficient: 0`. */
export const VOTEQUORUM_CASES: readonly VotequorumCase[] = [
  {
    name: 'more than half',
    votes: [1, 1, 1],
    quorum: '',
    steps: [
      ['start 1 2', '1 2'],
      ['crash 2', ''],
      ['start 2 3', '1 2 3'],
      ['split 1 | 2 3', '2 3'],
      ['heal', '1 2 3'],
      ['leave 3', '1 2'],
      ['crash 1', ''],
    ],
  },
  {
    name: 'halves of four',
    votes: [1, 1, 1, 1],
    quorum: '',
    steps: [
      ['start 1 2 3 4', '1 2 3 4'],
      ['split 1 2 | 3 4', ''],
      ['heal', '1 2 3 4'],
    ],
  },
  {
    name: 'expected_votes below the list',
    votes: [1, 1, 1, 1],
    quorum: 'expected_votes: 2',
    steps: [
      ['start 1', ''],
      // All that are listed are expected from the start, so that it cannot matter who was seen.
      ['start 2', '1 2', ''],
      ['start 3 4', '1 2 3 4'],
      ['split 1 2 | 3 4', ''],
    ],
  },
  {
    name: 'expected_votes above the list',
    votes: [1, 1, 1],
    quorum: 'expected_votes: 5',
    steps: [
      ['start 1 2', ''],
      ['start 3', '1 2 3'],
      ['crash 3', ''],
    ],
  },
  {
    name: 'votes of unequal weight',
    votes: [3, 1, 1],
    quorum: '',
    steps: [
      ['start 2 3', ''],
      ['start 1', '1 2 3'],
      ['split 1 | 2 3', '1'],
      ['heal', '1 2 3'],
      ['crash 1', ''],
    ],
  },
  {
    name: 'a node without a vote',
    votes: [1, 1, 0],
    quorum: '',
    steps: [
      ['start 1 3', ''],
      ['start 2', '1 2 3'],
      ['crash 3', '1 2'],
    ],
  },
  {
    name: 'two_node',
    votes: [1, 1],
    quorum: 'two_node: 1',
    steps: [
      ['start 1', ''],
      ['start 2', '1 2'],
      ['crash 2', '1'],
      ['start 2', '1 2'],
      ['split 1 | 2', '1 2'],
      ['heal', '1 2'],
      ['crash 1', '2'],
      ['crash 2', ''],
      ['start 2', ''],
    ],
  },
  {
    name: 'two_node that waits for nobody',
    votes: [1, 1],
    quorum: 'two_node: 1; wait_for_all: 0',
    steps: [
      ['start 1', '1'],
      ['start 2', '1 2'],
      ['crash 1', '2'],
    ],
  },
  {
    name: 'two_node, stopped politely',
    votes: [1, 1],
    quorum: 'two_node: 1',
    steps: [
      ['start 1 2', '1 2'],
      ['leave 1', '2'],
      ['leave 2', ''],
      ['start 1', ''],
      ['start 2', '1 2'],
    ],
  },
  {
    name: 'two_node among three',
    votes: [1, 1, 1],
    quorum: 'two_node: 1',
    steps: [
      ['start 1', ''],
      ['start 2', ''],
      ['start 3', '1 2 3'],
    ],
  },
  {
    name: 'wait_for_all',
    votes: [1, 1, 1],
    quorum: 'wait_for_all: 1',
    steps: [
      ['start 1 2', ''],
      ['start 3', '1 2 3'],
      ['crash 3', '1 2'],
      ['crash 2', ''],
      ['start 2', ''],
      ['crash 1 2', ''],
      ['start 1 2', ''],
      ['start 3', '1 2 3'],
    ],
  },
  {
    name: 'auto_tie_breaker: lowest',
    votes: [1, 1, 1, 1],
    quorum: 'auto_tie_breaker: 1',
    steps: [
      ['start 1 2', ''],
      ['start 3 4', '1 2 3 4'],
      ['split 1 2 | 3 4', '1 2'],
      ['heal', '1 2 3 4'],
      ['split 1 | 2 3 4', '2 3 4'],
      ['heal', '1 2 3 4'],
      ['split 1 4 | 2 3', '1 4'],
      ['heal', '1 2 3 4'],
      ['crash 1 2', ''],
    ],
  },
  {
    name: 'auto_tie_breaker, at the start',
    votes: [1, 1, 1, 1],
    quorum: 'auto_tie_breaker: 1; wait_for_all: 0',
    steps: [
      ['start 1 2', ''],
      ['crash 1 2', ''],
      ['start 3 4', ''],
    ],
  },
  {
    name: 'auto_tie_breaker: highest',
    votes: [1, 1, 1, 1],
    quorum: 'auto_tie_breaker: 1; auto_tie_breaker_node: highest',
    steps: [
      ['start 1 2 3 4', '1 2 3 4'],
      ['split 1 2 | 3 4', '3 4'],
      ['heal', '1 2 3 4'],
      ['crash 3 4', ''],
    ],
  },
  {
    name: 'auto_tie_breaker: a list',
    votes: [1, 1, 1, 1],
    quorum: 'auto_tie_breaker: 1; auto_tie_breaker_node: 3 2',
    steps: [
      ['start 1 2 3 4', '1 2 3 4'],
      ['split 1 2 | 3 4', '3 4'],
      ['heal', '1 2 3 4'],
      ['crash 3', '1 2 4'],
      // The first of the list decides, though it was away: back again with the other half it would have quorum, too.
      ['crash 4', '1 2', ''],
      ['start 4', '1 2 4'],
      ['split 1 2 | 4', '1 2', ''],
    ],
  },
  {
    name: 'auto_tie_breaker: a list, its first is lost with half',
    votes: [1, 1, 1, 1],
    quorum: 'auto_tie_breaker: 1; auto_tie_breaker_node: 3 2',
    steps: [
      ['start 1 2 3 4', '1 2 3 4'],
      ['crash 3 4', ''],
    ],
  },
  {
    name: 'auto_tie_breaker of two',
    votes: [1, 1],
    quorum: 'auto_tie_breaker: 1',
    steps: [
      ['start 1', ''],
      ['start 2', '1 2'],
      ['crash 2', '1'],
      ['start 2', '1 2'],
      ['crash 1', ''],
    ],
  },
  {
    name: 'auto_tie_breaker and two_node',
    votes: [1, 1],
    quorum: 'auto_tie_breaker: 1; two_node: 1',
    steps: [
      ['start 1 2', '1 2'],
      ['crash 1', ''],
    ],
  },
  {
    name: 'auto_tie_breaker among three that wait for nobody',
    votes: [1, 1, 1],
    quorum: 'auto_tie_breaker: 1',
    steps: [
      ['start 1 2 3', '1 2 3'],
      ['crash 2 3', ''],
      ['start 2', '1 2'],
    ],
  },
  {
    name: 'auto_tie_breaker among three that wait for all',
    votes: [1, 1, 1],
    quorum: 'auto_tie_breaker: 1; wait_for_all: 1',
    steps: [
      ['start 1 2', ''],
      ['start 3', '1 2 3'],
      ['crash 3', '1 2'],
      ['crash 2', '1'],
      ['start 2', '1 2'],
      ['start 3', '1 2 3'],
      ['split 1 | 2 3', '2 3'],
      ['heal', '1 2 3'],
      ['crash 2 3', ''],
      ['start 2', ''],
      ['start 3', '1 2 3'],
    ],
  },
  {
    name: 'auto_tie_breaker among three that wait for all, the others last',
    votes: [1, 1, 1],
    quorum: 'auto_tie_breaker: 1; wait_for_all: 1',
    steps: [
      ['start 1 2 3', '1 2 3'],
      ['crash 3', '1 2'],
      ['crash 1', ''],
      ['start 1', ''],
      ['start 3', '1 2 3'],
    ],
  },
  {
    name: 'auto_tie_breaker among three that wait for all, split twice',
    votes: [1, 1, 1],
    quorum: 'auto_tie_breaker: 1; wait_for_all: 1',
    steps: [
      ['start 1 2 3', '1 2 3'],
      ['split 1 2 | 3', '1 2'],
      // Corosync's halves both have quorum: the tie breaker's, and the one that a node has joined meanwhile.
      ['split 1 | 2 3', '1 2 3', '1'],
      ['heal', '1 2 3'],
    ],
  },
  {
    name: 'auto_tie_breaker among three that wait for all: highest',
    votes: [1, 1, 1],
    quorum: 'auto_tie_breaker: 1; auto_tie_breaker_node: highest; wait_for_all: 1',
    steps: [
      ['start 1 2 3', '1 2 3'],
      ['crash 1', '2 3'],
      ['crash 2', '3'],
    ],
  },
  {
    name: 'auto_tie_breaker among five that wait for all',
    votes: [1, 1, 1, 1, 1],
    quorum: 'auto_tie_breaker: 1; wait_for_all: 1',
    steps: [
      ['start 1 2 3 4 5', '1 2 3 4 5'],
      ['split 1 2 | 3 4 5', '3 4 5'],
      ['heal', '1 2 3 4 5'],
      ['crash 4 5', '1 2 3'],
      ['crash 3', '1 2'],
      ['crash 2', ''],
    ],
  },
  {
    name: 'auto_tie_breaker among five that wait for all, the lowest first',
    votes: [1, 1, 1, 1, 1],
    quorum: 'auto_tie_breaker: 1; wait_for_all: 1',
    steps: [
      ['start 1 2 3 4 5', '1 2 3 4 5'],
      ['crash 1 2', '3 4 5'],
      ['crash 5', '3 4'],
      ['start 1 2', '1 2 3 4'],
      ['start 5', '1 2 3 4 5'],
    ],
  },
  {
    name: 'auto_tie_breaker among five that wait for all, split twice',
    votes: [1, 1, 1, 1, 1],
    quorum: 'auto_tie_breaker: 1; wait_for_all: 1',
    steps: [
      ['start 1 2 3 4 5', '1 2 3 4 5'],
      ['split 1 2 3 | 4 5', '1 2 3'],
      // Of one view of Corosync's two have quorum, and node 3 has not.
      ['split 1 2 | 3 4 5', '1 2 4 5', '1 2'],
      ['heal', '1 2 3 4 5'],
    ],
  },
  {
    name: 'auto_tie_breaker of an odd sum of votes',
    votes: [2, 1, 2],
    quorum: 'auto_tie_breaker: 1; wait_for_all: 1',
    steps: [
      ['start 1 2 3', '1 2 3'],
      ['crash 2', '1 3'],
      ['crash 3', '1'],
    ],
  },
  {
    name: 'last_man_standing',
    votes: [1, 1, 1, 1, 1],
    quorum: 'last_man_standing: 1; last_man_standing_window: 3000; wait_for_all: 1',
    steps: [
      ['start 1 2 3 4 5', '1 2 3 4 5'],
      ['crash 5 4', '1 2 3'],
      ['window', '1 2 3'],
      ['crash 3', '1 2'],
      ['window', '1 2'],
      ['crash 2', ''],
      // In one view all are of one opinion.
      ['start 2', '1', '1 2'],
    ],
  },
  {
    name: 'last_man_standing, losses within the window',
    votes: [1, 1, 1, 1, 1],
    quorum: 'last_man_standing: 1; last_man_standing_window: 3000; wait_for_all: 1',
    steps: [
      ['start 1 2 3 4 5', '1 2 3 4 5'],
      ['crash 5 4', '1 2 3'],
      ['crash 3', ''],
      ['window', ''],
    ],
  },
  {
    name: 'last_man_standing and auto_tie_breaker',
    votes: [1, 1, 1, 1],
    quorum: 'last_man_standing: 1; last_man_standing_window: 3000; wait_for_all: 1; auto_tie_breaker: 1',
    steps: [
      ['start 1 2 3 4', '1 2 3 4'],
      ['crash 4', '1 2 3'],
      ['window', '1 2 3'],
      ['crash 3', '1 2'],
      ['window', '1 2'],
      ['crash 2', '1'],
      ['window', '1'],
      ['start 2', '1 2'],
    ],
  },
  {
    name: 'last_man_standing and auto_tie_breaker, the others last',
    votes: [1, 1, 1],
    quorum: 'last_man_standing: 1; last_man_standing_window: 3000; wait_for_all: 1; auto_tie_breaker: 1',
    steps: [
      ['start 1 2 3', '1 2 3'],
      ['crash 3', '1 2'],
      ['window', '1 2'],
      ['crash 1', ''],
      ['window', ''],
    ],
  },
  {
    name: 'last_man_standing, one comes back',
    votes: [1, 1, 1, 1],
    quorum: 'last_man_standing: 1; last_man_standing_window: 3000',
    steps: [
      ['start 1 2 3 4', '1 2 3 4'],
      ['crash 4', '1 2 3'],
      ['window', '1 2 3'],
      ['start 4', '1 2 3 4'],
      ['window', '1 2 3 4'],
      ['crash 3 4', ''],
    ],
  },
  {
    name: 'last_man_standing, split twice',
    votes: [1, 1, 1, 1, 1],
    quorum: 'last_man_standing: 1; last_man_standing_window: 3000',
    steps: [
      ['start 1 2 3 4 5', '1 2 3 4 5'],
      ['split 1 2 3 | 4 5', '1 2 3'],
      ['window', '1 2 3'],
      // Corosync's halves have forgotten different nodes.
      ['split 1 2 | 3 4 5', '1 2 3 4 5', '1 2'],
      ['heal', '1 2 3 4 5'],
    ],
  },
  {
    name: 'allow_downscale',
    votes: [1, 1, 1, 1, 1],
    quorum: 'allow_downscale: 1; expected_votes: 2',
    steps: [
      ['start 1 2 3 4 5', '1 2 3 4 5'],
      ['leave 5', '1 2 3 4'],
      ['leave 4', '1 2 3'],
      // As the manual has it: down to expected_votes.
      ['leave 3', '', '1 2'],
      ['crash 2', ''],
      ['start 2', '', '1 2'],
    ],
  },
  {
    name: 'allow_downscale, without a goodbye',
    votes: [1, 1, 1, 1, 1],
    quorum: 'allow_downscale: 1; expected_votes: 2',
    steps: [
      ['start 1 2 3 4 5', '1 2 3 4 5'],
      ['crash 5 4', '1 2 3'],
      ['crash 3', ''],
    ],
  },
];
