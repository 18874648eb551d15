import type { Connection, Outcome } from '../connection/connection.js';
import { openLocal } from '../connection/local.js';
import { openSsh } from '../connection/ssh.js';
import type { SessionOptions } from '../ssh/session.js';
import type { Machine } from './machine.js';
import { CONF } from './places.js';
import type { ServiceOutcome } from './service.js';

/** Daemons' own directories come first in no path of ours: what is meant is Corosync and Pacemaker themselves. */
const PATHS = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH';
/** Resources are stopped first; Pacemaker gives that 20 minutes (shutdown-escalation). */
const STOP_TIMEOUT_MS = 20 * 60_000;
/** A Pacemaker that is alone waits so long for others before it elects itself (dc-deadtime is 20 s). */
const UP_TIMEOUT_MS = 120_000;
const POLL_MS = 500;

async function script(machine: Machine, text: string, timeoutMs?: number): Promise<ServiceOutcome> {
  const ran = await machine.run(`${PATHS}\n${text}`, timeoutMs === undefined ? {} : { timeoutMs });
  if (!ran.ok) return { ok: false, message: ran.error.message };
  if (ran.value.code === 0) return { ok: true, changed: !ran.value.stdout.includes('unchanged') };
  const why = ran.value.stderr.trim().split('\n').at(-1) || `exit status ${ran.value.code}`;
  return { ok: false, message: `${machine.name}: ${why}` };
}

/** What is there to make a machine a node with, and how its packages are installed. */
export async function pacemakerObjection(machine: Machine): Promise<string | null> {
  const ran = await machine.run(`${PATHS}
for program in corosync pacemakerd cibadmin crm_mon; do command -v $program >/dev/null || printf '%s ' $program; done; echo
[ -e /etc/debian_version ] && echo 'apt-get install corosync pacemaker' || echo 'dnf install corosync pacemaker'`);
  if (!ran.ok) return ran.error.message;
  const [missing = '', install = ''] = ran.value.stdout.split('\n');
  if (missing.trim() === '') return null;
  return `${machine.name} has no ${missing.trim().replaceAll(' ', ', ')}: install them there with '${install}'`;
}

/** Where Corosync's log goes: Debian and RHEL differ. */
export async function corosyncLog(machine: Machine): Promise<string> {
  const ran = await machine.run(
    '[ -d /var/log/cluster ] && [ ! -d /var/log/corosync ] && echo /var/log/cluster/corosync.log || echo /var/log/corosync/corosync.log',
  );
  return ran.ok && ran.value.stdout.trim() !== ''
    ? ran.value.stdout.trim()
    : '/var/log/corosync/corosync.log';
}

/** Starts Corosync: by systemd where that runs, else as a process. */
export function startCorosync(machine: Machine): Promise<ServiceOutcome> {
  return script(
    machine,
    `pgrep -x corosync >/dev/null && { echo unchanged; exit 0; }
# It does not make the folder of its log, which may be that of another distribution: the file came from another node.
log=$(sed -n 's/^[ \\t]*logfile:[ \\t]*//p' ${CONF} | tail -n 1)
mkdir -p "$(dirname "\${log:-/var/log/corosync/.}")"
if [ -d /run/systemd/system ]; then exec systemctl start corosync; fi
corosync >/dev/null 2>&1 </dev/null || { echo "corosync does not start: $(tail -n 1 "$log" 2>/dev/null)" >&2; exit 1; }`,
    60_000,
  );
}

/** Starts Pacemaker on a machine whose Corosync runs. */
export function startPacemaker(machine: Machine): Promise<ServiceOutcome> {
  return script(
    machine,
    `pgrep -x pacemakerd >/dev/null && { echo unchanged; exit 0; }
if [ -d /run/systemd/system ]; then exec systemctl start pacemaker; fi
install -d -o hacluster -g haclient -m 770 /run/crm
setsid pacemakerd -f >/dev/null 2>&1 </dev/null &
sleep 0.5; pgrep -x pacemakerd >/dev/null || { echo 'pacemakerd does not start: see /var/log/pacemaker/pacemaker.log' >&2; exit 1; }`,
    60_000,
  );
}

/** Stops Pacemaker, its resources first, then Corosync. */
export function stopPacemaker(machine: Machine, timeoutMs = STOP_TIMEOUT_MS): Promise<ServiceOutcome> {
  return script(
    machine,
    `pgrep -x 'pacemakerd|corosync' >/dev/null || { echo unchanged; exit 0; }
if [ -d /run/systemd/system ]; then systemctl stop pacemaker && exec systemctl stop corosync; fi
for daemon in pacemakerd corosync; do
  pid=$(pgrep -x $daemon) || continue
  kill -TERM $pid
  while kill -0 $pid 2>/dev/null; do sleep 0.1; done
done`,
    timeoutMs,
  );
}

/** Whether Corosync and Pacemaker start with the machine. */
export function enablePacemaker(machine: Machine, enable: boolean): Promise<ServiceOutcome> {
  const verb = enable ? 'enable' : 'disable';
  return script(
    machine,
    `[ -d /run/systemd/system ] || { echo 'there is no systemd' >&2; exit 1; }
systemctl is-enabled corosync pacemaker 2>/dev/null | sort -u | grep -qx '${verb}d' && echo unchanged
systemctl ${verb} corosync pacemaker`,
  );
}

export async function runsPacemaker(machine: Machine): Promise<boolean> {
  const ran = await machine.run(`pgrep -x pacemakerd >/dev/null`);
  return ran.ok && ran.value.code === 0;
}

/** Whether systemd starts it with the machine. */
export async function startsPacemaker(machine: Machine): Promise<boolean> {
  const ran = await machine.run(
    '[ -d /run/systemd/system ] && systemctl is-enabled -q pacemaker 2>/dev/null',
  );
  return ran.ok && ran.value.code === 0;
}

/** A connection to the Pacemaker of a machine. */
export function openPacemakerOf(machine: Machine, options: SessionOptions): Promise<Outcome<Connection>> {
  return machine.local
    ? openLocal({ program: 'crm', engine: 'pacemaker' })
    : openSsh(machine.name, { program: 'crm', ...options, engine: 'pacemaker' });
}

/** Waits until all nodes are online and there is a DC; what is missing then, or null. */
export async function untilPacemakerUp(
  machine: Machine,
  nodes: readonly string[],
  options: SessionOptions,
): Promise<string | null> {
  const deadline = Date.now() + UP_TIMEOUT_MS;
  let missing = 'Pacemaker does not answer';
  let connection: Connection | undefined;
  try {
    for (;;) {
      if (!connection) {
        const opened = await openPacemakerOf(machine, options);
        if (opened.ok) connection = opened.value;
        else missing = opened.error.message;
      }
      const state = await connection?.state();
      if (state?.ok) {
        const away = nodes.filter(
          (name) => !state.value.members.some((member) => member.name === name && member.online),
        );
        if (away.length === 0 && state.value.dc !== null && state.value.quorate) return null;
        missing =
          away.length > 0
            ? `${away.join(', ')} did not become a member: does a firewall stop UDP port 5405?`
            : 'all nodes are members, but there is no DC';
      }
      if (Date.now() > deadline) return missing;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await connection?.close();
  }
}
