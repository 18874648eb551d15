/** Two hosts with a database on DRBD under a cluster's care: what the stories about it begin with. */
import type { ClientLoop } from './client-loop.js';
import { configureCluster, eventually, Lab, startAgent } from './lab.js';
import { DATABASE_ADDRESS, databaseClient, installDatabase } from './stand-in-database.js';
import { StandInDrbd } from './stand-in-drbd.js';

const nodes = [
  { name: 'n1', address: '10.77.0.1' },
  { name: 'n2', address: '10.77.0.2' },
];

export const CONFIGURATION = `
primitive disk ocf:linbit:drbd \\
  params drbd_resource=drbd0 fail_promote_early_if_peer_primary=true \\
  op start timeout=240s interval=0 op promote timeout=90s interval=0 op demote timeout=90s interval=0 \\
  op stop timeout=100s interval=0 op notify timeout=90s interval=0 \\
  op monitor role=Master interval=2s timeout=20s op monitor role=Slave interval=3s timeout=20s
primitive files Filesystem params device="/dev/drbd1" directory="/mnt/nd0" fstype=ext3 op monitor interval=10s
primitive address IPaddr2 params ip=${DATABASE_ADDRESS} cidr_netmask=24 op monitor interval=10s
primitive database lsb:database op monitor interval=5s meta migration-threshold=1
group service files address database
ms disk-clone disk meta master-max=1 master-node-max=1 clone-max=2 clone-node-max=1 notify=true
colocation service-with-disk inf: service disk-clone:Master
order disk-first Mandatory: disk-clone:promote service:start
location home disk-clone rule $role=Master 50: #uname eq n1
property stonith-enabled=false
rsc_defaults resource-stickiness=100
`;

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
