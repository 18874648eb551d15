import { readFileSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Element } from '../cib/element.js';
import { type CibVersion, readVersion } from '../cib/version.js';
import { parseXml, writeXml, XmlError } from '../cib/xml.js';
import type { ClusterState, Method, Methods, Params, Result } from '../protocol/messages.js';
import { type Changed, patched, refused, replaced, scoped, Turns } from './change.js';
import type { Connection, ConnectionError, Outcome, Target } from './connection.js';
import { commitChange } from './patch.js';

/** A CIB in a file, as Pacemaker's tools take it with `CIB_file=FILE`; `-` is standard input. */
export async function openFile(path: string): Promise<Outcome<Connection>> {
  const connection = new FileConnection(path === '-' ? path : resolve(path));
  const first = await connection.readCib();
  return first.ok ? { ok: true, value: connection } : first;
}

class FileConnection implements Connection {
  readonly target: Target;
  readonly closed: Promise<ConnectionError | null>;
  readonly #path: string;
  #piped: string | undefined;
  #resolveClosed: (reason: null) => void = () => {};
  readonly #turns = new Turns();

  constructor(path: string) {
    this.#path = path;
    this.target = { kind: 'file', name: path, host: null };
    this.closed = new Promise((done) => {
      this.#resolveClosed = done;
    });
  }

  async readCib(): Promise<Outcome<Element>> {
    const read = await this.#read();
    return read.ok ? { ok: true, value: read.value.cib } : read;
  }

  commit(
    before: Element,
    after: Element,
    options: { force?: boolean; command?: string } = {},
  ): Promise<Outcome<CibVersion>> {
    return commitChange(before, after, options, (params) => this.#patch(params, before));
  }

  async state(): Promise<Outcome<ClusterState>> {
    return this.#unsupported('cluster.state');
  }

  async call<M extends Method>(method: M, params: Params<M>): Promise<Outcome<Result<M>>> {
    let outcome: Outcome<Methods['cib.read']['result'] | { version: CibVersion }>;
    if (method === 'cib.read') outcome = await this.#readSection(params as Params<'cib.read'>);
    else if (method === 'cib.patch') outcome = wrap(await this.#patch(params as Params<'cib.patch'>));
    else if (method === 'cib.replace') outcome = wrap(await this.#replace(params as Params<'cib.replace'>));
    else return this.#unsupported(method);
    return outcome as Outcome<Result<M>>;
  }

  async subscribe(): Promise<Outcome<() => void>> {
    return this.#unsupported('subscribe');
  }

  async close(): Promise<void> {
    await this.#turns.settled();
    this.#resolveClosed(null);
  }

  #unsupported(method: string): { ok: false; error: ConnectionError } {
    return {
      ok: false,
      error: { kind: 'unsupported', message: `${this.#path} is a file, not a cluster: it has no ${method}` },
    };
  }

  async #read(): Promise<Outcome<{ cib: Element; declaration: boolean }>> {
    try {
      const text = await this.#text();
      const cib = parseXml(text);
      if (cib.name !== 'cib') {
        return refused('invalid-cib', `${this.#path}: the root element is <${cib.name}>, not <cib>`);
      }
      return { ok: true, value: { cib, declaration: text.startsWith('<?xml') } };
    } catch (error) {
      if (error instanceof XmlError) {
        const { line, column } = error.position;
        return refused('invalid-cib', `${this.#path}:${line}:${column}: ${error.message}`);
      }
      return { ok: false, error: { kind: 'unreachable', message: reason(this.#path, error) } };
    }
  }

  /** Standard input can be read but once. */
  async #text(): Promise<string> {
    if (this.target.name !== '-') return readFile(this.#path, 'utf8');
    const text = this.#piped ?? readFileSync(0, 'utf8');
    this.#piped = text;
    return text;
  }

  async #readSection({ scope }: Params<'cib.read'>): Promise<Outcome<Methods['cib.read']['result']>> {
    const read = await this.#read();
    if (!read.ok) return read;
    const cib = scoped(read.value.cib, scope);
    return { ok: true, value: { cib: writeXml(cib), version: readVersion(cib) } };
  }

  #patch(params: Params<'cib.patch'>, before?: Element): Promise<Outcome<CibVersion>> {
    return this.#change((cib) => patched(cib, params, this.#path, before, true));
  }

  #replace(params: Params<'cib.replace'>): Promise<Outcome<CibVersion>> {
    return this.#change((cib) => replaced(cib, params, this.#path));
  }

  #change(edit: (cib: Element) => Outcome<Changed>): Promise<Outcome<CibVersion>> {
    return this.#turns.take(async () => {
      const read = await this.#read();
      if (!read.ok) return read;
      const changed = edit(read.value.cib);
      if (!changed.ok) return changed;
      return this.#write(changed.value.cib, read.value.declaration, changed.value.version);
    });
  }

  /** Old or new, never half: written beside the file, synced, renamed over it. */
  async #write(cib: Element, declaration: boolean, version: CibVersion): Promise<Outcome<CibVersion>> {
    const directory = dirname(this.#path);
    const temporary = join(directory, `.${basename(this.#path)}.${process.pid}-${Date.now().toString(36)}`);
    try {
      const mode = (await stat(this.#path)).mode & 0o7777;
      const handle = await open(temporary, 'wx', mode);
      try {
        await handle.chmod(mode);
        await handle.writeFile(writeXml(cib, { declaration }));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, this.#path);
      const folder = await open(directory, 'r');
      await folder.sync().finally(() => folder.close());
      return { ok: true, value: version };
    } catch (error) {
      await rm(temporary, { force: true });
      return refused('failed', reason(this.#path, error));
    }
  }
}

function wrap(outcome: Outcome<CibVersion>): Outcome<{ version: CibVersion }> {
  return outcome.ok ? { ok: true, value: { version: outcome.value } } : outcome;
}

function reason(path: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return `there is no file ${path}`;
  if (code === 'EACCES' || code === 'EPERM') return `no permission for ${path}`;
  return `${path}: ${error instanceof Error ? error.message : String(error)}`;
}
