import type { Method, Params, Result } from '../protocol/messages.js';
import type { ExecResult } from '../ssh/session.js';
import { shellQuote } from '../ssh/shell-quote.js';
import { refused } from './change.js';
import type { Outcome } from './connection.js';
import { EVENTS_SCRIPT, INPUTS_SCRIPT, inputScript, readEvents, readInputs } from './pacemaker-history.js';
import { readAttributes, readCleaned, readCmap, readFencing } from './pacemaker-text.js';

/** Pacemaker's tools on a cluster's node. */
export interface PacemakerTools {
  /** What the cluster calls the node. */
  readonly node: string;
  /** Runs a command; `apart`: it takes long, and others are not to wait for it. */
  run(command: string, apart?: boolean): Promise<Outcome<ExecResult>>;
  /** Standard output of a command that succeeds. */
  output(command: string, apart?: boolean): Promise<Outcome<string>>;
  /** The same on another node. */
  outputOn(node: string, command: string): Promise<Outcome<string>>;
  /** What a command prints here and, with `all`, on every other node that can be reached. */
  outputs(
    command: string,
    all: boolean,
  ): Promise<Outcome<readonly { readonly node: string; readonly stdout: string }[]>>;
}

type Commands = {
  readonly [M in Method]?: (tools: PacemakerTools, params: Params<M>) => Promise<Outcome<Result<M>>>;
};

/** Where Pacemaker logs, as its own settings have it. */
export const LOG_FILE =
  'log=$(sed -n "s/^ *PCMK_logfile=//p" /etc/default/pacemaker /etc/sysconfig/pacemaker 2>/dev/null | tail -n 1); ' +
  '[ -n "$log" ] || log=/var/log/pacemaker/pacemaker.log';

const word = shellQuote;

/** What an outcome that went well is read as. */
function read<A, B>(outcome: Outcome<A>, as: (value: A) => B): Outcome<B> {
  return outcome.ok ? { ok: true, value: as(outcome.value) } : outcome;
}

async function done(
  tools: PacemakerTools,
  command: string,
  apart = false,
): Promise<Outcome<Record<string, never>>> {
  return read(await tools.output(command, apart), () => ({}));
}

/** Methods that are one command each, but for what is asked of the CIB itself. */
export const COMMANDS: Commands = {
  async 'cluster.cmap'(tools, { prefix }) {
    const text = await tools.output(`corosync-cmapctl ${prefix === undefined ? '' : word(prefix)}`);
    return read(text, (printed) => ({ entries: readCmap(printed) }));
  },

  async 'cluster.reload'(tools) {
    // It has every node read the file again; what one of them does not take is only in its log.
    return read(await tools.output('corosync-cfgtool -R'), () => ({ complaints: [] }));
  },

  async 'cluster.wait-idle'(tools, { timeoutMs }) {
    const ran = await tools.run(`timeout ${Math.ceil(timeoutMs / 1000)} crm_resource --wait`, true);
    return read(ran, ({ code }) => ({ idle: code === 0 }));
  },

  async 'cluster.load'(tools) {
    return read(await tools.output('cat /proc/loadavg; nproc'), (text) => {
      const [load = '0', processors = '1'] = text.split('\n');
      const node = { node: tools.node, load: Number.parseFloat(load), processors: Number(processors) };
      return { nodes: [node] };
    });
  },

  async 'cluster.log'(tools, { about, limit }) {
    const text = await tools.output(
      `${LOG_FILE}; tail -c 2000000 "$log" | grep -F -w -e ${word(about)} | tail -n ${limit ?? 10}`,
    );
    return read(text, (printed) => {
      const lines = printed.split('\n').filter((line) => line !== '');
      return { nodes: [{ node: tools.node, lines }] };
    });
  },

  async 'fencing.history'(tools, { node }) {
    const text = await tools.output(`stonith_admin --history ${word(node ?? '*')} --output-as=xml`);
    return read(text, (printed) => ({ entries: readFencing(printed) }));
  },

  async 'history.events'(tools, { sinceMs, limit, all }) {
    const outputs = await tools.outputs(`${LOG_FILE}; ${EVENTS_SCRIPT}`, all ?? false);
    const nowMs = Date.now();
    return read(outputs, (printed) => {
      const events = printed
        .flatMap(({ node, stdout }) => readEvents(stdout, node, nowMs))
        .filter(({ atMs }) => atMs >= (sinceMs ?? 0))
        .sort((a, b) => a.atMs - b.atMs);
      return { events: events.slice(-(limit ?? events.length)) };
    });
  },

  async 'history.inputs'(tools, { all }) {
    const outputs = await tools.outputs(INPUTS_SCRIPT, all ?? false);
    return read(outputs, (printed) => ({
      inputs: printed.flatMap(({ node, stdout }) => readInputs(stdout, node)),
    }));
  },

  async 'history.input'(tools, { name, node }) {
    if (!/^pe-[\w-]+$/.test(name)) return refused('not-found', `${name} is no scheduler input`);
    const script = inputScript(name);
    const text =
      node === undefined || node === tools.node
        ? await tools.output(script)
        : await tools.outputOn(node, script);
    return read(text, (cib) => ({ cib }));
  },

  async 'attribute.query'(tools, { name, node }) {
    if (name === undefined) return unsupported(tools.node, 'attribute.query without a name');
    const where = node === undefined ? '-A' : `-N ${word(node)}`;
    const ran = await tools.run(`attrd_updater -Q -n ${word(name)} ${where}`);
    return read(ran, ({ stdout }) => ({ attributes: readAttributes(stdout) }));
  },

  async 'attribute.update'(tools, { node, name, value, dampenMs }) {
    const delay = dampenMs === undefined ? '' : ` -d ${dampenMs}ms`;
    const what = value === undefined ? '-D' : `-U ${word(value)}`;
    return done(tools, `attrd_updater -N ${word(node)} -n ${word(name)} ${what}${delay}`);
  },

  async 'resource.cleanup'(tools, { resource, node, operation, refresh }) {
    const parts = [
      refresh ? 'crm_resource --refresh' : 'crm_resource --cleanup',
      resource === undefined ? '' : `-r ${word(resource)}`,
      node === undefined ? '' : `-N ${word(node)}`,
      operation === undefined || refresh ? '' : `-n ${word(operation)}`,
    ];
    const text = await tools.output(parts.filter((part) => part !== '').join(' '));
    return read(text, (printed) => ({ cleaned: readCleaned(printed) }));
  },

  async 'resource.fail'(tools, { resource, node }) {
    return done(tools, `crm_resource --fail -r ${word(resource)} -N ${word(node)}`);
  },

  async 'node.fence'(tools, { node, action, timeoutMs }) {
    const option = action === 'off' ? '--fence' : action === 'on' ? '--unfence' : '--reboot';
    const seconds = Math.ceil(timeoutMs / 1000);
    return done(tools, `stonith_admin ${option} ${word(node)} --timeout ${seconds}`, true);
  },

  async 'node.confirm-down'(tools, { node }) {
    return done(tools, `stonith_admin --confirm ${word(node)}`);
  },

  async 'agents.metadata'(tools, { class: kind, provider, type }) {
    const spec = [kind, provider, type].filter((part) => part !== undefined).join(':');
    const text = await tools.output(`crm_resource --show-metadata ${word(spec)}`);
    return read(text, (xml) => ({ xml }));
  },

  async 'agents.list'(tools, { class: kind, provider }) {
    const spec = provider === undefined ? kind : `${kind}:${provider}`;
    const text = await tools.output(`crm_resource --list-agents ${word(spec)}`);
    return read(text, (printed) => ({
      agents: printed.split('\n').filter((line) => line.trim() !== ''),
    }));
  },
};

/** The answer to what a Pacemaker cannot be asked. */
export function unsupported(node: string, what: string) {
  const message = `Pacemaker on ${node} has no ${what}`;
  return { ok: false, error: { kind: 'unsupported', message } } as const;
}
