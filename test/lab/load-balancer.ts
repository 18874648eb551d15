/**
 * The surroundings of the tutorial: nginx on both nodes with a page that names its host, a reserved address that a
 * stand-in for DigitalOcean's services moves, and a client that asks for the page in a loop.
 */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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

/** One answer of the client's loop. */
export interface Sample {
  readonly atMs: number;
  /** Name of the host that answered; null where none did. */
  readonly host: string | null;
}

export class LoadBalancer {
  readonly #lab: Lab;
  readonly #nodes: readonly ClusterNode[];
  readonly cloudLog: string[] = [];
  readonly samples: Sample[] = [];
  #loop: ChildProcess | undefined;

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

  /** The client's loop: every 50 ms a request with a connection of its own. */
  startLoop(): void {
    const script = `while :; do
      answer=$(curl -q -s --max-time 0.5 http://${RESERVED_IP}/) || answer=
      printf '%s %s\\n' "$(date +%s%3N)" "$answer"
      sleep 0.05
    done`;
    this.#loop = this.#lab.start('client', script);
    createInterface({ input: this.#loop.stdout! }).on('line', (line) => {
      const [at, host] = line.split(' ');
      this.samples.push({ atMs: Number(at), host: host ? host : null });
    });
  }

  stopLoop(): void {
    this.#loop?.kill('SIGTERM');
  }

  /** Waits until the loop is answered by this host, several times running. */
  async servedBy(host: string, withinMs = 30_000): Promise<void> {
    await eventually(
      `${host} serves the page`,
      async () => this.samples.slice(-3).map((sample) => sample.host),
      (last) => last.length === 3 && last.every((each) => each === host),
      withinMs,
    );
  }

  /** The longest time without an answer since `sinceMs`, in ms, between two answers. */
  longestGapMs(sinceMs: number): number {
    let longest = 0;
    let last = sinceMs;
    for (const sample of this.samples) {
      if (sample.atMs < sinceMs || sample.host === null) continue;
      longest = Math.max(longest, sample.atMs - last);
      last = sample.atMs;
    }
    return longest;
  }
}
