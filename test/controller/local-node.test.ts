import { expect, test } from 'vitest';
import { LocalNode } from '../../src/controller/local-node.js';
import { Output } from '../../src/controller/output.js';
import type { Performance } from '../../src/controller/types.js';
import type { OperationRequest, OperationResult } from '../../src/executor/types.js';

const UUID = '11111111-2222-3333-4444-555555555555';

/** A node of its own, whose executor does what it is told as the test says. */
class Host {
  readonly output = new Output('n1');
  readonly node = new LocalNode('1', 'n1', this.output);

  constructor() {
    this.node.setActive(true);
  }

  order(task: string, parameters: Record<string, string>, targetRc = 0): OperationRequest {
    const action: Performance = {
      transitionKey: `1:1:${targetRc}:${UUID}`,
      task,
      operationKey: `vip_${task}_0`,
      intervalMs: 0,
      timeoutMs: 20_000,
      startDelayMs: 0,
      resource: { id: 'vip', class: 'ocf', provider: 'heartbeat', type: 'IPaddr2' },
      parameters,
      meta: {},
    };
    this.node.perform(action);
    const effects = this.output.take();
    const effect = effects.find(({ kind }) => kind === 'execute');
    if (effect?.kind !== 'execute') throw new Error(`nothing is executed: ${JSON.stringify(effects)}`);
    return effect.request;
  }

  done(request: OperationRequest, rc = 0) {
    const { callId, key, resource, agent, operation, intervalMs, userData, parameters } = request;
    const result: OperationResult = {
      ...{ callId, key, resource, agent, operation, intervalMs, userData, parameters },
      ...{ status: 'done', rc, exitReason: '', output: '', startedAtMs: 0, lastChangeAtMs: 0 },
      ...{ execTimeMs: 1, queueTimeMs: 0 },
    };
    return this.node.executed(result)[0]!;
  }
}

test('a resource is stopped with the parameters that it was started with, not those that it has by now', () => {
  const host = new Host();
  host.done(host.order('start', { ip: '10.0.0.1' }));
  expect(host.order('stop', { ip: '10.0.0.2' }).parameters).toEqual({ ip: '10.0.0.1' });
});

test('a start that failed has changed nothing; what a probe has found counts', () => {
  const host = new Host();
  host.done(host.order('monitor', { ip: '10.0.0.1' }, 7), 7);
  host.done(host.order('start', { ip: '10.0.0.2' }), 1);
  expect(host.order('stop', { ip: '10.0.0.3' }).parameters).toEqual({ ip: '10.0.0.1' });
});

test('of what was never seen here only the present parameters are known', () => {
  const host = new Host();
  expect(host.order('stop', { ip: '10.0.0.3' }).parameters).toEqual({ ip: '10.0.0.3' });
});

test('notifications leave nothing in the history', () => {
  const host = new Host();
  const record = host.done(host.order('notify', {}));
  expect(record).toMatchObject({ entries: [], removed: [], task: 'notify', status: 0, rc: 0 });
});
