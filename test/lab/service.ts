/**
 * A service that can be watched: `ocf:lab:service` writes a line at every start and stop, on the node's own disk, so
 * that a test can say afterwards where it was active, and when. All hosts of a lab have one clock.
 */
import type { Lab } from './lab.js';

const TRACE = '/var/log/service-trace';

const AGENT = `#!/bin/sh
# Active while its file in /run is there: a boot forgets it, as it would any process.
flag=/run/service.$OCF_RESOURCE_INSTANCE
note() { echo "$(date +%s%3N) $1 $OCF_RESOURCE_INSTANCE" >>${TRACE}; }
case $1 in
start) [ -f $flag ] || note start; : >$flag ;;
stop) [ ! -f $flag ] || { rm -f $flag; note stop; } ;;
monitor) [ -f $flag ] || exit 7 ;;
meta-data) cat <<'XML'
<?xml version="1.0"?>
<resource-agent name="service"><version>1.0</version><longdesc lang="en">A traced service</longdesc>
<shortdesc lang="en">A traced service</shortdesc><parameters/>
<actions><action name="start" timeout="10s"/><action name="stop" timeout="10s"/>
<action name="monitor" timeout="10s" interval="10s"/><action name="meta-data" timeout="5s"/></actions></resource-agent>
XML
;;
*) exit 3 ;;
esac
`;

/** Makes `ocf:lab:service` known on a node; to be repeated after a boot, for /usr is the machine's own. */
export async function installService(lab: Lab, node: string): Promise<void> {
  await lab.write(node, '/root/ocf/lab/service', AGENT, '755');
  const agents = '/usr/lib/ocf/resource.d';
  await lab.ok(
    node,
    `mountpoint -q ${agents} || mount -t overlay lab -o lowerdir=/root/ocf:${agents} ${agents}`,
  );
}

export interface ServiceEvent {
  readonly atMs: number;
  readonly task: 'start' | 'stop';
  readonly resource: string;
  readonly node: string;
}

/** All starts and stops of the lab, oldest first; of a node that is off, what its disk has. */
export async function serviceTrace(lab: Lab, nodes: readonly string[]): Promise<ServiceEvent[]> {
  const events = await Promise.all(
    nodes.map(async (node) => {
      const text = await lab.ok(node, `cat ${TRACE} 2>/dev/null || true`);
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line): ServiceEvent => {
          const [atMs, task, resource] = line.split(' ');
          return { atMs: Number(atMs), task: task as ServiceEvent['task'], resource: resource!, node };
        });
    }),
  );
  return events.flat().sort((a, b) => a.atMs - b.atMs);
}

/** A time in which a service was active on a node; `untilMs` is infinite while it is. */
export interface Active {
  readonly node: string;
  readonly resource: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * When the service was active where.
 * @param ends times at which all that was active on a node ended unheard (power off)
 */
export function activeTimes(
  trace: readonly ServiceEvent[],
  ends: readonly { readonly node: string; readonly atMs: number }[] = [],
): Active[] {
  const open = new Map<string, { node: string; resource: string; fromMs: number }>();
  const times: Active[] = [];
  const close = (key: string, untilMs: number): void => {
    const one = open.get(key);
    open.delete(key);
    if (one) times.push({ ...one, untilMs });
  };
  const steps = [
    ...trace.map((event) => ({ ...event, task: event.task as string })),
    ...ends.map((end) => ({ ...end, task: 'end', resource: '' })),
  ].sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, task, resource, node } of steps) {
    const key = `${node} ${resource}`;
    if (task === 'start') {
      if (!open.has(key)) open.set(key, { node, resource, fromMs: atMs });
    } else if (task === 'stop') close(key, atMs);
    else for (const each of [...open.keys()]) if (each.startsWith(`${node} `)) close(each, atMs);
  }
  for (const key of [...open.keys()]) close(key, Number.POSITIVE_INFINITY);
  return times.sort((a, b) => a.fromMs - b.fromMs);
}

/** The longest time, in ms, for which one service was active on two nodes; 0 where it never was. */
export function longestOverlapMs(times: readonly Active[]): number {
  let worst = 0;
  for (const [i, a] of times.entries()) {
    for (const b of times.slice(i + 1)) {
      if (a.resource !== b.resource || a.node === b.node) continue;
      worst = Math.max(worst, Math.min(a.untilMs, b.untilMs) - Math.max(a.fromMs, b.fromMs));
    }
  }
  return worst;
}
