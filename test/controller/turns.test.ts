import { describe, expect, it } from 'vitest';
import { LocalNode } from '../../src/controller/local-node.js';
import { Output } from '../../src/controller/output.js';
import type { Performance } from '../../src/controller/types.js';
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

  given(): OperationRequest[] {
    return this.#output.take().flatMap((effect) => (effect.kind === 'execute' ? [effect.request] : []));
  }

  end({ meta: _meta, startDelayMs: _delay, timeoutMs: _timeout, ...request }: OperationRequest): string[] {
    const result: OperationResult = {
      ...request,
      status: 'done',
      rc: 0,
      exitReason: '',
      output: '',
      startedAtMs: 0,
      lastChangeAtMs: 0,
      execTimeMs: 0,
      queueTimeMs: 0,
    };
    return this.node.executed(result).map((record) => `${record.task} ${record.status}`);
  }
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
});
