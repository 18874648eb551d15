import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Element } from '../cib/element.js';
import { writeXml } from '../cib/xml.js';
import type { InputSeries } from '../controller/types.js';
import type { SchedulerInput } from '../protocol/messages.js';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Writing waits this long: what the transition begins with goes first. */
const WRITE_DELAY_MS = 200;

const FILE = /^(pe-(?:input|warn|error)-\d+)\.gz$/;

/**
 * What the scheduler was given, one compressed file a transition, in the numbered series that Pacemaker keeps
 * (`pe-input-12`, `pe-warn-3`, `pe-error-0`). A series that has reached its bound begins anew at 0.
 */
export class SchedulerInputs {
  readonly #directory: string;
  readonly #node: string;
  readonly #log: (text: string) => void;
  readonly #next = new Map<InputSeries, number>();
  readonly #unwritten = new Map<string, Element>();
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  constructor(directory: string, node: string, log: (text: string) => void) {
    this.#directory = directory;
    this.#node = node;
    this.#log = log;
  }

  /**
   * Keeps a document, which must not change any more, and returns its name.
   *
   * @param max so many of the series are kept; negative: all, 0: none, and null is returned
   */
  keep(series: InputSeries, max: number, cib: Element): string | null {
    if (max === 0) return null;
    let number = this.#next.get(series) ?? this.#readNext(series);
    if (max > 0 && number >= max) number = 0;
    this.#next.set(series, number + 1);
    const name = `pe-${series}-${number}`;
    this.#unwritten.set(name, cib);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#writing = this.#writing.then(() => this.#write());
    }, WRITE_DELAY_MS);
    return name;
  }

  async #write(): Promise<void> {
    for (const [name, cib] of [...this.#unwritten]) {
      try {
        mkdirSync(this.#directory, { recursive: true, mode: 0o750 });
        const path = join(this.#directory, `${name}.gz`);
        const staging = `${path}.new`;
        await writeFile(staging, await compress(writeXml(cib)), { mode: 0o600 });
        await rename(staging, path);
        const [, series, number] = /^pe-(\w+)-(\d+)$/.exec(name)!;
        writeFileSync(join(this.#directory, `pe-${series}.last`), `${Number(number) + 1}\n`, { mode: 0o600 });
      } catch (error) {
        this.#log(`cannot keep ${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (this.#unwritten.get(name) === cib) this.#unwritten.delete(name);
    }
  }

  #readNext(series: InputSeries): number {
    try {
      const number = Number(readFileSync(join(this.#directory, `pe-${series}.last`), 'utf8'));
      return Number.isSafeInteger(number) && number >= 0 ? number : 0;
    } catch {
      return 0;
    }
  }

  /** The oldest first. */
  list(): SchedulerInput[] {
    let names: string[] = [];
    try {
      names = readdirSync(this.#directory);
    } catch {
      names = [];
    }
    const found = names.flatMap((file): SchedulerInput[] => {
      const name = FILE.exec(file)?.[1];
      if (name === undefined || this.#unwritten.has(name)) return [];
      const { mtimeMs, size } = statSync(join(this.#directory, file));
      return [{ node: this.#node, name, atMs: Math.round(mtimeMs), bytes: size }];
    });
    found.sort((a, b) => a.atMs - b.atMs);
    const waiting = [...this.#unwritten].map(([name, cib]): SchedulerInput => {
      const atMs = Number(cib.get('execution-date') ?? 0) * 1000;
      return { node: this.#node, name, atMs, bytes: 0 };
    });
    return [...found, ...waiting];
  }

  /** A document as XML, or null where it is not kept. */
  async read(name: string): Promise<string | null> {
    const waiting = this.#unwritten.get(name);
    if (waiting) return writeXml(waiting);
    if (!FILE.test(`${name}.gz`)) return null;
    try {
      return (await decompress(await readFile(join(this.#directory, `${name}.gz`)))).toString('utf8');
    } catch {
      return null;
    }
  }

  /** Writes what waits. */
  async settled(): Promise<void> {
    if (this.#timer) {
      clearTimeout(this.#timer);
      this.#timer = null;
      this.#writing = this.#writing.then(() => this.#write());
    }
    await this.#writing;
  }
}
