import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/agent/server.js';
import { parseXml } from '../../src/cib/xml.js';
import { stonithAdmin } from '../../src/cluster-tools/stonith-admin.js';
import { register, withRegistered } from '../../src/fencing/registered.js';
import { readTopology } from '../../src/fencing/topology.js';
import type { FencingHistoryEntry, FencingRegistration } from '../../src/protocol/messages.js';
import { RequestError } from '../../src/protocol/ndjson.js';
import { type Ran, runTool } from './run-tool.js';

const CIB = `<cib admin_epoch="0" epoch="1" num_updates="0"><configuration><crm_config/><nodes/><resources>
  <primitive id="pdu" class="stonith" type="fence_lab"><instance_attributes id="p"><nvpair id="m" name="pcmk_host_map" value="n1:1;n2:2"/></instance_attributes></primitive>
  <primitive id="fixed" class="stonith" type="fence_lab"><instance_attributes id="f"><nvpair id="h" name="pcmk_host_list" value="n1"/><nvpair id="b" name="broken" value="yes"/></instance_attributes></primitive>
  <primitive id="asks" class="stonith" type="fence_lab"/>
</resources><constraints/></configuration><status/></cib>`;

const AGENT = `#!/bin/sh
in=$(cat)
case "$in" in
*action=metadata*) echo '<resource-agent name="fence_lab"><parameters/><actions><action name="off"/><action name="list"/></actions></resource-agent>' ;;
*broken=yes*) echo "no such outlet" >&2; exit 1 ;;
*action=list*) echo "n2,outlet"; echo "n3,outlet" ;;
esac
`;

let root: string;
let server: Server;
let asked: string[];
let history: FencingHistoryEntry[];
let registered: readonly FencingRegistration[];
const before = process.env.QUORATE_ROOT;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'quorate-stonith-'));
  process.env.QUORATE_ROOT = root;
  mkdirSync(join(root, 'usr/sbin'), { recursive: true });
  writeFileSync(join(root, 'usr/sbin/fence_lab'), AGENT, { mode: 0o755 });
  server = await startServer({
    socketPath: join(root, 'run/quorate/quorated.sock'),
    node: 'n1',
    version: '1',
    handlers: {
      'cib.read': () => ({ cib: CIB, version: { adminEpoch: 0, epoch: 1, numUpdates: 0 } }),
      'node.fence': ({ node, action, timeoutMs }) => {
        asked.push(`${action} ${node} ${timeoutMs}`);
        if (node === 'n9') throw new RequestError('failed', 'no fence device can fence n9');
        return {};
      },
      'node.confirm-down': ({ node }) => {
        asked.push(`confirm ${node}`);
        return {};
      },
      'fencing.register': ({ registration }) => {
        registered = register(registered, registration);
        return {};
      },
      'fencing.registered': () => ({ registrations: [...registered] }),
      'fencing.forget': ({ node }) => {
        history = history.filter((entry) => node !== undefined && entry.target !== node);
        return {};
      },
      'fencing.history': ({ node }) => ({
        entries: history.filter((entry) => node === undefined || entry.target === node),
      }),
    },
  });
});

afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
  if (before === undefined) delete process.env.QUORATE_ROOT;
  else process.env.QUORATE_ROOT = before;
});

beforeEach(() => {
  asked = [];
  history = [];
  registered = [];
});

function run(words: string): Promise<Ran> {
  const env = { ...process.env, QUORATE_ROOT: root };
  return runTool(stonithAdmin, 'stonith_admin', words.split(' '), { env });
}

const entry = (more: Partial<FencingHistoryEntry>): FencingHistoryEntry => ({
  target: 'n1',
  action: 'reboot',
  origin: 'n2',
  delegate: 'n3',
  client: 'controller',
  state: 'success',
  completedAtMs: Date.now() - 60_000,
  reason: null,
  ...more,
});

describe('devices', () => {
  it.each([
    ['-L', 0, 'pdu\nfixed\nasks\n3 fence devices found\n'],
    ['-l n1', 0, 'pdu\nfixed\n2 fence devices found\n'],
    ['-l n3', 0, 'asks\n1 fence device found\n'],
    ['-l n9', 105, ''],
    ['-s pdu', 0, 'n1\nn2\n2 fence targets found\n'],
    ['-s asks', 0, 'n2\noutlet\nn3\noutlet\n4 fence targets found\n'],
    ['-Q pdu', 0, ''],
    ['-Q fixed', 1, ''],
  ])('%s', async (words, exit, out) => {
    expect(await run(words)).toMatchObject({ exit, out });
  });

  it('are registered beside the configuration, and against it', async () => {
    expect(await run('-R extra -a fence_lab -o pcmk_host_list=n7')).toEqual({ exit: 0, out: '', err: '' });
    expect(await run('-l n7')).toMatchObject({ exit: 0, out: 'extra\n1 fence device found\n' });
    expect(await run('-D pdu')).toEqual({ exit: 0, out: '', err: '' });
    expect((await run('-L')).out).toBe('fixed\nasks\nextra\n3 fence devices found\n');
    await run('-R extra -a fence_lab -o pcmk_host_list=n8');
    expect((await run('-l n7')).exit).toBe(105);
    expect((await run('-R more')).err).toContain('Please specify an agent to query using -a,--agent [value]');
  });

  it('levels are registered by name, pattern and attribute', async () => {
    await run('-r n1 -i 1 -v pdu -v fixed');
    await run('-r @n.* -i 2 -v pdu');
    await run('-r rack=4 -i 3 -v asks');
    expect(readTopology(withRegistered(parseXml(CIB), registered))).toMatchObject([
      { index: 1, devices: ['pdu', 'fixed'], target: { kind: 'name', name: 'n1' } },
      { index: 2, devices: ['pdu'], target: { kind: 'pattern', pattern: 'n.*' } },
      { index: 3, devices: ['asks'], target: { kind: 'attribute', name: 'rack', value: '4' } },
    ]);
    await run('-d n1 -i 1');
    expect(readTopology(withRegistered(parseXml(CIB), registered)).map(({ index }) => index)).toEqual([2, 3]);
    expect(await run('-r n1 -i 10 -v pdu')).toMatchObject({
      exit: 2,
      err: "Can't register topology level 10 for n1: Invalid argument\n",
    });
  });

  it('are listed on a page', async () => {
    const { exit, out } = await run('-L --output-as=html --html-title=Devices');
    expect(exit).toBe(0);
    expect(out).toMatch(/^<!DOCTYPE html>\n<html lang="en">\n<head>\n<title>Devices<\/title>/);
    expect(out.slice(out.indexOf('<body>'))).toBe(
      '<body>\n<h2>Registered fence devices</h2>\n<ul>\n<li class="device">pdu</li>\n<li class="device">fixed</li>\n' +
        '<li class="device">asks</li>\n</ul>\n</body>\n</html>\n',
    );
  });

  it('are listed in XML', async () => {
    const { exit, out } = await run('-L --output-as=xml');
    expect(exit).toBe(0);
    expect(out).toContain(
      '<list name="registered fence devices" count="3">\n    <item name="device">pdu</item>',
    );
    expect((await run('-s pdu --output-as=xml')).out).toContain(
      '<list name="fence targets" count="2">\n    <item>n1</item>',
    );
    expect((await run('-Q nope --output-as=xml')).out).toMatch(/<status code="105"[\s\S]*<error>/);
  });

  it('that are not there are named', async () => {
    expect(await run('-Q nope')).toEqual({
      exit: 105,
      out: '',
      err: 'stonith_admin: There is no fence device nope\n',
    });
  });

  it('are validated and described by their agent', async () => {
    expect(await run('-K -a fence_lab -o x=y')).toMatchObject({
      exit: 0,
      out: 'Validation of fence_lab succeeded\n',
    });
    expect(await run('-K -a fence_lab -o broken=yes')).toMatchObject({
      exit: 1,
      out: 'Validation of fence_lab failed\nno such outlet\n',
    });
    expect((await run('-M -a fence_lab')).out).toContain('<resource-agent name="fence_lab">');
    expect(await run('-M -a fence_nope')).toMatchObject({ exit: 105 });
  });
});

describe('fencing', () => {
  it('is asked of the cluster', async () => {
    expect(await run('-B n2 -t 30')).toEqual({ exit: 0, out: '', err: '' });
    await run('--fence n2');
    await run('-U n2');
    await run('-C n2');
    expect(asked).toEqual(['reboot n2 30000', 'off n2 120000', 'on n2 120000', 'confirm n2']);
  });

  it('that fails says why', async () => {
    const result = await run('-F n9');
    expect(result.exit).not.toBe(0);
    expect(result.err).toContain('no fence device can fence n9');
  });

  it('is not repeated within the tolerance', async () => {
    history = [entry({})];
    expect(await run('-B n1 --tolerance 300')).toMatchObject({ exit: 0 });
    expect(asked).toEqual([]);
    await run('-B n1 --tolerance 10');
    expect(asked).toHaveLength(1);
  });
});

describe('history', () => {
  it('shows the last success, or all', async () => {
    history = [
      entry({ state: 'pending', completedAtMs: null }),
      entry({ action: 'off' }),
      entry({ state: 'failed', reason: 'no power' }),
    ];
    expect((await run('-H n1')).out).toMatch(
      /^turning off of n1 by n3 for controller@n2 last successful at .*\n1 event found\n$/,
    );
    expect((await run('-H * -V')).out).toMatch(
      /^reboot of n1 for controller@n2 pending\nturning off of n1 by n3 .* successful at .*\nreboot of n1 by n3 .* failed \(no power\) at .*\n3 events found\n$/,
    );
    expect((await run('-H n1 -q')).out).toMatch(/^\d{10}\n$/);
    expect((await run('-h n1')).out).toMatch(
      /^Node n1 last fenced at: \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\n$/,
    );
    expect((await run('-h n7')).out).toBe('Node n7 has never been fenced\n');
  });

  it('needs a command', async () => {
    expect((await run('-q')).exit).toBe(64);
  });
});

describe('in XML', () => {
  it('the history says what became of each, and when a node was last fenced', async () => {
    history = [entry({ completedAtMs: 0 }), entry({ state: 'failed', reason: 'no device' })];
    const { out } = await run('-H n1 -V --output-as=xml');
    expect(out).toMatch(/<list name="fencing history" count="2">/);
    expect(out).toMatch(
      /<fence_event action="reboot" target="n1" client="controller" origin="n2" status="success" delegate="n3" completed=/,
    );
    expect(out).toMatch(/status="failed" exit-reason="no device"/);
    expect((await run('-h n1 --output-as=xml')).out).toMatch(/<last-fenced target="n1" when="1970-01-01/);
  });
});
