/** Two hosts with a database on DRBD under a cluster's care: what the stories about it begin with. */
import type { ClientLoop } from './client-loop.js';
import { configureCluster, eventually, Lab, startAgent } from './lab.js';
import { databaseClient, installDatabase } from './stand-in-database.js';
import { StandInDrbd } from './stand-in-drbd.js';

const nodes = [
  { name: 'n1', address: '10.77.0.1' },
  { name: 'n2', address: '10.77.0.2' },
];

export class DrbdService {
  readonly lab: Lab;
  readonly drbd: StandInDrbd;
  #client: ClientLoop | undefined;

  constructor(name: string) {
    this.lab = new Lab(name);
    this.drbd = new StandInDrbd(this.lab, nodes);
  }

  /** The client that adds rows, from the first time it is asked for. */
  get client(): ClientLoop {
    this.#client ??= databaseClient(this.lab);
    return this.#client;
  }

  status(node: string): Promise<string> {
    return this.lab.ok(node, 'crm status');
  }

  /** Both nodes in a cluster without resources. */
  async up(): Promise<void> {
    const { lab, drbd } = this;
    await lab.up('n1', 'n2');
    await drbd.prepare();
    for (const { name } of nodes) await installDatabase(lab, name);
    await configureCluster(lab, nodes, '  token: 1000\n');
    await Promise.all(nodes.map(({ name }) => startAgent(lab, name)));
    await eventually(
      'both nodes are online',
      async () => (await lab.exec('n1', 'crm status')).out,
      (text) => /Online: \[ n1 n2 \]/.test(text),
    );
  }

  async down(): Promise<void> {
    await this.lab.down();
    this.drbd.remove();
  }

  async boot(node: string): Promise<void> {
    await this.lab.lab('boot', node);
    await this.drbd.boot(node);
    await startAgent(this.lab, node);
  }

  /** For a test that has failed. */
  async explain(): Promise<void> {
    await this.lab.explain(
      nodes.map(({ name }) => name),
      'crm_mon -1rfA',
    );
    console.log(`--- drbd\n${this.drbd.log.slice(-15).join('\n')}`);
  }
}
