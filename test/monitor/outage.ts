/** A night's outage on an agent in memory: a node dies, is fenced, and its database starts on the other one. */
import { parseXml } from '../../src/cib/xml.js';
import type { ClusterEvent, ClusterState, FencingHistoryEntry } from '../../src/protocol/messages.js';
import { type AgentDouble, quorateState, startAgentDouble } from '../connection/agent-double.js';
import { cibOf, dummy, type Operation } from './status-of.js';

const NODES = ['alpha', 'bravo'];

export interface Outage {
  readonly agent: AgentDouble;
  /** The heartbeats of bravo end: it must be fenced, and the database waits for that. */
  readonly dies: () => void;
  /** Fencing is done, the database runs on alpha; its first try has failed. */
  readonly recovers: () => void;
}

function document(options: { lost: boolean; operations: readonly Operation[] }) {
  const cib = parseXml(
    cibOf({
      nodes: NODES,
      resources:
        '<primitive id="fencing" class="stonith" type="fence_virt"/>' +
        `<group id="web">${dummy('vip')}${dummy('www')}</group>${dummy('db')}`,
      properties: {
        'stonith-enabled': 'true',
        'cluster-infrastructure': 'corosync',
        'dc-version': '2.1.5-quorate',
      },
      operations: [...options.operations],
    }),
  );
  if (options.lost) {
    const bravo = cib
      .first('status')!
      .elements('node_state')
      .find((state) => state.get('uname') === 'bravo')!;
    bravo.set('in_ccm', 'false').set('crmd', 'offline').set('expected', 'member');
  }
  return cib;
}

const BEFORE: readonly Operation[] = [
  { node: 'alpha', resource: 'fencing', secondsAgo: 9000, execMs: 400 },
  { node: 'alpha', resource: 'vip', secondsAgo: 9000, execMs: 60 },
  { node: 'alpha', resource: 'www', secondsAgo: 9000, execMs: 210 },
  { node: 'bravo', resource: 'db', secondsAgo: 9000, execMs: 4200 },
];
const AFTER: readonly Operation[] = [
  ...BEFORE.filter((operation) => operation.node === 'alpha'),
  { node: 'alpha', resource: 'db', secondsAgo: 2, execMs: 3900 },
  { node: 'alpha', resource: 'db', task: 'monitor', intervalMs: 10_000, execMs: 35, secondsAgo: 1 },
  {
    node: 'alpha',
    resource: 'www',
    task: 'monitor',
    intervalMs: 10_000,
    rc: 7,
    secondsAgo: 20,
    execMs: 12,
    reason: 'process 4711 is gone',
  },
];

function stateOf(change: Partial<ClusterState> & { lost: boolean }): ClusterState {
  const { lost, ...rest } = change;
  return {
    ...quorateState,
    localNode: 'alpha',
    dc: 'alpha',
    votes: { expected: 2, total: lost ? 1 : 2, quorum: 1 },
    members: NODES.map((name, index) => ({
      ...quorateState.members[index]!,
      name,
      online: !(lost && name === 'bravo'),
      linkLatencyMs: [name === 'bravo' ? (lost ? null : 1.5) : 0],
    })),
    ...rest,
  };
}

export async function startOutage(): Promise<Outage> {
  let fencing: FencingHistoryEntry[] = [];
  const agent = await startAgentDouble(document({ lost: false, operations: BEFORE }), {
    'fencing.history': () => ({ entries: fencing }),
    'history.events': () => ({ events: [] }),
    'cluster.load': () => ({
      nodes: [
        { node: 'alpha', load: 3.4, processors: 2 },
        { node: 'bravo', load: 0.2, processors: 2 },
      ],
    }),
    'cluster.log': ({ about }) => ({
      nodes: [
        {
          node: 'alpha',
          lines:
            about === 'www'
              ? [
                  '02:11:03 www: started process 4711',
                  '02:14:40 www: error: process 4711 is gone',
                  '02:14:41 www: warning: restarting',
                ]
              : [],
        },
      ],
    }),
  });
  agent.becomes(stateOf({ lost: false }));
  const tell = (kind: ClusterEvent['kind'], node: string, text: string) =>
    agent.tell({ atMs: Date.now(), node, kind, text, data: {} });
  const replace = (next: ReturnType<typeof document>) =>
    agent.change((cib) => {
      cib.children = next.children;
    });
  const entry = { target: 'bravo', action: 'reboot', origin: 'alpha', client: 'quorated' };
  return {
    agent,
    dies() {
      fencing = [{ ...entry, delegate: null, state: 'pending', completedAtMs: null, reason: null }];
      tell('suspected', 'alpha', 'bravo: nothing heard for 800 ms');
      tell('lost', 'alpha', 'bravo is lost');
      tell('fencing', 'alpha', 'fencing of bravo (reboot) begins');
      replace(document({ lost: true, operations: BEFORE }));
      agent.becomes(
        stateOf({
          lost: true,
          transition: {
            id: 7,
            total: 4,
            completed: 1,
            failed: 0,
            running: [{ key: 'db_start_0', node: 'alpha', startedAtMs: Date.now() - 2000 }],
          },
        }),
      );
    },
    recovers() {
      fencing = [{ ...entry, delegate: 'alpha', state: 'success', completedAtMs: Date.now(), reason: null }];
      tell('fenced', 'alpha', 'bravo is fenced');
      tell('operation', 'alpha', 'db: start ended well after 3.9 s');
      const cib = document({ lost: true, operations: AFTER });
      for (const state of cib.first('status')!.elements('node_state')) {
        if (state.get('uname') === 'bravo') state.set('expected', 'down').set('join', 'down');
      }
      replace(cib);
      agent.becomes(stateOf({ lost: true }));
    },
  };
}
