/** Two clusters on labs of their own for a comparison: ours, and the real Corosync + Pacemaker with the same configuration. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configureCluster, eventually, Lab, PROJECT, startAgent } from '../lab/lab.js';
import { installService } from '../lab/service.js';

/** A script that starts the real ones on a lab's nodes. */
export const PEER_DEFAULT = join(PROJECT, '../shared/lab/peer');

export interface SideOptions {
  /** Of the benchmark. */
  readonly name: string;
  readonly nodes: readonly string[];
  readonly tokenMs: number;
  /** `token_coefficient`, of ours alone; default: Corosync's. */
  readonly coefficientMs?: number;
  /** Statements of `crm configure`. */
  readonly configuration: string;
}

/** One kind of cluster on a lab of its own. */
export interface Side {
  readonly name: string;
  readonly lab: Lab;
  up(): Promise<void>;
  startNode(node: string): Promise<void>;
  /** All nodes are online, something is started and nothing is left to do. */
  whole(): Promise<void>;
}

export function ourSide({ name, nodes, tokenMs, coefficientMs, configuration }: SideOptions): Side {
  const lab = new Lab(name);
  const isOnline = (text: string) => text.includes(`Online: [ ${nodes.join(' ')} ]`);
  const side: Side = {
    name: 'quorate',
    lab,
    async up() {
      await lab.up(...nodes);
      const members = nodes.map((node, index) => ({ name: node, address: `10.77.0.${index + 1}` }));
      const coefficient = coefficientMs === undefined ? '' : `  token_coefficient: ${coefficientMs}\n`;
      await configureCluster(lab, members, `  token: ${tokenMs}\n${coefficient}`);
      for (const node of nodes) await side.startNode(node);
      await eventually(
        'all are online',
        async () => (await lab.exec('n1', 'crm_mon -1')).out,
        isOnline,
        60_000,
      );
      await lab.ok('n1', `crm configure load update - <<'CRM'\n${configuration}\nCRM`);
      await side.whole();
    },
    async startNode(node) {
      await installService(lab, node);
      await startAgent(lab, node);
    },
    async whole() {
      for (const node of nodes) {
        await eventually(
          'whole',
          async () => (await lab.exec(node, 'crm_mon -1')).out,
          (text) => isOnline(text) && /Started n\d/.test(text),
          60_000,
        );
      }
      await lab.ok('n1', 'crm_resource --wait');
    },
  };
  return side;
}

/** Null where there is no such script. */
export function peerSide(
  { name, nodes, tokenMs, configuration }: SideOptions,
  script = PEER_DEFAULT,
): Side | null {
  if (!existsSync(script)) return null;
  // It works on labs of its own kind.
  const lab = new Lab(`${name}-peer`, join(dirname(script), 'lab'));
  const run = (...args: string[]) =>
    execFileSync(script, ['--state', lab.state, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const side: Side = {
    name: 'Corosync + Pacemaker',
    lab,
    async up() {
      await lab.lab('down');
      run('start', String(nodes.length), String(tokenMs));
      run('wait', '90');
      for (const node of nodes) await installService(lab, node);
      await lab.ok('n1', `/usr/sbin/crm configure load update - <<'CRM'\n${configuration}\nCRM`);
      await side.whole();
    },
    async startNode(node) {
      await installService(lab, node);
      run('start-node', node);
    },
    async whole() {
      run('wait', '90');
      await eventually(
        'whole',
        async () => (await lab.exec('n1', '/usr/sbin/crm_mon -1')).out,
        (text) => text.includes(`Online: [ ${nodes.join(' ')} ]`) && /Started n\d/.test(text),
        60_000,
      );
      await lab.ok('n1', '/usr/sbin/crm_resource --wait --timeout 60');
    },
  };
  return side;
}

/** The value in the middle; of an even number, the upper one. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
