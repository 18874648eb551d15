import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Element } from '../cib/element.js';
import { applyPatch, changesConfiguration } from '../cib/patch.js';
import {
  afterConfigurationChange,
  afterStatusChange,
  type CibVersion,
  compareCibVersions,
  formatCibVersion,
  readVersion,
  writeVersion,
} from '../cib/version.js';
import { parseXml, writeXml, XmlError } from '../cib/xml.js';
import type { ClusterState, ErrorCode, Method, Methods, Params, Result } from '../protocol/messages.js';
import type { Connection, ConnectionError, Outcome, Target } from './connection.js';
import { createPatch } from './patch.js';

/** A CIB in a file, as Pacemaker's tools take it with `CIB_file=FILE`; `-` is standard input. */
export async function openFile(path: string): Promise<Outcome<Connection>> {
  const connection = new FileConnection(path === '-' ? path : resolve(path));
  const first = await connection.readCib();
  return first.ok ? { ok: true, value: connection } : first;
}

const refused = (
  code: ErrorCode,
  message: string,
  data?: unknown,
): { ok: false; error: ConnectionError } => ({
  ok: false,
  error: {
    kind: 'refused',
    message,
    answer: data === undefined ? { code, message } : { code, message, data },
  },
});

class FileConnection implements Connection {
  readonly target: Target;
  readonly closed: Promise<ConnectionError | null>;
  readonly #path: string;
  #piped: string | undefined;
  #resolveClosed: (reason: null) => void = () => {};
  /** Writes follow one another; each sees what the one before has left. */
  #turn: Promise<unknown> = Promise.resolve();

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
    const { patch, base } = createPatch(before, after);
    if (patch === undefined) return Promise.resolve({ ok: true, value: base });
    return this.#patch({ patch, base, ...options });
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
    await this.#turn;
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
    const { cib } = read.value;
    if (scope === 'configuration' || scope === 'status') cib.children = cib.elements(scope);
    return { ok: true, value: { cib: writeXml(cib), version: readVersion(cib) } };
  }

  #patch(params: Params<'cib.patch'>): Promise<Outcome<CibVersion>> {
    return this.#inTurn(async () => {
      const read = await this.#read();
      if (!read.ok) return read;
      const { cib, declaration } = read.value;
      const here = readVersion(cib);
      const stale = compareCibVersions(here, params.base) !== 0;
      const diff = parseXml(params.patch);
      const outcome = applyPatch(cib, diff, {
        checkVersion: false,
        strictDelete: !params.force,
        checkDigest: !stale,
      });
      if (!outcome.ok) {
        const message = stale
          ? `${this.#path} has changed since it was read (${formatCibVersion(params.base)}, now ${formatCibVersion(here)}): ${outcome.message}`
          : outcome.message;
        return refused(stale ? 'conflict' : 'invalid-request', message, {
          version: here,
          cib: writeXml(cib),
        });
      }
      const next = changesConfiguration(diff) ? afterConfigurationChange(here) : afterStatusChange(here);
      writeVersion(cib, next);
      return this.#write(cib, declaration, next);
    });
  }

  #replace(params: Params<'cib.replace'>): Promise<Outcome<CibVersion>> {
    return this.#inTurn(async () => {
      const read = await this.#read();
      if (!read.ok) return read;
      const { cib, declaration } = read.value;
      const here = readVersion(cib);
      if (params.base && !params.force && compareCibVersions(here, params.base) !== 0) {
        const message = `${this.#path} has changed since it was read: it is at ${formatCibVersion(here)} now`;
        return refused('conflict', message, { version: here, cib: writeXml(cib) });
      }
      const given = parseXml(params.cib);
      const whole = given.name === 'cib' ? given : undefined;
      const configuration = given.name === 'configuration' ? given : given.first('configuration');
      if (!configuration) return refused('invalid-cib', 'there is no <configuration> to replace it with');
      let next = afterConfigurationChange(here);
      if (whole?.first('status')) {
        // A whole document brings its own version where that is newer.
        const own = readVersion(whole);
        if (compareCibVersions(own, next) > 0) next = own;
        writeVersion(whole, next);
        return this.#write(whole, declaration, next);
      }
      const old = cib.first('configuration');
      if (old) cib.children[cib.children.indexOf(old)] = configuration;
      else cib.children.unshift(configuration);
      writeVersion(cib, next);
      return this.#write(cib, declaration, next);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Old or new, never half: written beside the file, synced, renamed over it. */
  async #write(cib: Element, declaration: boolean, version: CibVersion): Promise<Outcome<CibVersion>> {
    const directory = dirname(this.#path);
    const temporary = join(directory, `.${basename(this.#path)}.${randomBytes(6).toString('hex')}`);
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
