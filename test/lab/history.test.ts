/** What a cluster remembers of a death, asked from a client that was not there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Lab } from './lab.js';

const lab = new Lab('history');
const hosts = ['n1', 'n2', 'n3'];

beforeAll(async () => {
  await lab.up(...hosts);
  await lab.ok('client', 'crm cluster init -n web n1 n2 n3');
  await lab.ok(
    'client',
    `crm -w -H n1 configure load update - <<'END'
property stonith-enabled=false
primitive d ocf:pacemaker:Dummy op monitor interval=2s
location here d 100: n3
END`,
  );
  await eventually(
    'd runs on n3',
    () => lab.ok('client', 'crm -H n1 resource status d'),
    (text) => /is running on: n3/.test(text),
  );
});
afterAll(() => lab.down());

test('a failover is told from its first silence to the last action, with what was decided', async () => {
  await lab.lab('crash', 'n3');
  await eventually(
    'd runs elsewhere',
    () => lab.ok('client', 'crm -H n1 resource status d'),
    (text) => /is running on: n[12]/.test(text),
  );
  const text = await lab.ok('client', 'crm -H n2 history failover');
  console.log(text);
  expect(text).toMatch(/^n3 was lost at /);
  expect(text).toMatch(/seen +n1,n2|seen +n2,n1|seen +n[12] /);
  expect(text).toMatch(/agreed .*n3 is lost/);
  expect(text).toMatch(/decided [\s\S]*(Start|Move) +d +\(.*n[12] \)/);
  expect(text).toMatch(/done +n[12] +Resource d started on n[12] \(rc=0\), took/);
  expect(text).toMatch(/d runs again on n[12] after \d+\.\d\d s/);
});

test('scheduler inputs are had from the node that kept them, compared, and saved as drafts', async () => {
  const list = await lab.ok('client', 'crm -H n2 history peinputs v');
  expect(list).toMatch(/^\S+ \S+ n[123] pe-\w+-\d+$/m);
  expect(await lab.ok('client', 'crm -H n2 history transitions')).toMatch(/pe-\w+-\d+ +n[12] +d/);
  expect(await lab.ok('client', 'crm -H n2 history show 0')).toContain('primitive d ocf:pacemaker:Dummy');
  expect(await lab.ok('client', 'crm -H n2 history diff 0 live status')).toMatch(/[-+].*d\s+\(ocf/);
  await lab.ok('client', 'crm -H n2 history transition save 0 outage && crm cib use outage');
});

test('it is still known after the agents were restarted, and goes into a report', async () => {
  await lab.ok('client', 'crm -H n2 cluster restart n2 n1');
  await eventually(
    'n1 and n2 are back',
    () => lab.ok('client', 'crm -H n2 status'),
    (text) => /Online: \[ n1 n2 \]/.test(text),
  );
  expect(await lab.ok('client', 'crm -H n2 history failover list')).toContain('n3 was lost');
  await lab.ok('client', 'cd /tmp && crm -H n2 report -f 1h outage');
  const read = await lab.ok(
    'client',
    "printf 'history\\nsource /tmp/outage.tar.gz\\nfailover 1\\npeinputs\\n' | crm",
  );
  expect(read).toMatch(/n3 was lost[\s\S]*n[123]\/pe-/);
});
