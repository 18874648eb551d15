/**
 * A real Corosync + Pacemaker cluster, driven with its own tools on one of its nodes (over SSH, or here). Nothing needs
 * to be installed there.
 */
import { createPatch as differences } from '../cib/diff.js';
import type { Element } from '../cib/element.js';
import { type CibVersion, compareCibVersions, readVersion } from '../cib/version.js';
import { parseXml, writeXml, XmlError } from '../cib/xml.js';
import type {
  ClusterState,
  MemberState,
  Method,
  Methods,
  Notification,
  Params,
  Result,
  Topic,
} from '../protocol/messages.js';
import type { ExecResult } from '../ssh/session.js';
import { shellQuote } from '../ssh/shell-quote.js';
import { patched, type Refusal, refused, replaced, scoped, Turns } from './change.js';
import type { Connection, ConnectionError, Outcome, Target } from './connection.js';
import { createPatch } from './patch.js';

/** Runs a shell command on the node. */
export type Runner = (command: string, stdin?: string) => Promise<Outcome<ExecResult>>;

export interface PacemakerOptions {
  readonly host: string | null;
  /** Ends what carries the commands. */
  readonly release?: () => Promise<void>;
  readonly closed?: Promise<ConnectionError | null>;
}

/** How often a watched cluster is looked at: Pacemaker has no events that a shell could wait for. */
const POLL_MS = 2000;
/** A status section changes all the time, so a patch made from it may come too late again and again. */
const COMMIT_ATTEMPTS = 10;

/** Pacemaker's own tools come first: ours, of the same names, would ask us again. */
export const TOOLS_PATH = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH; unset CIB_file CIB_shadow;';

/** Exits with 0 where Pacemaker runs. */
export const PACEMAKER_RUNS = 'command -v cibadmin >/dev/null && pgrep -x pacemakerd >/dev/null';

/** The last line of what a tool complained about, without its own name. */
function complaint({ stderr, stdout, code }: ExecResult): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return lines.at(-1)?.trim() ?? `exit code ${code}`;
}

export async function openPacemaker(run: Runner, options: PacemakerOptions): Promise<Outcome<Connection>> {
  const name = await run('crm_node -n');
  if (!name.ok) return name;
  if (name.value.code !== 0) {
    const place = options.host ?? 'this host';
    const message = `Pacemaker on ${place} does not answer (${complaint(name.value)}): look at 'systemctl status pacemaker' there`;
    return { ok: false, error: { kind: 'no-agent', message } };
  }
  const target: Target = { kind: 'pacemaker', name: name.value.stdout.trim(), host: options.host };
  return { ok: true, value: new PacemakerConnection(run, target, options) };
}

class PacemakerConnection implements Connection {
  readonly target: Target;
  readonly closed: Promise<ConnectionError | null>;
  readonly #run: Runner;
  readonly #options: PacemakerOptions;
  readonly #watches = new Set<NodeJS.Timeout>();
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
  }

  async readCib(): Promise<Outcome<Element>> {
    const ran = await this.#tool('cibadmin -Q');
    if (!ran.ok) return ran;
    try {
      return { ok: true, value: parseXml(ran.value) };
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
    const { patch, base } = createPatch(before, after);
    if (patch === undefined) return Promise.resolve({ ok: true, value: base });
    return this.#patch({ patch, base, ...options });
  }

  async state(): Promise<Outcome<ClusterState>> {
    const ran = await this.#tool(
      "crm_mon -1 --output-as=xml; printf '\\n--\\n'; corosync-quorumtool -s 2>/dev/null; printf '\\n--\\n'; corosync-cmapctl totem. nodelist. runtime.members. 2>/dev/null; true",
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
    let busy = false;
    const look = async (): Promise<void> => {
      if (busy) return;
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
      } finally {
        busy = false;
      }
    };
    await look();
    const timer = setInterval(() => void look(), POLL_MS);
    timer.unref();
    this.#watches.add(timer);
    return {
      ok: true,
      value: () => {
        clearInterval(timer);
        this.#watches.delete(timer);
      },
    };
  }

  async close(): Promise<void> {
    for (const timer of this.#watches) clearInterval(timer);
    await this.#options.release?.();
    this.#finish(null);
    await this.closed;
  }

  /** Standard output of a command that succeeds. */
  async #tool(command: string, stdin?: string): Promise<Outcome<string>> {
    const ran = await this.#run(command, stdin);
    if (!ran.ok) return ran;
    if (ran.value.code === 0) return { ok: true, value: ran.value.stdout };
    return this.#refusal(complaint(ran.value));
  }

  async #dispatch(method: Method, given: unknown): Promise<Outcome<unknown>> {
    const nothing = async (command: string): Promise<Outcome<Record<string, never>>> => {
      const ran = await this.#tool(command);
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
      case 'cluster.wait-idle': {
        const { timeoutMs } = given as Params<'cluster.wait-idle'>;
        const ran = await this.#run(`timeout ${Math.ceil(timeoutMs / 1000)} crm_resource --wait`);
        return ran.ok ? { ok: true, value: { idle: ran.value.code === 0 } } : ran;
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
      case 'node.fence': {
        const { node, action, timeoutMs } = given as Params<'node.fence'>;
        const option = action === 'off' ? '--fence' : action === 'on' ? '--unfence' : '--reboot';
        return nothing(`stonith_admin ${option} ${word(node)} --timeout ${Math.ceil(timeoutMs / 1000)}`);
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
        return {
          ok: false,
          error: { kind: 'unsupported', message: `Pacemaker on ${this.target.name} has no ${method}` },
        };
    }
  }

  #patch(params: Params<'cib.patch'>): Promise<Outcome<CibVersion>> {
    return this.#turns.take(async () => {
      for (let attempt = 1; ; attempt++) {
        const current = await this.readCib();
        if (!current.ok) return current;
        const changed = patched(current.value, params, 'the configuration');
        if (!changed.ok) return changed;
        const diff = differences(current.value, changed.value.cib);
        if (!diff) return { ok: true, value: readVersion(current.value) };
        // Pacemaker refuses a patch that was not made from the version it has: then what has happened is looked at.
        const sent = await this.#run('cibadmin --patch --xml-pipe', writeXml(diff));
        if (!sent.ok) return sent;
        if (sent.value.code === 0) return { ok: true, value: changed.value.version };
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

export function readCmap(text: string): Methods['cluster.cmap']['result']['entries'] {
  return [...text.matchAll(/^(\S+) \((\w+)\) = (.*)$/gm)].map((match) => ({
    key: match[1]!,
    type: match[2]!,
    value: match[3]!,
  }));
}

function readCleaned(text: string): { resource: string; node: string }[] {
  return [...text.matchAll(/^Cleaned up (\S+) on (\S+)$/gm)].map((match) => ({
    resource: match[1]!,
    node: match[2]!,
  }));
}

/** crm_mon's XML, corosync-quorumtool's text and the cmap, in this order, with `--` between. */
function readState(text: string, localNode: string): ClusterState {
  const [monitor = '', quorum = '', map = ''] = text.split('\n--\n');
  const report = parseXml(monitor.slice(monitor.indexOf('<')));
  const cmap = new Map(readCmap(map).map((entry) => [entry.key, entry.value]));
  const number = (label: string): number =>
    Number(new RegExp(`^${label}:\\s+(\\d+)`, 'm').exec(quorum)?.[1] ?? 0);
  const addresses = new Map<string, string[]>();
  for (const [key, value] of cmap) {
    const found = /^nodelist\.node\.(\d+)\.ring(\d+)_addr$/.exec(key);
    const id = found && cmap.get(`nodelist.node.${found[1]}.nodeid`);
    if (!found || id === undefined || id === null) continue;
    const list = addresses.get(id) ?? [];
    list[Number(found[2])] = value;
    addresses.set(id, list);
  }
  const dc = report.at('summary', 'current_dc');
  const members = (report.first('nodes')?.elements('node') ?? [])
    .filter((node) => node.get('type') !== 'remote')
    .map((node): MemberState => {
      const list = addresses.get(node.id) ?? [];
      return {
        nodeId: Number(node.id),
        name: node.get('name') ?? node.id,
        online: node.get('online') === 'true',
        votes: 1,
        addresses: list,
        linkLatencyMs: list.map(() => null),
        version: null,
      };
    });
  const online = members.filter((member) => member.online).length;
  const expected = number('Expected votes') || members.length;
  return {
    clusterName: cmap.get('totem.cluster_name') ?? '',
    localNode,
    dc: dc?.get('present') === 'true' ? (dc.get('name') ?? null) : null,
    quorate: dc?.get('with_quorum') === 'true' || /^Quorate:\s+Yes/m.test(quorum),
    viewId: Number.parseInt(/^Ring ID:\s+[0-9a-f]+\.([0-9a-f]+)/m.exec(quorum)?.[1] ?? '0', 16),
    votes: {
      expected,
      total: number('Total votes') || online,
      quorum: number('Quorum') || Math.floor(expected / 2) + 1,
    },
    members,
    transition: null,
  };
}
