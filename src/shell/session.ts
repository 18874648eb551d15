import { hostname } from 'node:os';
import type { Element } from '../cib/element.js';
import type { Connection, ConnectionError, Outcome } from '../connection/connection.js';
import type { Prompt } from '../ssh/prompt.js';
import type { Level } from './command.js';
import { interruptible } from './interruptible.js';
import { loggable } from './loggable.js';
import type { Output, Severity } from './messages.js';
import type { Options } from './options.js';

/** Which configuration commands work on: the cluster's, or a shadow (a named draft in a file). */
export type CibSource =
  | { readonly kind: 'live' }
  | { readonly kind: 'shadow'; readonly name: string; readonly path: string };

/** What `configure` has read and made of it; kept by the session so that other levels join its pending edits. */
export interface WorkingCopy {
  /** The whole CIB as it was read; a commit sends the difference from it. */
  readonly original: Element;
  /** The same document with the edits; the caller may change it through the level's functions only. */
  readonly edited: Element;
  /** Whether `edited` differs from `original`. */
  readonly changed: boolean;
}

/** The command line's flags that hold for the whole run. */
export interface Flags {
  /** `-F`: every question is answered yes, commits are forced. */
  readonly force: boolean;
  /** `-n`: every question is answered no. */
  readonly no: boolean;
  /** `-w`: wait for the cluster to settle after commands marked so. */
  readonly wait: boolean;
  readonly debug: boolean;
  /** `-R`: echo each line as crmsh's regression tests want it. */
  readonly regression: boolean;
}

/** What the shell needs from the world; a test brings its own. */
export interface Surroundings {
  readonly output: Output;
  readonly options: Options;
  readonly flags: Flags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A person sits at it: questions can be asked, `edit` can open an editor. */
  readonly interactive: boolean;
  /** Asks on the terminal; only called while `interactive`. */
  readonly question: (text: string) => Promise<string | null>;
  /** Asks for what opens another host, once for all of them. */
  readonly secret: Prompt;
  /** Gives the terminal to a program (`$EDITOR`, a pager) and takes it back; resolves with its exit status. */
  readonly runOnTerminal: (program: string, args: readonly string[]) => Promise<number>;
  /** Opens a connection: to a file for a shadow, else by the hosts (this machine where there are none). */
  readonly connect: (
    source: CibSource,
    hosts: readonly string[],
    /** Aborted when nobody waits for it any more. */
    signal?: AbortSignal,
  ) => Promise<Outcome<Connection>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** `-H`: where the cluster is reached; empty for this machine. */
  readonly hosts: readonly string[];
  /** `--scriptdir`: more folders with cluster scripts. */
  readonly scriptFolders: readonly string[];
}

/** How long `-w` and `restart` wait for the cluster to settle before saying so. */
const IDLE_TIMEOUT_MS = 10 * 60 * 1000;

/** One run of the shell: where it is, what it is connected to, what is pending. */
export class Session {
  readonly world: Surroundings;
  /** The levels entered, outermost first; the first is the root level. */
  readonly levels: Level[] = [];
  /** Set while `configure` holds a copy; null where nothing was read yet. */
  workingCopy: WorkingCopy | null = null;
  /** The one command of the process's arguments runs, not a line of a file or of the prompt. */
  oneShot = false;
  /** A command has changed the cluster in this statement, so `-w` has something to wait for. */
  changedCluster = false;
  #hosts: readonly string[];
  #interruption = new AbortController();
  #source: CibSource = { kind: 'live' };
  #connection: Connection | null = null;

  constructor(world: Surroundings) {
    this.world = world;
    this.#hosts = world.hosts;
  }

  get source(): CibSource {
    return this.#source;
  }

  get flags(): Flags {
    return this.world.flags;
  }

  get options(): Options {
    return this.world.options;
  }

  /** Works on another configuration from now on; what `configure` held is dropped. */
  async use(source: CibSource): Promise<void> {
    const old = this.#connection;
    this.#connection = null;
    this.#source = source;
    this.workingCopy = null;
    await old?.close();
  }

  /** The node that the prompt names: what is connected to, else what will be. */
  get nodeName(): string {
    const target = this.#connection?.target;
    if (target && target.kind !== 'file') return target.name;
    const [host] = this.#hosts;
    return host === undefined ? hostname() : host.replace(/^.*@/, '');
  }

  /** Where the cluster is reached, each `[user@]host`; empty for this machine. */
  get hosts(): readonly string[] {
    return this.#hosts;
  }

  /** Works on another cluster from now on; what `configure` held is dropped. */
  async reachThrough(hosts: readonly string[]): Promise<void> {
    this.#hosts = hosts;
    await this.use({ kind: 'live' });
  }

  /** The open connection, or null where none was needed yet. */
  get connected(): Connection | null {
    return this.#connection;
  }

  /** The connection, opened on first use and again after it was lost. */
  async connect(): Promise<Outcome<Connection>> {
    if (this.#connection) return { ok: true, value: this.#connection };
    const opened = await this.world.connect(this.#source, this.#hosts, this.interrupted);
    if (!opened.ok) return opened;
    const connection = interruptible(opened.value, () => this.interrupted);
    this.#connection = connection;
    void connection.closed.then((lost) => {
      if (this.#connection === connection) this.#connection = null;
      if (lost) this.#askLast(connection);
    });
    return { ok: true, value: connection };
  }

  /** A host that has just been lost is the last to be tried again: it may be long before it is known to be dead. */
  #askLast({ target }: Connection): void {
    const { host } = target;
    const lost = this.#hosts.filter((each) => host !== null && each.replace(/^.*@/, '') === host);
    this.#hosts = [...this.#hosts.filter((each) => !lost.includes(each)), ...lost];
  }

  /** The connection, or null after the reason was reported. */
  async connection(): Promise<Connection | null> {
    const opened = await this.connect();
    if (opened.ok) return opened.value;
    this.failure(opened.error);
    return null;
  }

  /** The CIB as the cluster (or shadow) has it, or null after the reason was reported. */
  async readCib(): Promise<Element | null> {
    const connection = await this.connection();
    if (!connection) return null;
    const read = await connection.readCib();
    if (read.ok) return read.value;
    this.failure(read.error);
    return null;
  }

  /** The CIB with the pending edits where `configure` has some, else as the cluster has it. */
  async currentCib(): Promise<Element | null> {
    return this.workingCopy?.changed ? this.workingCopy.edited : this.readCib();
  }

  /**
   * Changes the CIB for a command outside `configure`: `edit` gets a document to change and answers whether to go on.
   * With edits pending in `configure` the change joins them, else it is committed at once.
   *
   * @param command what was typed, for the cluster's log
   */
  async changeCib(command: string, edit: (cib: Element) => boolean | Promise<boolean>): Promise<boolean> {
    if (this.workingCopy?.changed) {
      this.info('Currently editing the CIB, changes will not be committed');
      return edit(this.workingCopy.edited);
    }
    const connection = await this.connection();
    if (!connection) return false;
    const before = await this.readCib();
    if (!before) return false;
    const after = before.clone();
    if (!(await edit(after))) return false;
    return this.commit(connection, before, after, command);
  }

  /** Sends the difference; what `configure` had read is stale afterwards and is dropped. */
  async commit(connection: Connection, before: Element, after: Element, command: string): Promise<boolean> {
    const sent = await connection.commit(before, after, {
      force: this.flags.force,
      command: loggable(command),
    });
    if (!sent.ok) {
      this.failure(sent.error);
      return false;
    }
    this.changedCluster = true;
    if (!this.workingCopy?.changed) this.workingCopy = null;
    return true;
  }

  /** Waits until no transition runs and none is due, showing what is being waited for. */
  async waitIdle(timeoutMs: number = IDLE_TIMEOUT_MS): Promise<boolean> {
    const connection = await this.connection();
    if (!connection) return false;
    const { waitIdle } = await import('./wait.js');
    return waitIdle(this, connection, timeoutMs);
  }

  /**
   * A yes-or-no question. `-F` answers yes, `-n` no; where nobody can be asked the answer is `unattended`.
   * The question is shown without ` (y/n)? `.
   */
  async ask(question: string, unattended = false): Promise<boolean> {
    if (this.flags.force) {
      this.info(`${question} [YES]`);
      return true;
    }
    if (this.flags.no || !this.world.interactive) return this.flags.no ? false : unattended;
    for (;;) {
      const answer = await this.world.question(`${question} (y/n)? `);
      if (answer === null) return false;
      if (/^y(es)?$/i.test(answer.trim())) return true;
      if (/^no?$/i.test(answer.trim())) return false;
    }
  }

  /** Aborted when the person interrupts the running statement; each statement has its own. */
  get interrupted(): AbortSignal {
    return this.#interruption.signal;
  }

  /** Ends what the running statement waits for. */
  interrupt(): void {
    this.#interruption.abort();
  }

  /** A new statement begins. */
  beginStatement(): void {
    if (this.#interruption.signal.aborted) this.#interruption = new AbortController();
  }

  print(text: string): void {
    this.world.output.result(text === '' || text.endsWith('\n') ? text : `${text}\n`);
  }

  message(severity: Severity, text: string): void {
    if (severity === 'debug' && !this.flags.debug) return;
    this.world.output.message(severity, text);
  }

  error(text: string): void {
    this.message('error', text);
  }

  warning(text: string): void {
    this.message('warning', text);
  }

  info(text: string): void {
    this.message('info', text);
  }

  /** Reports the world's failure. */
  failure(error: ConnectionError): void {
    // Who has interrupted knows.
    if (error.kind === 'interrupted') return;
    this.error(error.message);
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }
}
