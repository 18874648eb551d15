/**
 * `npm run bench -- dummies [--count N] [--nodes N] [--alone] [--peer PATH]`: how long it takes from loading so many
 * Dummy resources to the last of them running, and what the cluster costs once it is idle again; ours against the real
 * Corosync + Pacemaker, one after the other. Needs root, and for the peer a script that starts one on a lab's nodes
 * (default ../shared/lab/peer; `--alone` or no such script: ours only).
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { configureCluster, eventually, Lab, PROJECT, startAgent } from '../lab/lab.js';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '500' },
    nodes: { type: 'string', default: '3' },
    alone: { type: 'boolean', default: false },
    peer: { type: 'string', default: join(PROJECT, '../shared/lab/peer') },
  },
});
const count = Number(values.count);
const nodes = Array.from({ length: Number(values.nodes) }, (_, index) => `n${index + 1}`);
/** Of Pacemaker's time. */
const BUDGET = 0.3;
const IDLE_S = 20;

interface Side {
  readonly name: string;
  readonly lab: Lab;
  /** Put before a command line so that it finds this side's tools. */
  readonly path: string;
  up(): Promise<void>;
}

const ours: Side = {
  name: 'quorate',
  lab: new Lab('dummies'),
  path: ':',
  async up() {
    await this.lab.up(...nodes);
    const members = nodes.map((name, index) => ({ name, address: `10.77.0.${index + 1}` }));
    await configureCluster(this.lab, members);
    for (const node of nodes) await startAgent(this.lab, node);
  },
};

const peer: Side = {
  name: 'Corosync + Pacemaker',
  // Its script works on labs of its own kind.
  lab: new Lab('dummies-peer', join(dirname(values.peer), 'lab')),
  path: 'PATH=/usr/sbin:$PATH',
  async up() {
    await this.lab.lab('down');
    const state = ['--state', this.lab.state];
    execFileSync(values.peer, [...state, 'start', values.nodes], { stdio: ['ignore', 'ignore', 'inherit'] });
  },
};

const dummy = (index: number): string =>
  `<primitive id="d${index}" class="ocf" provider="heartbeat" type="Dummy"/>`;
const RESOURCES = `<resources>${Array.from({ length: count }, (_, index) => dummy(index)).join('')}</resources>`;

/** Clock ticks of 10 ms that the processes of a node, and what they have waited for, have had. */
const TICKS = `cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | awk '{ sum += $12 + $13 + $14 + $15 } END { print sum }'`;

/** Sum over the nodes of what a command line prints there. */
async function sum({ lab }: Side, command: string): Promise<number> {
  const all = await Promise.all(nodes.map((node) => lab.ok(node, command)));
  return all.reduce((total, text) => total + Number(text), 0);
}

async function measure(
  side: Side,
): Promise<{ readonly startS: number; readonly cpuS: number; readonly idle: number }> {
  const { lab, path } = side;
  await side.up();
  await eventually(
    `${side.name}: all are online`,
    async () => (await lab.exec('n1', `${path}; crm_mon -1`)).out,
    (text) => text.includes(`Online: [ ${nodes.join(' ')} ]`),
    120_000,
  );
  await lab.ok('n1', `${path}; crm_attribute -n stonith-enabled -v false`);
  await lab.write('n1', '/root/resources.xml', RESOURCES);
  const ticksBefore = await sum(side, TICKS);
  const startedAt = performance.now();
  await lab.ok('n1', `${path}; cibadmin --replace --scope resources --xml-file /root/resources.xml`);
  // What Dummy leaves where it has been started: a look costs nothing, unlike a status of all.
  await eventually(
    `${side.name}: ${count} run`,
    () => sum(side, 'ls /run/resource-agents /run | grep -c "^Dummy-.*state$" || true'),
    (running) => running >= count,
    400_000,
  );
  const startS = (performance.now() - startedAt) / 1000;
  await lab.ok('n1', `${path}; crm_resource --wait`, { timeoutMs: 300_000 });
  const ticksIdle = await sum(side, TICKS);
  await new Promise((resolve) => setTimeout(resolve, IDLE_S * 1000));
  const ticksAfter = await sum(side, TICKS);
  return {
    startS,
    cpuS: (ticksIdle - ticksBefore) / 100,
    idle: (ticksAfter - ticksIdle) / IDLE_S / nodes.length,
  };
}

const sides = !values.alone && existsSync(values.peer) ? [ours, peer] : [ours];
const found: number[] = [];
for (const side of sides) {
  try {
    const { startS, cpuS, idle } = await measure(side);
    found.push(startS);
    console.log(
      `  ${side.name.padEnd(22)} ${count} Dummies on ${nodes.length} nodes run after ${startS.toFixed(1)} s (CPU ${cpuS.toFixed(1)} s); idle then ${idle.toFixed(2)} % of a core and node`,
    );
  } finally {
    await side.lab.down();
  }
}
const [own, others] = found;
if (own !== undefined && others !== undefined) {
  console.log(`  ratio ${(own / others).toFixed(2)} (wanted: at most ${BUDGET})`);
  if (own / others > BUDGET) process.exitCode = 1;
}
