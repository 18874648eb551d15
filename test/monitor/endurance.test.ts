/**
 * The full screen's work without the terminal, for a long time and under a flood: feed, pictures and frames.
 * QUORATE_UPDATES=36000 is an hour of a cluster with ten changes a second.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Element } from '../../src/cib/element.js';
import { parseXml } from '../../src/cib/xml.js';
import type { Connection, ConnectionError } from '../../src/connection/connection.js';
import { createPatch } from '../../src/connection/patch.js';
import { Feed, type FeedState } from '../../src/monitor/feed.js';
import { type Box, frame } from '../../src/monitor/screen/frame.js';
import { Album } from '../../src/monitor/screen/picture.js';
import { initialUi } from '../../src/monitor/screen/ui.js';
import type { Notification } from '../../src/protocol/messages.js';
import { quorateState } from '../connection/agent-double.js';
import { cibOf, dummy, type Operation } from './status-of.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const UPDATES = Number(process.env.QUORATE_UPDATES ?? 1000);
const NODES = ['alpha', 'bravo', 'charlie'];

/** A cluster of Dummies, each running on one of the nodes. */
function clusterOf(count: number, places: (index: number) => string): Element {
  const ids = Array.from({ length: count }, (_, index) => `r${index}`);
  const operations = ids.map((resource, index): Operation => ({ node: places(index), resource }));
  return parseXml(cibOf({ nodes: NODES, resources: ids.map((id) => dummy(id)).join(''), operations }));
}

const unsupported = { ok: false, error: { kind: 'unsupported', message: 'no such thing' } } as const;

/** A cluster that tells of each change, and a screen that follows it. */
function follow(first: Element) {
  let listener: (notification: Notification) => void = () => {};
  const album = new Album();
  const ui = initialUi({ byNode: false, inactive: true });
  let feedState: FeedState = { kind: 'connecting', sinceMs: undefined };
  const shown = { boxes: [] as Box[], frames: 0 };
  const connection: Connection = {
    target: { kind: 'agent', name: 'alpha', host: null },
    closed: new Promise<ConnectionError | null>(() => {}),
    readCib: async () => ({ ok: true, value: first.clone() }),
    commit: async () => unsupported,
    state: async () => ({ ok: true, value: quorateState }),
    call: async () => unsupported,
    subscribe: async (_topics, take) => {
      listener = take;
      return { ok: true, value: () => {} };
    },
    close: async () => {},
  };
  const feed = new Feed({
    open: async () => ({ ok: true, value: connection }),
    pollMs: 2000,
    nowMs: () => Date.now(),
    onState: (state) => {
      feedState = state;
    },
    onObservation: (observation) => {
      album.observe(observation, ui.order, Date.now());
      shown.boxes = frame({
        ui,
        picture: album.latest,
        feed: feedState,
        nowMs: Date.now(),
        size: { columns: 120, rows: 40 },
        hosts: [],
        pastCount: album.pastCount,
      });
      shown.frames++;
    },
  });
  return {
    feed,
    shown,
    notify: (notification: Notification) => listener(notification),
    text: () =>
      shown.boxes
        .flatMap((box) => box.lines.map((line) => line.map((span) => span.text).join('')))
        .join('\n'),
  };
}

const version = { adminEpoch: 0, epoch: 5, numUpdates: 4 };

describe('a screen that is left open', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it(`needs no more memory after ${UPDATES} updates than after a tenth of them`, async () => {
    // The resource goes to and fro between two documents, so each patch fits what the one before has left.
    const [a, b] = [
      clusterOf(20, () => 'alpha'),
      clusterOf(20, (index) => (index === 7 ? 'bravo' : 'alpha')),
    ];
    const patches = [createPatch(a, b).patch!, createPatch(b, a).patch!];
    const screen = follow(a);
    await screen.feed.start();
    let afterTenth = 0;
    const heap = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    for (let update = 0; update < UPDATES; update++) {
      screen.notify({ notify: 'cib', version, patch: patches[update % 2]! });
      screen.notify({
        notify: 'events',
        event: { atMs: Date.now(), node: 'alpha', kind: 'operation', text: `update ${update}`, data: {} },
      });
      await vi.advanceTimersByTimeAsync(100);
      if (update === Math.floor(UPDATES / 10) + 600) afterTenth = heap();
    }
    const grownBytes = heap() - afterTenth;
    console.log(
      `${UPDATES} updates: ${screen.shown.frames} frames, heap grew by ${Math.round(grownBytes / 1024)} KiB`,
    );
    expect(screen.shown.frames).toBeGreaterThan(UPDATES * 0.9);
    expect(screen.text()).toContain('r7');
    expect(grownBytes).toBeLessThan(3 * 1024 * 1024);
    await screen.feed.stop();
  }, 600_000);
});

it('keeps up with a hundred changes a second, and shows the last at once', async () => {
  const count = 300;
  let document = clusterOf(count, () => 'alpha');
  const screen = follow(document);
  await screen.feed.start();
  const before = process.cpuUsage();
  const started = performance.now();
  for (let change = 1; change <= 100; change++) {
    const next = clusterOf(count, (index) =>
      change === 100 ? 'charlie' : index % change === 0 ? 'bravo' : 'alpha',
    );
    const { patch } = createPatch(document, next);
    document = next;
    if (patch) screen.notify({ notify: 'cib', version, patch });
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, started + change * 10 - performance.now())),
    );
  }
  const { user } = process.cpuUsage(before);
  await vi.waitFor(() => expect(screen.text()).toMatch(/r0 .*charlie/), { timeout: 5000, interval: 10 });
  console.log(
    `100 changes: ${screen.shown.frames} frames, ${Math.round(user / 1000)} ms of CPU with making the changes`,
  );
  // Gathered, not drawn one by one, and never given up.
  expect(screen.shown.frames).toBeLessThan(60);
  expect(screen.shown.frames).toBeGreaterThan(3);
  await screen.feed.stop();
});
