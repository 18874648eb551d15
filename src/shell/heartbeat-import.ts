/** `crm cluster import heartbeat DIR`: a cluster of what Heartbeat was configured with. */
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { printCorosync } from '../../grammar/corosync/print.js';
import { printStatement } from '../../grammar/crm/print.js';
import { formatMistake, type Mistake } from '../../grammar/heartbeat/ast.js';
import { readAuthKeys } from '../../grammar/heartbeat/authkeys.js';
import { readHaCf } from '../../grammar/heartbeat/ha-cf.js';
import { readHaResources } from '../../grammar/heartbeat/haresources.js';
import { initCluster } from '../bootstrap/cluster.js';
import { localMachine, type Machine, remoteMachine } from '../bootstrap/machine.js';
import { convertHeartbeat, notesText } from '../convert/heartbeat/convert.js';
import type {
  Conversion,
  HeartbeatFiles,
  InterfaceAddress,
  MachineFacts,
} from '../convert/heartbeat/types.js';
import type { CommandStatus, Environment } from './command.js';
import { destinationOf } from './fan-out.js';
import type { Session } from './session.js';
import { sshPrompt } from './ssh-prompt.js';

interface Options {
  readonly directory: string;
  readonly dryRun: boolean;
  readonly clusterName?: string;
}

export async function importCluster(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const options = readOptions(env, args);
  if (!options) return 'usage';
  const { session } = env;
  const files = readFiles(session, options.directory);
  if (!files) return 'failed';
  const facts = await lookAround(session, files, options.directory);
  const conversion = convertHeartbeat(
    files,
    facts,
    options.clusterName === undefined ? {} : { clusterName: options.clusterName },
  );
  if (conversion.obstacles.length > 0) {
    for (const obstacle of conversion.obstacles) session.error(obstacle);
    session.error('nothing was changed');
    return 'failed';
  }
  session.print(notesText(conversion.notes));
  if (options.dryRun) {
    session.print(`\n# /etc/corosync/corosync.conf\n${printCorosync(conversion.corosync)}`);
    session.print(`\n# crm configure\n${configurationText(conversion)}`);
    return 'done';
  }
  if (!(await session.ask('Do you want to make this cluster', true))) return 'failed';
  return makeCluster(env, conversion, options.clusterName);
}

function readOptions(env: Environment, args: readonly string[]): Options | null {
  const { session } = env;
  const complain = (text: string): null => {
    session.error(`cluster.import: ${text}`);
    return null;
  };
  const [format, directory, ...rest] = args;
  if (format !== 'heartbeat') return complain(`${format}: expected heartbeat`);
  let dryRun = false;
  let clusterName: string | undefined;
  for (let at = 0; at < rest.length; at++) {
    const option = rest[at]!;
    if (option === '--dry-run' || option === '-n') dryRun = true;
    else if (option === '--name') {
      clusterName = rest[++at];
      if (clusterName === undefined) return complain('--name needs a value');
    } else return complain(`${option}: expected --dry-run or --name NAME`);
  }
  return { directory: directory!, dryRun, ...(clusterName === undefined ? {} : { clusterName }) };
}

/** The three files; null after every mistake in them was shown. */
function readFiles(session: Session, directory: string): HeartbeatFiles | null {
  let broken = false;
  const read = (name: string): string | null => {
    try {
      return readFileSync(join(directory, name), 'utf8');
    } catch (error) {
      session.error(`${join(directory, name)}: ${error instanceof Error ? error.message : String(error)}`);
      broken = true;
      return null;
    }
  };
  const say = (name: string, text: string, mistakes: readonly Mistake[]): void => {
    for (const mistake of mistakes) {
      const shown = formatMistake(mistake, text, join(directory, name));
      if (mistake.severity === 'error') {
        session.error(shown);
        broken = true;
      } else session.warning(shown);
    }
  };
  const texts = { haCf: read('ha.cf'), authKeys: read('authkeys') };
  const haCf = texts.haCf === null ? null : readHaCf(texts.haCf);
  const authKeys = texts.authKeys === null ? null : readAuthKeys(texts.authKeys);
  if (haCf) say('ha.cf', texts.haCf!, haCf.mistakes);
  if (authKeys) say('authkeys', texts.authKeys!, authKeys.mistakes);
  // With a CIB (crm on) there is no haresources, and it would not be read.
  const resourceText = haCf?.file.crm ? '' : read('haresources');
  const nodes = haCf?.file.nodes.map(({ text }) => text) ?? [];
  const resources =
    resourceText === null ? null : readHaResources(resourceText, nodes.length > 0 ? { nodes } : {});
  if (resources) say('haresources', resourceText!, resources.mistakes);
  if (broken || !haCf || !authKeys || !resources) {
    session.error('nothing was changed');
    return null;
  }
  return { haCf: haCf.file, authKeys: authKeys.file, groups: resources.groups };
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * A shell script that says what a node has, a thing a line: addresses as `ip` shows them, scripts, agents, and what
 * the status of those init scripts is.
 */
function inspection(directory: string, scripts: readonly string[]): string {
  const quoted = quote(directory);
  return `
hostname
ip -o addr show 2>/dev/null | awk '{ print "address", $2, $4 }'
executables() { for f in "$2"/*; do [ -f "$f" ] && [ -x "$f" ] && echo "$1 \${f##*/}"; done; }
executables resource ${quoted}/resource.d
executables resource /etc/ha.d/resource.d
executables init /etc/init.d
executables ocf "\${OCF_ROOT:-/usr/lib/ocf}/resource.d/heartbeat"
for f in ${scripts.map((name) => quote(`/etc/init.d/${name}`)).join(' ')}; do
  [ -x "$f" ] || continue
  said=$(timeout 10 "$f" status 2>/dev/null </dev/null); code=$?
  case $said in *[Nn]ot?[Rr]unning*) said=stopped ;; *[Rr]unning*|*OK*) said=running ;; *) said=silent ;; esac
  echo "status \${f##*/} $code $said"
done
true`;
}

/** What the files leave to the machines: addresses of the nodes, and which scripts there are. */
async function lookAround(session: Session, files: HeartbeatFiles, directory: string): Promise<MachineFacts> {
  const names = files.haCf.nodes.map(({ text }) => text);
  const interfaces = new Map<string, readonly InterfaceAddress[]>();
  const found = { resource: new Set<string>(), init: new Set<string>(), ocf: new Set<string>() };
  const resources = files.groups.flatMap((group) => group.resources.map((resource) => resource.script));
  const script = inspection(directory, [...new Set(resources)]);
  const statuses = new Map<string, { running: number; silent: number }>();
  let looked = 0;
  const take = (text: string): void => {
    looked++;
    const [name = '', ...lines] = text.split('\n');
    const own: InterfaceAddress[] = [];
    for (const [kind, word = '', address = '', said] of lines.map((line) => line.split(' '))) {
      if (kind === 'address') {
        const [ip = '', prefix = '32'] = address.split('/');
        own.push({ device: word.replace(/@.*$/, ''), address: ip, prefix: Number(prefix) });
      } else if (kind === 'status' && address === '0') {
        const known = statuses.get(word) ?? { running: 0, silent: 0 };
        if (said === 'running') known.running++;
        else known.silent++;
        statuses.set(word, known);
      } else if (kind === 'resource' || kind === 'init' || kind === 'ocf') found[kind].add(word);
    }
    interfaces.set(name.split('.')[0]!.toLowerCase(), own);
  };
  const own = ownName(session);
  const local = await localMachine().run(script);
  if (local.ok && session.hosts.length === 0) take(local.value.stdout);
  await Promise.all(
    names
      .filter((name) => name.toLowerCase() !== own)
      .map(async (name) => {
        const machine = await remoteMachine(destinationOf(session, name), {});
        if (!machine.ok) {
          session.warning(`${name}: ${machine.error.message}; its addresses are taken from its name`);
          return;
        }
        await inspectRemote(machine.value, script, take);
      }),
  );
  const resolved = new Map<string, readonly string[]>();
  await Promise.all(
    names.map(async (name) => {
      const answers = await lookup(name, { all: true }).catch(() => []);
      const usable = answers
        .map(({ address }) => address)
        .filter((address) => !/^(127\.|::1$)/.test(address));
      if (usable.length > 0) resolved.set(name.toLowerCase(), usable);
    }),
  );
  return {
    interfaces,
    resolved,
    resourceScripts: found.resource,
    initScripts: found.init,
    // One node alone may be the one that runs it.
    blindScripts: new Map(
      [...statuses]
        .filter(([, { running, silent }]) => looked > 1 && running + silent === looked)
        .map(([name, { running }]) => [name, running === 0 ? 'silent' : 'running']),
    ),
    ocfAgents: found.ocf,
  };
}

async function inspectRemote(machine: Machine, script: string, take: (text: string) => void): Promise<void> {
  const ran = await machine.run(script);
  if (ran.ok) take(ran.value.stdout);
  await machine.close();
}

/** This host's name where the session works on it, in lower case. */
function ownName(session: Session): string | null {
  return session.hosts.length === 0 ? hostname().split('.')[0]!.toLowerCase() : null;
}

function configurationText(conversion: Conversion): string {
  return `${conversion.statements.map((statement) => printStatement(statement)).join('\n')}\n`;
}

/** Files and services on all nodes, then the configuration, as from one of them. */
async function makeCluster(
  env: Environment,
  conversion: Conversion,
  clusterName: string | undefined,
): Promise<CommandStatus> {
  const { session } = env;
  const own = ownName(session);
  const names = conversion.nodes.map(({ name }) => name);
  const here = names.find((name) => name.toLowerCase() === own);
  if (session.hosts.length === 0 && here === undefined) {
    session.error(
      `this host is none of the nodes: do it on ${names.join(' or ')}, or with "crm -H ${names[0]}"`,
    );
    return 'failed';
  }
  const prompt = sshPrompt(session);
  const outcome = await initCluster(
    names.map((name) => (name === here ? name : destinationOf(session, name))),
    {
      clusterName: clusterName ?? 'hacluster',
      file: conversion.corosync,
      force: session.flags.force,
      progress: (host, text) => session.info(`[${host}]: ${text}`),
      ...(prompt ? { prompt } : {}),
    },
  );
  if (!outcome.ok) {
    for (const finding of outcome.findings) session.error(finding);
    return 'failed';
  }
  const { takeOverText } = await import('./levels/configure-files.js');
  const { commit } = await import('./levels/configure-commit.js');
  const loaded = await takeOverText(session, configurationText(conversion), 'update', 'heartbeat');
  const committed = loaded === 'done' ? await commit!(env, []) : loaded;
  if (committed !== 'done') {
    session.error(
      'the cluster runs, but has no resources yet: see above, and "crm cluster import heartbeat DIR --dry-run"',
    );
    return 'failed';
  }
  session.info('the cluster runs; "crm configure show" and "crm status" show it');
  return 'done';
}
