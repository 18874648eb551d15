/** Hosts for a test: the `lab` script (see `lab help`) from TypeScript, and what clusters on it need. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants, cpSync, existsSync, lstatSync, rmSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { Terminal } from './terminal.js';

export const PROJECT = join(import.meta.dirname, '../..');
const BIN = join(PROJECT, 'dist/bin');
const SCRIPT = join(import.meta.dirname, 'lab');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** A command line of a host, and what it printed on both streams. */
export interface TypedCommand {
  readonly host: string;
  readonly command: string;
  readonly said: string;
}

/** Told of what is typed and written on a lab's hosts. */
export interface LabObserver {
  ran(typed: TypedCommand): void;
  written(path: string, text: string): void;
  opened(terminal: Terminal): void;
}

/** One lab: its hosts, their faults, and commands in them. `down` ends everything that was started in it. */
export class Lab {
  readonly state: string;
  observer: LabObserver | null = null;
  readonly #children = new Set<ChildProcess>();

  readonly #script: string;

  /**
   * @param name tells the labs of several tests apart
   * @param script another `lab` than ours
   */
  constructor(name: string, script = SCRIPT) {
    this.#script = script;
    const own = createHash('sha256').update(PROJECT).digest('hex').slice(0, 8);
    this.state = `${process.env.LAB_STATE ?? `/var/tmp/quorate-lab-${own}`}-${name}`;
  }

  /** Makes the client and these nodes; the first is 10.77.0.1, the second 10.77.0.2, ... What an earlier run left goes first. */
  async up(...nodes: string[]): Promise<void> {
    if (process.getuid?.() !== 0) throw new Error('the lab needs root: it makes network namespaces');
    if (!existsSync(join(BIN, 'crm'))) throw new Error("there is no dist/bin/crm: run 'npm run build' first");
    await this.lab('down');
    await this.lab('up', ...nodes);
  }

  async down(): Promise<void> {
    const ended = [...this.#children].map((child) => new Promise((resolve) => child.once('close', resolve)));
    for (const child of this.#children) child.kill('SIGTERM');
    // What a child has started in a host may hold its pipes open, and ends with the host.
    await this.lab('down');
    await Promise.all(ended);
  }

  /** A command of the lab itself: `crash`, `boot`, `cut`, ... */
  async lab(...args: string[]): Promise<string> {
    const ran = await run(this.#script, ['--state', this.state, ...args], {});
    if (ran.code !== 0) throw new Error(`lab ${args.join(' ')}: ${ran.err.trim() || ran.code}`);
    return ran.out;
  }

  /** Runs a command line in a host's shell, as root typing there, with our executables first on PATH. */
  async exec(host: string, command: string, options: RunOptions = {}): Promise<Ran> {
    const ran = await run(this.#script, ['--state', this.state, 'exec', host, 'bash', '-c', command], {
      ...options,
      env: { ...surroundings(), ...options.env },
    });
    this.observer?.ran({ host, command, said: ran.out + ran.err });
    return ran;
  }

  /** As `exec`; a failure is an error of the test, with what the command said. */
  async ok(host: string, command: string, options: RunOptions = {}): Promise<string> {
    const ran = await this.exec(host, command, options);
    if (ran.code !== 0) {
      throw new Error(`[${host}] ${command}\nexit ${ran.code}\n${ran.out}${ran.err}`);
    }
    return ran.out;
  }

  /** Starts something that runs on in a host until it is killed or the lab goes down. */
  start(host: string, command: string): ChildProcess {
    const child = spawn(this.#script, ['--state', this.state, 'exec', host, 'bash', '-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: surroundings(),
    });
    this.observer?.ran({ host, command, said: '' });
    return this.#keep(child);
  }

  /** As `start`, in the switch's network but with the machine's own processes and files in sight. */
  startOnSwitch(...command: string[]): ChildProcess {
    const child = spawn(this.#script, ['--state', this.state, 'exec', 'switch', ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return this.#keep(child);
  }

  onSwitch(...command: string[]): Promise<string> {
    return this.lab('exec', 'switch', ...command);
  }

  /** A command line on a terminal of that host. */
  terminal(host: string, command: string): Terminal {
    const args = ['--state', this.state, 'exec', host, 'bash', '-c', command];
    const terminal = new Terminal(this.#script, args, surroundings());
    this.observer?.opened(terminal);
    return terminal;
  }

  /** Writes a file on a host. */
  async write(host: string, path: string, text: string, mode = '644'): Promise<void> {
    const command = `mkdir -p "$(dirname '${path}')" && cat >'${path}' && chmod ${mode} '${path}'`;
    await this.ok(host, command, { stdin: text });
    this.observer?.written(path, text);
  }

  /**
   * For a test that has failed: what the nodes say, and the end of the agents' logs. All that is in the nodes' /var/log
   * and /var/lib/quorate, also of those that are off, is kept in dist/failed/ until this lab fails again.
   * @param status a command line that says how things stand on a node
   */
  async explain(nodes: readonly string[], status = 'crm_mon -1rf'): Promise<void> {
    const kept = join(PROJECT, 'dist/failed', basename(this.state));
    rmSync(kept, { recursive: true, force: true });
    for (const node of nodes) {
      const said = await this.exec(node, `${status}; tail -n 60 /var/log/quorate/quorated.log`, {
        timeoutMs: 10_000,
      });
      console.log(`--- ${node}\n${said.out}${said.err}`);
      for (const directory of ['var/log', 'var/lib/quorate']) {
        const disk = join(this.state, 'disk', node, 'upper', directory);
        if (existsSync(disk)) cpSync(disk, join(kept, node, directory), { recursive: true, filter: isPlain });
      }
    }
    console.log(`--- all logs: ${kept}`);
  }

  #keep(child: ChildProcess): ChildProcess {
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    return child;
  }
}

/** Not a socket, pipe or device, which cannot be copied. */
function isPlain(path: string): boolean {
  const { mode } = lstatSync(path);
  return [constants.S_IFREG, constants.S_IFDIR, constants.S_IFLNK].includes(mode & constants.S_IFMT);
}

/** What a person's login shell on a host would have, and nothing of the test's own. */
function surroundings(): Record<string, string> {
  const node = join(process.execPath, '..');
  return {
    PATH: [BIN, node, '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(
      delimiter,
    ),
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    HOME: '/root',
  };
}

function run(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        env: options.env ? { ...options.env } : process.env,
        timeout: options.timeoutMs ?? 120_000,
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, out, err) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 128) : 0;
        resolve({ code, out, err });
      },
    );
    // A command that ends without reading its input is no failure of the test.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin ?? '');
  });
}

export interface ClusterNode {
  readonly name: string;
  readonly address: string;
}

/** The configuration file of the tutorial. */
export function corosyncConf(nodes: readonly ClusterNode[], totem = ''): string {
  const entries = nodes.map(
    ({ name, address }, index) =>
      `  node {\n    ring0_addr: ${address}\n    name: ${name}\n    nodeid: ${index + 1}\n  }\n`,
  );
  return `totem {
  version: 2
  cluster_name: lbcluster
  transport: udpu
${totem}  interface {
    ringnumber: 0
    bindnetaddr: ${nodes[0]!.address}
    broadcast: yes
    mcastport: 5405
  }
}

quorum {
  provider: corosync_votequorum
${nodes.length === 2 ? '  two_node: 1\n' : ''}}

nodelist {
${entries.join('')}}

logging {
  to_logfile: yes
  logfile: /var/log/corosync/corosync.log
  to_syslog: yes
  timestamp: on
}
`;
}

/** Gives the nodes a corosync.conf and a common key. */
export async function configureCluster(lab: Lab, nodes: readonly ClusterNode[], totem = ''): Promise<void> {
  const key = randomBytes(128).toString('base64');
  await Promise.all(
    nodes.map(async ({ name }) => {
      await lab.write(name, '/etc/corosync/corosync.conf', corosyncConf(nodes, totem));
      await lab.ok(name, 'base64 -d >/etc/corosync/authkey && chmod 400 /etc/corosync/authkey', {
        stdin: key,
      });
    }),
  );
}

/** What a command begins with that an init system would start: a test that runs niced would starve it beside other work. */
export const AT_NORMAL_PRIORITY = 'nice -n -$(nice)';

/** Starts the agent of a node as its init system would: on its own, with a log. */
export async function startAgent(lab: Lab, node: string): Promise<void> {
  await lab.ok(node, `${AT_NORMAL_PRIORITY} setsid quorated >>/var/log/quorated.log 2>&1 </dev/null &`);
}

/** Repeats until the value satisfies; the last value is in the error of the one that never does. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  good: (value: T) => boolean,
  withinMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await look();
    if (good(value)) return value;
    if (Date.now() > deadline) {
      const shown = typeof value === 'string' ? value : JSON.stringify(value, null, 1);
      throw new Error(`${what}: not within ${withinMs / 1000} s; at last:\n${shown}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
