import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One cluster node of the demo: an agent with a root directory and a loopback address of its own. */
export interface DemoNode {
  readonly name: string;
  readonly address: string;
  /** The node's `$QUORATE_ROOT`. */
  readonly root: string;
}

/** Where the executables are; the demo runs what was built beside it. */
export const BIN = join(import.meta.dirname, '..', 'bin');

/** Makes directories, corosync.conf and key for `names` below a fresh directory. Needs no privileges. */
export function layOut(names: readonly string[], port: number): { directory: string; nodes: DemoNode[] } {
  const directory = mkdtempSync(join(tmpdir(), 'quorate-demo-'));
  const nodes = names.map((name, index) => ({
    name,
    address: `127.0.1.${index + 1}`,
    root: join(directory, name),
  }));
  const key = randomBytes(128);
  const members = nodes.map(
    (node, index) =>
      `    node {\n        ring0_addr: ${node.address}\n        name: ${node.name}\n        nodeid: ${index + 1}\n    }\n`,
  );
  const configuration = [
    'totem {\n    version: 2\n    cluster_name: demo\n    transport: udpu\n    token: 1000\n',
    `    interface {\n        ringnumber: 0\n        mcastport: ${port}\n    }\n}\n`,
    'quorum {\n    provider: corosync_votequorum\n}\n',
    `nodelist {\n${members.join('')}}\n`,
    'logging {\n    to_logfile: yes\n    timestamp: on\n}\n',
  ].join('');
  for (const node of nodes) {
    const etc = join(node.root, 'etc', 'corosync');
    mkdirSync(etc, { recursive: true });
    writeFileSync(join(etc, 'corosync.conf'), configuration);
    writeFileSync(join(etc, 'authkey'), key, { mode: 0o400 });
  }
  return { directory, nodes };
}

/** What a command run "on" this node sees. */
export function environment(node: DemoNode): NodeJS.ProcessEnv {
  const { CIB_file: _file, CIB_shadow: _shadow, ...rest } = process.env;
  return { ...rest, QUORATE_ROOT: node.root };
}

/** Starts the node's agent, its output going to a file below its root. */
export function powerOn(node: DemoNode): ChildProcess {
  const log = openSync(join(node.root, 'quorated.out'), 'a');
  const agent = spawn(join(BIN, 'quorated'), ['-f'], {
    env: environment(node),
    stdio: ['ignore', log, log],
    detached: true,
  });
  agent.on('error', () => {});
  return agent;
}

/**
 * Everything that runs on this node: the processes whose environment names its root. Reading another user's
 * environment is refused by the kernel, so only our own processes are ever found.
 */
export function processesOf(node: DemoNode): number[] {
  const mark = `QUORATE_ROOT=${node.root}`;
  const found: number[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)) found.push(pid);
    } catch {
      // The process has ended, or is not ours to read.
    }
  }
  return found;
}

/**
 * Cuts the node's power: SIGKILL to everything that runs on it, until nothing is left. `except` lets a process live.
 *
 * @returns how many processes were killed
 */
export function powerOff(node: DemoNode, except: readonly number[] = []): number {
  const killed = new Set<number>();
  // A process may be forking while it is killed: look again until a look finds none.
  for (let round = 0; round < 100; round++) {
    const alive = processesOf(node).filter((pid) => !except.includes(pid) && !isZombie(pid));
    if (alive.length === 0) break;
    for (const pid of alive) {
      try {
        process.kill(pid, 'SIGKILL');
        killed.add(pid);
      } catch {
        // It ended by itself.
      }
    }
  }
  return killed.size;
}

function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

export function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}
