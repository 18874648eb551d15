import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Element } from '../../src/cib/element.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import type { Connection, ConnectionError, Outcome } from '../../src/connection/connection.js';
import { createPatch } from '../../src/connection/patch.js';
import { Feed, type FeedState, type Observation } from '../../src/monitor/feed.js';
import { hostFor, Seeker } from '../../src/monitor/hosts.js';
import { newNotices } from '../../src/monitor/watch.js';
import type { ClusterEvent, ClusterState, Notification } from '../../src/protocol/messages.js';
import { type Cluster, cibOf, dummy } from './status-of.js';

const BEFORE: Cluster = { resources: dummy('vip'), operations: [{ node: 'alpha', resource: 'vip' }] };
const AFTER: Cluster = { ...BEFORE, standby: ['alpha'] };

function documentOf(cluster: Cluster, updates = 3): Element {
  return parseXml(cibOf(cluster)).set('num_updates', String(updates));
}

/** A connection whose other end is in the test's hand. */
class Double implements Connection {
  readonly target = { kind: 'agent', name: 'alpha', host: null } as const;
  cib: Element = documentOf(BEFORE);
  pushes = true;
  reads = 0;
  listener: ((notification: Notification) => void) | undefined;
  lose: (error: ConnectionError | null) => void = () => {};
  readonly closed = new Promise<ConnectionError | null>((resolve) => {
    this.lose = resolve;
  });

  readonly #unsupported = { ok: false, error: { kind: 'unsupported', message: 'no such thing' } } as const;

  async readCib(): Promise<Outcome<Element>> {
    this.reads++;
    return { ok: true, value: this.cib.clone() };
  }
  commit = async () => this.#unsupported;
  state = async () => this.#unsupported;
  call = async () => this.#unsupported;
  async subscribe(_topics: readonly string[], listener: (notification: Notification) => void) {
    if (!this.pushes) return this.#unsupported;
    this.listener = listener;
    return { ok: true as const, value: () => {} };
  }
  async close(): Promise<void> {
    this.lose(null);
  }

  /** The CIB becomes another one, and who listens is sent the patch. */
  change(to: Element): void {
    const { patch } = createPatch(this.cib, to);
    this.cib = to;
    this.listener?.({ notify: 'cib', version: { adminEpoch: 0, epoch: 5, numUpdates: 4 }, patch: patch! });
  }
}

describe('the feed', () => {
  let connections: Double[] = [];
  let observations: Observation[] = [];
  let states: FeedState[] = [];
  let attempts: number[] = [];
  let loads = false;
  let feed: Feed;

  beforeEach(() => {
    vi.useFakeTimers();
    connections = [];
    observations = [];
    states = [];
    attempts = [];
    loads = false;
  });
  afterEach(async () => {
    await feed.stop();
    vi.useRealTimers();
  });

  async function start(open: (attempt: number) => Outcome<Connection>): Promise<ConnectionError | undefined> {
    feed = new Feed({
      open: async (attempt) => {
        attempts.push(attempt);
        return open(attempt);
      },
      pollMs: 1000,
      loads,
      nowMs: () => Date.now(),
      onObservation: (observation) => observations.push(observation),
      onState: (state) => states.push(state),
    });
    return feed.start();
  }

  function fresh(): Outcome<Connection> {
    const connection = new Double();
    connections.push(connection);
    return { ok: true, value: connection };
  }

  const standby = (observation: Observation | undefined) =>
    writeXml(observation!.cib).includes('name="standby"');

  it('is live where changes are pushed, and applies patches instead of asking again', async () => {
    await start(fresh);
    expect(states.at(-1)).toEqual({ kind: 'live', name: 'alpha' });
    connections[0]!.change(documentOf(AFTER, 4));
    await vi.advanceTimersByTimeAsync(50);
    expect(observations.map(standby)).toEqual([false, true]);
    expect(connections[0]!.reads).toBe(1);
  });

  it('shows a burst of changes once', async () => {
    await start(fresh);
    for (let i = 4; i < 104; i++) connections[0]!.change(documentOf(i % 2 === 0 ? AFTER : BEFORE, i));
    await vi.advanceTimersByTimeAsync(100);
    expect(observations.length).toBe(2);
    expect(observations[1]!.cib.get('num_updates')).toBe('103');
  });

  it('asks for the whole document when a patch does not fit', async () => {
    await start(fresh);
    const [connection] = connections;
    connection!.cib = documentOf(BEFORE, 9);
    connection!.change(documentOf(AFTER, 10));
    await vi.advanceTimersByTimeAsync(50);
    expect(connection!.reads).toBe(2);
    expect(standby(observations.at(-1))).toBe(true);
  });

  it('finds the cluster again when the connection is lost, and says since when it was', async () => {
    await start((attempt) =>
      attempt === 1 ? { ok: false, error: { kind: 'unreachable', message: 'bravo is down' } } : fresh(),
    );
    const lostAt = Date.now();
    connections[0]!.lose({ kind: 'closed', message: 'alpha is gone' });
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toEqual({ kind: 'lost', message: 'alpha is gone', sinceMs: lostAt });
    await vi.advanceTimersByTimeAsync(1000);
    expect(states.at(-1)).toEqual({ kind: 'lost', message: 'bravo is down', sinceMs: lostAt });
    await vi.advanceTimersByTimeAsync(1000);
    expect(states.at(-1)!.kind).toBe('live');
    expect(attempts).toEqual([0, 1, 2]);
  });

  it('does not wait for what has happened on a node that is down', async () => {
    const event = { kind: 'member', atMs: 5, node: 'bravo', text: 'joined' } as unknown as ClusterEvent;
    let answer: (value: unknown) => void = () => {};
    const started = start(() => {
      const opened = fresh();
      connections[0]!.call = (async (method: string) =>
        method === 'history.events'
          ? new Promise((resolve) => {
              answer = resolve;
            })
          : { ok: false, error: { kind: 'unsupported', message: method } }) as never;
      return opened;
    });
    await vi.advanceTimersByTimeAsync(500);
    await started;
    expect(states.at(-1)).toEqual({ kind: 'live', name: 'alpha' });
    expect(observations.map(({ events }) => events)).toEqual([[]]);
    answer({ ok: true, value: { events: [event] } });
    await vi.advanceTimersByTimeAsync(50);
    expect(observations.map(({ events }) => events)).toEqual([[], [event]]);
  });

  it('says when nobody answers, and counts a loss from the last answer', async () => {
    const load = { ok: true, value: { nodes: [{ node: 'alpha', load: 1, processors: 2 }] } };
    let answer: (() => void) | undefined;
    loads = true;
    await start(() => {
      const opened = fresh();
      connections[0]!.call = (async (method: string) => {
        if (method !== 'cluster.load') return { ok: false, error: { kind: 'unsupported', message: method } };
        if (answer) await new Promise<void>((resolve) => (answer = resolve));
        return load;
      }) as never;
      return opened;
    });
    await vi.advanceTimersByTimeAsync(0);
    const heardAt = Date.now();
    answer = () => {};
    await vi.advanceTimersByTimeAsync(7999);
    expect(states.at(-1)!.kind).toBe('live');
    await vi.advanceTimersByTimeAsync(1);
    expect(states.at(-1)).toEqual({ kind: 'silent', name: 'alpha', sinceMs: heardAt });
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)!.kind).toBe('live');
    const answeredAt = Date.now();
    await vi.advanceTimersByTimeAsync(8000);
    connections[0]!.lose({ kind: 'closed', message: 'alpha is gone' });
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toEqual({ kind: 'lost', message: 'alpha is gone', sinceMs: answeredAt });
  });

  it('asks every so often where nothing is pushed, and reports only what differs', async () => {
    await start(() => {
      const opened = fresh();
      connections[0]!.pushes = false;
      return opened;
    });
    expect(states.at(-1)).toEqual({ kind: 'polling', name: 'alpha', everyMs: 1000 });
    await vi.advanceTimersByTimeAsync(2500);
    const before = observations.length;
    expect(connections[0]!.reads).toBe(3);
    connections[0]!.cib = documentOf(AFTER, 4);
    await vi.advanceTimersByTimeAsync(2000);
    expect(observations.length).toBe(before + 1);
    expect(standby(observations.at(-1))).toBe(true);
  });

  it('is silent once it is stopped', async () => {
    await start(fresh);
    connections[0]!.change(documentOf(AFTER, 4));
    await feed.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(observations.length).toBe(1);
    expect(attempts).toEqual([0]);
  });

  it('returns why the first attempt failed', async () => {
    const error: ConnectionError = { kind: 'authentication', message: 'permission denied' };
    expect(await start(() => ({ ok: false, error }))).toEqual(error);
  });
});

describe('where to look next', () => {
  const member = (name: string, address: string) => ({
    nodeId: 1,
    name,
    online: true,
    votes: 1,
    addresses: [address],
    linkLatencyMs: [],
    version: null,
  });
  const state: ClusterState = {
    clusterName: 'c',
    localNode: 'n1',
    dc: 'n1',
    quorate: true,
    viewId: 1,
    votes: { expected: 3, total: 3, quorum: 2 },
    members: [member('n1', '10.0.0.1'), member('n2', '10.0.0.2'), member('n3', '10.0.0.3')],
    transition: null,
  };
  it.each([
    [[], undefined, [null, null, null, null]],
    [[], state, [null, null, 'n2', null, 'n3', null, 'n2']],
    [['root@10.0.0.1'], state, ['root@10.0.0.1', 'root@n2', 'root@n3', 'root@10.0.0.1']],
    [['n2', 'n3'], state, ['n2', 'n3', 'n1', 'n2']],
    [['n2'], undefined, ['n2', 'n2']],
  ] as const)('given %j', (given, seen, expected) => {
    expect(expected.map((_, attempt) => hostFor(attempt, given, seen))).toEqual(expected);
  });

  it('goes on after the host that was found first, whichever of the given ones it was', async () => {
    const asked: (readonly string[])[] = [];
    const seeker = new Seeker(['root@n1', 'root@n2', 'root@n3'], async (hosts) => {
      asked.push(hosts);
      const target = { kind: 'pacemaker', name: 'n2', host: 'n2' } as const;
      return { ok: true, value: { target } as unknown as Connection };
    });
    for (const attempt of [0, 1, 2]) await seeker.open(attempt);
    expect(asked).toEqual([['root@n1', 'root@n2', 'root@n3'], ['root@n3'], ['root@n1']]);
  });
});

describe('the external agent', () => {
  it('is told of results that are new, but not of a probe that finds nothing', () => {
    const before = documentOf({ resources: dummy('vip'), operations: [{ node: 'alpha', resource: 'vip' }] });
    const after = documentOf({
      resources: dummy('vip'),
      operations: [
        { node: 'alpha', resource: 'vip' },
        { node: 'alpha', resource: 'vip', task: 'monitor', intervalMs: 10_000, rc: 7 },
        { node: 'bravo', resource: 'vip', task: 'monitor', rc: 7, expected: 7 },
        { node: 'bravo', resource: 'vip', task: 'stop', status: 2, rc: 1 },
      ],
    });
    expect(newNotices(undefined, before)).toEqual([]);
    expect(newNotices(before, after)).toEqual([
      {
        node: 'alpha',
        resource: 'vip',
        task: 'monitor',
        description: 'not running',
        code: 7,
        expectedCode: 0,
        status: 0,
      },
      {
        node: 'bravo',
        resource: 'vip',
        task: 'stop',
        description: 'Timed Out',
        code: 1,
        expectedCode: 0,
        status: 2,
      },
    ]);
  });
});
