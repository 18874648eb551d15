import { dirname, join } from 'node:path';
import type { Connection, Outcome } from '../connection/connection.js';
import { openLocal } from '../connection/local.js';
import { agentSocketPath } from '../connection/paths.js';
import { openSsh } from '../connection/ssh.js';
import type { SessionOptions } from '../ssh/session.js';
import { shellQuote } from '../ssh/shell-quote.js';
import type { Machine } from './machine.js';
import { INSTALLED, UNIT } from './places.js';

/** What became of an order to a machine's cluster service. */
export type ServiceOutcome =
  | { readonly ok: true; readonly changed: boolean }
  /** One line: what went wrong and what to do. */
  | { readonly ok: false; readonly message: string };

export interface ServiceOptions extends SessionOptions {
  /** `QUORATE_ROOT` of the agent. Default: this process's for this machine, none for others. */
  readonly root?: string;
  /** The agent's executable. Default: beside the running program, on PATH, or where `cluster init` puts it. */
  readonly program?: string;
  /** Until the agent must answer, or be gone. */
  readonly timeoutMs?: number;
}

const START_TIMEOUT_MS = 30_000;
/** Resources are stopped first; Pacemaker gives that 20 minutes (shutdown-escalation). */
const STOP_TIMEOUT_MS = 20 * 60_000;
const POLL_MS = 50;

export function rootOf(machine: Machine, options: ServiceOptions): string {
  return options.root ?? (machine.local ? (process.env.QUORATE_ROOT ?? '') : '');
}

export function isRunning(machine: Machine, options: ServiceOptions = {}): Promise<boolean> {
  return machine.answers(agentSocketPath(rootOf(machine, options)));
}

/** Starts the agent: by systemd where it has the unit, else as a process of its own. */
export async function startService(machine: Machine, options: ServiceOptions = {}): Promise<ServiceOutcome> {
  if (await isRunning(machine, options)) return { ok: true, changed: false };
  const root = rootOf(machine, options);
  const beside = join(dirname(process.argv[1] ?? '/'), 'quorated');
  const standard = [`${INSTALLED}/bin/quorated`, '"$(command -v quorated)"'];
  const places = options.program
    ? [shellQuote(options.program)]
    : machine.local
      ? [shellQuote(beside), ...standard]
      : [...standard, shellQuote(beside)];
  const log = join(root || '/', 'var/log/quorate/quorated.out');
  const conf = join(root || '/', 'etc');
  const script = `
if [ ! -e ${shellQuote(`${conf}/corosync/corosync.conf`)} ] && [ ! -e ${shellQuote(`${conf}/quorate/corosync.conf`)} ]; then
  echo "there is no ${conf}/corosync/corosync.conf: run 'crm cluster init' or 'crm cluster join' first" >&2; exit 1
fi
if [ -z ${shellQuote(root)} ] && [ -d /run/systemd/system ] && systemctl cat ${UNIT} >/dev/null 2>&1; then
  exec systemctl start ${UNIT}
fi
for program in ${places.join(' ')}; do
  [ -x "$program" ] && break
  program=
done
[ -n "$program" ] || { echo "quorated is not installed: run 'crm cluster init'" >&2; exit 1; }
mkdir -p ${shellQuote(dirname(log))}
cd /
${root === '' ? '' : `QUORATE_ROOT=${shellQuote(root)}; export QUORATE_ROOT`}
setsid "$program" >>${shellQuote(log)} 2>&1 </dev/null &
`;
  const ran = await machine.run(script, { timeoutMs: options.timeoutMs ?? START_TIMEOUT_MS });
  if (!ran.ok) return { ok: false, message: ran.error.message };
  if (ran.value.code !== 0) {
    return {
      ok: false,
      message: `cannot start the cluster service on ${machine.name}: ${firstLine(ran.value.stderr)}`,
    };
  }
  const deadline = Date.now() + (options.timeoutMs ?? START_TIMEOUT_MS);
  while (!(await isRunning(machine, options))) {
    if (Date.now() > deadline) {
      const tail = await machine.run(`tail -n 1 ${shellQuote(log)}`);
      const why = tail.ok && tail.value.stdout.trim() !== '' ? `: ${tail.value.stdout.trim()}` : '';
      return {
        ok: false,
        message: `the cluster service on ${machine.name} does not come up${why} (see ${log})`,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { ok: true, changed: true };
}

/** Stops the agent in order: its resources move away, then it leaves the cluster. */
export async function stopService(machine: Machine, options: ServiceOptions = {}): Promise<ServiceOutcome> {
  const socketPath = agentSocketPath(rootOf(machine, options));
  if (!(await machine.answers(socketPath))) return { ok: true, changed: false };
  const opened = await openAgent(machine, options);
  if (!opened.ok) return { ok: false, message: opened.error.message };
  const connection = opened.value;
  const stopping = await connection.call('agent.stop', {});
  if (!stopping.ok && stopping.error.kind !== 'closed') {
    await connection.close();
    return {
      ok: false,
      message: `cannot stop the cluster service on ${machine.name}: ${stopping.error.message}`,
    };
  }
  const limit = options.timeoutMs ?? STOP_TIMEOUT_MS;
  const deadline = Date.now() + limit;
  // The agent ends its connections with itself.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limit);
  });
  await Promise.race([connection.closed, late]);
  clearTimeout(timer);
  await connection.close();
  while (await machine.answers(socketPath)) {
    if (Date.now() > deadline) {
      return {
        ok: false,
        message: `the cluster service on ${machine.name} is still stopping after ${limit / 1000} s`,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { ok: true, changed: true };
}

/** A connection to the agent of a machine. */
export function openAgent(machine: Machine, options: ServiceOptions = {}): Promise<Outcome<Connection>> {
  const socketPath = agentSocketPath(rootOf(machine, options));
  return machine.local
    ? openLocal({ program: 'crm', socketPath })
    : openSsh(machine.name, { program: 'crm', ...options, remoteSocketPath: socketPath });
}

/** Whether the service starts with the machine; needs systemd and the unit. */
export async function enableService(machine: Machine, enable: boolean): Promise<ServiceOutcome> {
  const verb = enable ? 'enable' : 'disable';
  const script = `
[ -d /run/systemd/system ] || { echo 'there is no systemd' >&2; exit 1; }
systemctl is-enabled ${UNIT} >/dev/null 2>&1 && now=enable || now=disable
[ $now = ${verb} ] && exit 3
systemctl ${verb} ${UNIT}`;
  const ran = await machine.run(script);
  if (!ran.ok) return { ok: false, message: ran.error.message };
  if (ran.value.code === 0 || ran.value.code === 3) return { ok: true, changed: ran.value.code === 0 };
  return {
    ok: false,
    message: `cannot ${verb} the cluster service on ${machine.name}: ${firstLine(ran.value.stderr)}`,
  };
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
