import { describe, expect, it } from 'vitest';
import { LocalNode } from '../../src/controller/local-node.js';
import { Output } from '../../src/controller/output.js';
import type { ExecutorState, Performance } from '../../src/controller/types.js';
import type { OperationRequest, OperationResult } from '../../src/executor/types.js';

const order = (task: string, intervalMs = 0): Performance => ({
  transitionKey: `1:1:0:${task}`,
  task,
  operationKey: `db_${task}_${intervalMs}`,
  intervalMs,
  timeoutMs: 20_000,
  startDelayMs: 0,
  resource: { id: 'db', class: 'ocf', provider: 'test', type: 'Dummy' },
  parameters: {},
  meta: {},
});

/** What a node gives to its executor, and what that answers. */
class Bench {
  readonly #output = new Output('n1');
  readonly node = new LocalNode('1', 'n1', this.#output);

  constructor() {
    this.node.setActive(true);
  }

  given(): OperationRequest[] {
    return this.#output.take().flatMap((effect) => (effect.kind === 'execute' ? [effect.request] : []));
  }

  end(request: OperationRequest, status: OperationResult['status'] = 'done'): string[] {
    return this.node.executed(resultOf(request, status)).map((record) => `${record.task} ${record.status}`);
  }

  /** Another executor takes over, or another agent finds this one. */
  attach(state: Partial<ExecutorState>): string[] {
    return this.node
      .attach({ history: [], underWay: [], lastCallId: 0, ...state })
      .map(({ task, status, forgotten }) => `${task} ${forgotten ? 'forgotten' : status}`);
  }
}

function resultOf(
  { meta: _meta, startDelayMs: _delay, timeoutMs: _timeout, ...request }: OperationRequest,
  status: OperationResult['status'] = 'done',
): OperationResult {
  return {
    ...request,
    status,
    rc: 0,
    exitReason: '',
    output: '',
    startedAtMs: 0,
    lastChangeAtMs: 0,
    execTimeMs: 0,
    queueTimeMs: 0,
  };
}

it('a monitor that is forgotten before its first result has ended for the DC that waits for it', () => {
  const bench = new Bench();
  bench.node.perform(order('monitor', 5000));
  const records = bench.node.perform(order('lrm_delete'));
  expect(records.map(({ operationKey, status, forgotten }) => [operationKey, status, forgotten])).toEqual([
    ['db_monitor_5000', 1, undefined],
    ['db_lrm_delete_0', 0, true],
  ]);
  expect(bench.node.runningKeys()).toEqual([]);
});

describe('operations of one resource', () => {
  it('are given to the executor one after the other', () => {
    const bench = new Bench();
    bench.node.perform(order('stop'));
    const [stop] = bench.given();
    expect(bench.node.perform(order('start'))).toEqual([]);
    expect(bench.given()).toEqual([]);
    // The start is told of as pending when its turn has come.
    expect(bench.end(stop!)).toEqual(['stop 0', 'start -1']);
    const [start] = bench.given();
    expect(bench.end(start!)).toEqual(['start 0']);
    bench.node.perform(order('monitor', 5000));
    expect(bench.given().map((request) => request.key)).toEqual(['db_monitor_5000']);
  });

  it('that wait when another view begins are not done on the word of the one before', () => {
    const bench = new Bench();
    bench.node.perform(order('stop'));
    bench.node.perform(order('promote'));
    const [stop] = bench.given();
    bench.node.newView();
    expect(bench.node.runningKeys()).toEqual(['1:1:0:stop']);
    expect(bench.end(stop!)).toEqual(['stop 0']);
    expect(bench.given()).toEqual([]);
    bench.node.perform(order('start'));
    expect(bench.given().map((request) => request.key)).toEqual(['db_start_0']);
  });

  it('are not begun while the view may be over, and neither are those of others', () => {
    const bench = new Bench();
    bench.node.perform(order('monitor'));
    bench.node.perform(order('start'));
    const [probe] = bench.given();
    bench.node.setActive(false);
    bench.node.perform(order('monitor', 5000));
    expect(bench.end(probe!)).toEqual(['monitor 0']);
    expect(bench.given()).toEqual([]);
    expect(bench.node.runningKeys()).toEqual([]);
    // It was not over after all: they are begun in the order in which they came.
    expect(bench.node.setActive(true).map(({ task }) => task)).toEqual(['start']);
    expect(bench.given().map(({ key }) => key)).toEqual(['db_start_0', 'db_monitor_5000']);
  });

  it('that were held when the view was over are not begun in the next', () => {
    const bench = new Bench();
    bench.node.setActive(false);
    bench.node.perform(order('start'));
    bench.node.newView();
    expect(bench.node.setActive(true)).toEqual([]);
    expect(bench.given()).toEqual([]);
  });

  it('go on after one that was cancelled', () => {
    const bench = new Bench();
    bench.node.perform(order('stop'));
    bench.node.perform(order('start'));
    expect(bench.end(bench.given()[0]!, 'cancelled')).toEqual(['stop 1', 'start -1']);
    expect(bench.given().map((request) => request.key)).toEqual(['db_start_0']);
  });
});

describe('an agent that finds an executor at work', () => {
  it('knows what runs there, and waits for its end', () => {
    const before = new Bench();
    before.node.perform(order('start'));
    const [start] = before.given();
    const bench = new Bench();
    expect(bench.attach({ underWay: [start!], lastCallId: 1 })).toEqual([]);
    expect(bench.node.runningKeys()).toEqual(['1:1:0:start']);
    // The DC must not take the resource for stopped.
    expect(bench.node.lrm()).toContain('operation_key="db_start_0"');
    expect(bench.node.lrm()).toContain('op-status="-1"');
    bench.node.perform(order('stop'));
    expect(bench.given()).toEqual([]);
    expect(bench.end(start!)).toEqual(['start 0']);
    expect(bench.given().map(({ key, callId }) => [key, callId])).toEqual([['db_stop_0', 2]]);
  });

  it('waits also for what the executor does by itself', () => {
    const before = new Bench();
    before.node.perform(order('stop'));
    const stop = { ...before.given()[0]!, userData: '' };
    const bench = new Bench();
    bench.attach({ underWay: [stop], lastCallId: 1 });
    bench.node.perform(order('start'));
    expect(bench.node.runningKeys()).toEqual(['1:-1:0:xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx']);
    expect(bench.end(stop)).toEqual(['stop 0', 'start -1']);
  });

  it('waits for the first result of a monitor only', () => {
    const before = new Bench();
    before.node.perform(order('monitor', 5000));
    before.node.perform(order('monitor', 7000));
    const [told, silent] = before.given();
    const bench = new Bench();
    bench.attach({ history: [resultOf(told!)], underWay: [told!, silent!], lastCallId: 2 });
    expect(bench.node.runningKeys()).toEqual([before.node.runningKeys()[1]]);
  });
});

describe('where another executor takes over', () => {
  it('an operation that ended with the first has failed, is to be probed for, and what waited is done', () => {
    const bench = new Bench();
    bench.node.perform(order('start'));
    bench.node.perform(order('stop'));
    bench.given();
    expect(bench.attach({ lastCallId: 1 })).toEqual(['start forgotten', 'start 4']);
    const [stop] = bench.given();
    expect(stop).toMatchObject({ key: 'db_stop_0', callId: 2 });
    expect(bench.node.runningKeys()).toEqual(['1:1:0:stop']);
    expect(bench.end(stop!)).toEqual(['stop 0']);
  });

  it('a result that was on its way is told of', () => {
    const bench = new Bench();
    bench.node.perform(order('start'));
    const [start] = bench.given();
    expect(bench.attach({ history: [resultOf(start!)], lastCallId: 1 })).toEqual(['start 0']);
    expect(bench.node.runningKeys()).toEqual([]);
  });

  it('a probe is made again, and a monitor that nobody goes on with has ended', () => {
    const bench = new Bench();
    bench.node.perform(order('monitor'));
    bench.node.perform(order('monitor', 5000));
    const [probe] = bench.given();
    expect(bench.attach({ lastCallId: 2 })).toEqual(['monitor 1']);
    expect(bench.given()).toEqual([probe]);
    expect(bench.end(probe!)).toEqual(['monitor 0']);
    expect(bench.node.runningKeys()).toEqual([]);
  });
});
