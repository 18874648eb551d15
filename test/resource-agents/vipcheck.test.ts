import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';

const AGENT = join(import.meta.dirname, '../../resource-agents/ocf/heartbeat/VIPcheck');
const folder = mkdtempSync(join(tmpdir(), 'vipcheck-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A ping that finds an address answered for, or not. */
function ping(answers: boolean): void {
  writeFileSync(join(folder, 'ping'), `#!/bin/sh\necho "$@" >${folder}/asked\nexit ${answers ? 0 : 1}\n`, {
    mode: 0o755,
  });
}

function agent(action: string, parameters: Record<string, string> = { target_ip: '10.0.0.9' }) {
  const env: Record<string, string> = {
    PATH: `${folder}:/usr/bin:/bin`,
    HA_RSCTMP: folder,
    OCF_RESOURCE_INSTANCE: 'v',
  };
  for (const [name, value] of Object.entries(parameters)) env[`OCF_RESKEY_${name}`] = value;
  const { status, stdout, stderr } = spawnSync(AGENT, [action], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

beforeEach(() => {
  ping(false);
  agent('stop');
});

test('meta-data', () => {
  const document = parseXml(agent('meta-data').stdout);
  expect(document.get('name')).toBe('VIPcheck');
  expect(
    document
      .first('parameters')!
      .elements()
      .map((each) => each.get('name')),
  ).toEqual(['target_ip', 'count', 'wait']);
});

test('nobody answers: it starts, runs, and stops', () => {
  expect(agent('monitor').status).toBe(7);
  expect(agent('start').status).toBe(0);
  expect(agent('monitor').status).toBe(0);
  // Its own address answers by then; it has started already.
  ping(true);
  expect(agent('start').status).toBe(0);
  expect(agent('stop').status).toBe(0);
  expect(agent('monitor').status).toBe(7);
});

test('somebody answers: it does not start, and says why', () => {
  ping(true);
  expect(agent('start')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^ocf-exit-reason:10\.0\.0\.9 is in use on another host$/m),
  });
  expect(agent('monitor').status).toBe(7);
});

test.each([
  [{}, /target_ip is not set/],
  [{ target_ip: 'nonsense; reboot' }, /is no IP address/],
  [{ target_ip: '10.0.0.9', wait: 'long' }, /are numbers, not 'long'/],
])('%o is not accepted', (parameters, message) => {
  expect(agent('start', parameters as Record<string, string>)).toMatchObject({
    status: 6,
    stderr: expect.stringMatching(message),
  });
});
