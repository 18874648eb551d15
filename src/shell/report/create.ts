import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { writeXml } from '../../cib/xml.js';
import type { CommandStatus, Environment } from '../command.js';
import { nodeNames } from '../edits/nodes.js';
import { runOnNodes } from '../fan-out.js';
import { failoverLines, findFailovers } from '../history/failover.js';
import { saveHistory } from '../history/saved.js';
import { liveSource } from '../history/source.js';
import { readTime, timeline } from '../history/timeline.js';
import { pastTransitions } from '../history/transitions.js';
import type { Session } from '../session.js';
import { redactCib, redactText } from './redact.js';

/** How far back a report goes unless told otherwise. */
const PERIOD_MS = 12 * 60 * 60 * 1000;
/** Of one log, the newest part. */
const LOG_BYTES_MAX = 20 * 1024 * 1024;
const EVENTS_MAX = 100_000;

interface Request {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nodes: readonly string[];
  readonly destination: string;
  readonly patterns: readonly RegExp[];
  readonly quick: boolean;
  readonly single: boolean;
  readonly overwrite: boolean;
  readonly compress: boolean;
  readonly extraLogs: readonly string[];
}

const VALUED = ['-f', '-t', '-n', '-u', '-X', '-E', '-p', '-l', '-L', '-e'];
const SWITCHES = ['-s', '-Q', '-d', '-Z', '-S', '-v', '-M', '-D', '-V'];

function readRequest(env: Environment, args: readonly string[]): Request | null {
  const { session } = env;
  const now = session.world.now();
  const values: Record<string, string[]> = {};
  const switches = new Set<string>();
  let destination: string | null = null;
  const wrong = (text: string): null => {
    session.error(`report: ${text}`);
    return null;
  };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (VALUED.includes(arg)) {
      const value = args[++at];
      if (value === undefined) return wrong(`${arg} needs a value`);
      values[arg] = [...(values[arg] ?? []), value];
    } else if (SWITCHES.includes(arg)) switches.add(arg);
    else if (arg.startsWith('-'))
      return wrong(`no such option: ${arg} (there are: ${[...VALUED, ...SWITCHES].join(' ')})`);
    else if (destination !== null) return wrong(`${arg}: one destination is enough`);
    else destination = arg;
  }
  const time = (option: string, fallback: number): number | null => {
    const text = values[option]?.at(-1);
    return text === undefined ? fallback : readTime(text, now);
  };
  const fromMs = time('-f', now - PERIOD_MS);
  const toMs = time('-t', now);
  if (fromMs === null || toMs === null)
    return wrong('expected a time such as 14:30, "2026-11-20 14:30" or 2h');
  if (fromMs >= toMs) return wrong('the period is empty: -f must be before -t');
  const patterns: RegExp[] = [];
  for (const text of values['-p'] ?? []) {
    try {
      patterns.push(new RegExp(text));
    } catch (error) {
      return wrong(`-p ${text}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const stamp = new Date(now)
    .toISOString()
    .replace(/T/, '-')
    .replace(/[:.].*$/, '')
    .replaceAll(':', '');
  return {
    fromMs,
    toMs,
    nodes: (values['-n'] ?? []).flatMap((list) => list.split(/[\s,]+/)),
    destination: resolve(destination ?? `crm_report-${stamp}`),
    patterns,
    quick: switches.has('-Q') || session.options.is('report.speed_up'),
    single: switches.has('-S') || session.options.is('report.single_node'),
    overwrite: switches.has('-Z') || session.options.is('report.remove_exist_dest'),
    compress: !switches.has('-d') && session.options.is('report.compress'),
    extraLogs: values['-E'] ?? [],
  };
}

/** Collects what tells how a cluster is and what became of it into one archive, secrets removed. */
export async function createReport(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const request = readRequest(env, args);
  if (!request) return 'usage';
  const target = request.compress ? `${request.destination}.tar.gz` : request.destination;
  if (existsSync(target) && !request.overwrite) {
    session.error(`report: ${target} is there already; -Z overwrites it`);
    return 'failed';
  }
  const scratch = mkdtempSync(join(tmpdir(), 'crm-report-'));
  const folder = join(scratch, basename(request.destination));
  try {
    mkdirSync(folder);
    await collect(session, request, folder);
    rmSync(target, { recursive: true, force: true });
    const packed = request.compress
      ? await execute('tar', ['-czf', target, '-C', scratch, basename(folder)])
      : await execute('cp', ['-r', folder, target]);
    if (packed !== '') {
      session.error(`report: ${packed}`);
      return 'failed';
    }
    session.info(`The report is saved in ${target}`);
    return 'done';
  } finally {
    session.world.output.progress(null);
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function collect(session: Session, request: Request, folder: string): Promise<void> {
  const save = (name: string, text: string): void => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
  };
  const findings: string[] = [];
  const period = `${new Date(request.fromMs).toISOString()} - ${new Date(request.toMs).toISOString()}`;
  save('description.txt', `Period: ${period}\nMade on: ${hostname()}\n`);
  const opened = await session.connect();
  let nodes = [...request.nodes];
  if (!opened.ok) findings.push(`the cluster cannot be asked: ${opened.error.message}`);
  else {
    const connection = opened.value;
    const cib = await connection.readCib();
    if (cib.ok) {
      if (nodes.length === 0) nodes = nodeNames(cib.value);
      save('cib.xml', writeXml(redactCib(cib.value, request.patterns)));
    } else findings.push(`no CIB: ${cib.error.message}`);
    const state = await connection.state();
    if (state.ok) save('cluster-state.json', `${JSON.stringify(state.value, null, 2)}\n`);
    const answer = await connection.call('history.events', {
      sinceMs: request.fromMs,
      limit: EVENTS_MAX,
      all: true,
    });
    if (answer.ok) {
      const events = answer.value.events
        .filter(({ atMs }) => atMs >= request.fromMs && atMs <= request.toMs)
        .sort((a, b) => a.atMs - b.atMs);
      const source = liveSource(session);
      const inputs = await source.inputs();
      const transitions = pastTransitions(events, inputs).filter(
        ({ startMs }) => startMs >= request.fromMs && startMs <= request.toMs,
      );
      await saveHistory(folder, source, events, transitions, {
        cib: (document) => redactCib(document, request.patterns),
        text: (text) => redactText(text, request.patterns),
      });
      const failovers = findFailovers(events, transitions).map((failover) =>
        failoverLines(failover, new Map()).join('\n'),
      );
      if (failovers.length > 0)
        save('failovers.txt', `${redactText(failovers.join('\n\n'), request.patterns)}\n`);
      save('events.txt', `${redactText(timeline(events, true).join('\n'), request.patterns)}\n`);
      const failed = events.filter(({ kind, data }) => kind === 'operation' && Number(data.rc ?? 0) > 7);
      for (const { text, node } of failed) findings.push(`${node}: ${text}`);
      for (const { text } of events.filter(({ kind }) => kind === 'lost' || kind === 'fencing'))
        findings.push(text);
    } else findings.push(`no events: ${answer.error.message}`);
    const fencing = await connection.call('fencing.history', {});
    if (fencing.ok) save('fencing-history.json', `${JSON.stringify(fencing.value.entries, null, 2)}\n`);
  }
  if (request.single || nodes.length === 0) nodes = [session.nodeName];
  session.world.output.progress(`collecting from ${nodes.join(', ')} ...`);
  const root = session.world.environment.QUORATE_ROOT ?? '';
  for (const { node, status, stdout, stderr } of await runOnNodes(session, nodes, script(root, request))) {
    if (status === null) {
      findings.push(`${node} cannot be reached: ${stderr.trim()}`);
      continue;
    }
    for (const [name, text] of parts(stdout)) save(join(node, name), redactText(text, request.patterns));
  }
  save(
    'analysis.txt',
    findings.length === 0 ? 'Nothing conspicuous was found.\n' : `${findings.join('\n')}\n`,
  );
}

const MARK = '=== crm report part: ';

/** What is run on each node: sections with a marked heading each. */
function script(root: string, request: Request): string {
  const part = (name: string, what: string) => `printf '\\n${MARK}%s\\n' ${quote(name)}; ${what} 2>&1`;
  const file = (name: string, path: string) =>
    `[ -f ${quote(path)} ] && { ${part(name, `tail -c ${LOG_BYTES_MAX} ${quote(path)}`)}; }`;
  const since = `@${Math.floor(request.fromMs / 1000)}`;
  const commands = [
    part('system.txt', 'uname -a; uptime; cat /etc/os-release; free; df -h'),
    part('network.txt', 'ip address; ip route'),
    part('processes.txt', 'ps -eo pid,ppid,user,etime,rss,stat,comm'),
    file('corosync.conf', `${root}/etc/corosync/corosync.conf`),
    file('quorated.log', `${root}/var/log/quorate/quorated.log`),
    file('quorated.out', `${root}/var/log/quorate/quorated.out`),
    ...request.extraLogs.map((path) => file(basename(path), path)),
  ];
  if (!request.quick) {
    commands.push(
      part('packages.txt', 'dpkg -l 2>/dev/null || rpm -qa'),
      part(
        'journal.txt',
        `journalctl --no-pager --since ${since} -u quorated -u corosync -u pacemaker 2>/dev/null || true`,
      ),
    );
  }
  return `${commands.join('\n')}\nexit 0`;
}

function parts(output: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const block of output.split(`\n${MARK}`).slice(1)) {
    const end = block.indexOf('\n');
    const name = block.slice(0, end).replace(/[^\w.-]/g, '_');
    found.set(name, block.slice(end + 1));
  }
  return found;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Runs a program; answers what went wrong, or nothing. */
function execute(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolvePromise) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', (error) => resolvePromise(error.message));
    child.once('close', (code) =>
      resolvePromise(code === 0 ? '' : errors.trim() || `${program} ended with ${code}`),
    );
  });
}
