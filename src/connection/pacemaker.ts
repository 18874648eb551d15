/**
 * A real Corosync + Pacemaker cluster, driven with its own tools on one of its nodes (over SSH, or here). Nothing needs
 * to be installed there.
 */
import { createPatch as differences } from '../cib/diff.js';
import type { Element } from '../cib/element.js';
import { type CibVersion, compareCibVersions, readVersion } from '../cib/version.js';
import { parseXml, writeXml, XmlError } from '../cib/xml.js';
import type { ClusterState, Method, Notification, Params, Result, Topic } from '../protocol/messages.js';
import type { ExecResult } from '../ssh/session.js';
import { shellQuote } from '../ssh/shell-quote.js';
import { patched, type Refusal, refused, replaced, scoped, Turns } from './change.js';
import type { Connection, ConnectionError, Outcome, Target } from './connection.js';
import { COMMANDS, LOG_FILE, type PacemakerTools, unsupported } from './pacemaker-commands.js';
import { readState } from './pacemaker-text.js';
import { commitChange } from './patch.js';

/** Runs a shell command on the node; `apart`: it takes long, and others are not to wait for it. */
export type Runner = (command: string, stdin?: string, apart?: boolean) => Promise<Outcome<ExecResult>>;

export interface PacemakerOptions {
  readonly host: string | null;
  /** What `NODE_NAME` has said, where that was run already. */
  readonly named?: ExecResult;
  /** Ends what carries the commands. */
  readonly release?: () => Promise<void>;
  readonly closed?: Promise<ConnectionError | null>;
  /** Runs a shell command on another node; null where that cannot be reached. */
  readonly elsewhere?: (node: string, command: string) => Promise<ExecResult | null>;
  /** Runs a command for as long as it goes on, and calls for each of its lines. Null where it cannot be run. */
  readonly follow?: (command: string, onLine: () => void) => Promise<(() => void) | null>;
}

/** How often a watched cluster is looked at where it does not tell when something happens... */
const POLL_MS = 2000;
/** ...and where it does: only in case that was missed. */
const POLL_FOLLOWED_MS = 15_000;
/** What happens in a burst is looked at together. */
const GATHER_MS = 100;

/** A line each time that the CIB daemon has something to log, which every change of the CIB is. */
const EVENTS = `sh -c '${LOG_FILE}; [ -r "$log" ] && exec tail -n 0 -F "$log" 2>/dev/null'`;
/** Between the parts of what one command prints. */
const PART = "printf '\\n--\\n'";
/** A status section changes all the time, so a patch made from it may come too late again and again. */
const COMMIT_ATTEMPTS = 10;

/** Pacemaker's own tools come first: ours, of the same names, would ask us again. */
export const TOOLS_PATH = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH; unset CIB_file CIB_shadow;';

/** Says what the cluster calls the node. */
export const NODE_NAME = 'crm_node -n';

/** Exits with 0 where Pacemaker runs. */
export const PACEMAKER_RUNS = 'command -v cibadmin >/dev/null && pgrep -x pacemakerd >/dev/null';

/** The last line of what a tool complained about, without its own name. */
function complaint({ stderr, stdout, code }: ExecResult): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return lines.at(-1)?.trim() ?? `exit code ${code}`;
}

export async function openPacemaker(run: Runner, options: PacemakerOptions): Promise<Outcome<Connection>> {
  const ran: Outcome<ExecResult> = options.named ? { ok: true, value: options.named } : await run(NODE_NAME);
  if (!ran.ok) return ran;
  if (ran.value.code !== 0) {
    const place = options.host ?? 'this host';
    const message = `Pacemaker on ${place} does not answer (${complaint(ran.value)}): look at 'systemctl status pacemaker' there`;
    return { ok: false, error: { kind: 'no-agent', message } };
  }
  const target: Target = { kind: 'pacemaker', name: ran.value.stdout.trim(), host: options.host };
  return { ok: true, value: new PacemakerConnection(run, target, options) };
}

function withVersion(written: Outcome<CibVersion>): Outcome<{ version: CibVersion }> {
  return written.ok ? { ok: true, value: { version: written.value } } : written;
}

/** The version in a CIB's start tag. */
function versionInTag(tag: string): CibVersion {
  return readVersion(parseXml(`${tag.trim().replace(/\/?>$/, '')}/>`));
}

class PacemakerConnection implements Connection {
  readonly target: Target;
  readonly closed: Promise<ConnectionError | null>;
  readonly #run: Runner;
  readonly #options: PacemakerOptions;
  readonly #watches = new Set<() => void>();
  /** The CIB as last read, and the start tag that it had. */
  #last: { readonly tag: string; readonly cib: Element } | undefined;
  #finish: (reason: null) => void = () => {};
  readonly #turns = new Turns();
  readonly #tools: PacemakerTools;

  constructor(run: Runner, target: Target, options: PacemakerOptions) {
    this.#run = run;
    this.target = target;
    this.#options = options;
    this.#tools = {
      node: target.name,
      run: (command, apart) => run(command, undefined, apart),
      output: (command, apart) => this.#tool(command, undefined, apart),
      outputOn: (node, command) => this.#elsewhere(node, command),
      outputs: (command, all) => this.#onNodes(command, all),
    };
    const finished = new Promise<null>((resolve) => {
      this.#finish = resolve;
    });
    this.closed = Promise.race([finished, ...(options.closed ? [options.closed] : [])]);
    // What was opened beside the way that is lost, sessions to other nodes, would keep the process alive.
    void options.closed?.then((lost) => lost && this.close());
  }

  /** Over the network goes only the start tag, with the version in it, where that is still what it was. */
  async readCib(): Promise<Outcome<Element>> {
    const known = this.#last?.tag;
    const ran = await this.#tool(
      known === undefined
        ? 'cibadmin -Q'
        : `cib=$(cibadmin -Q) || exit $?; if [ "\${cib%%>*}" = ${shellQuote(known)} ]; then echo same; else printf '%s\\n' "$cib"; fi`,
    );
    if (!ran.ok) return ran;
    if (known !== undefined && ran.value === 'same\n') return { ok: true, value: this.#last!.cib.clone() };
    try {
      const cib = parseXml(ran.value);
      this.#last = { tag: ran.value.slice(0, ran.value.indexOf('>')), cib };
      return { ok: true, value: cib.clone() };
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      return refused('invalid-cib', `cibadmin -Q on ${this.target.name}: ${error.message}`);
    }
  }

  commit(
    before: Element,
    after: Element,
    options: { force?: boolean; command?: string } = {},
  ): Promise<Outcome<CibVersion>> {
    return commitChange(before, after, options, (params) => this.#patch(params, before));
  }

  async state(): Promise<Outcome<ClusterState>> {
    const ran = await this.#tool(
      `crm_mon -1 --output-as=xml; ${PART}; corosync-quorumtool -s 2>/dev/null; ${PART}; ` +
        'corosync-cmapctl totem. nodelist. runtime.members. 2>/dev/null; true',
    );
    return ran.ok ? { ok: true, value: readState(ran.value, this.target.name) } : ran;
  }

  async call<M extends Method>(method: M, params: Params<M>): Promise<Outcome<Result<M>>> {
    return (await this.#dispatch(method, params)) as Outcome<Result<M>>;
  }

  async subscribe(
    topics: readonly Topic[],
    listener: (notification: Notification) => void,
  ): Promise<Outcome<() => void>> {
    let version: CibVersion | undefined;
    let shown = '';
    /** The newest event that was told of. */
    let toldMs = 0;
    let busy = false;
    let missed = false;
    let ended = false;
    const look = async (): Promise<void> => {
      missed = busy;
      if (busy || ended) return;
      busy = true;
      try {
        if (topics.includes('cib')) {
          const cib = await this.readCib();
          if (cib.ok) {
            const now = readVersion(cib.value);
            if (version && compareCibVersions(version, now) !== 0) {
              listener({ notify: 'cib', version: now, cib: writeXml(cib.value, { indent: false }) });
            }
            version = now;
          }
        }
        if (topics.includes('state')) {
          const state = await this.state();
          const text = state.ok ? JSON.stringify(state.value) : shown;
          if (state.ok && shown !== '' && text !== shown) listener({ notify: 'state', state: state.value });
          shown = text;
        }
        if (topics.includes('events')) {
          const answer = await this.call('history.events', { sinceMs: toldMs + 1 });
          const fresh = answer.ok ? answer.value.events : [];
          if (toldMs > 0) for (const event of fresh) listener({ notify: 'events', event });
          toldMs = Math.max(toldMs, fresh.at(-1)?.atMs ?? 0);
        }
      } finally {
        busy = false;
      }
      if (missed) await look();
    };
    await look();
    let again: NodeJS.Timeout | undefined;
    let soon: NodeJS.Timeout | undefined;
    let followed = false;
    const plan = (): void => {
      clearTimeout(again);
      if (ended) return;
      again = setTimeout(() => void look().finally(plan), followed ? POLL_FOLLOWED_MS : POLL_MS);
      again.unref();
    };
    plan();
    const unfollow = await this.#options.follow?.(EVENTS, () => {
      followed = true;
      soon ??= setTimeout(() => {
        soon = undefined;
        void look().finally(plan);
      }, GATHER_MS);
    });
    const end = (): void => {
      clearTimeout(again);
      clearTimeout(soon);
      ended = true;
      unfollow?.();
      this.#watches.delete(end);
    };
    this.#watches.add(end);
    return { ok: true, value: end };
  }

  async close(): Promise<void> {
    for (const end of [...this.#watches]) end();
    await this.#options.release?.();
    this.#finish(null);
    await this.closed;
  }

  /** Standard output of a command that succeeds. */
  async #tool(command: string, stdin?: string, apart?: boolean): Promise<Outcome<string>> {
    const ran = await this.#run(command, stdin, apart);
    if (!ran.ok) return ran;
    if (ran.value.code === 0) return { ok: true, value: ran.value.stdout };
    return this.#refusal(complaint(ran.value));
  }

  async #dispatch<M extends Method>(method: M, params: Params<M>): Promise<Outcome<unknown>> {
    switch (method) {
      case 'cib.read': {
        const cib = await this.readCib();
        if (!cib.ok) return cib;
        const document = scoped(cib.value, (params as Params<'cib.read'>).scope);
        return { ok: true, value: { cib: writeXml(document), version: readVersion(document) } };
      }
      case 'cib.patch':
        return withVersion(await this.#patch(params as Params<'cib.patch'>));
      case 'cib.replace':
        return withVersion(await this.#replace(params as Params<'cib.replace'>));
      case 'cluster.state':
        return this.state();
      default: {
        const command = COMMANDS[method];
        return command ? command(this.#tools, params) : unsupported(this.target.name, method);
      }
    }
  }

  async #elsewhere(node: string, command: string): Promise<Outcome<string>> {
    const ran = await this.#options.elsewhere?.(node, command);
    if (!ran) {
      const message = `${node} cannot be reached from here by that name`;
      return { ok: false, error: { kind: 'unreachable', message } };
    }
    return ran.code === 0 ? { ok: true, value: ran.stdout } : refused('failed', complaint(ran));
  }

  /** What a command prints here and, with `all`, on every other node at the same time; who cannot be reached is left out. */
  async #onNodes(
    command: string,
    all: boolean,
  ): Promise<Outcome<readonly { readonly node: string; readonly stdout: string }[]>> {
    const here = this.#tool(command);
    const others: string[] = [];
    if (all && this.#options.elsewhere) {
      const cib = await this.readCib();
      const nodes = cib.ok ? (cib.value.at('configuration', 'nodes')?.elements('node') ?? []) : [];
      for (const node of nodes) {
        const name = node.get('uname') ?? node.id;
        if (name !== this.target.name && node.get('type') !== 'remote') others.push(name);
      }
    }
    const answers = await Promise.all(
      others.map(async (node) => ({ node, ran: await this.#elsewhere(node, command) })),
    );
    const own = await here;
    if (!own.ok) return own;
    return {
      ok: true,
      value: [
        { node: this.target.name, stdout: own.value },
        ...answers.flatMap(({ node, ran }) => (ran.ok ? [{ node, stdout: ran.value }] : [])),
      ],
    };
  }

  #patch(params: Params<'cib.patch'>, before?: Element): Promise<Outcome<CibVersion>> {
    return this.#turns.take(async () => {
      for (let attempt = 1; ; attempt++) {
        const current = await this.readCib();
        if (!current.ok) return current;
        const changed = patched(current.value, params, 'the configuration', before);
        if (!changed.ok) return changed;
        const diff = differences(current.value, changed.value.cib);
        if (!diff) return { ok: true, value: readVersion(current.value) };
        // Pacemaker refuses a patch that was not made from the version it has: then what has happened is looked at.
        const sent = await this.#run(
          'cibadmin --patch --xml-pipe || exit $?; cibadmin -Q | head -n 1',
          writeXml(diff),
        );
        if (!sent.ok) return sent;
        // Which version it has become is Pacemaker's to say.
        if (sent.value.code === 0) return { ok: true, value: versionInTag(sent.value.stdout) };
        const why = complaint(sent.value);
        const stale = /old|version|resync|application of an update diff/i.test(why);
        if (!stale || attempt >= COMMIT_ATTEMPTS) return this.#refusal(why);
      }
    });
  }

  #replace(params: Params<'cib.replace'>): Promise<Outcome<CibVersion>> {
    return this.#turns.take(async () => {
      const current = await this.readCib();
      if (!current.ok) return current;
      const changed = replaced(current.value, params, 'the configuration');
      if (!changed.ok) return changed;
      const configuration = changed.value.cib.first('configuration')!;
      const sent = await this.#tool(
        'cibadmin --replace --scope configuration --xml-pipe',
        writeXml(configuration),
      );
      if (!sent.ok) return sent;
      const now = await this.readCib();
      return now.ok ? { ok: true, value: readVersion(now.value) } : now;
    });
  }

  /** What a tool's complaint means. */
  #refusal(why: string): Refusal {
    if (/permission|privilege/i.test(why)) return refused('permission-denied', why);
    return refused(/schema/i.test(why) ? 'invalid-cib' : 'failed', why);
  }
}
