import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { copyFile, link, open, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import type { Lineage } from '../controller/types.js';
import type { MembershipRecord } from '../membership/types.js';
import type { CibVersion, FencingHistoryEntry } from '../protocol/messages.js';
import { replacementSteps } from './durable.js';

/** Documents that have lost against another: so many are kept, the oldest go. */
const KEPT_MAX = 20;
/** Revisions of the configuration, the one in force among them: so many are kept. */
const REVISIONS_MAX = 100;

/** Writes a file so that after a crash either the old or the new content is there, and the new once this resolves. */
export async function writeDurably(path: string, content: string, mode = 0o600): Promise<void> {
  for (const step of replacementSteps(path, `${path}.${process.pid}.new`, dirname(path))) {
    if (step.kind === 'write') await writeFile(step.path, content, { mode });
    else if (step.kind === 'rename') await rename(step.path, step.to);
    else await sync(step.path, step.kind === 'sync' ? 'r+' : 'r');
  }
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** What the agent keeps on disk: the membership's record, the CIB, and what was set aside. */
export class Storage {
  readonly #directory: string;
  /** Writes of one kind are done one after the other. */
  readonly #chains = new Map<string, Promise<void>>();
  #revision: string | null = null;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** What has been fenced, as this node has seen it; none where the file is damaged. */
  readFencing(): FencingHistoryEntry[] {
    try {
      const kept: unknown = JSON.parse(readIfThere(join(this.#directory, 'fencing.json')) ?? '[]');
      return Array.isArray(kept) ? (kept as FencingHistoryEntry[]) : [];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  }

  writeFencing(history: readonly FencingHistoryEntry[]): Promise<void> {
    return this.#inTurn('fencing', () =>
      writeDurably(join(this.#directory, 'fencing.json'), `${JSON.stringify(history)}\n`),
    );
  }

  readRecord(): MembershipRecord | null {
    const text = readIfThere(join(this.#directory, 'membership.json'));
    return text === null ? null : (JSON.parse(text) as MembershipRecord);
  }

  writeRecord(record: MembershipRecord): Promise<void> {
    return this.#inTurn('membership', () =>
      writeDurably(join(this.#directory, 'membership.json'), `${JSON.stringify(record)}\n`),
    );
  }

  /** The CIB and, from the comment after it, what it descends from. */
  readCib(): { readonly cib: string; readonly lineage: Lineage | null } | null {
    const text = readIfThere(join(this.#directory, 'cib.xml'));
    if (text === null || text.trim() === '') return null;
    const comment = /<!-- quorate (\{.*\}) -->\s*$/.exec(text);
    return { cib: text, lineage: comment ? (JSON.parse(comment[1]!) as Lineage) : null };
  }

  /** Writes the CIB. Each revision of its configuration stays, too: what `pcs config checkpoint` shows. */
  writeCib(cib: string, lineage: Lineage, { adminEpoch, epoch }: CibVersion): Promise<void> {
    const text = `<?xml version="1.0"?>\n${cib}\n<!-- quorate ${JSON.stringify(lineage)} -->\n`;
    return this.#inTurn('cib', async () => {
      const path = join(this.#directory, 'cib.xml');
      await writeDurably(path, text);
      await this.#keepRevision(path, `${adminEpoch}.${epoch}`);
    });
  }

  /** The file gets a second name, under which it stays when it is replaced; a copy where the file system has no links. */
  async #keepRevision(path: string, revision: string): Promise<void> {
    if (revision === this.#revision) return;
    this.#revision = revision;
    const kept = join(this.#directory, `cib-revision-${revision}.xml`);
    await rm(kept, { force: true });
    await link(path, kept).catch(() => copyFile(path, kept));
    this.#prune(/^cib-revision-.*\.xml$/, REVISIONS_MAX);
  }

  /** Keeps a document beside the one in force; resolves to its path. */
  async keep(cib: string, name: string, max = KEPT_MAX): Promise<string> {
    const path = join(this.#directory, `cib-${name}.xml`);
    await this.#inTurn('kept', () => writeDurably(path, `<?xml version="1.0"?>\n${cib}\n`));
    this.#prune(/^cib-conflict-.*\.xml$/, max);
    return path;
  }

  #prune(pattern: RegExp, max: number): void {
    const files = readdirSync(this.#directory)
      .filter((name) => pattern.test(name))
      .map((name) => ({ name, atMs: statSync(join(this.#directory, name)).mtimeMs }))
      .sort((a, b) => b.atMs - a.atMs);
    for (const { name } of files.slice(max)) unlinkSync(join(this.#directory, name));
  }

  #inTurn(kind: string, write: () => Promise<void>): Promise<void> {
    const before = this.#chains.get(kind) ?? Promise.resolve();
    const done = before.then(write);
    this.#chains.set(
      kind,
      done.catch(() => {}),
    );
    return done;
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#chains.values());
  }
}

/**
 * Sees to it that one agent runs per directory: a socket in the kernel's abstract name space, which goes with the
 * process however it ends. Rejects where another agent has it.
 */
export function lock(directory: string): Promise<Server> {
  const { dev, ino } = statSync(directory);
  const name = createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 32);
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`another agent is running with ${directory}`) : error);
    });
    server.listen(`\0quorated-${name}`, () => resolve(server.unref()));
  });
}
