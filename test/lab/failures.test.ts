/**
 * Every way in which an operation can fail, and every way to deal with it. What becomes of the cluster must be what the
 * real `crm_simulate` predicts from how it was before, and agents must be called for that and for nothing else.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ProcessCluster, until } from './process-cluster.js';

const cluster = new ProcessCluster('failures', '127.0.78');
const records = join(cluster.directory, 'records');
const cibFile = (name: string) => join(cluster.directory, `${name}.xml`);

/** The agents' lines of `crm configure`; each writes down how it is called. */
const recorder = (id: string, rest: string) =>
  `primitive ${id} ocf:test:recorder params records="${records}" ${rest}`;
const monitored = (id: string, onFail: string, rest = '') =>
  recorder(id, `op monitor interval=1s timeout=10s ${onFail} ${rest}`);

beforeAll(async () => {
  mkdirSync(records, { recursive: true });
  await cluster.up();
  expect(
    cluster.configure('property stonith-enabled=true', cluster.fenceDevice, 'location st-here st 100: n3'),
  ).toBe('');
  settle();
}, 90_000);
afterAll(() => cluster.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => console.log(cluster.run('crm_mon', ['-1', '-r', '-f', '-o'])));
});

function settle(): void {
  expect(cluster.run('crm_resource', ['--wait', '-T', '60'])).toBe('');
}

function real(tool: string, words: readonly string[], env: Record<string, string> = {}): string {
  const { stdout, stderr, status } = spawnSync(`/usr/sbin/${tool}`, words, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${tool} ${words.join(' ')}: exit ${status}\n${stdout}${stderr}`);
  return stdout;
}

function save(name: string): string {
  writeFileSync(cibFile(name), cluster.run('cibadmin', ['-Q']));
  return cibFile(name);
}

/** Nodes and resources as the real `crm_simulate` reads them from a CIB; empty where there was none to be had. */
function picture(file: string): string {
  if (!readFileSync(file, 'utf8').startsWith('<cib')) return '';
  const text = real('crm_simulate', ['-x', file]);
  return text.slice(text.indexOf('* Node List:')).trim();
}

/** What the real `crm_simulate` would do with the cluster as it is. */
function leftToDo(): string[] {
  const file = save('now');
  if (picture(file) === '') return ['the CIB cannot be read'];
  return real('crm_simulate', ['-x', file, '-S'])
    .split('\n')
    .filter((line) => /Resource action|Fencing/.test(line));
}

/** Calls of agents that change something, in their order: `NODE RESOURCE ACTION`. */
function calls(): string[] {
  return readdirSync(records)
    .map((file) => file.split('.'))
    .filter(([, action]) => action !== 'monitor' && action !== 'meta-data')
    .sort(([a], [b]) => (BigInt(a!) < BigInt(b!) ? -1 : 1))
    .map(([at, action, resource]) => {
      const text = readFileSync(join(records, `${at}.${action}.${resource}`), 'utf8');
      return `${/meta_on_node=(\S+)/.exec(text)?.[1]} ${resource} ${action}`;
    });
}

function forget(): void {
  for (const file of readdirSync(records)) rmSync(join(records, file));
}

/** Makes the agent of a resource fail in an action: `1` once, `1 always` until it is stopped. */
function fail(node: string, resource: string, action: string, how: string): void {
  writeFileSync(join(cluster.node(node).root, `run/recorder-${resource}.fail-${action}`), `${how}\n`);
}

function state(node: string, resource: string): string {
  return join(cluster.node(node).root, `run/recorder-${resource}`);
}

interface Failure {
  readonly name: string;
  readonly configure: readonly string[];
  /** What is changed to have it happen, as words of `crm_resource`. */
  readonly change?: readonly string[];
  /** What `crm_simulate` is told: how an operation ends. */
  readonly told: readonly string[];
  /** Sets what it does not know of, as words of `crm_attribute`. */
  readonly knows?: readonly string[];
  readonly happen: () => void;
  readonly calls: readonly string[];
  /** In the status. */
  readonly says: RegExp;
}

const fails = (id: string, node: string, how = '1 always') => ({
  told: [`--op-inject=${id}_monitor_1000@${node}=1`],
  happen: () => fail(node, id, 'monitor', how),
});

const promotable = (id: string, onFail = '') => [
  recorder(
    id,
    `op monitor interval=2s role=Promoted timeout=10s ${onFail} op monitor interval=3s role=Unpromoted timeout=10s`,
  ),
  `clone ${id}-clone ${id} meta promotable=true clone-max=2`,
  `location ${id}-up ${id}-clone rule $role=Promoted 100: #uname eq n1`,
  `location ${id}-not ${id}-clone -inf: n3`,
];

const on = (node: string, id: string) => `location ${id}-here ${id} 100: ${node}`;

const FAILURES: readonly Failure[] = [
  {
    name: 'on-fail=ignore: it goes on as if nothing had happened',
    configure: [monitored('ign', 'on-fail=ignore'), on('n1', 'ign')],
    ...fails('ign', 'n1'),
    calls: [],
    says: /ign\s.*n1 \(failure ignored\)/,
  },
  {
    name: 'on-fail=block: nobody touches it any more',
    configure: [monitored('blo', 'on-fail=block'), on('n1', 'blo')],
    ...fails('blo', 'n1'),
    calls: [],
    says: /blo\s.*FAILED n1 \(blocked\)/,
  },
  {
    name: 'on-fail=stop: it is stopped for good',
    configure: [monitored('sto', 'on-fail=stop'), on('n1', 'sto')],
    ...fails('sto', 'n1'),
    calls: ['n1 sto stop'],
    says: /sto\s.*Stopped/,
  },
  {
    name: 'on-fail=restart, which is the default',
    configure: [monitored('res', ''), on('n1', 'res')],
    ...fails('res', 'n1'),
    calls: ['n1 res stop', 'n1 res start'],
    says: /res\s.*Started n1[\s\S]*res[_ ].*monitor.*'error'/,
  },
  {
    name: 'on-fail=standby: its node gives away everything',
    configure: [
      monitored('sby', 'on-fail=standby'),
      on('n1', 'sby'),
      monitored('other', ''),
      on('n1', 'other'),
    ],
    ...fails('sby', 'n1'),
    calls: ['n1 other stop', 'n1 sby stop', 'n2 other start', 'n2 sby start'],
    says: /Node n1: standby \(on-fail\)/,
  },
  {
    name: 'on-fail=fence: its node is fenced',
    configure: [monitored('fen', 'on-fail=fence'), on('n1', 'fen')],
    ...fails('fen', 'n1'),
    calls: ['n2 fen start'],
    says: /OFFLINE: \[ n1 \]/,
  },
  {
    name: 'on-fail=demote: it is demoted, not stopped, and promoted again',
    configure: promotable('dem', 'on-fail=demote'),
    told: ['--op-inject=dem_monitor_2000@n1=1'],
    happen: () => fail('n1', 'dem', 'monitor', '1'),
    calls: ['n1 dem demote', 'n1 dem promote'],
    says: /Promoted: \[ n1 \]/,
  },
  {
    name: 'on-fail=restart-container: what it runs in is restarted, and it with that',
    configure: [
      recorder('box', 'op monitor interval=5s'),
      on('n1', 'box'),
      monitored('inside', 'on-fail=restart-container', 'meta container=box'),
    ],
    ...fails('inside', 'n1'),
    calls: ['n1 inside stop', 'n1 box stop', 'n1 box start', 'n1 inside start'],
    says: /box\s.*Started n1[\s\S]*inside\s.*Started n1/,
  },
  {
    name: 'a start that fails: it is not tried there again',
    configure: [monitored('sta', 'meta target-role=Stopped'), on('n1', 'sta')],
    change: ['-r', 'sta', '--meta', '-p', 'target-role', '-v', 'Started'],
    told: ['--op-fail=sta_start_0@n1=1'],
    // start-failure-is-fatal
    knows: ['-t', 'status', '-N', 'n1', '-n', 'fail-count-sta#start_0', '-v', 'INFINITY'],
    happen: () => fail('n1', 'sta', 'start', '1'),
    calls: ['n1 sta start', 'n1 sta stop', 'n2 sta start'],
    says: /sta\s.*Started n2[\s\S]*sta[_ ].*start.*n1.*'error'/,
  },
  {
    name: 'a stop that fails: its node is fenced',
    configure: [monitored('stf', ''), on('n1', 'stf')],
    change: ['-r', 'stf', '--meta', '-p', 'target-role', '-v', 'Stopped'],
    told: ['--op-fail=stf_stop_0@n1=1'],
    happen: () => fail('n1', 'stf', 'stop', '1 always'),
    calls: ['n1 stf stop'],
    says: /OFFLINE: \[ n1 \][\s\S]*stf\s.*Stopped/,
  },
  {
    name: 'a stop that fails with on-fail=block: it stays where it is',
    configure: [monitored('stb', '', 'op stop interval=0 on-fail=block'), on('n1', 'stb')],
    change: ['-r', 'stb', '--meta', '-p', 'target-role', '-v', 'Stopped'],
    told: ['--op-fail=stb_stop_0@n1=1'],
    happen: () => fail('n1', 'stb', 'stop', '1'),
    calls: ['n1 stb stop'],
    says: /stb\s.*FAILED n1 \(disabled, blocked\)/,
  },
  {
    name: 'migration-threshold=1: it moves',
    configure: [monitored('thr', 'meta migration-threshold=1'), on('n1', 'thr')],
    ...fails('thr', 'n1'),
    calls: ['n1 thr stop', 'n2 thr start'],
    says: /thr\s.*Started n2/,
  },
  {
    name: 'it has ended by itself',
    configure: [monitored('van', ''), on('n1', 'van')],
    told: ['--op-inject=van_monitor_1000@n1=7'],
    happen: () => rmSync(state('n1', 'van')),
    calls: ['n1 van stop', 'n1 van start'],
    says: /van\s.*Started n1[\s\S]*'not running'/,
  },
  {
    name: 'somebody has promoted it',
    configure: promotable('pro'),
    told: ['--op-inject=pro_monitor_3000@n2=8'],
    happen: () => writeFileSync(state('n2', 'pro'), '8\n'),
    calls: ['n2 pro demote', 'n2 pro stop', 'n2 pro start'],
    says: /Promoted: \[ n1 \]\s+\* Unpromoted: \[ n2 \]/,
  },
];

/** Everything as it was, but for what has failed before. */
async function mend(): Promise<void> {
  for (const node of cluster.nodes) if (!cluster.isUp(node)) cluster.powerOn(node);
  // A node may be on standby for a failure.
  cluster.run('crm_resource', ['-C']);
  await cluster.online();
  settle();
  for (const [section, kept] of [
    ['constraints', /<rsc_location id="st-here".*\/>/],
    ['resources', /<primitive id="st"[\s\S]*?<\/primitive>/],
  ] as const) {
    const [element] = kept.exec(cluster.run('cibadmin', ['-Q', '-o', section]))!;
    const text = `<${section}>${element}</${section}>`;
    expect(cluster.run('cibadmin', ['-R', '-o', section, '-X', text])).toBe('');
  }
  settle();
  forget();
}

test.each(FAILURES)(
  '$name',
  async ({ configure, change, told, knows, happen, calls: wanted, says }) => {
    await mend();
    expect(cluster.configure(...configure).replace(/^WARNING:.*\n/gm, '')).toBe('');
    settle();
    forget();
    const before = save('before');
    if (change) real('crm_resource', change, { CIB_file: before });
    real('crm_simulate', ['-x', before, '-S', '-O', cibFile('predicted'), ...told]);
    if (knows) real('crm_attribute', knows, { CIB_file: cibFile('predicted') });
    // A transition ends with what fails in it: what follows is decided anew.
    for (let round = 0; round < 3; round++)
      real('crm_simulate', ['-x', cibFile('predicted'), '-S', '-O', cibFile('predicted')]);
    const predicted = picture(cibFile('predicted'));
    happen();
    if (change) expect(cluster.run('crm_resource', change)).not.toMatch(/error/i);
    await until(
      () => calls().length >= wanted.length && picture(save('now')) === predicted && leftToDo().length === 0,
      () =>
        `predicted\n${predicted}\nfound\n${picture(save('now'))}\n${calls().join('\n')}\n${leftToDo().join('\n')}`,
      40_000,
    );
    settle();
    expect(picture(save('now'))).toBe(predicted);
    // Several at once may be in any order.
    expect(calls().sort()).toEqual([...wanted].sort());
    expect(cluster.run('crm_mon', ['-1', '-r', '-f'])).toMatch(says);
  },
  120_000,
);

describe('counting failures', () => {
  const count = (id: string) => cluster.run('crm_failcount', ['-G', '-q', '-r', id, '-N', 'n1']).trim();
  const failed = () => /Failed Resource Actions/.test(cluster.run('crm_mon', ['-1', '-r']));

  test('the second reaches the threshold; a cleanup takes it back to where it belongs', async () => {
    await mend();
    cluster.configure(monitored('two', 'meta migration-threshold=2'), on('n1', 'two'));
    settle();
    fail('n1', 'two', 'monitor', '1 always');
    await until(() => count('two') === '1', 'one failure is counted');
    settle();
    expect(cluster.run('crm_resource', ['-W', '-r', 'two'])).toContain('running on: n1');
    fail('n1', 'two', 'monitor', '1 always');
    await until(() => count('two') === '2', 'two failures are counted');
    settle();
    expect(cluster.run('crm_resource', ['-W', '-r', 'two'])).toContain('running on: n2');
    expect(cluster.run('crm_mon', ['-1', '-f'])).toMatch(/two: migration-threshold=2 fail-count=2/);
    cluster.run('crm_resource', ['-C', '-r', 'two']);
    settle();
    expect([count('two'), failed()]).toEqual(['0', false]);
    expect(cluster.run('crm_resource', ['-W', '-r', 'two'])).toContain('running on: n1');
    expect(leftToDo()).toEqual([]);
  }, 120_000);

  test('failure-timeout: what is long over is forgotten, without anybody asking', async () => {
    await mend();
    cluster.configure(
      'property cluster-recheck-interval=5s',
      monitored('old', 'meta failure-timeout=3s'),
      on('n1', 'old'),
    );
    settle();
    fail('n1', 'old', 'monitor', '1 always');
    await until(() => count('old') === '1', 'a failure is counted');
    await until(() => count('old') === '0' && !failed(), 'the failure is forgotten');
    expect(leftToDo()).toEqual([]);
  }, 120_000);

  test('a refresh finds out anew what runs where, and disturbs nothing', async () => {
    await mend();
    cluster.configure(monitored('ref', ''), on('n1', 'ref'));
    settle();
    forget();
    // Started behind the cluster's back, where nobody looks.
    writeFileSync(state('n2', 'ref'), '0\n');
    cluster.run('crm_resource', ['-R', '-r', 'ref', '-N', 'n1']);
    settle();
    expect(calls()).toEqual([]);
    cluster.run('crm_resource', ['-R', '-r', 'ref']);
    await until(
      () => calls().includes('n2 ref stop') && leftToDo().length === 0,
      () => `${calls().join('\n')}\n${leftToDo().join('\n')}`,
    );
    // Which of the two is found first is chance; in the end it runs where it belongs, and there only.
    expect(cluster.run('crm_resource', ['-W', '-r', 'ref'])).toBe('resource ref is running on: n1\n');
    expect([existsSync(state('n1', 'ref')), existsSync(state('n2', 'ref'))]).toEqual([true, false]);
  }, 120_000);
});
