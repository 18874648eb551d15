/** pcs on a file: what it writes, what it says, and how it ends. More is compared with the real one by compare:pcs. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Desk } from './run.js';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(() => desk.remove());

describe('resources', () => {
  test('create checks options against the agent', async () => {
    const said = await desk.pcs('resource', 'create', 'vip', 'ocf:heartbeat:IPaddr2', 'nosuch=1');
    expect(said.status).toBe(1);
    expect(said.err).toMatch(/^Error: invalid resource option 'nosuch', allowed options are: 'arp_bg'/);
    expect(said.err).toMatch(/^Error: required resource option 'ip' is missing, use --force to override$/m);
    expect(said.err).toMatch(/Errors have occurred, therefore pcs is unable to continue\n$/);
    expect(desk.xml).toContain('<resources/>');
  });

  test('create writes operations with pcs’s ids', async () => {
    await desk.ok(
      'resource create vip ocf:heartbeat:IPaddr2 ip=10.0.0.1 cidr_netmask=24 op monitor interval=30s',
    );
    expect(desk.xml).toMatch(
      /<nvpair id="vip-instance_attributes-cidr_netmask" name="cidr_netmask" value="24"\/>/,
    );
    expect(desk.xml).toMatch(/<op name="monitor" interval="30s" id="vip-monitor-interval-30s"\/>/);
    expect(desk.xml).toMatch(/<op name="start" interval="0s" timeout="20s" id="vip-start-interval-0s"\/>/);
  });

  test('the forms of pcs 0.9 are taken', async () => {
    await desk.ok('resource create s ocf:pacemaker:Stateful master');
    expect(desk.xml).toMatch(/<clone id="s-clone">[\s\S]*name="promotable" value="true"/);
    const shown = await desk.pcs('resource', 'show', '--full');
    expect(shown.err).toMatch(/Deprecation Warning: This command is deprecated/);
    expect(shown.out).toMatch(/^Clone: s-clone\n/);
  });

  test('groups, moves, deletion with what names the resource', async () => {
    await desk.ok('resource create a ocf:pacemaker:Dummy --group g');
    await desk.ok('resource create b ocf:pacemaker:Dummy --group g --before a');
    expect(await desk.ok('resource group list')).toBe('g: b a\n');
    await desk.ok('resource move-with-constraint g n1');
    expect(desk.xml).toMatch(
      /<rsc_location id="cli-prefer-g" rsc="g" role="Started" node="n1" score="INFINITY"\/>/,
    );
    const gone = await desk.pcs('resource', 'delete', 'g');
    expect(gone.status).toBe(0);
    expect(gone.err).toMatch(/Removing Constraint - cli-prefer-g/);
    expect(desk.xml).toMatch(/<constraints\/>/);
  });

  test('config as text, commands and JSON', async () => {
    await desk.ok('resource create a ocf:pacemaker:Dummy fake=1 --no-default-ops');
    expect(await desk.ok('resource config')).toBe(`Resource: a (class=ocf provider=pacemaker type=Dummy)
  Attributes: a-instance_attributes
    fake=1
  Operations:
    monitor: a-monitor-interval-10s
      interval=10s
      timeout=20s
`);
    expect(
      await desk.ok('resource config --output-format=cmd'),
    ).toBe(`pcs resource create --no-default-ops --force -- a ocf:pacemaker:Dummy \\
  fake=1 \\
  op \\
    monitor interval=10s id=a-monitor-interval-10s timeout=20s
`);
    expect(JSON.parse(await desk.ok('resource config --output-format=json'))).toMatchObject({
      primitives: [{ id: 'a', agent_name: { standard: 'ocf', provider: 'pacemaker', type: 'Dummy' } }],
      clones: [],
    });
  });
});

describe('constraints', () => {
  beforeEach(async () => {
    await desk.ok('resource create a ocf:pacemaker:Dummy');
    await desk.ok('resource create b ocf:pacemaker:Dummy');
  });

  test('colocation, in the form of today and that of pcs 0.9', async () => {
    await desk.ok('constraint colocation add a with b 50');
    expect(desk.xml).toMatch(/<rsc_colocation rsc="a" with-rsc="b" score="50" id="colocation-a-b-50"\/>/);
    await desk.ok('constraint colocation add b a INFINITY');
    expect(await desk.ok('constraint colocation')).toBe(
      'Colocation Constraints:\n  a with b (score:50)\n  b with a (score:INFINITY)\n',
    );
  });

  test('order says what it adds, and refuses the same twice', async () => {
    const said = await desk.pcs('constraint', 'order', 'a', 'then', 'b');
    expect(said.err).toBe('Adding a b (kind: Mandatory) (Options: first-action=start then-action=start)\n');
    const again = await desk.pcs('constraint', 'order', 'a', 'then', 'b');
    expect(again.status).toBe(1);
    expect(again.err).toMatch(/duplicate constraint already exists, use --force to override/);
  });

  test('rules of locations nest', async () => {
    await desk.ok('constraint location a rule score=10 ( defined x or defined y ) and #uname eq n1');
    expect(await desk.ok('constraint location config')).toBe(`Location Constraints:
  Resource: a
    Constraint: location-a
      Rule: boolean-op=and score=10
        Rule: boolean-op=or score=0
          Expression: defined x
          Expression: defined y
        Expression: #uname eq n1
`);
  });
});

test('roles are shown by their names of today, whichever the configuration has', async () => {
  await desk.ok('resource create s ocf:pacemaker:Stateful promotable');
  await desk.ok('resource create web ocf:pacemaker:Dummy');
  await desk.ok('constraint colocation add web with Promoted s-clone');
  await desk.ok('constraint location s-clone rule role=Promoted score=5 #uname eq n1');
  const shown = await desk.ok('constraint --full');
  expect(shown).toMatch(/with-rsc-role:Promoted/);
  expect(shown).toMatch(/role=Promoted score=5/);
  desk.write(desk.xml.replaceAll('"Promoted"', '"Master"'));
  expect(await desk.ok('constraint --full')).toBe(shown);
});

describe('the rest', () => {
  test('properties are checked, unless forced', async () => {
    const said = await desk.pcs('property', 'set', 'foo=1');
    expect(said.status).toBe(1);
    expect(said.err).toMatch(/^Error: invalid cluster property option 'foo', allowed options are: /);
    await desk.ok('property set foo=1 --force');
    expect(await desk.ok('property')).toBe('Cluster Properties:\n foo: 1\n');
  });

  test('options that a command does not know are refused with its usage', async () => {
    const said = await desk.pcs('property', 'set', 'a=1', '--wait');
    expect(said.status).toBe(1);
    expect(said.err).toMatch(/Specified option '--wait' is not supported in this command/);
  });

  test.each([
    ['status nodes both', /Specified option '-f' is not supported in this command/],
    ['status nodes corosync', /Specified option '-f' is not supported in this command/],
    [
      'cluster link remove 1 --corosync_conf=x',
      /Specified options '--corosync_conf', '-f' are not supported/,
    ],
    [
      'stonith config --output-format=cmd',
      /^Warning: Only 'text' output format is supported for stonith levels$/m,
    ],
  ])('%s', async (words, said) => {
    expect((await desk.pcs(...words.split(' '))).err).toMatch(said);
  });

  test('setup with --corosync_conf writes the same file in both forms', async () => {
    const { readFileSync } = await import('node:fs');
    const today = `${desk.folder}/today.conf`;
    const old = `${desk.folder}/old.conf`;
    const setup = (...words: string[]) => desk.pcs('cluster', 'setup', ...words);
    // `-f` is not for this command: the folder alone is used.
    expect((await setup('c', 'n1')).status).toBe(1);
    const { runPcs } = await import('../../src/pcs/main.js');
    const plain = (argv: string[]) =>
      runPcs({
        argv,
        env: { QUORATE_ROOT: desk.folder },
        out: () => {},
        err: () => {},
        nowMs: () => 0,
        interactive: false,
        question: async () => null,
      });
    expect(
      await plain([
        ...['cluster', 'setup', 'c', 'n1', 'addr=10.0.0.1', 'n2', 'addr=10.0.0.2'],
        ...['totem', 'token=5000', '--no-cluster-uuid', `--corosync_conf=${today}`],
      ]),
    ).toBe(0);
    await plain([
      'cluster',
      'setup',
      '--name',
      'c',
      '10.0.0.1',
      '10.0.0.2',
      '--token=5000',
      `--corosync_conf=${old}`,
    ]);
    const again = (...more: string[]) =>
      plain(['cluster', 'setup', 'c', 'n1', 'addr=10.0.0.9', `--corosync_conf=${today}`, ...more]);
    const text = readFileSync(today, 'utf8');
    expect(await again()).toBe(1);
    expect(readFileSync(today, 'utf8')).toBe(text);
    expect(text).toMatch(
      /^totem \{\n {4}version: 2\n {4}cluster_name: c\n {4}transport: knet\n {4}token: 5000\n {4}crypto_cipher: aes256/,
    );
    expect(text).toMatch(/two_node: 1/);
    expect(readFileSync(old, 'utf8').replace(/name: 10\.0\.0\./g, 'name: n')).toBe(text);
    expect(await again('--overwrite')).toBe(0);
    expect(readFileSync(today, 'utf8')).toMatch(/ring0_addr: 10\.0\.0\.9/);
    // Options are written in order, whatever the order they came in.
    expect(
      await plain(['quorum', 'update', 'wait_for_all=1', 'auto_tie_breaker=1', `--corosync_conf=${old}`]),
    ).toBe(0);
    expect(readFileSync(old, 'utf8')).toMatch(/auto_tie_breaker: 1\n {4}wait_for_all: 1\n/);
  });
});
