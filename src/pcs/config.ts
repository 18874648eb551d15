import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import type { Element } from '../cib/element.js';
import { parseXml, writeXml } from '../cib/xml.js';
import { alertLines } from './alerts.js';
import { constraintLines } from './constraint-text.js';
import { clusterNameOf, confNodes, hasConf, readConf } from './corosync-conf.js';
import { defaultsLines } from './defaults.js';
import type { Environment } from './environment.js';
import { levelLines } from './fencing-levels.js';
import { locationLines } from './location.js';
import { onHosts, ownName } from './machines.js';
import { configuredProperties } from './property.js';
import { quorumLines, report } from './quorum.js';
import { configLines, shownResources } from './resource-config.js';
import { tagLines } from './tags.js';
import { byCodePoint, indent } from './words.js';

/** `pcs config ...` */

/** Everything that the CIB says, section by section. */
export async function cibLines(environment: Environment, cib: Element): Promise<string[]> {
  const all = { full: true, expired: true, evaluate: false };
  const levels = levelLines(cib);
  const tags = cib.at('configuration', 'tags')?.elements('tag') ?? [];
  const properties = [...configuredProperties(cib)].sort(([a], [b]) => byCodePoint(a, b));
  return [
    'Resources:',
    ...indent(configLines(cib, shownResources(cib, false))),
    '',
    'Stonith Devices:',
    ...indent(configLines(cib, shownResources(cib, true))),
    'Fencing Levels:',
    ...indent(levels),
    '',
    ...(await locationLines(environment, cib, { full: true, expired: true, ignoreExpiry: true })),
    ...(['rsc_order', 'rsc_colocation', 'rsc_ticket'] as const).flatMap((kind) =>
      constraintLines(cib, kind, true),
    ),
    '',
    ...alertLines(cib),
    '',
    'Resources Defaults:',
    ...indent(await defaultsLines(environment, cib, 'rsc_defaults', all)),
    'Operations Defaults:',
    ...indent(await defaultsLines(environment, cib, 'op_defaults', all)),
    '',
    'Cluster Properties:',
    ...properties.map(([name, value]) => ` ${name}: ${value}`),
    '',
    'Tags:',
    ...(tags.length === 0 ? [' No tags defined'] : indent(tagLines(tags), 1)),
  ];
}

export async function showAll(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const cib = await environment.cib();
  const conf = hasConf(environment) ? readConf(environment) : null;
  const lines = [
    `Cluster Name: ${conf ? clusterNameOf(conf) : (configuredProperties(cib).get('cluster-name') ?? '')}`,
  ];
  if (conf) {
    const names = confNodes(conf).map(({ name }) => name);
    const { unpackStatus } = await import('../status/unpack.js');
    const nodes = unpackStatus(cib, { nowMs: environment.world.nowMs() })
      .nodes.filter((node) => !node.isGuestOrRemote)
      .map(({ name }) => name)
      .sort(byCodePoint);
    lines.push('Corosync Nodes:', ...(names.length > 0 ? [` ${names.join(' ')}`] : []));
    lines.push('Pacemaker Nodes:', ...(nodes.length > 0 ? [` ${nodes.join(' ')}`] : []));
  }
  lines.push('', ...(await cibLines(environment, cib)));
  if (conf) lines.push('', 'Quorum:', ...indent(quorumLines(conf)));
  environment.print(lines.join('\n'));
}

/** What makes a node of this cluster: below the state's root. */
const BACKED_UP = [
  'etc/corosync/corosync.conf',
  'etc/corosync/authkey',
  'var/lib/quorate/cib.xml',
  'etc/quorate',
];

/** `config backup [FILE]`: a tarball, to standard output where no file is named. */
export async function backup(environment: Environment, words: string[]): Promise<void> {
  const [name, more] = words;
  if (more !== undefined) throw new WrongUsage();
  const root = environment.world.env.QUORATE_ROOT || '/';
  const present = BACKED_UP.filter((path) => existsSync(join(root, path)));
  if (present.length === 0)
    environment.fail('unable to create tarball: there is no cluster configuration here');
  const { execFileSync } = await import('node:child_process');
  const version = join(tmpdir(), `pcs-backup-${process.pid}`);
  const { mkdirSync, rmSync } = await import('node:fs');
  mkdirSync(version, { mode: 0o700 });
  let data: Buffer;
  try {
    writeFileSync(join(version, 'version.txt'), '1');
    const cib = await environment.connection().then((connection) => connection.readCib());
    if (cib.ok) writeFileSync(join(version, 'cib.xml'), writeXml(cib.value));
    const own = cib.ok ? ['version.txt', 'cib.xml'] : ['version.txt'];
    data = execFileSync('tar', ['-cjf', '-', '-C', version, ...own, '-C', root, ...present], {
      maxBuffer: 256 * 1024 * 1024,
    });
  } catch (failure) {
    environment.fail(`unable to create tarball: ${(failure as Error).message.split('\n')[0]}`);
  } finally {
    rmSync(version, { recursive: true, force: true });
  }
  if (name === undefined) {
    process.stdout.write(data);
    return;
  }
  const path = name.endsWith('.tar.bz2') ? name : `${name}.tar.bz2`;
  if (existsSync(path) && !environment.forced) {
    environment.fail(`${path} already exists, use --force to overwrite`);
  }
  writeFileSync(path, data, { mode: 0o600 });
}

/** `config restore [--local] [FILE]`: on all nodes of the backup, or here alone. The cluster must be stopped. */
export async function restore(environment: Environment, words: string[]): Promise<void> {
  const [name, more] = words;
  if (more !== undefined) throw new WrongUsage();
  const data = name === undefined ? readFileSync(0) : readFileSync(name);
  const { execFileSync } = await import('node:child_process');
  let text: string;
  try {
    text = execFileSync('tar', ['-xjOf', '-', 'etc/corosync/corosync.conf'], { input: data }).toString(
      'utf8',
    );
  } catch {
    environment.fail('unable to read the tarball: it holds no corosync.conf');
  }
  const { parseCorosync } = await import('../../grammar/corosync/parser.js');
  const names = environment.has('--local')
    ? [ownName()]
    : confNodes(parseCorosync(text).file).map((node) => node.name);
  const { isRunning } = await import('../bootstrap/service.js');
  const running = await onHosts(environment, names, async (machine) =>
    (await isRunning(machine))
      ? 'Cluster is currently running. You need to stop the cluster in order to restore the configuration.'
      : null,
  );
  report(environment, running);
  const problems = await onHosts(environment, names, async (machine, host) => {
    const ran = await machine.run('tar -xjf - -C / --exclude=version.txt --exclude=cib.xml', { stdin: data });
    if (!ran.ok) return ran.error.message;
    if (ran.value.code !== 0) return ran.value.stderr.trim();
    environment.say(`${host}: Succeeded`);
    return null;
  });
  report(environment, problems);
}

/** Checkpoints are the configurations that the agent has kept, newest last. */
export async function checkpoints(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const all = await storedConfigurations(environment);
  if (all.length === 0) {
    environment.print('No checkpoints available');
    return;
  }
  for (const { number, atMs } of all) {
    environment.print(
      `checkpoint ${number}: date ${new Date(atMs).toISOString().replace('T', ' ').slice(0, 19)}`,
    );
  }
}

interface Stored {
  readonly number: string;
  readonly atMs: number;
  readonly path: string;
}

/** The revisions of the configuration that the agent of this node keeps. */
async function storedConfigurations(environment: Environment): Promise<Stored[]> {
  const folder = join(environment.world.env.QUORATE_ROOT || '/', 'var/lib/quorate');
  if (!existsSync(folder)) return [];
  const { readdirSync, statSync } = await import('node:fs');
  return readdirSync(folder)
    .flatMap((file) => {
      const path = join(folder, file);
      return /^cib-revision-.*\.xml$/.test(file) ? [{ atMs: statSync(path).mtimeMs, path }] : [];
    })
    .sort((a, b) => a.atMs - b.atMs)
    .map((each, at) => ({ ...each, number: String(at + 1) }));
}

async function checkpointCib(environment: Environment, number: string): Promise<Element> {
  if (number === 'live') return environment.cib();
  const found = (await storedConfigurations(environment)).find((each) => each.number === number);
  if (!found) environment.fail(`unable to read the checkpoint '${number}'`);
  return parseXml(readFileSync(found.path, 'utf8'));
}

export async function viewCheckpoint(environment: Environment, words: string[]): Promise<void> {
  const [number, more] = words;
  if (number === undefined || more !== undefined) throw new WrongUsage();
  const cib = await checkpointCib(environment, number);
  environment.print((await cibLines(environment, cib)).join('\n'));
}

export async function diffCheckpoints(environment: Environment, words: string[]): Promise<void> {
  const [first, second, more] = words;
  if (first === undefined || second === undefined || more !== undefined) throw new WrongUsage();
  if (first === second) environment.fail('cannot diff a checkpoint against itself');
  const texts: string[] = [];
  for (const number of [first, second]) {
    texts.push((await cibLines(environment, await checkpointCib(environment, number))).join('\n'));
  }
  const { unifiedDiff } = await import('../shell/unified-diff.js');
  const label = (number: string) => (number === 'live' ? 'Live' : `Checkpoint ${number}`);
  environment.print(`Differences between ${label(first)} (-) and ${label(second)} (+):`);
  environment.print(unifiedDiff(label(first), `${texts[0]}\n`, label(second), `${texts[1]}\n`).trimEnd());
}

export async function restoreCheckpoint(environment: Environment, words: string[]): Promise<void> {
  const [number, more] = words;
  if (number === undefined || more !== undefined) throw new WrongUsage();
  const stored = await checkpointCib(environment, number);
  const cib = await environment.cib();
  const target = cib.first('configuration');
  const source = stored.first('configuration');
  if (!target || !source) environment.fail(`unable to read the checkpoint '${number}'`);
  target.children = source.children;
  await environment.push();
}
