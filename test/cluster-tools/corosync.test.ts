import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { emptyCib } from '../../src/cib/document.js';
import { corosyncCfgtool } from '../../src/cluster-tools/corosync/cfgtool.js';
import { cmapctlWith } from '../../src/cluster-tools/corosync/cmapctl.js';
import { corosyncKeygen } from '../../src/cluster-tools/corosync/keygen.js';
import { corosyncQuorumtool } from '../../src/cluster-tools/corosync/quorumtool.js';
import { parseShortOptions } from '../../src/cluster-tools/corosync/short-options.js';
import { crmVerify } from '../../src/cluster-tools/crm-verify.js';
import type { Tool } from '../../src/command-line/tool.js';
import { type AgentDouble, quorateState, startAgentDouble } from '../connection/agent-double.js';
import { type Ran, runTool } from './run-tool.js';

let agent: AgentDouble;
beforeAll(async () => {
  agent = await startAgentDouble(emptyCib());
});
afterAll(() => agent.close());

function run(tool: Tool, words: string, root = agent.root): Promise<Ran> {
  return runTool(tool, 'tool', words === '' ? [] : words.split(' '), { env: { QUORATE_ROOT: root } });
}

/** Nothing is typed, and the input does not end. */
const corosyncCmapctl = cmapctlWith(async function* (until) {
  await new Promise((resolve) => until.addEventListener('abort', resolve));
});

const READ_ONLY = "The map is read-only here: change corosync.conf and run 'corosync-cfgtool -R'";

describe('corosync-cmapctl', () => {
  test('the members, as `corosync-cmapctl | grep members` shows them', async () => {
    const { exit, out } = await run(corosyncCmapctl, '');
    expect(exit).toBe(0);
    expect(out.split('\n').filter((line) => line.includes('members'))).toEqual([
      'runtime.members.1.ip (str) = r(0) ip(10.77.0.1) ',
      'runtime.members.1.join_count (u32) = 1',
      'runtime.members.1.status (str) = joined',
      'runtime.members.2.ip (str) = r(0) ip(10.77.0.2) ',
      'runtime.members.2.join_count (u32) = 1',
      'runtime.members.2.status (str) = joined',
    ]);
  });

  test.each([
    ['quorum.', 0, 'quorum.provider (str) = corosync_votequorum\nquorum.two_node (u8) = 1\n', ''],
    ['-g totem.transport', 0, 'totem.transport (str) = udpu\n', ''],
    ['-qg totem.transport', 0, 'udpu\n', ''],
    ['-g nosuch', 1, '', "Can't get key nosuch. Error CS_ERR_NOT_EXIST\n"],
    ['-g', 1, '', 'Expected key after options\n'],
    ['nosuch', 1, '', ''],
    ['-m x', 1, '', "invalid map name, must be 'default', 'icmap' or 'stats'\n"],
    ['-Z', 1, '', "corosync-cmapctl: invalid option -- 'Z'\n"],
    ['-C', 1, '', "corosync-cmapctl: option requires an argument -- 'C'\n"],
    ['-C srp', 1, '', "argument to -C should be 'knet', 'totem', 'ipc', 'schedmiss' or 'all'\n"],
    ['-C knet', 1, '', `Statistics cannot be cleared. Error CS_ERR_ACCESS\n${READ_ONLY}\n`],
    ['-s totem.token', 1, '', 'At least 3 parameters are expected for set\n'],
    ['-s totem.token foo 1', 1, '', 'Unknown type foo\n'],
    ['-d', 1, '', 'Expected key after options\n'],
    ['-d nosuch', 1, '', `Can't delete key nosuch. Error CS_ERR_NOT_EXIST\n${READ_ONLY}\n`],
    [
      '-D quorum.',
      0,
      '',
      `Can't delete key quorum.provider. Error CS_ERR_ACCESS\nCan't delete key quorum.two_node. Error CS_ERR_ACCESS\n${READ_ONLY}\n`,
    ],
    ['nosuch quorum.two', 0, 'quorum.two_node (u8) = 1\n', ''],
    ['-q quorum.two', 0, '1\n', ''],
    ['-s totem.token u32 1500', 1, '', `Failed to set key totem.token. Error CS_ERR_ACCESS\n${READ_ONLY}\n`],
    ['-d totem.transport', 1, '', `Can't delete key totem.transport. Error CS_ERR_ACCESS\n${READ_ONLY}\n`],
  ])('%s', async (words, exit, out, err) => {
    expect(await run(corosyncCmapctl, words)).toEqual({ exit, out, err });
  });

  test('shows what changes until a line begins with q', async () => {
    const keys = { 'my.b': '1', 'my.c': '1' } as Record<string, string>;
    const other = await startAgentDouble(emptyCib(), {
      'cluster.cmap': () => ({
        entries: Object.entries(keys).map(([key, value]) => ({ key, type: 'u32', value })),
      }),
    });
    try {
      let haveLooked: () => void;
      const looked = new Promise<void>((resolve) => {
        haveLooked = resolve;
      });
      const tool = cmapctlWith(async function* () {
        yield 'what?';
        await looked;
        yield 'q';
      });
      let shown = '';
      const out = (text: string) => {
        shown += text;
        if (text.includes('Type')) {
          delete keys['my.c'];
          Object.assign(keys, { 'my.a': '7', 'my.b': '2', other: '1' });
          other.becomes(quorateState);
        }
        if (shown.includes('delete>')) haveLooked();
      };
      const env = { QUORATE_ROOT: other.root };
      expect(await runTool(tool, 'tool', ['-T', 'my.'], { env, out })).toMatchObject({ exit: 0, err: '' });
      expect(shown).toBe(
        'Type "q" to finish\ncreate> my.a (u32) = 7\nmodify> my.b (u32) = 2\ndelete> my.c (u32) = 1\n',
      );
    } finally {
      await other.close();
    }
  });

  test('without an agent', async () => {
    const { exit, err } = await run(corosyncCmapctl, '', '/nowhere');
    expect(exit).toBe(1);
    expect(err).toMatch(
      /^Failed to initialize the cmap API. Error CS_ERR_LIBRARY\nno agent runs on this host/,
    );
  });
});

test.each([
  ['-a x', 1, 'The nodeid was not valid, try a positive number\n'],
  ['-a 9', 1, 'Could not get node address for nodeid 9\n'],
  ['-L', 0, ''],
  ['-Z', 1, "corosync-cfgtool: invalid option -- 'Z'\n"],
])('corosync-cfgtool %s', async (words, exit, err) => {
  expect(await run(corosyncCfgtool, words)).toEqual({ exit, out: '', err });
});

test.each(['', '-b', '-i 1', '-h'])('corosync-cfgtool %s shows what it can do', async (words) => {
  const { exit, out } = await run(corosyncCfgtool, words);
  expect(exit).toBe(0);
  expect(out).toMatch(/^corosync-cfgtool \[\[-i <interface ip>\] \[-b\] -s\] \[-R\]/);
});

test('corosync-quorumtool', async () => {
  const { exit, out } = await run(corosyncQuorumtool, '-s');
  expect(exit).toBe(0);
  expect(out.replace(/Date:.*/, 'Date:')).toBe(
    [
      'Quorum information',
      '------------------',
      'Date:',
      'Quorum provider:  corosync_votequorum',
      'Nodes:            2',
      'Node ID:          1',
      'Ring ID:          1.3',
      'Quorate:          Yes',
      '',
      'Votequorum information',
      '----------------------',
      'Expected votes:   2',
      'Highest expected: 2',
      'Total votes:      2',
      'Quorum:           1  ',
      'Flags:            2Node Quorate WaitForAll ',
      '',
      'Membership information',
      '----------------------',
      '    Nodeid      Votes Name',
      '         1          1 primary (local)',
      '         2          1 secondary',
      '',
    ].join('\n'),
  );
  expect((await run(corosyncQuorumtool, '-lHi')).out).toContain('0x00000002          1 10.77.0.2\n');
});

test('two nodes that do not wait for all have no such flag', async () => {
  const entry = (key: string, value: string) => ({ key, type: 'u8', value });
  const other = await startAgentDouble(emptyCib(), {
    'cluster.cmap': () => ({ entries: [entry('quorum.two_node', '1'), entry('quorum.wait_for_all', '0')] }),
  });
  try {
    const { out } = await run(corosyncQuorumtool, '-s', other.root);
    expect(out).toContain('\nFlags:            2Node Quorate \n');
  } finally {
    await other.close();
  }
});

test('corosync-cfgtool', async () => {
  expect((await run(corosyncCfgtool, '-s')).out).toBe(
    'Local node ID 1, transport udpu\nLINK ID 0 \n\taddr\t= 10.77.0.1\n\tstatus:\n\t\tnodeid:          1:\tlocalhost\n\t\tnodeid:          2:\tconnected\n',
  );
  expect((await run(corosyncCfgtool, '-sb')).out).toContain('\tstatus\t= n3\n');
  expect((await run(corosyncCfgtool, '-n')).out).toContain(
    'nodeid: 2 reachable\n   LINK: 0  (10.77.0.110.77.0.2) enabled connected\n',
  );
  expect(await run(corosyncCfgtool, '-a 2')).toMatchObject({ exit: 0, out: '10.77.0.2\n' });
  expect(await run(corosyncCfgtool, '-a 9')).toMatchObject({ exit: 1 });
});

describe('what the agent finds without effect in its corosync.conf is told', () => {
  const remark = { line: 4, column: 3, message: 'window_size is without effect: nobody waits' };
  const file = '/etc/corosync/corosync.conf';
  let other: AgentDouble;
  beforeAll(async () => {
    other = await startAgentDouble(emptyCib(), {
      'cluster.reload': () => ({ complaints: [] }),
      'cluster.remarks': () => ({ file, remarks: [remark] }),
    });
    vi.stubEnv('QUORATE_ROOT', other.root);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await other.close();
  });

  test('when it is read anew', async () => {
    expect(await run(corosyncCfgtool, '-R', other.root)).toEqual({
      exit: 0,
      out: 'Reloading corosync.conf...\nDone\n',
      err: `warning: ${file}:4:3: ${remark.message}\n`,
    });
  });

  test('by crm_verify, asked for advice about the running cluster', async () => {
    const said = `${file}:4:3: warning: ${remark.message} [corosync-setting]\n`;
    const plain = await run(crmVerify, '-L', other.root);
    const advised = await run(crmVerify, '-L --advice', other.root);
    expect(advised.out).toContain(said);
    expect({ ...advised, out: '' }).toEqual({ ...plain, out: '' });
    expect(plain.out + plain.err).not.toContain('window_size');
    const json = await run(crmVerify, '-L --advice=json', other.root);
    expect(JSON.parse(json.out)).toContainEqual({
      code: 'corosync-setting',
      severity: 'warning',
      file,
      ...remark,
    });
    expect((await run(crmVerify, '-L --advice --silence corosync-setting', other.root)).out).not.toContain(
      'window_size',
    );
  });
});

describe('corosync-keygen', () => {
  const root = mkdtempSync(join(tmpdir(), 'keygen-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('128 bytes, mode 0400, at the usual place; written over when asked again', async () => {
    mkdirSync(join(root, 'etc/corosync'), { recursive: true });
    const path = join(root, 'etc/corosync/authkey');
    const { exit, out } = await run(corosyncKeygen, '', root);
    expect(exit).toBe(0);
    expect(out).toBe(
      `Corosync Cluster Engine Authentication key generator.\nGathering 1024 bits for key from /dev/urandom.\nWriting corosync key to ${path}.\n`,
    );
    const first = readFileSync(path);
    expect(first).toHaveLength(128);
    expect(statSync(path).mode & 0o777).toBe(0o400);
    expect((await run(corosyncKeygen, '-l', root)).exit).toBe(0);
    expect(readFileSync(path).equals(first)).toBe(false);
  });

  test.each([
    ['-s 256 -k KEY', 0, 256],
    ['--size=1024 --key-file KEY', 0, 1024],
    ['-k KEY -r SOURCE -s 128', 0, 128],
  ])('%s', async (words, exit, length) => {
    const key = join(root, 'key');
    writeFileSync(join(root, 'source'), Buffer.alloc(200, 7));
    const given = words.replace('KEY', key).replace('SOURCE', join(root, 'source'));
    expect((await run(corosyncKeygen, given, root)).exit).toBe(exit);
    expect(readFileSync(key)).toHaveLength(length);
    rmSync(key);
  });

  test.each([
    ['-s 127', 1, /Unsupported key size/],
    ['-s many', 1, /Unsupported key size/],
    ['-k /nowhere/key', 2, /Could not create \/nowhere\/key: No such file or directory/],
    ['-r /nowhere/random', 1, /Failed to open random source/],
    ['-z', 1, /invalid option/],
  ])('%s is refused', async (words, exit, err) => {
    const ran = await run(corosyncKeygen, words, root);
    expect(ran.exit).toBe(exit);
    expect(ran.err).toMatch(err);
  });
});

test.each([
  ['-ab v', { a: '', b: 'v' }, []],
  ['-bv x -- -a', { b: 'v' }, ['x', '-a']],
  ['--bee=v --ay', { a: '', b: 'v' }, []],
  ['-c', null, []],
  ['-b', null, []],
])('options %s', (words, given, operands) => {
  const parsed = parseShortOptions({ letters: 'ab:', long: { ay: 'a', bee: 'b' } }, words.split(' '));
  if (given === null) expect(parsed.ok).toBe(false);
  else expect(parsed).toEqual({ ok: true, given: new Map(Object.entries(given)), operands });
});
