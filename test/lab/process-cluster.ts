/**
 * Nodes that are processes of one machine, each with a root directory and a loopback address of its own, and a fence agent
 * that turns them off. Needs no privileges.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, listPids, readEnvironment, readProcess } from '../../src/executor/process-table.js';

const project = join(import.meta.dirname, '../..');
const fixtures = join(project, 'test/fixtures');
export const BIN = join(project, 'dist/bin');

export interface ProcessNode {
  readonly name: string;
  /** Its `QUORATE_ROOT`. */
  readonly root: string;
}

export class ProcessCluster {
  readonly directory: string;
  readonly nodes: readonly ProcessNode[];
  readonly #network: string;

  /**
   * @param name tells the directories of several tests apart
   * @param network the first three bytes of the nodes' addresses, below 127
   */
  constructor(name: string, network: string, nodes: readonly string[] = ['n1', 'n2', 'n3']) {
    this.directory = mkdtempSync(join(tmpdir(), `quorate-${name}-`));
    this.#network = network;
    this.nodes = nodes.map((node) => ({ name: node, root: join(this.directory, node) }));
  }

  /** Starts all nodes; resolves when they are online. */
  async up(): Promise<void> {
    const port = await freePort();
    const members = this.nodes.map(
      ({ name }, index) =>
        `node {\n ring0_addr: ${this.#network}.${index + 1}\n name: ${name}\n nodeid: ${index + 1}\n }\n`,
    );
    const configuration = `totem {\n version: 2\n cluster_name: lab\n transport: udpu\n token: 2000\n
    interface {\n ringnumber: 0\n mcastport: ${port}\n }\n }\n
    quorum {\n provider: corosync_votequorum\n }\n nodelist {\n ${members.join('')} }\n`;
    const key = randomBytes(128);
    for (const { root } of this.nodes) {
      mkdirSync(join(root, 'etc/corosync'), { recursive: true });
      writeFileSync(join(root, 'etc/corosync/corosync.conf'), configuration);
      writeFileSync(join(root, 'etc/corosync/authkey'), key, { mode: 0o400 });
      mkdirSync(join(root, 'usr/sbin'), { recursive: true });
      copyFileSync(join(fixtures, 'stonith/fence_processes'), join(root, 'usr/sbin/fence_processes'));
      cpSync(join(fixtures, 'ocf'), join(root, 'usr/lib/ocf/resource.d'), { recursive: true });
    }
    for (const node of this.nodes) this.powerOn(node);
    await this.online();
  }

  async online(): Promise<void> {
    const all = `Online: [ ${this.nodes.map(({ name }) => name).join(' ')} ]`;
    await until(() => this.status().includes(all), 'all nodes are online');
  }

  /** The device for all nodes, as a statement of `crm configure`. */
  get fenceDevice(): string {
    const names = this.nodes.map(({ name }) => name).join(' ');
    return `primitive st stonith:fence_processes params roots="${this.directory}/%n" nodes="${names}" pcmk_host_list="${names}"`;
  }

  node(name: string): ProcessNode {
    return this.nodes.find((node) => node.name === name)!;
  }

  powerOn({ root }: ProcessNode): void {
    // What a boot forgets.
    rmSync(join(root, 'run'), { recursive: true, force: true });
    const log = openSync(join(root, 'out'), 'a');
    spawn(join(BIN, 'quorated'), ['-f'], {
      env: { ...process.env, QUORATE_ROOT: root },
      stdio: ['ignore', log, log],
      detached: true,
    }).unref();
  }

  powerOff(node: ProcessNode): void {
    for (let round = 0; round < 20; round++) {
      const pids = this.processesOf(node);
      if (pids.length === 0) return;
      for (const pid of pids) kill(pid);
    }
  }

  processesOf({ root }: ProcessNode): number[] {
    return listPids().filter(
      (pid) => readEnvironment(pid, 'QUORATE_ROOT') === root && isAlive(readProcess(pid)),
    );
  }

  isUp(node: ProcessNode): boolean {
    return this.processesOf(node).length > 0;
  }

  /** What one of our tools prints, on standard output and error, on a node; the first that is up where none is named. */
  run(tool: string, words: readonly string[], node = this.nodes.find((each) => this.isUp(each))): string {
    if (!node) return 'no node is up';
    const { stdout, stderr } = spawnSync(join(BIN, tool), words, {
      env: { ...process.env, QUORATE_ROOT: node.root },
      encoding: 'utf8',
      timeout: 120_000,
    });
    return stdout + stderr;
  }

  status(): string {
    return this.run('crm_mon', ['-1', '-r']);
  }

  /** Adds statements of `crm configure`. */
  configure(...statements: string[]): string {
    const file = join(this.directory, 'configuration.crm');
    writeFileSync(file, `${statements.join('\n')}\n`);
    return this.run('crm', ['configure', 'load', 'update', file]);
  }

  /** Ends everything; the directory stays where `QUORATE_LAB_KEEP` is set. */
  down(): void {
    for (const node of this.nodes) this.powerOff(node);
    if (process.env.QUORATE_LAB_KEEP === undefined)
      rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
    else console.log(`kept: ${this.directory}`);
  }
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Waits for something; `what` says in the error how things are when it does not come. */
export async function until(
  condition: () => boolean,
  what: string | (() => string),
  timeoutMs = 60_000,
): Promise<void> {
  for (const startedAt = Date.now(); !condition(); ) {
    if (Date.now() - startedAt > timeoutMs) {
      throw new Error(`${typeof what === 'string' ? what : what()}: not within ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
