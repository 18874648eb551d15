/** A real Pacemaker's tools, as far as they can be had without one: what they print, and the shell that runs them. */
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { carriedOver } from '../../src/bootstrap/migrate.js';
import { placementOf } from '../../src/bootstrap/placement.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import type { ConnectionError } from '../../src/connection/connection.js';
import { openPacemaker } from '../../src/connection/pacemaker.js';
import { readEvents, readInputs } from '../../src/connection/pacemaker-history.js';
import { readAttributes, readFencing } from '../../src/connection/pacemaker-text.js';
import { RemoteShell } from '../../src/connection/remote-shell.js';
import { isFailure } from '../../src/shell/history/transitions.js';

describe('one shell for all commands', () => {
  let shell: RemoteShell;
  let child: ReturnType<typeof spawn>;
  beforeEach(async () => {
    child = spawn('/bin/sh', [], { stdio: ['pipe', 'pipe', 'ignore'] });
    shell = new RemoteShell(Duplex.from({ readable: child.stdout!, writable: child.stdin! }), 'root@n1');
    expect(await shell.start('GREETING=hello; export GREETING')).toBeNull();
  });
  afterEach(async () => {
    const ended = new Promise((resolve) => child.once('close', resolve));
    if (child.exitCode === null && child.signalCode === null) {
      shell.close();
      await ended;
    }
  });

  test.each([
    ['output and errors are told apart', 'echo out; echo err >&2; exit 3', undefined, [3, 'out\n', 'err\n']],
    ['what was said at the start holds', 'echo $GREETING', undefined, [0, 'hello\n', '']],
    ['input comes as it is', 'cat', "a 'b' $c `d` \\e\nEOF", [0, "a 'b' $c `d` \\e\nEOF\n", '']],
    ['without input there is none', 'cat; echo end', undefined, [0, 'end\n', '']],
    ['no newline is made up', 'printf x', undefined, [0, 'x', '']],
    ['wide characters are whole', "printf '機械'", undefined, [0, '機械', '']],
    [
      'a wrong command is its own error',
      'nosuchcommand',
      undefined,
      [127, '', expect.stringMatching(/not found/)],
    ],
  ] as const)('%s', async (_what, command, input, [code, stdout, stderr]) => {
    expect(await shell.run(command, input)).toMatchObject({ ok: true, value: { code, stdout, stderr } });
  });

  test('a command’s variables and directory are its own', async () => {
    await shell.run('cd /; GREETING=other');
    expect(await shell.run('echo $GREETING; [ "$PWD" = / ] && echo moved')).toMatchObject({
      value: { stdout: 'hello\n' },
    });
  });

  test('commands are sent ahead, and answered in their order', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => shell.run(`echo ${index}`)));
    expect(answers.map((answer) => answer.ok && answer.value.stdout)).toEqual(
      Array.from({ length: 50 }, (_, index) => `${index}\n`),
    );
  });

  test('a megabyte goes through', async () => {
    const answer = await shell.run('wc -c; head -c 1000000 /dev/zero | tr "\\0" x', 'y'.repeat(1_000_000));
    expect(answer.ok && answer.value.stdout.length).toBe(1_000_000 + '1000001\n'.length);
  });

  test('its end is told to all who wait, in one line', async () => {
    const waiting = [shell.run('kill -9 $$; sleep 1'), shell.run('echo never')];
    expect(await Promise.all(waiting)).toEqual(
      waiting.map(() => ({
        ok: false,
        error: { kind: 'closed', message: 'the connection to root@n1 was lost: its shell has ended' },
      })),
    );
    expect(await shell.run('echo never')).toMatchObject({ ok: false });
  });
});

test('a connection that is lost lets go of all that it has opened', { timeout: 20_000 }, async () => {
  let lose: (error: ConnectionError) => void = () => {};
  const lost: ConnectionError = { kind: 'closed', message: 'the connection to n1 was lost' };
  let unfollowed = false;
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const opened = await openPacemaker(
    async () => ({ ok: true, value: { code: 0, signal: null, stdout: 'n1\n', stderr: '' } }),
    {
      host: 'n1',
      closed: new Promise((resolve) => {
        lose = resolve;
      }),
      release: async () => release(),
      follow: async () => () => {
        unfollowed = true;
      },
    },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  await opened.value.subscribe([], () => {});
  lose(lost);
  await released;
  expect(unfollowed).toBe(true);
  expect(await opened.value.closed).toEqual(lost);
});

describe('what the tools print', () => {
  test('fencing history', () => {
    const text = `<pacemaker-result api-version="2.25" request="stonith_admin"><fence_history target="*">
      <fence_event action="reboot" target="n2" client="stonith_admin.1" origin="n1" status="success" delegate="n3" completed="2026-11-21 10:00:00Z"/>
      <fence_event action="off" target="n3" client="crmd" origin="n1" status="failed" exit-reason="No such device" completed="2026-11-21 12:00:00 +02:00"/>
    </fence_history><status code="0" message="OK"/></pacemaker-result>`;
    const atMs = Date.UTC(2026, 10, 21, 10);
    expect(readFencing(text)).toMatchObject([
      { target: 'n2', action: 'reboot', delegate: 'n3', state: 'success', completedAtMs: atMs, reason: null },
      { target: 'n3', delegate: null, state: 'failed', completedAtMs: atMs, reason: 'No such device' },
    ]);
  });

  test('attributes', () => {
    expect(readAttributes('name="pingd" host="n1" value="1000"\nname="pingd" host="n2" value=""\n')).toEqual([
      { name: 'pingd', node: 'n1', value: '1000' },
      { name: 'pingd', node: 'n2', value: '' },
    ]);
  });

  test('the log, with the year and the zone of the node', () => {
    const line = (time: string, daemon: string, text: string) =>
      `${time} n1 ${daemon} [812] (function) \tnotice: ${text}`;
    const output = [
      '+0200 2026',
      '--',
      line('Dec 31 23:59:59', 'pacemaker-controld ', 'Node n2 state is now lost | nodeid=2 previous=member'),
      line(
        'Nov 21 12:00:00',
        'pacemaker-schedulerd',
        'Calculated transition 7 (with warnings), saving inputs in /var/lib/pacemaker/pengine/pe-warn-3.bz2',
      ),
      line(
        'Nov 21 12:00:01.250',
        'pacemaker-controld ',
        'Result of start operation for vip on n1: ok | CIB update 12, graph action confirmed; call=9 key=vip_start_0 rc=0',
      ),
      line(
        'Nov 21 12:00:02',
        'pacemaker-controld ',
        'Result of monitor operation for db on n2: not running | graph action unconfirmed; call=3 key=db_monitor_10000 rc=7',
      ),
      line(
        'Nov 21 12:00:02',
        'pacemaker-controld ',
        'Result of monitor operation for db on n2: promoted (failed) (replication has stopped) | graph action unconfirmed; call=3 key=db_monitor_10000 rc=9',
      ),
      line(
        'Nov 21 12:00:02',
        'pacemaker-controld ',
        'Result of probe operation for web on n2: not running | graph action confirmed; call=4 key=web_monitor_0 rc=7',
      ),
      line(
        'Nov 21 12:00:02',
        'pacemaker-controld ',
        'Result of start operation for web on n2: Timed Out after 3s (Resource agent did not complete within 3s) | graph action confirmed; call=5 key=web_start_0',
      ),
      line(
        'Nov 21 12:00:03',
        'pacemaker-controld ',
        'Transition 7 (Complete=4, Pending=0, Fired=0, Skipped=0, Incomplete=1, Source=/var/lib/pacemaker/pengine/pe-warn-3.bz2): Stopped',
      ),
      line('Nov 21 12:00:04', 'pacemaker-based    ', 'Quorum lost | membership=3 members=1'),
      line('Nov 21 12:00:04', 'pacemaker-controld ', 'Quorum lost | membership=3 members=1'),
      'no line of a log at all',
    ].join('\n');
    const noon = Date.UTC(2026, 10, 21, 10);
    const read = readEvents(output, 'n1', noon + 60_000);
    // A probe that finds nothing is none.
    expect(read.filter(isFailure).map(({ data }) => data.operation)).toEqual(['monitor', 'monitor', 'start']);
    expect(read).toEqual([
      {
        atMs: Date.UTC(2025, 11, 31, 21, 59, 59),
        node: 'n1',
        kind: 'lost',
        text: 'n2 is lost',
        data: { node: 'n2' },
      },
      {
        atMs: noon,
        node: 'n1',
        kind: 'transition',
        text: 'transition 7 begins (with warnings)',
        data: { transition: 7, state: 'begun', input: 'pe-warn-3' },
      },
      {
        atMs: noon + 1250,
        node: 'n1',
        kind: 'operation',
        text: 'start of vip on n1: ok',
        data: { resource: 'vip', operation: 'start', node: 'n1', intervalMs: 0, status: 'done', rc: 0 },
      },
      expect.objectContaining({
        data: { resource: 'db', operation: 'monitor', node: 'n2', intervalMs: 10_000, status: 'done', rc: 7 },
      }),
      expect.objectContaining({
        data: { resource: 'db', operation: 'monitor', node: 'n2', intervalMs: 10_000, status: 'done', rc: 9 },
      }),
      expect.objectContaining({
        data: { resource: 'web', operation: 'monitor', node: 'n2', intervalMs: 0, status: 'done', rc: 7 },
      }),
      expect.objectContaining({
        text: 'start of web on n2: Timed Out after 3s (Resource agent did not complete within 3s)',
        data: { resource: 'web', operation: 'start', node: 'n2', intervalMs: 0, status: 'timeout' },
      }),
      {
        atMs: noon + 3000,
        node: 'n1',
        kind: 'transition',
        text: 'transition 7 stopped: 4 of 5 actions',
        data: { transition: 7, state: 'stopped', input: 'pe-warn-3' },
      },
      { atMs: noon + 4000, node: 'n1', kind: 'quorum', text: 'quorum lost', data: { quorate: false } },
    ]);
  });

  test('scheduler inputs', () => {
    const output =
      '/var/lib/pacemaker/pengine/pe-input-12.bz2 1700000100 900\n/var/lib/pacemaker/pengine/pe-warn-0.bz2 1700000000 1200\n';
    expect(readInputs(output, 'n1')).toEqual([
      { node: 'n1', name: 'pe-warn-0', atMs: 1_700_000_000_000, bytes: 1200 },
      { node: 'n1', name: 'pe-input-12', atMs: 1_700_000_100_000, bytes: 900 },
    ]);
  });
});

describe('from one engine to the other', () => {
  const operation = (id: string, task: string, code: number, call: number) =>
    `<lrm_rsc_op id="${id}" operation="${task}" rc-code="${code}" op-status="0" call-id="${call}"/>`;
  const resource = (id: string, ...operations: string[]) =>
    `<lrm_resource id="${id}">${operations.join('')}</lrm_resource>`;

  test('what runs is read from the last result of each', () => {
    const cib =
      parseXml(`<cib><configuration><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes></configuration><status>
      <node_state id="1" uname="n1"><lrm><lrm_resources>
        ${resource('vip', operation('vip_last_0', 'start', 0, 5), operation('vip_monitor_10000', 'monitor', 0, 6))}
        ${resource('db:0', operation('db_last_0', 'monitor', 8, 7))}
        ${resource('old', operation('old_last_0', 'stop', 0, 9), operation('old_monitor', 'monitor', 0, 8))}
      </lrm_resources></lrm></node_state>
      <node_state id="2"><lrm><lrm_resources>
        ${resource('vip', operation('vip_last_0', 'monitor', 7, 3))}
        ${resource('db:0', operation('db_last_0', 'start', 0, 4))}
      </lrm_resources></lrm></node_state></status></cib>`);
    expect([...placementOf(cib)]).toEqual([
      ['vip', 'n1'],
      ['db', 'n1 (promoted) n2'],
    ]);
  });

  test('the configuration is carried over, but for what an engine says of itself', () => {
    const set = (pairs: string) =>
      `<cib><configuration><crm_config><cluster_property_set id="cib-bootstrap-options">${pairs}</cluster_property_set></crm_config></configuration></cib>`;
    const pair = (name: string, value: string) =>
      `<nvpair id="cib-bootstrap-options-${name}" name="${name}" value="${value}"/>`;
    const from = parseXml(set(pair('dc-version', '2.1.5') + pair('no-quorum-policy', 'freeze')));
    const into = parseXml(set(pair('dc-version', 'quorate') + pair('stonith-enabled', 'true')));
    expect(writeXml(carriedOver(from, into), { indent: false })).toBe(
      parseAndWrite(
        `<configuration><crm_config><cluster_property_set id="cib-bootstrap-options">${pair('no-quorum-policy', 'freeze')}${pair('dc-version', 'quorate')}</cluster_property_set></crm_config></configuration>`,
      ),
    );
  });

  const parseAndWrite = (xml: string) => writeXml(parseXml(xml), { indent: false });
});
