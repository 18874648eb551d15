/**
 * `npm run bench -- monitor`: the full screen on a terminal, against the real `crm_mon -1` and an empty node in the same
 * run. First paint is from the start of the process to the last panel drawn; an update from the change of what is watched
 * (an agent in memory, through its socket) to its letters on the screen. Medians of interleaved runs.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { Element } from '../../src/cib/element.js';
import { parseXml } from '../../src/cib/xml.js';
import { openLocal } from '../../src/connection/local.js';
import { createPatch } from '../../src/connection/patch.js';
import { startAgentDouble } from '../connection/agent-double.js';
import { cibOf, dummy, type Operation } from '../monitor/status-of.js';

const ROUNDS = Number(process.argv[2] ?? '7');
const REAL = '/usr/sbin/crm_mon';
const PROGRAM = 'dist/bin/crm_mon';

function cluster(count: number): string {
  const ids = Array.from({ length: count }, (_, index) => `r${index}`);
  const operations = ids.map((resource): Operation => ({ node: 'alpha', resource }));
  return cibOf({ resources: ids.map((id) => dummy(id)).join(''), operations });
}

class Screen {
  readonly #screen = new xterm.Terminal({ cols: 120, rows: 40, allowProposedApi: true });
  readonly #pty;
  #wake: () => void = () => {};

  constructor(env: Record<string, string>) {
    this.#pty = spawn(process.execPath, [PROGRAM], {
      cols: 120,
      rows: 40,
      name: 'xterm-256color',
      env: { PATH: process.env.PATH!, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env },
    });
    this.#pty.onData((data) => this.#screen.write(data, () => this.#wake()));
  }

  async shows(text: string): Promise<void> {
    for (;;) {
      const { active } = this.#screen.buffer;
      for (let row = 0; row < 40; row++)
        if (active.getLine(row)?.translateToString(true).includes(text)) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#pty.onExit(() => resolve());
      this.#pty.write('q');
    });
  }
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function measured(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function rounds(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-monitor-'));
  const file = join(folder, 'cib.xml');
  const xml = cluster(count);
  writeFileSync(file, xml);
  const times: Record<'node' | 'real' | 'paint' | 'update', number[]> = {
    node: [],
    real: [],
    paint: [],
    update: [],
  };
  const run = async (program: string, args: string[]) => {
    execFileSync(program, args, { env: { ...process.env, CIB_file: file }, stdio: 'ignore' });
  };
  for (let round = 0; round < ROUNDS; round++) {
    times.node.push(await measured(() => run(process.execPath, ['-e', '0'])));
    if (existsSync(REAL)) times.real.push(await measured(() => run(REAL, ['-1r'])));
    const agent = await startAgentDouble(parseXml(xml));
    let screen: Screen | undefined;
    times.paint.push(
      await measured(async () => {
        screen = new Screen({ QUORATE_ROOT: agent.root });
        await screen.shows('Events');
        await screen.shows('r0 ');
      }),
    );
    const client = await openLocal({ program: 'bench', socketPath: agent.socketPath });
    if (!client.ok) throw new Error(client.error.message);
    const after = agent.cib().clone();
    const node = after.at('configuration', 'nodes')!.elements('node').at(-1)!;
    node.append(
      new Element('instance_attributes', { id: 'a' }, [
        new Element('nvpair', { id: 'a-standby', name: 'standby', value: 'on' }),
      ]),
    );
    const { patch, base } = createPatch(agent.cib(), after);
    times.update.push(
      await measured(async () => {
        // As agents tell it: the patch, not the document.
        await client.value.call('cib.patch', { patch: patch!, base });
        await screen!.shows('standby');
      }),
    );
    await client.value.close();
    await screen!.end();
    await agent.close();
  }
  const node = median(times.node);
  const real =
    times.real.length > 0 ? `, ${(median(times.paint) / median(times.real)).toFixed(1)} x crm_mon -1` : '';
  console.log(
    `${count} resources: first paint ${Math.round(median(times.paint))} ms (${(median(times.paint) / node).toFixed(1)} x an empty node${real}; budget 300 ms), ` +
      `a change after ${Math.round(median(times.update))} ms (budget 100 ms)`,
  );
  rmSync(folder, { recursive: true });
}

await rounds(20);
await rounds(5000);
