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
import { EVENTS_SCRIPT, INPUTS_SCRIPT, inputScript, readEvents, readInputs } from './pacemaker-history.js';
import { readAttributes, readCleaned, readCmap, readFencing, readState } from './pacemaker-text.js';
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

/** Where Pacemaker logs, as its own settings have it. */
const LOG_FILE =
  'log=$(sed -n "s/^ *PCMK_logfile=//p" /etc/default/pacemaker /etc/sysconfig/pacemaker 2>/dev/null | tail -n 1); ' +
  '[ -n "$log" ] || log=/var/log/pacemaker/pacemaker.log';
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

  constructor(run: Runner, target: Target, options: PacemakerOptions) {
    this.#run = run;
    this.target = target;
    this.#options = options;
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
          const answer = await this.#dispatch('history.events', { sinceMs: toldMs + 1 });
          const fresh = answer.ok ? (answer.value as Result<'history.events'>).events : [];
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

  async #dispatch(method: Method, given: unknown): Promise<Outcome<unknown>> {
    const nothing = async (command: string, apart = false): Promise<Outcome<Record<string, never>>> => {
      const ran = await this.#tool(command, undefined, apart);
      return ran.ok ? { ok: true, value: {} } : ran;
    };
    const word = shellQuote;
    switch (method) {
      case 'cib.read': {
        const { scope } = given as Params<'cib.read'>;
        const cib = await this.readCib();
        if (!cib.ok) return cib;
        const document = scoped(cib.value, scope);
        return { ok: true, value: { cib: writeXml(document), version: readVersion(document) } };
      }
      case 'cib.patch': {
        const done = await this.#patch(given as Params<'cib.patch'>);
        return done.ok ? { ok: true, value: { version: done.value } } : done;
      }
      case 'cib.replace': {
        const done = await this.#replace(given as Params<'cib.replace'>);
        return done.ok ? { ok: true, value: { version: done.value } } : done;
      }
      case 'cluster.state':
        return this.state();
      case 'cluster.cmap': {
        const { prefix } = given as Params<'cluster.cmap'>;
        const ran = await this.#tool(`corosync-cmapctl ${prefix === undefined ? '' : word(prefix)}`);
        return ran.ok ? { ok: true, value: { entries: readCmap(ran.value) } } : ran;
      }
      case 'cluster.reload': {
        // It has every node read the file again; what one of them does not take is only in its log.
        const ran = await this.#tool('corosync-cfgtool -R');
        return ran.ok ? { ok: true, value: { complaints: [] } } : ran;
      }
      case 'cluster.wait-idle': {
        const { timeoutMs } = given as Params<'cluster.wait-idle'>;
        const ran = await this.#run(
          `timeout ${Math.ceil(timeoutMs / 1000)} crm_resource --wait`,
          undefined,
          true,
        );
        return ran.ok ? { ok: true, value: { idle: ran.value.code === 0 } } : ran;
      }
      case 'cluster.load': {
        const ran = await this.#tool('cat /proc/loadavg; nproc');
        if (!ran.ok) return ran;
        const [load = '0', processors = '1'] = ran.value.split('\n');
        const node = {
          node: this.target.name,
          load: Number.parseFloat(load),
          processors: Number(processors),
        };
        return { ok: true, value: { nodes: [node] } };
      }
      case 'cluster.log': {
        const { about, limit } = given as Params<'cluster.log'>;
        const ran = await this.#tool(
          `${LOG_FILE}; tail -c 2000000 "$log" | grep -F -w -e ${word(about)} | tail -n ${limit ?? 10}`,
        );
        if (!ran.ok) return ran;
        const lines = ran.value.split('\n').filter((line) => line !== '');
        return { ok: true, value: { nodes: [{ node: this.target.name, lines }] } };
      }
      case 'fencing.history': {
        const { node } = given as Params<'fencing.history'>;
        const ran = await this.#tool(`stonith_admin --history ${word(node ?? '*')} --output-as=xml`);
        return ran.ok ? { ok: true, value: { entries: readFencing(ran.value) } } : ran;
      }
      case 'history.events': {
        const { sinceMs, limit, all } = given as Params<'history.events'>;
        const outputs = await this.#onNodes(`${LOG_FILE}; ${EVENTS_SCRIPT}`, all ?? false);
        if (!outputs.ok) return outputs;
        const nowMs = Date.now();
        const events = outputs.value
          .flatMap(({ node, stdout }) => readEvents(stdout, node, nowMs))
          .filter(({ atMs }) => atMs >= (sinceMs ?? 0))
          .sort((a, b) => a.atMs - b.atMs);
        return { ok: true, value: { events: events.slice(-(limit ?? events.length)) } };
      }
      case 'history.inputs': {
        const { all } = given as Params<'history.inputs'>;
        const outputs = await this.#onNodes(INPUTS_SCRIPT, all ?? false);
        if (!outputs.ok) return outputs;
        return {
          ok: true,
          value: { inputs: outputs.value.flatMap(({ node, stdout }) => readInputs(stdout, node)) },
        };
      }
      case 'history.input': {
        const { name, node } = given as Params<'history.input'>;
        if (!/^pe-[\w-]+$/.test(name)) return refused('not-found', `${name} is no scheduler input`);
        const script = inputScript(name);
        const ran =
          node === undefined || node === this.target.name
            ? await this.#tool(script)
            : await this.#elsewhere(node, script);
        return ran.ok ? { ok: true, value: { cib: ran.value } } : ran;
      }
      case 'attribute.query': {
        const { name, node } = given as Params<'attribute.query'>;
        if (name === undefined) return this.#unsupported('attribute.query without a name');
        const where = node === undefined ? '-A' : `-N ${word(node)}`;
        const ran = await this.#run(`attrd_updater -Q -n ${word(name)} ${where}`);
        return ran.ok ? { ok: true, value: { attributes: readAttributes(ran.value.stdout) } } : ran;
      }
      case 'attribute.update': {
        const { node, name, value, dampenMs } = given as Params<'attribute.update'>;
        const delay = dampenMs === undefined ? '' : ` -d ${dampenMs}ms`;
        const what = value === undefined ? '-D' : `-U ${word(value)}`;
        return nothing(`attrd_updater -N ${word(node)} -n ${word(name)} ${what}${delay}`);
      }
      case 'resource.cleanup': {
        const { resource, node, operation, refresh } = given as Params<'resource.cleanup'>;
        const parts = [
          refresh ? 'crm_resource --refresh' : 'crm_resource --cleanup',
          resource === undefined ? '' : `-r ${word(resource)}`,
          node === undefined ? '' : `-N ${word(node)}`,
          operation === undefined || refresh ? '' : `-n ${word(operation)}`,
        ];
        const ran = await this.#tool(parts.filter((part) => part !== '').join(' '));
        return ran.ok ? { ok: true, value: { cleaned: readCleaned(ran.value) } } : ran;
      }
      case 'resource.fail': {
        const { resource, node } = given as Params<'resource.fail'>;
        return nothing(`crm_resource --fail -r ${word(resource)} -N ${word(node)}`);
      }
      case 'node.fence': {
        const { node, action, timeoutMs } = given as Params<'node.fence'>;
        const option = action === 'off' ? '--fence' : action === 'on' ? '--unfence' : '--reboot';
        return nothing(
          `stonith_admin ${option} ${word(node)} --timeout ${Math.ceil(timeoutMs / 1000)}`,
          true,
        );
      }
      case 'node.confirm-down':
        return nothing(`stonith_admin --confirm ${word((given as Params<'node.confirm-down'>).node)}`);
      case 'agents.metadata': {
        const { class: kind, provider, type } = given as Params<'agents.metadata'>;
        const spec = [kind, provider, type].filter((part) => part !== undefined).join(':');
        const ran = await this.#tool(`crm_resource --show-metadata ${word(spec)}`);
        return ran.ok ? { ok: true, value: { xml: ran.value } } : ran;
      }
      case 'agents.list': {
        const { class: kind, provider } = given as Params<'agents.list'>;
        const spec = provider === undefined ? kind : `${kind}:${provider}`;
        const ran = await this.#tool(`crm_resource --list-agents ${word(spec)}`);
        const agents = ran.ok ? ran.value.split('\n').filter((line) => line.trim() !== '') : [];
        return ran.ok ? { ok: true, value: { agents } } : ran;
      }
      default:
        return this.#unsupported(method);
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

  #unsupported(method: string): Refusal {
    return {
      ok: false,
      error: { kind: 'unsupported', message: `Pacemaker on ${this.target.name} has no ${method}` },
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
