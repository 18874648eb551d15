/** What the small tools do to a running cluster: one node on loopback, without root. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './lab.js';

const bin = join(import.meta.dirname, '../../dist/bin');
const folder = mkdtempSync(join(tmpdir(), 'quorate-tools-'));
const root = join(folder, 'n1');
const env = { ...process.env, QUORATE_ROOT: root };
let agent: ChildProcess;

/** Standard output and error of a command line, then its exit status. */
function run(command: string): string {
  const [tool, ...words] = command.split(' ');
  const done = spawnSync(join(bin, tool!), words, { env, encoding: 'utf8', timeout: 60_000 });
  return `${done.stdout}${done.stderr}rc ${done.status}`;
}

const settle = () => run('crm_resource --wait -T 60');
const answers = (command: string, wanted: string) =>
  eventually(
    command,
    async () => run(command),
    (said) => said === wanted,
    20_000,
  );

beforeAll(async () => {
  mkdirSync(join(root, 'etc/corosync'), { recursive: true });
  writeFileSync(join(root, 'etc/corosync/authkey'), 'k'.repeat(128), { mode: 0o400 });
  writeFileSync(
    join(root, 'etc/corosync/corosync.conf'),
    'totem {\n version: 2\n cluster_name: tools\n transport: udpu\n interface {\n ringnumber: 0\n mcastport: 25417\n }\n}\n' +
      'quorum {\n provider: corosync_votequorum\n}\n' +
      'nodelist {\n node {\n ring0_addr: 127.0.77.1\n name: n1\n nodeid: 1\n }\n}\n',
  );
  const log = openSync(join(folder, 'out'), 'a');
  agent = spawn(join(bin, 'quorated'), ['-f'], { env, stdio: ['ignore', log, log] });
  await answers('crm_node -q', '1\nrc 0');
  writeFileSync(
    join(folder, 'r.xml'),
    `<resources>${['a', 'g1']
      .map((id) => `<primitive id="${id}" class="ocf" provider="pacemaker" type="Dummy"/>`)
      .join('')
      .replace('<primitive id="g1"', '<group id="g"><primitive id="g1"')}</group></resources>`,
  );
  expect(run('crm_attribute -n stonith-enabled -v false')).toBe('rc 0');
  expect(run(`cibadmin -R -o resources -x ${join(folder, 'r.xml')}`)).toBe('rc 0');
  settle();
});

afterAll(async () => {
  const ended = once(agent, 'exit');
  agent.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

test('crm_resource --fail: a failure is counted, shown, and gone after a cleanup', async () => {
  expect(run('crm_resource -F -r a -N n1')).toBe('rc 0');
  await answers('crm_failcount -G -r a -N n1', 'scope=status  name=fail-count-a value=1\nrc 0');
  settle();
  expect(run('crm_mon -1')).toMatch(/a asyncmon on n1 returned 'error' \(Simulated failure\)/);
  expect(run('crm_resource -W -r a')).toBe('resource a is running on: n1\nrc 0');
  expect(run('crm_resource -C -r a -N n1')).toBe(
    'Cleaned up a on n1\nWaiting for 1 reply from the controller\n... got reply (done)\nrc 0',
  );
  await answers('crm_failcount -G -r a -N n1', 'scope=status  name=fail-count-a value=0\nrc 0');
  settle();
  // The probe that found it running is no failure.
  await answers('crm_resource -C', 'Cleaned up all resources on all nodes\nrc 0');
});

test.each([
  ['-r g -N n1', 'We can only process primitive resources, not g', 70],
  ['-r nosuch -N n1', 'Resource nosuch not found', 105],
  ['-r a -N n9', "crm_resource: Node 'n9' not found", 105],
])('crm_resource --fail %s is refused', (words, message, rc) => {
  const said = run(`crm_resource -F ${words}`);
  expect(said).toContain(message);
  expect(said.endsWith(`rc ${rc}`)).toBe(true);
});

test('attributes are counted up', async () => {
  expect(run('attrd_updater -n x -U 5')).toBe('rc 0');
  await answers('attrd_updater -n x -Q', 'name="x" host="n1" value="5"\nrc 0');
  expect(run('attrd_updater -n x -U value+=3')).toBe('rc 0');
  await answers('attrd_updater -n x -Q', 'name="x" host="n1" value="8"\nrc 0');
  expect(run('crm_attribute -n x -v value++ -l reboot -N n1')).toBe('rc 0');
  await answers('crm_attribute -n x -G -q -l reboot -N n1', '9\nrc 0');
});

test('a ban with a lifetime, and without it', () => {
  expect(run('crm_resource -B -r a -N n1 -u PT1H')).toMatch(/Migration will take effect until: [\s\S]*rc 0$/);
  settle();
  expect(run('crm_resource -W -r a')).toBe('resource a is NOT running\nrc 0');
  expect(run('crm_resource -U --expired')).toBe('rc 0');
  expect(run('crm_resource -U -r a')).toBe('Removing constraint: cli-ban-a-on-n1\nrc 0');
  settle();
  expect(run('crm_resource -W -r a')).toBe('resource a is running on: n1\nrc 0');
});
