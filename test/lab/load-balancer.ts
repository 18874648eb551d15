/**
 * The surroundings of the tutorial: nginx on both nodes with a page that names its host, a reserved address that a
 * stand-in for DigitalOcean's services moves, and a client that asks for the page in a loop.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ClientLoop } from './client-loop.js';
import { type ClusterNode, eventually, type Lab } from './lab.js';

export const RESERVED_IP = '203.0.113.10';
export const TOKEN = 'dop_v1_0123456789abcdef';
const API = '10.77.0.250';
const METADATA = '169.254.169.254';
export const API_URL = `http://${API}`;

const NGINX = `worker_processes 1;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 64; }
http {
  access_log off;
  server {
    listen 80 default_server;
    root /var/www/html;
    location / { index index.html; add_header Connection close; }
  }
}
`;

export class LoadBalancer {
  readonly #lab: Lab;
  readonly #nodes: readonly ClusterNode[];
  readonly cloudLog: string[] = [];
  #loop: ClientLoop | undefined;

  constructor(lab: Lab, nodes: readonly ClusterNode[]) {
    this.#lab = lab;
    this.#nodes = nodes;
  }

  async prepare(): Promise<void> {
    for (const { name } of this.#nodes) {
      await this.#lab.write(name, '/etc/nginx/nginx.conf', NGINX);
      // /var/www is the machine's own, shared by all hosts: each gets a page of its own in its memory.
      await this.#lab.write(name, '/srv/www/index.html', `${name}\n`);
      await this.#lab.ok(
        name,
        "sed -i 's,/var/www/html,/srv/www,' /etc/nginx/nginx.conf && mkdir -p /var/log/nginx",
      );
      await this.boot(name);
    }
    await this.#lab.onSwitch('ip', 'addr', 'add', `${API}/24`, 'dev', 'br0');
    await this.#lab.onSwitch('ip', 'addr', 'add', `${METADATA}/32`, 'dev', 'br0');
    const options = {
      lab: join(import.meta.dirname, 'lab'),
      state: this.#lab.state,
      api: API,
      metadata: METADATA,
      token: TOKEN,
      ip: RESERVED_IP,
      droplets: this.#nodes.map(({ name, address }, index) => ({ id: 1001 + index, name, address })),
    };
    const cloud = this.#lab.startOnSwitch(
      process.execPath,
      join(import.meta.dirname, 'cloud.mjs'),
      JSON.stringify(options),
    );
    createInterface({ input: cloud.stdout! }).on('line', (line) => this.cloudLog.push(line));
    createInterface({ input: cloud.stderr! }).on('line', (line) => this.cloudLog.push(`! ${line}`));
    await eventually(
      'the cloud is ready',
      async () => [...this.cloudLog],
      (log) => log.includes('ready'),
    );
  }

  /** What a droplet has after each boot: the way to its metadata service. */
  async boot(node: string): Promise<void> {
    await this.#lab.ok(node, `ip route replace ${METADATA}/32 dev eth0`);
  }

  /** Begins to ask for the page all the time. */
  startLoop(): void {
    this.#loop = new ClientLoop(this.#lab, `curl -q -s --max-time 0.5 http://${RESERVED_IP}/`);
  }

  /** What was answered since `startLoop`. */
  get loop(): ClientLoop {
    if (!this.#loop) throw new Error('nobody asks for the page yet');
    return this.#loop;
  }
}
