import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import type { CorosyncFile, Section } from '../../grammar/corosync/ast.js';
import { sections } from '../../grammar/corosync/ast.js';
import { byKeyword, readPairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import {
  COMPRESSION_OPTIONS,
  CRYPTO_OPTIONS,
  checkTotem,
  checkTransport,
  KNET_OPTIONS,
  TOTEM_OPTIONS,
  UDP_OPTIONS,
} from './cluster-plan.js';
import { clusterNodes } from './cluster-services.js';
import {
  clusterNameOf,
  confNodes,
  confPath,
  confText,
  ensureSection,
  readConf,
  section,
  settingsOf,
  setValue,
} from './corosync-conf.js';
import type { Environment } from './environment.js';
import { onHosts, openMachine } from './machines.js';
import { pythonJson } from './python-json.js';
import { QUORUM_OPTIONS, reloaded, report, saveConf } from './quorum.js';
import { error } from './refusal.js';
import { sortedByName } from './tree.js';
import { byCodePoint } from './words.js';

/** `pcs cluster config|corosync|sync|reload|uidgid|authkey|report` */

interface Facts {
  readonly transport: string;
  readonly uuid: string | undefined;
  readonly transportOptions: [string, string][];
  readonly compression: [string, string][];
  readonly crypto: [string, string][];
  readonly totem: [string, string][];
  readonly quorum: [string, string][];
  readonly links: [string, [string, string][]][];
}

function picked(
  settings: ReadonlyMap<string, string>,
  names: readonly string[],
  prefix = '',
): [string, string][] {
  return names
    .flatMap((name): [string, string][] => {
      const value = settings.get(`${prefix}${name}`);
      return value === undefined ? [] : [[name, value]];
    })
    .sort(([a], [b]) => byCodePoint(a, b));
}

function factsOf(file: CorosyncFile): Facts {
  const totem = section(file, 'totem');
  const settings = settingsOf(totem);
  const transport = settings.get('transport') ?? 'knet';
  const knet = transport === 'knet';
  const links = sections(totem?.items ?? [], 'interface').map((item): [string, [string, string][]] => {
    const options = settingsOf(item);
    const number = options.get('linknumber') ?? '0';
    if (!knet) options.delete('linknumber');
    const shown = [...options].map(([key, value]): [string, string] => [
      key.replace(/^knet_/, ''),
      key === 'broadcast' ? (value === 'yes' ? '1' : '0') : value,
    ]);
    return [number, shown.sort(([a], [b]) => byCodePoint(a, b))];
  });
  return {
    transport,
    uuid: settings.get('cluster_uuid'),
    transportOptions: picked(settings, knet ? KNET_OPTIONS : UDP_OPTIONS),
    compression: picked(settings, COMPRESSION_OPTIONS, 'knet_compression_'),
    crypto: picked(settings, CRYPTO_OPTIONS, 'crypto_'),
    totem: picked(settings, TOTEM_OPTIONS),
    quorum: picked(settingsOf(section(file, 'quorum')), QUORUM_OPTIONS),
    links: links.filter(([, options]) => options.length > 0).sort(([a], [b]) => Number(a) - Number(b)),
  };
}

export function showConfig(environment: Environment, words: string[]): void {
  if (words.length > 0) throw new WrongUsage();
  const format = environment.outputFormat();
  const file = readConf(environment);
  const facts = factsOf(file);
  environment.print(
    format === 'json'
      ? jsonText(file, facts)
      : format === 'cmd'
        ? commandText(file, facts)
        : plainText(file, facts),
  );
}

function plainText(file: CorosyncFile, facts: Facts): string {
  const lines = [`Cluster Name: ${clusterNameOf(file)}`];
  if (facts.uuid !== undefined) lines.push(`Cluster UUID: ${facts.uuid}`);
  lines.push(`Transport: ${facts.transport}`, 'Nodes:');
  for (const node of [...confNodes(file)].sort((a, b) => byCodePoint(a.name, b.name))) {
    lines.push(
      `  ${node.name}:`,
      ...node.addresses.map(([link, address]) => `    Link ${link} address: ${address}`),
    );
    lines.push(`    nodeid: ${node.nodeId}`);
  }
  if (facts.links.length > 0) {
    lines.push('Links:');
    for (const [number, options] of facts.links) {
      lines.push(`  Link ${number}:`, ...options.map(([key, value]) => `    ${key}: ${value}`));
    }
  }
  const options = (title: string, pairs: readonly [string, string][]) => {
    if (pairs.length > 0)
      lines.push(`${title} Options:`, ...pairs.map(([key, value]) => `  ${key}: ${value}`));
  };
  options('Transport', facts.transportOptions);
  options('Compression', facts.compression);
  options('Crypto', facts.crypto);
  options('Totem', facts.totem);
  options('Quorum', facts.quorum);
  const quorum = section(file, 'quorum');
  const device = quorum ? section(quorum, 'device') : undefined;
  if (device) {
    const generic = settingsOf(device);
    const model = generic.get('model') ?? '';
    generic.delete('model');
    generic.delete('votes');
    const sorted = (pairs: ReadonlyMap<string, string>) =>
      [...pairs].sort(([a], [b]) => byCodePoint(a, b)).map(([key, value]) => `    ${key}: ${value}`);
    lines.push(`Quorum Device: ${model}`);
    if (generic.size > 0) lines.push('  Options:', ...sorted(generic));
    const modelOptions = settingsOf(section(device, model));
    if (modelOptions.size > 0) lines.push('  Model Options:', ...sorted(modelOptions));
    const heuristics = settingsOf(section(device, 'heuristics'));
    if (heuristics.size > 0) lines.push('  Heuristics:', ...sorted(heuristics));
  }
  return lines.join('\n');
}

function commandText(file: CorosyncFile, facts: Facts): string {
  const lines = [`pcs cluster setup ${clusterNameOf(file)}`];
  for (const node of confNodes(file)) {
    lines.push(`  ${[node.name, ...node.addresses.map(([, address]) => `addr=${address}`)].join(' ')}`);
  }
  const put = (depth: number, pairs: readonly [string, string][]) => {
    for (const [key, value] of pairs) lines.push(`${' '.repeat(depth)}${key}=${value}`);
  };
  lines.push('  transport', `  ${facts.transport}`);
  put(6, facts.transportOptions);
  for (const [, options] of facts.links) {
    lines.push('    link');
    put(6, options);
  }
  if (facts.compression.length > 0) lines.push('    compression');
  put(6, facts.compression);
  if (facts.crypto.length > 0) lines.push('    crypto');
  put(6, facts.crypto);
  if (facts.totem.length > 0) lines.push('  totem');
  put(4, facts.totem);
  if (facts.quorum.length > 0) lines.push('  quorum');
  put(4, facts.quorum);
  if (facts.uuid === undefined) lines.push('  --no-cluster-uuid');
  return lines.join(' \\\n');
}

function jsonText(file: CorosyncFile, facts: Facts): string {
  const kind = (address: string) => ({ 4: 'IPv4', 6: 'IPv6' })[isIP(address)] ?? 'FQDN';
  return pythonJson({
    cluster_name: clusterNameOf(file),
    cluster_uuid: facts.uuid ?? null,
    transport: facts.transport.toUpperCase(),
    totem_options: Object.fromEntries(facts.totem),
    transport_options: Object.fromEntries(facts.transportOptions),
    compression_options: Object.fromEntries(facts.compression),
    crypto_options: Object.fromEntries(facts.crypto),
    nodes: confNodes(file).map((node) => ({
      name: node.name,
      nodeid: node.nodeId,
      addrs: node.addresses.map(([link, address]) => ({ addr: address, link, type: kind(address) })),
    })),
    links_options: Object.fromEntries(
      facts.links.map(([number, options]) => [number, Object.fromEntries(options)]),
    ),
    quorum_options: Object.fromEntries(facts.quorum),
    quorum_device: deviceJson(file),
  });
}

function deviceJson(file: CorosyncFile): object | null {
  const quorum = section(file, 'quorum');
  const device = quorum && section(quorum, 'device');
  if (!device) return null;
  const sorted = (owner: Section | undefined) => Object.fromEntries(sortedByName(settingsOf(owner)));
  const { model = '', ...generic } = sorted(device);
  return {
    model,
    model_options: sorted(section(device, model)),
    generic_options: generic,
    heuristics_options: sorted(section(device, 'heuristics')),
  };
}

/** `cluster config update [transport ...] [compression ...] [crypto ...] [totem ...]` */
export async function updateConfig(environment: Environment, words: string[]): Promise<void> {
  const groups = byKeyword(words, ['transport', 'compression', 'crypto', 'totem'], { once: true });
  if (groups.size === 0) throw new WrongUsage();
  const pairs = (name: string) => readPairs(wordsOf(groups, name));
  const file = readConf(environment);
  const facts = factsOf(file);
  const change = {
    transport: facts.transport,
    transportOptions: pairs('transport'),
    compression: pairs('compression'),
    crypto: pairs('crypto'),
  };
  const totemOptions = pairs('totem');
  environment.report(
    ...checkTotem(totemOptions, true),
    ...checkTransport(change, { update: true, present: new Map(facts.crypto) }),
  );
  environment.stopOnErrors();
  const totem = ensureSection(file, 'totem');
  for (const [key, value] of totemOptions) setValue(totem, key, value);
  for (const [key, value] of change.transportOptions) setValue(totem, key, value);
  for (const [key, value] of change.compression) setValue(totem, `knet_compression_${key}`, value);
  for (const [key, value] of change.crypto) setValue(totem, `crypto_${key}`, value);
  const stopped = change.transportOptions.size + change.compression.size + change.crypto.size > 0;
  await saveConf(environment, file, { mustBeStopped: stopped });
}

export async function generateUuid(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const file = readConf(environment);
  const totem = ensureSection(file, 'totem');
  if (settingsOf(totem).has('cluster_uuid')) {
    const text = 'Cluster UUID has already been set';
    environment.report(
      environment.forced ? { severity: 'warning', text } : { severity: 'error', text, force: '--force' },
    );
    environment.stopOnErrors();
  }
  setValue(totem, 'cluster_uuid', randomUUID().replaceAll('-', ''));
  await saveConf(environment, file);
}

/** `cluster corosync [NODE]` */
export async function showCorosync(environment: Environment, words: string[]): Promise<void> {
  const [node, more] = words;
  if (more !== undefined) throw new WrongUsage();
  if (node === undefined) {
    try {
      environment.print(readFileSync(confPath(environment), 'utf8').trimEnd());
    } catch {
      environment.fail(`Unable to read ${confPath(environment)}: No such file or directory`);
    }
    return;
  }
  const machine = await openMachine(environment, node);
  if (typeof machine === 'string') environment.fail(machine);
  const ran = await machine.run('exec cat /etc/corosync/corosync.conf');
  await machine.close();
  if (!ran.ok) environment.fail(ran.error.message);
  if (ran.value.code !== 0) environment.fail(ran.value.stderr.trim());
  environment.print(ran.value.stdout.trimEnd());
}

export async function sync(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  await sendConf(environment, readConf(environment));
}

async function sendConf(environment: Environment, file: CorosyncFile): Promise<void> {
  environment.say('Sending updated corosync.conf to nodes...');
  const text = confText(file);
  const problems = await onHosts(environment, clusterNodes(environment), async (machine, name) => {
    const written = await machine.writeFile('/etc/corosync/corosync.conf', text, 0o644);
    if (!written.ok) return written.error.message;
    environment.say(`${name}: Succeeded`);
    return null;
  });
  report(environment, problems);
}

/** `cluster reload corosync`: all members read their files again. */
export async function reload(environment: Environment, words: string[]): Promise<void> {
  if (words.length !== 1 || words[0] !== 'corosync') throw new WrongUsage();
  const complaints = await reloaded(environment);
  if (complaints.length > 0)
    environment.fail(`Unable to reload corosync configuration: ${complaints.join('; ')}`);
  environment.say('Corosync reloaded');
}

/** `cluster authkey corosync [FILE]`: another key, or that of a file, for all nodes. */
export async function authkey(environment: Environment, words: string[]): Promise<void> {
  const [path, more] = words;
  if (more !== undefined) throw new WrongUsage();
  const { randomBytes } = await import('node:crypto');
  let key: Buffer;
  if (path === undefined) key = randomBytes(256);
  else {
    try {
      key = readFileSync(path);
    } catch {
      environment.fail(`Unable to read file '${path}': No such file or directory`);
    }
    if (key.length !== 256 && !environment.forced) {
      environment.report({
        severity: 'error',
        text: `Lengths of keys should be 256 bytes, '${key.length}' bytes provided`,
        force: '--force',
      });
      environment.stopOnErrors();
    }
  }
  const { spread } = await import('./cluster-setup.js');
  const names = clusterNodes(environment);
  const { isRunning } = await import('../bootstrap/service.js');
  report(
    environment,
    await onHosts(environment, names, async (machine) =>
      (await isRunning(machine)) ? 'corosync is running: stop the cluster first' : null,
    ),
  );
  await spread(environment, names, '/etc/corosync/authkey', key, 0o400, 'corosync authkey');
}

/** `cluster uidgid [add|remove uid=U gid=G]`: one file in uidgid.d for each pair. */
export function uidgid(environment: Environment, words: string[]): void {
  const folder = join(dirname(confPath(environment)), 'uidgid.d');
  const [verb, ...rest] = words;
  const entries = existsSync(folder)
    ? readdirSync(folder)
        .sort(byCodePoint)
        .map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), 'utf8') }))
        .map(({ path, text }) => ({
          path,
          uid: /^\s*uid\s*:\s*(\S+)/m.exec(text)?.[1],
          gid: /^\s*gid\s*:\s*(\S+)/m.exec(text)?.[1],
        }))
    : [];
  const line = (entry: { uid: string | undefined; gid: string | undefined }) =>
    `UID/GID:${entry.uid === undefined ? '' : ` uid=${entry.uid}`}${entry.gid === undefined ? '' : ` gid=${entry.gid}`}`;
  if (verb === undefined) {
    if (entries.length === 0) environment.say('No uidgids configured');
    else for (const entry of entries) environment.print(line(entry));
    return;
  }
  if (!['add', 'remove', 'delete', 'rm'].includes(verb) || rest.length === 0) throw new WrongUsage();
  const pairs = readPairs(rest);
  const unknown = [...pairs.keys()].find((key) => key !== 'uid' && key !== 'gid');
  if (unknown !== undefined) environment.fail(`uidgid options must be of the form uid=<uid> gid=<gid>`);
  const uid = pairs.get('uid');
  const gid = pairs.get('gid');
  const found = entries.find((entry) => entry.uid === uid && entry.gid === gid);
  if (verb === 'add') {
    if (found) environment.fail(`uidgid file with uid=${uid ?? ''} and gid=${gid ?? ''} already exists`);
    mkdirSync(folder, { recursive: true });
    const name = [uid === undefined ? '' : `uid-${uid}`, gid === undefined ? '' : `gid-${gid}`].filter(
      (part) => part !== '',
    );
    const settings = [
      uid === undefined ? '' : `  uid: ${uid}\n`,
      gid === undefined ? '' : `  gid: ${gid}\n`,
    ].join('');
    writeFileSync(join(folder, `pcs-${name.join('-')}`), `uidgid {\n${settings}}\n`);
    return;
  }
  if (!found) environment.fail(`no uidgid files with uid=${uid ?? ''} and gid=${gid ?? ''} found`);
  rmSync(found.path);
}

/** `cluster report [--from T] [--to T] DEST`: what `crm report` collects. */
export function makeReport(environment: Environment, words: string[]): void {
  const [destination, more] = words;
  if (destination === undefined || more !== undefined) throw new WrongUsage();
  const options = ['from', 'to'].flatMap((name) => {
    const value = environment.value(`--${name}`);
    return value === undefined ? [] : [name === 'from' ? '-f' : '-t', value];
  });
  try {
    execFileSync(join(dirname(process.argv[1] ?? '/'), 'crm'), ['report', ...options, destination], {
      stdio: 'inherit',
    });
  } catch (failure) {
    environment.report(error(`unable to create a report: ${(failure as Error).message.split('\n')[0]}`));
    environment.fail(null);
  }
}
