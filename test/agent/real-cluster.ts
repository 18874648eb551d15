import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { openLocal } from '../../src/connection/local.js';
import type { Method, Params, Result } from '../../src/protocol/messages.js';

/** Agents on loopback addresses, each with its own root, as real processes without privileges. */
export class RealCluster {
  readonly directory = mkdtempSync(join(tmpdir(), 'quorate-agents-'));
  readonly names: readonly string[];
  readonly #agents = new Map<string, ChildProcess>();
  readonly #tokenMs: number;
  readonly #network: number;

  constructor(names: readonly string[], tokenMs: number) {
    this.names = names;
    this.#tokenMs = tokenMs;
    // Another run at the same time must not hear this one.
    this.#network = 16 + (process.pid % 200);
  }

  /** Builds the agent as another version, which speaks these versions of the messages, into `VARIANT/bin`. */
  async buildVariant(variant: string, version: string, protocol: string): Promise<void> {
    const file = join(import.meta.dirname, '../../src/membership/protocol.ts');
    const source = readFileSync(file, 'utf8').replace(
      /(export const PROTOCOL: ProtocolRange = )\{.*?\}/,
      `$1${protocol}`,
    );
    await this.#build(`${variant}/bin`, version, [
      {
        name: 'another protocol',
        setup: (b) =>
          b.onLoad({ filter: /membership\/protocol\.ts$/ }, () => ({ contents: source, loader: 'ts' })),
      },
    ]);
    writeFileSync(join(this.directory, variant, 'package.json'), '{"type":"module"}');
  }

  async prepare(): Promise<void> {
    await this.#build('dist/bin', '0.0.0-test', []);
    this.#configure();
  }

  async #build(directory: string, version: string, plugins: Plugin[]): Promise<void> {
    await build({
      entryPoints: ['test/agent/quorated.ts'],
      outdir: join(this.directory, directory),
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'error',
      define: { __QUORATE_VERSION__: JSON.stringify(version) },
      plugins,
    });
  }

  #configure(): void {
    writeFileSync(join(this.directory, 'dist/package.json'), '{"type":"module"}');
    const key = randomBytes(128);
    const nodes = this.names.map(
      (name, i) => `node {\n ring0_addr: ${this.address(i)}\n name: ${name}\n nodeid: ${i + 1}\n}\n`,
    );
    const conf =
      `totem {\n version: 2\n cluster_name: test\n transport: udpu\n token: ${this.#tokenMs}\n token_coefficient: 0\n}\n` +
      `quorum {\n provider: corosync_votequorum\n}\nnodelist {\n${nodes.join('')}}\n`;
    for (const name of this.names) {
      const etc = join(this.root(name), 'etc/corosync');
      mkdirSync(etc, { recursive: true });
      writeFileSync(join(etc, 'corosync.conf'), conf);
      writeFileSync(join(etc, 'authkey'), key, { mode: 0o400 });
      this.#installAgent(name);
    }
  }

  /** `ocf:test:flag`: active while its file is there; every start and stop is a line in `operations`. */
  #installAgent(name: string): void {
    const directory = join(this.root(name), 'usr/lib/ocf/resource.d/test');
    mkdirSync(directory, { recursive: true });
    const log = join(this.directory, 'operations');
    const script = `#!/bin/sh
flag=${this.root(name)}/flag.$OCF_RESOURCE_INSTANCE
case $1 in
start) echo "$(date +%s%3N) start $OCF_RESOURCE_INSTANCE ${name}" >> ${log}; : > $flag;;
stop) rm -f $flag; echo "$(date +%s%3N) stop $OCF_RESOURCE_INSTANCE ${name}" >> ${log};;
monitor) [ -f $flag ] || exit 7;;
meta-data) echo '<resource-agent name="flag"/>';;
*) exit 3;;
esac
`;
    writeFileSync(join(directory, 'flag'), script);
    chmodSync(join(directory, 'flag'), 0o755);
  }

  address(index: number): string {
    return `127.0.${this.#network}.${index + 1}`;
  }

  root(name: string): string {
    return join(this.directory, name);
  }

  /** @param variant what `buildVariant` has made */
  start(name: string, variant = 'dist'): void {
    const log = openSync(join(this.directory, `${name}.log`), 'a');
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const agent = spawn(process.execPath, [join(this.directory, variant, 'bin/quorated.js'), '-f'], {
      env: { ...env, QUORATE_ROOT: this.root(name) },
      stdio: ['ignore', log, log],
      detached: true,
    });
    this.#agents.set(name, agent);
  }

  agent(name: string): ChildProcess {
    return this.#agents.get(name)!;
  }

  log(name: string): string {
    return readFileSync(join(this.directory, `${name}.log`), 'utf8');
  }

  operations(): { atMs: number; task: string; resource: string; node: string }[] {
    let text = '';
    try {
      text = readFileSync(join(this.directory, 'operations'), 'utf8');
    } catch {
      return [];
    }
    return text
      .trim()
      .split('\n')
      .map((line) => {
        const [atMs, task, resource, node] = line.split(' ');
        return { atMs: Number(atMs), task: task!, resource: resource!, node: node! };
      });
  }

  /** SIGKILL to everything that runs on the node; its flags go, as with the power. */
  powerOff(name: string): void {
    for (const pid of this.#processes(name)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
    }
    for (const file of readdirSync(this.root(name))) {
      if (!file.startsWith('flag.')) continue;
      rmSync(join(this.root(name), file));
      appendFileSync(join(this.directory, 'operations'), `${Date.now()} lost ${file.slice(5)} ${name}\n`);
    }
    rmSync(join(this.root(name), 'run'), { recursive: true, force: true });
  }

  #processes(name: string): number[] {
    const mark = `QUORATE_ROOT=${this.root(name)}`;
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => {
        if (!Number.isInteger(pid)) return false;
        try {
          return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
        } catch {
          return false;
        }
      });
  }

  /** Undefined where the agent does not answer, or refuses. */
  async ask<M extends Method>(name: string, method: M, params: Params<M>): Promise<Result<M> | undefined> {
    const socketPath = join(this.root(name), 'run/quorate/quorated.sock');
    const opened = await openLocal({ program: 'test', socketPath });
    if (!opened.ok) return undefined;
    const answer = await opened.value.call(method, params);
    await opened.value.close();
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    return answer.value;
  }

  remove(): void {
    for (const name of this.names) this.powerOff(name);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
