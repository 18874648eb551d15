/**
 * The same configuration and the same events under a real Corosync + Pacemaker and under quorate: agents must be called
 * with the same environment, and leave the same history.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { configuration, STEPS } from './agent-scenario.js';
import { configureCluster, eventually, Lab, PROJECT, startAgent } from './lab.js';

const nodes = ['n1', 'n2', 'n3'].map((name, index) => ({ name, address: `10.77.0.${index + 1}` }));
const lab = new Lab('as-pacemaker');
const RECORDS = '/var/log/recorder';

/** How one of the two is started, ended and spoken to. */
interface Engine {
  readonly name: string;
  start(node: string): Promise<void>;
  stop(node: string): Promise<void>;
  /** Put before a command line so that it finds this one's tools. */
  readonly path: string;
}

const PACEMAKER: Engine = {
  name: 'Pacemaker',
  path: 'PATH=/usr/sbin:$PATH',
  start: async (node) => {
    await lab.ok(
      node,
      `mkdir -p /var/log/corosync && install -d -o hacluster -g haclient -m 770 /run/crm
       /usr/sbin/corosync >/dev/null 2>&1 </dev/null
       setsid /usr/sbin/pacemakerd -f >/dev/null 2>&1 </dev/null &`,
    );
  },
  stop: async (node) => {
    await lab.ok(
      node,
      `for daemon in pacemakerd corosync; do
         pid=$(pgrep -x $daemon) && kill $pid && tail --pid=$pid -f /dev/null || true
       done`,
    );
  },
};

const QUORATE: Engine = {
  name: 'quorate',
  path: ':',
  start: (node) => startAgent(lab, node),
  stop: async (node) => {
    await lab.ok(node, 'pid=$(cat /run/quorate/quorated.pid) && kill $pid && tail --pid=$pid -f /dev/null');
  },
};

/** Of one step: calls of agents by `NODE RESOURCE ACTION`, each with its environment; entries of the history by place and id. */
interface Seen {
  readonly calls: Record<string, Record<string, string>[]>;
  readonly history: Record<string, Record<string, string>>;
}

async function seen(engine: Engine): Promise<Seen> {
  const calls: Record<string, Record<string, string>[]> = {};
  for (const { name } of nodes) {
    const text = await lab.ok(
      name,
      `cd ${RECORDS} 2>/dev/null && for file in *; do [ -e "$file" ] || continue; echo "=== $file"; cat "$file"; rm "$file"; done; true`,
    );
    for (const record of text.split('=== ').slice(1)) {
      const lines = record.trim().split('\n');
      const [, action = '', resource = ''] = /^\d+\.([^.]+)\.(.+)$/.exec(lines[0] ?? '') ?? [];
      const environment = Object.fromEntries(
        lines.slice(1).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
      const meta = (key: string) => environment[`OCF_RESKEY_CRM_meta_${key}`] ?? '';
      if (action === 'meta-data') continue;
      // Recurring monitors run as often as the step happens to take.
      const detail =
        action === 'notify'
          ? ` ${meta('notify_type')} ${meta('notify_operation')}`
          : action === 'monitor'
            ? ` ${meta('interval')}`
            : '';
      const key = `${name} ${resource} ${action}${detail}`;
      const known = calls[key] ?? [];
      calls[key] = known;
      if (action === 'monitor') known[0] = environment;
      else known.push(environment);
    }
  }
  const cib = parseXml(await lab.ok('n1', `${engine.path}; cibadmin -Q`));
  const history: Record<string, Record<string, string>> = {};
  for (const state of cib.first('status')?.elements('node_state') ?? []) {
    for (const operation of state.descendants()) {
      if (operation.name !== 'lrm_rsc_op') continue;
      history[`${state.get('uname')} ${operation.id}`] = Object.fromEntries(operation.attributes);
    }
  }
  return { calls, history };
}

async function play(
  engine: Engine,
  keep: (seen: Record<string, Seen>) => void,
): Promise<Record<string, Seen>> {
  await configureCluster(lab, nodes);
  for (const { name } of nodes) {
    await lab.ok(
      name,
      `find /var/lib/pacemaker /var/lib/corosync /var/lib/quorate -type f -delete; rm -rf ${RECORDS} /run/recorder-*`,
    );
    await engine.start(name);
  }
  await eventually(
    `${engine.name} is up`,
    async () => (await lab.exec('n1', `${engine.path}; crm_mon -1 2>&1`)).out,
    (text) => /Online: \[ n1 n2 n3 \]/.test(text),
    120_000,
  );
  const on = (node: string, command: string) => lab.ok(node, `${engine.path}; ${command}`);
  // Idle, and still so a moment later: what was just changed may not have been noticed yet.
  const settle = () =>
    eventually(
      'idle',
      async () =>
        (
          await lab.exec(
            'n1',
            `${engine.path}; for i in 1 2 3; do sleep 0.7; crmadmin -S $(crmadmin -D | sed 's/.*: //') || exit; done`,
          )
        ).out,
      (text) => (text.match(/S_IDLE/g) ?? []).length === 3,
      60_000,
    );
  await on('n1', 'crm_attribute -n stonith-enabled -v false');
  await settle();
  const result: Record<string, Seen> = {};
  await lab.write('n1', '/root/configuration.xml', configuration(RECORDS));
  for (const { name, happens, until } of STEPS) {
    console.log(`${engine.name}: ${name}`);
    for (const [node, command] of happens) await on(node, command);
    if (until !== undefined) {
      await eventually(
        name,
        async () => (await lab.exec('n1', `${engine.path}; ${until}`)).code,
        (code) => code === 0,
      );
    }
    await settle();
    result[name] = await seen(engine);
    keep(result);
  }
  for (const { name } of nodes) await engine.stop(name);
  return result;
}

beforeAll(async () => {
  await lab.up(...nodes.map(({ name }) => name));
  for (const { name } of nodes) {
    // The directories of agents belong to the machine: each host gets a copy with ours in it.
    await lab.ok(
      name,
      `cp -a /usr/lib/ocf /var/lib/ocf && mkdir -p /var/lib/ocf/resource.d/test &&
       cp ${PROJECT}/test/fixtures/ocf/test/recorder /var/lib/ocf/resource.d/test/ && mount --bind /var/lib/ocf /usr/lib/ocf`,
    );
  }
});
afterAll(() => lab.down());

/** Variables that say which of the two it is, where logs go, or belong to the shell. */
const FOREIGN =
  /^(_|PWD|OLDPWD|SHLVL|PATH|HOME|LANG|TERM|LOGNAME|USER|MAIL|QUORATE_\w+|HA_SBIN_DIR|HA_RSCTMP|(HA|PCMK)_log\w+)$/i;

/**
 * Whether a recurring monitor runs during a step is chance; Pacemaker leaves the entry of one in the document when its
 * resource is stopped.
 */
const RECURRING = /[ _]monitor[ _]\d{2,}$/;

/** Texts of what differs in one step, calls first. */
function differences(step: string, peer: Seen, ours: Seen): string[] {
  const found: string[] = [];
  const compare = <T>(
    what: string,
    a: Record<string, T>,
    b: Record<string, T>,
    same: (key: string, a: T, b: T) => void,
  ) => {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (a[key] !== undefined && b[key] !== undefined) same(key, a[key], b[key]);
      else if (!RECURRING.test(key)) {
        found.push(`${step}: ${what} ${key}: ${a[key] === undefined ? 'not' : 'only'} under Pacemaker`);
      }
    }
  };
  const values = (what: string, a: Record<string, string>, b: Record<string, string>) => {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (a[name] !== b[name])
        found.push(`${step}: ${what}: ${name} is ${b[name]}, under Pacemaker ${a[name]}`);
    }
  };
  compare('call', peer.calls, ours.calls, (key, a, b) => {
    if (a.length !== b.length) found.push(`${step}: ${key}: ${b.length} calls, under Pacemaker ${a.length}`);
    else for (const [index, environment] of a.entries()) values(key, plain(environment), plain(b[index]!));
  });
  compare('entry', peer.history, ours.history, (key, a, b) => values(key, plainEntry(a), plainEntry(b)));
  return found;
}

/**
 * Without what says nothing. Which number an instance of an anonymous clone has, and in which order nodes and instances
 * are listed, depends on the order in which the nodes have joined.
 */
function plain(environment: Record<string, string>): Record<string, string> {
  const own = Object.entries(environment).filter(([name]) => !FOREIGN.test(name));
  if (environment.OCF_RESKEY_CRM_meta_globally_unique === 'true') return Object.fromEntries(own);
  return Object.fromEntries(
    own
      .filter(([name]) => name !== 'OCF_RESKEY_CRM_meta_clone')
      .map(([name, value]) => [
        name,
        /_notify_\w+_(uname|resource)$/.test(name)
          ? value.replace(/:\d+/g, ':N').split(' ').sort().join(' ')
          : value,
      ]),
  );
}

/**
 * Without what differs between any two runs: times, the number of a call and of a transition. Why a migration has failed
 * is told by ours only. An operation that failed has two entries, and Pacemaker leaves in that of the failure the secure
 * digest which an earlier failure has put there.
 */
function plainEntry({ ...entry }: Record<string, string>): Record<string, string> {
  if (entry.operation?.startsWith('migrate_')) delete entry['exit-reason'];
  if (entry.id?.endsWith('_last_failure_0') && entry.interval === '0') {
    delete entry['op-secure-params'];
    delete entry['op-secure-digest'];
  }
  const key = (text = '') => text.replace(/\d+:-?\d+:(\d+):[-0-9a-f]{36}$/, 'A:T:$1:UUID');
  return {
    ...entry,
    'transition-key': key(entry['transition-key']),
    'transition-magic': key(entry['transition-magic']),
    'exec-time': 'exec-time' in entry ? 'there' : 'missing',
    'queue-time': 'queue-time' in entry ? 'there' : 'missing',
    'last-rc-change': 'last-rc-change' in entry ? 'there' : 'missing',
    'call-id': 'call-id' in entry ? 'there' : 'missing',
  };
}

/** What was seen is kept in the folder QUORATE_RECORDS, and taken from there where it is already. */
async function recorded(engine: Engine): Promise<Record<string, Seen>> {
  const folder = process.env.QUORATE_RECORDS;
  if (folder === undefined) return play(engine, () => {});
  const file = join(folder, `${engine.name}.json`);
  if (!existsSync(file)) await play(engine, (seen) => writeFileSync(file, JSON.stringify(seen, null, 1)));
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Seen>;
}

test('agents are called as Pacemaker calls them, and leave the same history', async () => {
  const peer = await recorded(PACEMAKER);
  const ours = await recorded(QUORATE);
  const found = STEPS.flatMap(({ name }) => differences(name, peer[name]!, ours[name]!));
  expect(found).toEqual([]);
}, 600_000);
