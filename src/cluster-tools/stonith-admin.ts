import type { Element } from '../cib/element.js';
import { parseInterval } from '../cib/interval.js';
import { EXIT } from '../command-line/exit-codes.js';
import { type Arguments, helpText, type OptionTable } from '../command-line/options.js';
import { element } from '../command-line/output.js';
import { exitOf, type ResultName, resultText } from '../command-line/result-codes.js';
import { type Report, type Surroundings, ToolFailure, toolWith } from '../command-line/tool.js';
import type { FencingHistoryEntry } from '../protocol/messages.js';
import type { CibAccess } from './access.js';
import { openAgent } from './agent-access.js';

const table: OptionTable = {
  name: 'stonith_admin',
  summary: 'stonith_admin - fence nodes, and ask about fencing',
  formats: ['xml'],
  noShortHelp: true,
  groups: [
    {
      name: 'queries',
      title: 'Queries:',
      help: 'Show query help',
      options: [
        { long: 'list', short: 'l', value: 'HOST', help: 'Devices that can fence this host' },
        { long: 'list-registered', short: 'L', help: 'All configured devices' },
        { long: 'list-installed', short: 'I', help: 'All installed fence agents' },
        { long: 'list-targets', short: 's', value: 'DEVICE', help: 'Hosts that this device can fence' },
        { long: 'metadata', short: 'M', help: 'Meta-data of an agent (needs -a)' },
        { long: 'history', short: 'H', value: 'NODE', help: "Fencing of this node ('*': of any)" },
        { long: 'last', short: 'h', value: 'NODE', help: 'When this node was last fenced' },
      ],
    },
    {
      name: 'fence',
      title: 'Fencing Commands:',
      help: 'Show fence help',
      options: [
        { long: 'fence', short: 'F', value: 'HOST', help: 'Turn this host off' },
        { long: 'unfence', short: 'U', value: 'HOST', help: 'Turn this host on' },
        { long: 'reboot', short: 'B', value: 'HOST', help: 'Reboot this host' },
        { long: 'confirm', short: 'C', value: 'HOST', help: 'Vouch that this host is down' },
      ],
    },
    {
      name: 'additional',
      title: 'Additional Options:',
      help: 'Show additional options',
      options: [
        { long: 'agent', short: 'a', value: 'AGENT', help: 'The fence agent (-M)' },
        { long: 'timeout', short: 't', value: 'SECONDS', help: 'How long it may take (default 120)' },
        { long: 'tag', short: 'T', value: 'TAG', help: 'Understood, but of no effect' },
        { long: 'delay', short: 'y', value: 'SECONDS', help: 'Understood, but of no effect' },
        { long: 'tolerance', value: 'SECONDS', help: 'Do nothing if it was done so recently (-F, -U, -B)' },
        { long: 'as-node-id', short: 'n', help: 'The node is given by its number (-h)' },
        { long: 'cleanup', short: 'c', hidden: true, help: '' },
        { long: 'broadcast', short: 'b', hidden: true, help: '' },
      ],
    },
  ],
  options: [{ long: 'quiet', short: 'q', help: 'Say less' }],
};

const COMMANDS: readonly string[] = [...table.groups[0]!.options, ...table.groups[1]!.options].map(
  ({ long }) => long,
);
const TIMEOUT_DEFAULT_MS = 120_000;

function failed(failure: ResultName, message: string | undefined, what: string): ToolFailure {
  return new ToolFailure(exitOf(failure), `Couldn't ${what}: ${message ?? resultText(failure)}`);
}

/** Works as `stonith_admin` of Pacemaker 2.1.5 does, for devices that the CIB configures. */
export const stonithAdmin = toolWith(table, async (given, report, surroundings) => {
  const chosen = given.occurrences.findLast(({ option }) => COMMANDS.includes(option));
  if (!chosen) {
    surroundings.err(helpText(table, []));
    throw new ToolFailure(EXIT.USAGE);
  }
  if (chosen.option === 'list-installed' || chosen.option === 'metadata') {
    return aboutAgents(chosen.option, given, report, surroundings);
  }
  const opened = await openAgent(surroundings);
  if (!opened.ok) {
    const why = opened.message ?? resultText(opened.failure);
    throw new ToolFailure(exitOf(opened.failure), `Could not connect to fencer: ${why}`, false);
  }
  const access = opened.value;
  try {
    await carryOut(chosen.option, chosen.value ?? '', access, given, report, surroundings);
  } finally {
    await access.close();
  }
  return EXIT.OK;
});

async function aboutAgents(
  command: string,
  given: Arguments,
  report: Report,
  surroundings: Surroundings,
): Promise<number> {
  const { localAgents } = await import('./local-agents.js');
  const agents = localAgents(surroundings);
  if (command === 'list-installed') {
    listDevices(agents.list('stonith'), 'Installed fence devices', report);
    return EXIT.OK;
  }
  const agent = given.value('agent');
  if (agent === undefined) {
    throw new ToolFailure(EXIT.USAGE, 'Please specify an agent to query using -a,--agent [value]', false);
  }
  const metadata = await agents.metadata('stonith', undefined, agent);
  if (metadata === null) throw failed('ENXIO', undefined, `get meta-data of ${agent}`);
  report.line(metadata.trimEnd());
  report.xml(element('metadata', { plugin: agent }, [metadata]));
  return EXIT.OK;
}

function listDevices(names: readonly string[], title: string, report: Report): void {
  for (const name of names) report.line(name);
  report.info(`${names.length} fence device${names.length === 1 ? '' : 's'} found`);
  const items = names.map((name) => element('item', {}, [name]));
  report.xml(element('list', { name: title, count: String(names.length) }, items));
}

/** A fence device of the configuration with what it says about its targets. */
interface Device {
  readonly id: string;
  /** Undefined: it finds out itself, or is taken to fence anything. */
  readonly hosts: readonly string[] | undefined;
}

function devicesOf(cib: Element): Device[] {
  const devices: Device[] = [];
  const resources = cib.at('configuration', 'resources');
  for (const primitive of resources?.descendants() ?? []) {
    if (primitive.name !== 'primitive' || primitive.get('class') !== 'stonith') continue;
    const value = (kind: string, name: string) =>
      primitive
        .elements(kind)
        .flatMap((set) => set.elements('nvpair'))
        .find((pair) => pair.get('name') === name)
        ?.get('value');
    if (value('meta_attributes', 'target-role')?.toLowerCase() === 'stopped') continue;
    const list = value('instance_attributes', 'pcmk_host_list');
    const map = value('instance_attributes', 'pcmk_host_map');
    const hosts = [
      ...(list?.split(/[\s,;]+/) ?? []),
      ...(map?.split(/[\s;]+/).map((entry) => entry.split(':')[0]!) ?? []),
    ].filter((host) => host !== '');
    devices.push({ id: primitive.id, hosts: list === undefined && map === undefined ? undefined : hosts });
  }
  return devices;
}

async function carryOut(
  command: string,
  subject: string,
  access: CibAccess,
  given: Arguments,
  report: Report,
  surroundings: Surroundings,
): Promise<void> {
  switch (command) {
    case 'list':
    case 'list-registered':
    case 'list-targets': {
      const read = await access.read();
      if (!read.ok) throw failed(read.failure, read.message, 'read the configuration');
      await query(command, subject, devicesOf(read.value), report);
      return;
    }
    case 'confirm': {
      const outcome = await access.call('node.confirm-down', { node: subject });
      if (!outcome.ok) throw failed(outcome.failure, outcome.message, `confirm ${subject}`);
      return;
    }
    case 'fence':
    case 'unfence':
    case 'reboot':
      await fence(command, subject, access, given, surroundings);
      return;
    default: {
      const all = command === 'history' && subject === '*';
      const asked = await access.call(
        'fencing.history',
        all ? {} : { node: await nodeName(access, subject, given) },
      );
      if (!asked.ok) throw failed(asked.failure, asked.message, 'get the fencing history');
      if (command === 'last') showLast(subject, asked.value.entries, report, surroundings);
      else await showHistory(asked.value.entries, given, report, surroundings);
    }
  }
}

async function nodeName(access: CibAccess, subject: string, given: Arguments): Promise<string> {
  if (!given.has('as-node-id')) return subject;
  const state = await access.call('cluster.state', {});
  const found = state.ok ? state.value.members.find(({ nodeId }) => String(nodeId) === subject) : undefined;
  if (!found) throw failed('ENXIO', undefined, `find a node with the number ${subject}`);
  return found.name;
}

async function query(
  command: string,
  subject: string,
  devices: readonly Device[],
  report: Report,
): Promise<void> {
  if (command === 'list-targets') {
    const device = devices.find(({ id }) => id === subject);
    if (!device) throw failed('ENODEV', undefined, `list the targets of ${subject}`);
    for (const host of device.hosts ?? []) report.line(host);
    const items = (device.hosts ?? []).map((host) => element('item', {}, [host]));
    report.xml(element('list', { name: 'Targets', count: String(items.length) }, items));
    return;
  }
  const wanted = subject.toLowerCase();
  const able = devices.filter(
    ({ hosts }) =>
      command === 'list-registered' || !hosts || hosts.some((host) => host.toLowerCase() === wanted),
  );
  if (able.length === 0 && command === 'list-registered') report.line('No devices found');
  else
    listDevices(
      able.map(({ id }) => id),
      'Registered fence devices',
      report,
    );
}

async function fence(
  command: 'fence' | 'unfence' | 'reboot',
  node: string,
  access: CibAccess,
  given: Arguments,
  surroundings: Surroundings,
): Promise<void> {
  const action = ({ fence: 'off', unfence: 'on', reboot: 'reboot' } as const)[command];
  const tolerance = parseInterval(given.value('tolerance')) ?? 0;
  if (tolerance > 0) {
    const history = await access.call('fencing.history', { node });
    const recent =
      history.ok &&
      history.value.entries.some(
        (entry) =>
          entry.action === action &&
          entry.state === 'success' &&
          surroundings.nowMs - (entry.completedAtMs ?? 0) < tolerance,
      );
    if (recent) return;
  }
  const timeoutMs = parseInterval(given.value('timeout')) ?? TIMEOUT_DEFAULT_MS;
  const outcome = await access.call('node.fence', { node, action, timeoutMs });
  if (!outcome.ok) throw failed(outcome.failure, outcome.message, `${command} ${node}`);
}

function zoned(ms: number, { zoneOffset }: Surroundings): string {
  const text = new Date(ms + zoneOffset * 1000).toISOString();
  const minutes = Math.abs(zoneOffset) / 60;
  const two = (value: number) => String(Math.trunc(value)).padStart(2, '0');
  const zone =
    zoneOffset === 0 ? 'Z' : ` ${zoneOffset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${zone}`;
}

function showLast(
  node: string,
  entries: readonly FencingHistoryEntry[],
  report: Report,
  surroundings: Surroundings,
): void {
  const times = entries.flatMap(({ state, completedAtMs }) =>
    state === 'success' && completedAtMs !== null ? [completedAtMs] : [],
  );
  const when = times.length > 0 ? zoned(Math.max(...times), surroundings) : undefined;
  report.line(when ? `Node ${node} last fenced at: ${when}` : `Node ${node} has never been fenced`);
  report.xml(element('last-fenced', { target: node, when }));
}

async function showHistory(
  entries: readonly FencingHistoryEntry[],
  given: Arguments,
  report: Report,
  surroundings: Surroundings,
): Promise<void> {
  const whole = given.has('verbose');
  const shown = whole ? entries : entries.filter(({ state }) => state === 'success').slice(0, 1);
  for (const entry of shown) {
    const { action, target, state, delegate, client, origin, completedAtMs } = entry;
    const done = completedAtMs === null ? undefined : zoned(completedAtMs, surroundings);
    if (report.quiet) report.line(String(Math.floor((completedAtMs ?? 0) / 1000)));
    else {
      const verdict = { success: 'successful', failed: 'failed', pending: 'pending' }[state];
      const by = delegate === null ? '' : `delegate=${delegate}, `;
      const when =
        done === undefined ? '' : `, ${state === 'failed' ? 'last-failed' : 'last-successful'}='${done}'`;
      report.line(`${action} of ${target} ${verdict}: ${by}client=${client}, origin=${origin}${when}`);
    }
    report.xml(
      element('fence_event', {
        action,
        target,
        client,
        origin,
        status: state,
        delegate: delegate ?? undefined,
        completed: done,
        'exit-reason': entry.reason ?? undefined,
      }),
    );
  }
  if (!report.quiet) report.line(`${shown.length} event${shown.length === 1 ? '' : 's'} found`);
}
