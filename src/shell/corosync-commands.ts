import { chmodSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { Item, Section } from '../../grammar/corosync/ast.js';
import { setClusterProperty } from '../cib/cluster-property.js';
import type { Connection } from '../connection/connection.js';
import { remarkText } from '../protocol/remarks.js';
import type { CommandStatus, Completion, CompletionRequest, Environment } from './command.js';
import { corosyncPath, namesIn, readCorosync, readThere } from './corosync-file.js';
import { runOnNodes } from './fan-out.js';

function complain(env: Environment, text: string): CommandStatus {
  env.session.error(`${[...env.path, env.command].join('.')}: ${text}`);
  return 'failed';
}

/** What tells it where Corosync itself runs. */
const COROSYNC_TOOLS: Readonly<Record<string, string>> = {
  ring: 'PATH=/usr/sbin:$PATH corosync-cfgtool -s',
  quorum: 'PATH=/usr/sbin:$PATH corosync-quorumtool -s || [ $? -eq 2 ]',
};

/** What the node worked on finds without effect in its corosync.conf, as warnings. Corosync itself has no such word. */
async function showRemarks({ session }: Environment, connection: Connection): Promise<void> {
  const said = await connection.call('cluster.remarks', {});
  if (!said.ok) return;
  for (const remark of said.value.remarks) session.message('warning', remarkText(said.value.file, remark));
}

export async function status(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [what = 'ring'] = args;
  const connection = await session.connection();
  if (!connection) return 'failed';
  if (connection.target.kind === 'pacemaker' && COROSYNC_TOOLS[what] !== undefined) {
    const [ran] = await runOnNodes(session, [connection.target.name], COROSYNC_TOOLS[what]);
    if (ran?.status !== 0) return complain(env, ran?.stderr.trim() ?? '');
    session.print(ran.stdout);
    return 'done';
  }
  const state = await connection.state();
  if (!state.ok) {
    session.failure(state.error);
    return 'failed';
  }
  const { members, localNode, votes, quorate, viewId, clusterName } = state.value;
  const local = members.find(({ name }) => name === localNode);
  switch (what) {
    case 'ring': {
      const lines = [`Local node ID ${local?.nodeId ?? '?'}, transport quorate`];
      for (const [link, address] of (local?.addresses ?? []).entries()) {
        lines.push(`LINK ID ${link} quorate`, `\taddr\t= ${address}`, '\tstatus:');
        for (const { nodeId, name, linkLatencyMs } of members) {
          const word =
            name === localNode ? 'localhost' : linkLatencyMs[link] == null ? 'disconnected' : 'connected';
          lines.push(`\t\tnodeid:${String(nodeId).padStart(11)}:\t${word}`);
        }
      }
      session.print(lines.join('\n'));
      await showRemarks(env, connection);
      return 'done';
    }
    case 'quorum': {
      const lines = [
        'Quorum information',
        '------------------',
        `Cluster:          ${clusterName}`,
        `Nodes:            ${members.filter(({ online }) => online).length}`,
        `Node ID:          ${local?.nodeId ?? '?'}`,
        `Ring ID:          ${viewId}`,
        `Quorate:          ${quorate ? 'Yes' : 'No'}`,
        '',
        'Votequorum information',
        '----------------------',
        `Expected votes:   ${votes.expected}`,
        `Total votes:      ${votes.total}`,
        `Quorum:           ${votes.quorum}${quorate ? '' : ' Activity blocked'}`,
        '',
        'Membership information',
        '----------------------',
        '    Nodeid      Votes Name',
      ];
      for (const { nodeId, votes: own, name, online } of members) {
        if (!online) continue;
        const mark = name === localNode ? ' (local)' : '';
        lines.push(`${String(nodeId).padStart(10)} ${String(own).padStart(10)} ${name}${mark}`);
      }
      session.print(lines.join('\n'));
      await showRemarks(env, connection);
      return 'done';
    }
    case 'cpg':
      session.print(
        members
          .filter(({ online }) => online)
          .map(({ nodeId, name }) => `${nodeId} ${name}`)
          .join('\n'),
      );
      return 'done';
    default:
      return complain(env, `${what}: this cluster has no ${what}; expected ring, quorum or cpg`);
  }
}

export async function show(env: Environment): Promise<CommandStatus> {
  const text = await readCorosync(env.session);
  if (text === null) return 'failed';
  const { showPaged } = await import('./pager.js');
  await showPaged(env.session, text);
  return 'done';
}

/** Sections and settings that a path names: `totem.interface.mcastport`; every match, in order. */
function* find(
  items: readonly Item[],
  path: readonly string[],
): Generator<{ section: Section | null; item: Item }> {
  const [name, ...rest] = path;
  for (const item of items) {
    if (item.kind === 'section' && item.name === name) {
      if (rest.length === 0) yield { section: null, item };
      else
        for (const found of find(item.items, rest))
          yield { section: found.section ?? item, item: found.item };
    } else if (item.kind === 'setting' && item.key === path.join('.')) {
      yield { section: null, item };
    }
  }
}

export async function get(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const text = await readCorosync(env.session);
  if (text === null) return 'failed';
  const { parseCorosync } = await import('../../grammar/corosync/parser.js');
  const { file } = parseCorosync(text);
  let count = 0;
  for (const { item } of find(file.items, (args[0] ?? '').split('.'))) {
    if (item.kind !== 'setting') continue;
    env.session.print(item.value);
    count += 1;
  }
  return count > 0 ? 'done' : complain(env, `${args[0]} is not set in ${corosyncPath(env.session)}`);
}

export async function set(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [path = '', value = '', indexWord] = args;
  const text = await readCorosync(session);
  if (text === null) return 'failed';
  const names = path.split('.');
  const key = names.pop()!;
  if (names.length === 0) return complain(env, `${path}: expected SECTION.NAME`);
  const index = indexWord === undefined ? null : Number(indexWord);
  if (index !== null && !Number.isInteger(index)) return complain(env, `${indexWord}: expected a number`);
  const edited = editSetting(text, names, key, value, index);
  if (edited === null) return complain(env, `there is no section ${names.join('.')}`);
  return keep(env, edited);
}

/**
 * The text with one setting changed, or added at its section's end; everything else stays as it is written.
 *
 * @param index which of several sections of that name is meant; null changes the first that has the key, else the first
 */
export function editSetting(
  text: string,
  sections: readonly string[],
  key: string,
  value: string,
  index: number | null,
): string | null {
  const lines = text.split('\n');
  const open: string[] = [];
  const candidates: { readonly start: number; end: number; setting: number | null }[] = [];
  const inside: (number | null)[] = [];
  for (const [at, line] of lines.entries()) {
    const opening = /^\s*([\w.-]+)\s*\{\s*(#.*)?$/.exec(line);
    if (opening) {
      open.push(opening[1]!);
      const here = open.length === sections.length && open.every((name, depth) => name === sections[depth]);
      inside.push(here ? candidates.push({ start: at, end: at, setting: null }) - 1 : null);
    } else if (/^\s*\}/.test(line)) {
      const which = inside.pop();
      if (which != null) candidates[which]!.end = at;
      open.pop();
    } else {
      const which = inside.at(-1);
      const setting = /^\s*([\w.-]+)\s*:/.exec(line);
      if (which != null && setting?.[1] === key) candidates[which]!.setting ??= at;
    }
  }
  const chosen =
    index === null
      ? (candidates.find(({ setting }) => setting !== null) ?? candidates[0])
      : candidates[index];
  if (!chosen) {
    if (sections.length !== 1 || index !== null) return null;
    return `${text.replace(/\n*$/, '\n')}\n${sections[0]} {\n\t${key}: ${value}\n}\n`;
  }
  if (chosen.setting !== null) {
    const old = lines[chosen.setting]!;
    lines[chosen.setting] = `${/^\s*/.exec(old)![0]}${key}: ${value}`;
  } else {
    const indent = `${/^\s*/.exec(lines[chosen.start]!)![0]}\t`;
    lines.splice(chosen.end, 0, `${indent}${key}: ${value}`);
  }
  return lines.join('\n');
}

/** Checks the text as corosync.conf and writes it; mistakes refuse it unless forced. */
async function keep(env: Environment, text: string): Promise<CommandStatus> {
  const { session } = env;
  const path = corosyncPath(session);
  const { readConfiguration } = await import('../../grammar/corosync/configuration.js');
  const { mistakeText } = await import('../../grammar/corosync/ast.js');
  const { mistakes } = readConfiguration(text);
  for (const mistake of mistakes) session.message(mistake.severity, mistakeText(path, mistake));
  if (mistakes.some(({ severity }) => severity === 'error') && !session.flags.force) {
    session.info('nothing was written; -F writes it all the same');
    return 'failed';
  }
  if (session.hosts.length > 0) {
    if (!(await writeOn(env, [session.nodeName], path, text))) return 'failed';
  } else if (!writeHere(env, path, text)) return 'failed';
  session.info(
    `${path} written; "corosync push" takes it to the other nodes, "corosync reload" puts it into force`,
  );
  return 'done';
}

function writeHere(env: Environment, path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}`;
  try {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0o644;
    writeFileSync(temporary, text);
    chmodSync(temporary, mode & 0o7777);
    renameSync(temporary, path);
    return true;
  } catch (error) {
    complain(env, `${path}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** Writes a file on nodes, beside what is there and then in its place; false after complaints. */
async function writeOn(
  env: Environment,
  nodes: readonly string[],
  path: string,
  text: string,
): Promise<boolean> {
  const place = `t='${path}'.$$ && cat >"$t" && chmod 644 "$t" && mv "$t" '${path}'`;
  let ok = true;
  for (const { node, status, stderr } of await runOnNodes(env.session, nodes, place, { stdin: text })) {
    if (status === 0) continue;
    ok = false;
    complain(env, `[${node}]: ${stderr.trim()}`);
  }
  return ok;
}

/** Gives the cluster another name, in every corosync.conf and in the configuration. */
export async function renameCluster(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [name = ''] = args;
  if (!/^[\w.-]{1,255}$/.test(name)) return complain(env, `${name}: expected letters, digits, _, . and -`);
  const cib = await session.readCib();
  const text = cib && (await readCorosync(session));
  if (!cib || text === null) return 'failed';
  const old = editSetting(text, ['totem'], 'cluster_name', name, null);
  if (old === null) return complain(env, 'corosync.conf has no section totem');
  if (old === text) return complain(env, 'Expected a different name');
  if ((await keep(env, old)) !== 'done') return 'failed';
  const others = namesIn(text).filter((node) => node !== session.nodeName);
  if (others.length > 0) {
    session.info(`Copy cluster config file to "${others.join(' ')}"`);
    if (!(await writeOn(env, others, corosyncPath(session), old))) return 'failed';
  }
  const changed = await session.changeCib(`crm cluster rename ${name}`, (edited) => {
    setClusterProperty(edited, 'cluster-name', name);
    return true;
  });
  if (!changed) return 'failed';
  session.info('To apply the change, restart the cluster service at convenient time');
  return 'done';
}

export async function edit(env: Environment): Promise<CommandStatus> {
  const { session } = env;
  if (!session.world.interactive) {
    session.info('edit not allowed in batch mode');
    return 'failed';
  }
  const text = await readCorosync(session);
  if (text === null) return 'failed';
  const { writeTemporary } = await import('./temporary.js');
  const { readFileSync } = await import('node:fs');
  const file = writeTemporary('corosync.conf', text);
  try {
    const { environment } = session.world;
    const editor = session.options.get('core.editor') || environment.EDITOR || 'vi';
    for (;;) {
      const run = await session.world.runOnTerminal('/bin/sh', ['-c', `${editor} "$1"`, 'editor', file.path]);
      if (run !== 0) return complain(env, `the editor ended with ${run}; nothing was changed`);
      const edited = readFileSync(file.path, 'utf8');
      if (edited === text) return 'done';
      const kept = await keep(env, edited);
      if (kept === 'done' || !(await session.ask('Edit again (no discards the changes)'))) return kept;
    }
  } finally {
    file.remove();
  }
}

export async function diff(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { diffFile } = await import('./cluster-commands.js');
  const words = args.filter((word) => word !== '--checksum');
  const text = words.length > 0 ? '' : await readCorosync(env.session);
  if (text === null) return 'failed';
  await env.session.connect();
  // A single one is compared with the node that is connected to.
  const nodes =
    words.length === 1 ? [env.session.nodeName, ...words] : words.length > 0 ? words : namesIn(text);
  if (nodes.length === 0) return complain(env, 'corosync.conf names no nodes; name those that are meant');
  return diffFile(env, corosyncPath(env.session), nodes, args.includes('--checksum'));
}

export async function push(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const text = await readCorosync(session);
  if (text === null) return 'failed';
  await session.connect();
  const nodes = (args.length > 0 ? args : namesIn(text)).filter((name) => name !== session.nodeName);
  if (nodes.length === 0) return complain(env, 'there is no other node to push to');
  const path = corosyncPath(session);
  if (!(await writeOn(env, nodes, path, text))) return 'failed';
  for (const node of nodes) session.info(`${path} copied to ${node}`);
  return 'done';
}

export async function pull(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const path = corosyncPath(env.session);
  const [run] = await runOnNodes(env.session, [args[0]!], `cat '${path}'`);
  if (run?.status !== 0) return complain(env, `[${args[0]}]: ${run?.stderr.trim() ?? ''}`);
  return keep(env, run.stdout);
}

export async function reload(env: Environment): Promise<CommandStatus> {
  const { session } = env;
  const connection = await session.connection();
  if (!connection) return 'failed';
  const answer = await connection.call('cluster.reload', {});
  if (!answer.ok) {
    session.failure(answer.error);
    return 'failed';
  }
  for (const { node, message } of answer.value.complaints) complain(env, `[${node}]: ${message}`);
  if (answer.value.complaints.length > 0) return 'failed';
  await showRemarks(env, connection);
  return 'done';
}

export async function log(env: Environment): Promise<CommandStatus> {
  const text = await readCorosync(env.session);
  if (text === null) return 'failed';
  const path = /^\s*logfile\s*:\s*(\S+)/m.exec(text)?.[1];
  if (path === undefined) return complain(env, 'corosync.conf names no logging.logfile');
  const { readFileSync } = await import('node:fs');
  const { showPaged } = await import('./pager.js');
  if (env.session.hosts.length > 0) {
    const there = await readThere(env.session, path);
    if (there === null) return 'failed';
    await showPaged(env.session, there);
    return 'done';
  }
  try {
    await showPaged(env.session, readFileSync(path, 'utf8'));
    return 'done';
  } catch (error) {
    return complain(env, `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export async function addNode(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const [address = '', name] = args;
  const text = await readCorosync(env.session);
  if (text === null) return 'failed';
  if (new RegExp(`ring0_addr\\s*:\\s*${address.replaceAll('.', '\\.')}\\s*$`, 'm').test(text)) {
    return complain(env, `${address} is in the node list already`);
  }
  const ids = [...text.matchAll(/^\s*nodeid\s*:\s*(\d+)/gm)].map(([, id]) => Number(id));
  const id = Math.max(0, ...ids) + 1;
  const lines = [
    `\tnode {`,
    `\t\tring0_addr: ${address}`,
    ...(name === undefined ? [] : [`\t\tname: ${name}`]),
  ];
  const node = [...lines, `\t\tnodeid: ${id}`, '\t}'].join('\n');
  const list = /^nodelist\s*\{/m.exec(text);
  if (!list) return keep(env, `${text.replace(/\n*$/, '\n')}\nnodelist {\n${node}\n}\n`);
  const at = list.index + list[0].length;
  return keep(env, `${text.slice(0, at)}\n${node}${text.slice(at)}`);
}

export async function deleteNode(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const [address = ''] = args;
  const text = await readCorosync(env.session);
  if (text === null) return 'failed';
  const wanted = new RegExp(`^\\s*(ring\\d_addr|name)\\s*:\\s*${address.replaceAll('.', '\\.')}\\s*$`, 'm');
  let found = false;
  const edited = text.replace(/^[ \t]*node\s*\{[^}]*\}[ \t]*\n?/gm, (block) => {
    if (!wanted.test(block)) return block;
    found = true;
    return '';
  });
  return found ? keep(env, edited) : complain(env, `${address} is not in the node list`);
}

export async function completePath({ session }: CompletionRequest): Promise<Completion[]> {
  const { options } = await import('../../grammar/corosync/options.js');
  const { existsSync } = await import('node:fs');
  if (!existsSync(corosyncPath(session))) return [];
  return options.map(({ path, help }) => ({ text: path, summary: help, kind: 'keyword' as const }));
}
