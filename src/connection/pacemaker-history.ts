/** What has happened in a Corosync + Pacemaker cluster, from the logs of its nodes and the scheduler inputs that they keep. */
import { exitStatusNamed } from '../cib/agent-exit-status.js';
import type { ClusterEvent, SchedulerInput } from '../protocol/messages.js';

/** Lines that are worth a look; the rest of a log stays where it is. */
const TOLD = [
  'Result of [a-z_]+ operation for ',
  'Calculated transition ',
  'Transition [0-9]+ .*Complete=',
  ' state is now ',
  'Quorum (acquired|lost)',
  'Set DC to ',
  "Operation '(reboot|off|on)' .*targeting ",
];

/**
 * Prints the node's UTC offset and year, `--`, and the lines of its log that are told of. `$log` names the log; the one
 * before it counts as well.
 */
export const EVENTS_SCRIPT = `date '+%z %Y'; echo --; cat "$log.1" "$log" 2>/dev/null | grep -aE ${quote(TOLD.join('|'))} | tail -n 20000`;

const INPUTS = '/var/lib/pacemaker/pengine';

/** Prints name, time and size of each scheduler input. */
export const INPUTS_SCRIPT = `stat -c '%n %Y %s' ${INPUTS}/pe-*.bz2 2>/dev/null; true`;

/** Prints one scheduler input. */
export function inputScript(name: string): string {
  return `bzcat ${quote(`${INPUTS}/${name}.bz2`)}`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DAY_MS = 24 * 60 * 60 * 1000;

/** `Nov 21 17:18:06.123 n1 pacemaker-controld [12] (function) notice: text` */
const LINE =
  /^(?<month>[A-Z][a-z]{2}) +(?<day>\d+) (?<hour>\d+):(?<minute>\d+):(?<second>\d+)(?:\.(?<fraction>\d+))? (?<node>\S+) (?<daemon>[\w-]+) *\[\d+\] \([^)]*\)\s+\w+: (?<text>.*)$/;

/** Events of one node from what EVENTS_SCRIPT prints. `nowMs` tells this year's lines from those of the last. */
export function readEvents(output: string, node: string, nowMs: number): ClusterEvent[] {
  const [clock = '', log = ''] = output.split(/^--$/m);
  const [, sign, hours, minutes, year] = /([+-])(\d\d)(\d\d) (\d+)/.exec(clock) ?? [];
  const offsetMs = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  const events: ClusterEvent[] = [];
  for (const line of log.split('\n')) {
    const found = LINE.exec(line)?.groups;
    if (!found) continue;
    const month = MONTHS.indexOf(found.month!) / 3;
    const at = (inYear: number) =>
      Date.UTC(
        inYear,
        month,
        Number(found.day),
        Number(found.hour),
        Number(found.minute),
        Number(found.second),
        Number((found.fraction ?? '0').slice(0, 3).padEnd(3, '0')),
      ) - offsetMs;
    const thisYear = at(Number(year ?? new Date(nowMs).getUTCFullYear()));
    const atMs = thisYear > nowMs + DAY_MS ? at(Number(year) - 1) : thisYear;
    const told = readText(found.text!, found.daemon!, node);
    if (told) events.push({ atMs, node, ...told });
  }
  return events;
}

type Told = Pick<ClusterEvent, 'kind' | 'text' | 'data'>;

/** How an operation ended that has no exit code (`pcmk_exec_status_str`), as agents say it. */
function statusOf(result: string): string {
  if (result.startsWith('Timed Out')) return 'timeout';
  return result.startsWith('Cancelled') ? 'cancelled' : 'error';
}

function readText(text: string, daemon: string, node: string): Told | null {
  let found = /^Result of (\w+) operation for (\S+) on (\S+): (.*?)(?: \||$)/.exec(text);
  if (found) {
    const [, shown = '', resource = '', where = '', result = ''] = found;
    // What it calls a probe is a monitor that is run once.
    const operation = shown === 'probe' ? 'monitor' : shown;
    // Before Pacemaker 2.1 an error was an unknown one.
    const code = exitStatusNamed(result.replace(/^unknown (?=error\b)/, ''));
    const intervalMs = Number(/ key=\S+_(\d+)/.exec(text)?.[1] ?? 0);
    const outcome = code === undefined ? { status: statusOf(result) } : { status: 'done', rc: code };
    return {
      kind: 'operation',
      text: `${operation} of ${resource} on ${where}: ${result}`,
      data: { resource, operation, node: where, intervalMs, ...outcome },
    };
  }
  found = /^Calculated transition (\d+)(.*), saving inputs in (?:.*\/)?(pe-[\w-]+)\.bz2/.exec(text);
  if (found) {
    const [, transition = '', remark = '', input = ''] = found;
    return {
      kind: 'transition',
      text: `transition ${transition} begins${remark}`,
      data: { transition: Number(transition), state: 'begun', input },
    };
  }
  found =
    /^Transition (\d+) .*Complete=(\d+), .*Incomplete=(\d+), Source=(?:.*\/)?(\S+?)(?:\.bz2)?\): (\w+)/.exec(
      text,
    );
  if (found) {
    const [, transition = '', complete = '', incomplete = '', input = '', state = ''] = found;
    return {
      kind: 'transition',
      text: `transition ${transition} ${state.toLowerCase()}: ${complete} of ${Number(complete) + Number(incomplete)} actions`,
      data: { transition: Number(transition), state: state.toLowerCase(), input },
    };
  }
  // Each daemon says it; one is enough.
  found = daemon === 'pacemaker-controld' ? /^Node (\S+) state is now (\w+)/.exec(text) : null;
  if (found) {
    const [, peer = '', state = ''] = found;
    return {
      kind: state === 'member' ? 'joined' : 'lost',
      text: `${peer} is ${state === 'member' ? 'a member' : state}`,
      data: { node: peer },
    };
  }
  found = /^Quorum (acquired|lost)/.exec(text);
  if (found) {
    if (daemon !== 'pacemaker-controld') return null;
    return { kind: 'quorum', text: `quorum ${found[1]}`, data: { quorate: found[1] === 'acquired' } };
  }
  found = /^Set DC to (\S+)/.exec(text);
  if (found) return { kind: 'dc', text: `${found[1]} is the DC`, data: { dc: found[1]! } };
  found = /^Operation '(\w+)' .*?targeting (\S+?),? (?:by|using) (\S+).*?: (.*)$/.exec(text);
  if (found && daemon === 'pacemaker-fenced') {
    const [, action = '', target = '', by = '', result = ''] = found;
    return {
      kind: 'fenced',
      text: `${action} of ${target} by ${by}: ${result.split(' |')[0]}`,
      data: { target, action, node },
    };
  }
  return null;
}

/** The inputs of a node from what INPUTS_SCRIPT prints, the oldest first. */
export function readInputs(output: string, node: string): SchedulerInput[] {
  return [...output.matchAll(/(pe-[\w-]+)\.bz2 (\d+) (\d+)$/gm)]
    .map(
      (match): SchedulerInput => ({
        node,
        name: match[1]!,
        atMs: Number(match[2]) * 1000,
        bytes: Number(match[3]),
      }),
    )
    .sort((a, b) => a.atMs - b.atMs);
}
