/**
 * `npm run bench -- downtime [--runs N] [--nodes N] [--token MS] [--peer PATH]`: for how long a service is down when its
 * node loses power, ours against the real Corosync + Pacemaker with the same token, by turns in one run. Needs root, and
 * for the peer a script that starts one on a lab's nodes (default ../shared/lab/peer; without it ours alone is measured).
 *
 * Down is from the order to cut the power to the start of the service's agent on another node; no fencing on either side.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { configureCluster, eventually, Lab, PROJECT, startAgent } from '../lab/lab.js';
import { installService, serviceTrace } from '../lab/service.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    nodes: { type: 'string', default: '2' },
    token: { type: 'string', default: '1000' },
    peer: { type: 'string', default: join(PROJECT, '../shared/lab/peer') },
  },
});
const count = Number(values.nodes);
const nodes = Array.from({ length: count }, (_, index) => `n${index + 1}`);
const PROPERTIES = `stonith-enabled=false${count === 2 ? ' no-quorum-policy=ignore' : ''}`;
const PRIMITIVE = 'primitive web ocf:lab:service op monitor interval=5s timeout=5s';

/** One kind of cluster on a lab of its own. */
interface Side {
  readonly name: string;
  readonly lab: Lab;
  up(): Promise<void>;
  startNode(node: string): Promise<void>;
  /** All nodes are online and nothing is left to do. */
  whole(): Promise<void>;
}

const isWhole = (text: string) => text.includes(`Online: [ ${nodes.join(' ')} ]`) && /Started n\d/.test(text);

const ours: Side = {
  name: 'quorate',
  lab: new Lab('downtime'),
  async up() {
    await this.lab.up(...nodes);
    const members = nodes.map((name, index) => ({ name, address: `10.77.0.${index + 1}` }));
    await configureCluster(this.lab, members, `  token: ${values.token}\n`);
    for (const node of nodes) await this.startNode(node);
    await eventually(
      'all are online',
      async () => (await this.lab.exec('n1', 'crm_mon -1')).out,
      (text) => text.includes(`Online: [ ${nodes.join(' ')} ]`),
    );
    await this.lab.ok('n1', `crm configure load update - <<'CRM'\nproperty ${PROPERTIES}\n${PRIMITIVE}\nCRM`);
    await this.whole();
  },
  async startNode(node) {
    await installService(this.lab, node);
    await startAgent(this.lab, node);
  },
  async whole() {
    for (const node of nodes) {
      await eventually('whole', async () => (await this.lab.exec(node, 'crm_mon -1')).out, isWhole);
    }
    await this.lab.ok('n1', 'crm_resource --wait');
  },
};

const peer: Side = {
  name: 'Corosync + Pacemaker',
  // Its script works on labs of its own kind.
  lab: new Lab('downtime-peer', join(dirname(values.peer), 'lab')),
  async up() {
    await this.lab.lab('down');
    run('start', String(count), values.token);
    run('wait', '90');
    for (const node of nodes) await installService(this.lab, node);
    await this.lab.ok(
      'n1',
      `/usr/sbin/crm configure load update - <<'CRM'\nproperty ${PROPERTIES}\n${PRIMITIVE}\nCRM`,
    );
    await this.whole();
  },
  async startNode(node) {
    await installService(this.lab, node);
    run('start-node', node);
  },
  async whole() {
    run('wait', '90');
    await eventually(
      'whole',
      async () => (await this.lab.exec('n1', '/usr/sbin/crm_mon -1')).out,
      isWhole,
      60_000,
    );
    await this.lab.ok('n1', '/usr/sbin/crm_resource --wait --timeout 60');
  },
};

function run(...args: string[]): void {
  execFileSync(values.peer, ['--state', peer.lab.state, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function downMs({ lab, startNode, whole }: Side, side: Side): Promise<number> {
  const starts = async (among: readonly string[]) =>
    (await serviceTrace(lab, among)).filter(({ task }) => task === 'start');
  const holder = (await starts(nodes)).at(-1)!.node;
  const atMs = Date.now();
  await lab.lab('crash', holder);
  const survivors = nodes.filter((node) => node !== holder);
  const after = await eventually(
    `${side.name}: it runs elsewhere than on ${holder}`,
    () => starts(survivors),
    (all) => all.some((start) => start.atMs > atMs),
    60_000,
  );
  await lab.lab('boot', holder);
  await startNode.call(side, holder);
  await whole.call(side);
  return after.find((start) => start.atMs > atMs)!.atMs - atMs;
}

const middle = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

const sides = existsSync(values.peer) ? [ours, peer] : [ours];
const found = new Map<Side, number[]>(sides.map((side) => [side, []]));
try {
  for (const side of sides) await side.up();
  for (let turn = 0; turn < Number(values.runs); turn++) {
    for (const side of sides) {
      const ms = await downMs(side, side);
      found.get(side)!.push(ms);
      console.log(`  run ${turn + 1}, ${side.name}: ${ms} ms`);
    }
  }
  console.log(`${count} nodes, token ${values.token}: ms from the power cut to the start elsewhere`);
  for (const [side, all] of found) {
    console.log(
      `  ${side.name.padEnd(22)} median ${middle(all)}  worst ${Math.max(...all)}  (${all.join(' ')})`,
    );
  }
  if (sides.length === 2) {
    const ratio = middle(found.get(ours)!) / middle(found.get(peer)!);
    console.log(`  ratio ${ratio.toFixed(2)} (wanted: at most 0.50)`);
    if (ratio > 0.5) process.exitCode = 1;
  } else console.log(`  there is no ${values.peer}: nothing to compare with`);
} finally {
  for (const side of sides) await side.lab.down();
}
