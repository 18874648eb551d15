/**
 * `npm run bench -- prompt`: how long the prompt takes to appear and a key to be seen, on a pseudo-terminal, with a small
 * CIB and with one of 5,000 resources. Wall-clock medians, and the CPU time of the shell's process, which other work on
 * the machine hardly changes; starts are compared with an empty Node in the same run.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IPty, spawn } from '@lydell/node-pty';

const CRM = join(import.meta.dirname, '../bin/crm');
const STARTS = Number(process.env.STARTS ?? '7');
const KEYS = Number(process.env.KEYS ?? '60');
const RESOURCES = Number(process.env.RESOURCES ?? '5000');

const folder = mkdtempSync(join(tmpdir(), 'bench-prompt-'));

function cibOf(resources: number): string {
  const primitives = Array.from(
    { length: resources },
    (_, index) => `<primitive id="r${index}" class="ocf" provider="pacemaker" type="Dummy">
  <instance_attributes id="r${index}-instance_attributes"><nvpair id="r${index}-state" name="state" value="/run/r${index}"/></instance_attributes>
  <operations><op id="r${index}-monitor-10s" name="monitor" interval="10s" timeout="20s"/></operations></primitive>`,
  );
  const path = join(folder, `cib-${resources}.xml`);
  writeFileSync(
    path,
    `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0"><configuration>
<crm_config/><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>
<resources>${primitives.join('\n')}</resources><constraints/></configuration><status/></cib>\n`,
  );
  return path;
}

/** CPU milliseconds of all threads of a process. */
function cpuMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = tasks.map((task) => {
    try {
      return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      return 0;
    }
  });
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const p95 = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0;

/** The shell on a terminal; `until` resolves when new output satisfies. */
class Shell {
  readonly pty: IPty;
  #text = '';
  #wake: () => void = () => {};

  constructor(cib: string) {
    this.pty = spawn(process.execPath, [CRM], {
      cols: 100,
      rows: 30,
      name: 'xterm-256color',
      env: { PATH: process.env.PATH ?? '', HOME: folder, CIB_file: cib, LANG: 'C.UTF-8' },
    });
    this.pty.onData((data) => {
      this.#text += data;
      this.#wake();
    });
  }

  async until(wanted: RegExp): Promise<void> {
    while (!wanted.test(this.#text)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#text = '';
  }

  /** What came before is not what is waited for. */
  forget(): void {
    this.#text = '';
  }

  async end(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.pty.onExit(() => resolve()));
    this.pty.kill('SIGKILL');
    await ended;
  }
}

const PROMPT = /crm\(live\/[^)]*\)/;

async function starts(cib: string, what: string): Promise<void> {
  const empty: number[] = [];
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let turn = 0; turn < STARTS; turn++) {
    const script = 'process.stdout.write(require("fs").readFileSync("/proc/self/schedstat"))';
    empty.push(
      Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).split(' ')[0]) / 1e6,
    );
    const startedAt = performance.now();
    const shell = new Shell(cib);
    await shell.until(PROMPT);
    wall.push(performance.now() - startedAt);
    cpu.push(cpuMs(shell.pty.pid));
    await shell.end();
  }
  const ratio = median(cpu) / median(empty);
  console.log(
    `start to first prompt, ${what}: ${median(wall).toFixed(0)} ms (CPU ${median(cpu).toFixed(0)} ms, x${ratio.toFixed(1)} of an empty node's ${median(empty).toFixed(0)} ms)`,
  );
}

/** Types a statement key by key, each when the one before is on the screen. */
async function keys(cib: string, what: string): Promise<void> {
  const shell = new Shell(cib);
  await shell.until(PROMPT);
  shell.pty.write('configure\r');
  await shell.until(/configure# /);
  // The working copy is read, and what typing needs is loaded, before it counts.
  shell.pty.write('show r1\r');
  await shell.until(/primitive r1[\s\S]*configure# /);
  const statement = 'location here r1 rule 100: #uname eq n1 and date gt 2026-01-01 ';
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let index = 0; index < KEYS; index++) {
    const key = statement[index % statement.length]!;
    const before = cpuMs(shell.pty.pid);
    const startedAt = performance.now();
    shell.forget();
    shell.pty.write(key);
    await shell.until(/./);
    wall.push(performance.now() - startedAt);
    // What is still drawn after the first bytes belongs to the key, too.
    await new Promise((resolve) => setTimeout(resolve, 60));
    cpu.push(cpuMs(shell.pty.pid) - before);
  }
  await shell.end();
  console.log(
    `key to screen, ${what}: ${median(wall.slice(5)).toFixed(1)} ms, p95 ${p95(wall.slice(5)).toFixed(1)} ms (CPU a key ${median(cpu.slice(5)).toFixed(1)} ms, p95 ${p95(cpu.slice(5)).toFixed(1)} ms)`,
  );
}

try {
  const small = cibOf(50);
  const large = cibOf(RESOURCES);
  await starts(small, '50 resources');
  await starts(large, `${RESOURCES} resources`);
  await keys(small, '50 resources');
  await keys(large, `${RESOURCES} resources`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
