import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RealCluster } from './real-cluster.js';

const PRIMITIVE = '<primitive id="f" class="ocf" provider="test" type="flag"/>';
const WAIT = { timeout: 30_000, interval: 50 };

describe('a start that is under way', { timeout: 90_000 }, () => {
  const cluster = new RealCluster(['a'], 1000);
  const began = join(cluster.root('a'), 'began');

  beforeAll(async () => {
    await cluster.prepare();
    const flag = join(cluster.root('a'), 'flag.f');
    writeFileSync(
      join(cluster.root('a'), 'usr/lib/ocf/resource.d/test/flag'),
      `#!/bin/sh
case $1 in
start) echo began >> ${began}; sleep 60; : > ${flag};;
stop) rm -f ${flag};;
monitor) [ -f ${flag} ] || exit 7;;
meta-data) echo '<resource-agent name="flag"/>';;
esac
`,
    );
    cluster.start('a');
    await vi.waitFor(async () => {
      expect(await cluster.ask('a', 'cluster.state', {})).toMatchObject({ quorate: true });
    }, WAIT);
    const before = await cluster.ask('a', 'cib.read', {});
    await cluster.ask('a', 'cib.patch', {
      patch: `<diff format="2"><change operation="create" path="/cib/configuration/resources" position="0">${PRIMITIVE}</change><change operation="create" path="/cib/configuration/crm_config" position="0"><cluster_property_set id="p"><nvpair id="p-s" name="stonith-enabled" value="false"/></cluster_property_set></change></diff>`,
      base: before!.version,
      command: 'test',
    });
    await vi.waitFor(() => expect(existsSync(began)).toBe(true), WAIT);
  });

  afterAll(() => cluster.remove());

  const executor = () =>
    Number(readFileSync(join(cluster.root('a'), 'run/quorate/executor/executor.pid'), 'utf8'));
  const cib = async () => (await cluster.ask('a', 'cib.read', {}))?.cib ?? '';
  const entry = async () => /<lrm_rsc_op [^>]*operation="start"[^>]*>/.exec(await cib())?.[0];

  it('has failed when its executor dies, well before its time is over', async () => {
    process.kill(executor(), 'SIGKILL');
    await vi.waitFor(async () => expect(await cib()).toContain('name="fail-count-f#start_0"'), WAIT);
    await cluster.ask('a', 'cluster.wait-idle', { timeoutMs: 10_000 });
    // What is left of it was probed for.
    expect(await cib()).toMatch(/operation_key="f_monitor_0"[^>]*rc-code="7"/);
    expect(await entry()).toBeUndefined();
  });
});
