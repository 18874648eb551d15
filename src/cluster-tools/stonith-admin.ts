import { Element, type Node } from '../cib/element.js';
import { parseXml } from '../cib/xml.js';
import { EXIT } from '../command-line/exit-codes.js';
import { type Arguments, helpText, type OptionTable, wholeNumber } from '../command-line/options.js';
import { cdata, element, type OutputElement } from '../command-line/output.js';
import { exitOf, type ResultName, resultText } from '../command-line/result-codes.js';
import { type Report, type Surroundings, ToolFailure, toolWith } from '../command-line/tool.js';
import type { Outcome } from '../executor/agent-class.js';
import type { OperationRequest } from '../executor/types.js';
import {
  type AgentTraits,
  type FenceDevice,
  parseHostList,
  readDevices,
  readTraits,
} from '../fencing/device.js';
import { withRegistered } from '../fencing/registered.js';
import { isWatchdogDevice, WATCHDOG, watchdogTimeout, withWatchdog } from '../fencing/watchdog.js';
import { writeBody } from '../monitor/html.js';
import { calendarTime, zonedTime } from '../monitor/terms.js';
import { fenceEventElement } from '../monitor/xml.js';
import type { FencingHistoryEntry, Method, Params, Result } from '../protocol/messages.js';
import type { CibAccess } from './access.js';
import { openAgent } from './agent-access.js';
import { type LocalAgents, localAgents } from './local-agents.js';
import { treeOutput } from './tree-output.js';

const TIMEOUT_SEC = 120;

const table: OptionTable = {
  name: 'stonith_admin',
  summary: 'stonith_admin - ask for fencing, and about it',
  groups: [
    {
      name: 'definition',
      title: 'Device Definition Commands:',
      help: 'Show device definition help',
      options: [
        {
          long: 'register',
          short: 'R',
          value: 'DEVICE',
          help: 'Make a device known beside the configuration (needs --agent; --option)',
        },
        { long: 'deregister', short: 'D', value: 'DEVICE', help: 'Make a device unknown' },
        {
          long: 'register-level',
          short: 'r',
          value: 'TARGET',
          help: 'Make a level known for NAME, @PATTERN or ATTRIBUTE=VALUE (needs --index; --device)',
        },
        {
          long: 'deregister-level',
          short: 'd',
          value: 'TARGET',
          help: 'Make a level unknown (needs --index)',
        },
      ],
    },
    {
      name: 'queries',
      title: 'Queries:',
      help: 'Show query help',
      options: [
        { long: 'list', short: 'l', value: 'HOST', help: 'Devices that can fence the host' },
        { long: 'list-registered', short: 'L', help: 'All devices of the configuration' },
        { long: 'list-installed', short: 'I', help: 'All fence agents of this machine' },
        { long: 'list-targets', short: 's', value: 'DEVICE', help: 'Nodes that the device can fence' },
        { long: 'metadata', short: 'M', help: "A fence agent's meta-data (needs --agent)" },
        { long: 'query', short: 'Q', value: 'DEVICE', help: 'Whether the device works' },
        {
          long: 'history',
          short: 'H',
          value: 'NODE',
          help: "Last successful fencing of the node ('*': of all); with --verbose all that is known",
        },
        { long: 'last', short: 'h', value: 'NODE', help: 'When the node was last fenced' },
        {
          long: 'validate',
          short: 'K',
          help: "Whether a device's parameters are valid (needs --agent; --option)",
        },
      ],
    },
    {
      name: 'fence',
      title: 'Fencing Commands:',
      help: 'Show fence help',
      options: [
        { long: 'fence', short: 'F', value: 'HOST', help: 'Turn the host off' },
        { long: 'unfence', short: 'U', value: 'HOST', help: 'Turn the host on' },
        { long: 'reboot', short: 'B', value: 'HOST', help: 'Reboot the host' },
        { long: 'confirm', short: 'C', value: 'HOST', help: 'Vouch that the host is down' },
      ],
    },
    {
      name: 'html',
      title: 'Output Options (HTML):',
      help: 'Show HTML output help',
      options: [
        { long: 'html-cgi', help: 'Begin with the headers of a CGI program' },
        { long: 'html-stylesheet', value: 'URI', help: 'Link to a stylesheet' },
        { long: 'html-title', value: 'TITLE', help: 'Title of the page (default: the command line)' },
      ],
    },
    {
      name: 'additional',
      title: 'Additional Options:',
      help: 'Show additional options',
      options: [
        { long: 'agent', short: 'a', value: 'AGENT', help: 'The fence agent, as fence_ipmilan' },
        {
          long: 'option',
          short: 'o',
          value: 'PARAM',
          help: 'A parameter as NAME=VALUE (any number of times)',
        },
        {
          long: 'timeout',
          short: 't',
          value: 'SECONDS',
          check: wholeNumber,
          help: `How long to wait (default ${TIMEOUT_SEC})`,
        },
        { long: 'tolerance', value: 'SECONDS', help: 'Do nothing if it was done less than this ago' },
        { long: 'broadcast', short: 'b', help: 'Ask all nodes (which is always done)' },
        { long: 'tag', short: 'T', value: 'TAG', help: 'Who asks, for the log', hidden: true },
        { long: 'index', short: 'i', value: 'LEVEL', check: wholeNumber, help: 'The level, from 1 to 9' },
        {
          long: 'env-option',
          short: 'e',
          value: 'NAME',
          help: 'A parameter with the value of the variable OCF_RESKEY_NAME',
        },
        { long: 'cleanup', short: 'c', help: 'Forget what is over (with --history)' },
        { long: 'delay', short: 'y', value: 'SECONDS', help: 'Not used', hidden: true },
        { long: 'as-node-id', short: 'n', help: 'Not used', hidden: true },
        {
          long: 'device',
          short: 'v',
          value: 'DEVICE',
          help: 'A device of the level (any number of times), or the name for --validate',
        },
      ],
    },
  ],
  options: [{ long: 'quiet', short: 'q', help: 'Say less' }],
  formats: ['html', 'xml'],
  page: (content, given, title) =>
    writeBody(content.filter((node) => typeof node !== 'string').map(pageElement), {
      title: given.value('html-title') ?? title,
      stylesheet: given.value('html-stylesheet'),
      refreshSec: undefined,
      cgi: given.has('html-cgi'),
    }),
  noShortHelp: true,
};

function pageElement({ name, attributes, children }: OutputElement): Element {
  const inside = children.map(
    (child): Node => (typeof child === 'string' ? { kind: 'text', text: child } : pageElement(child)),
  );
  return new Element(name, attributes, inside);
}

const COMMANDS: readonly string[] = table.groups
  .filter(({ name }) => ['definition', 'queries', 'fence'].includes(name))
  .flatMap(({ options }) => options.map(({ long }) => long));

/** Works as `stonith_admin` of Pacemaker 2.1.5 does; what it registers all members know, not only the node it runs on. */
export const stonithAdmin = toolWith(table, async (given, report, surroundings) => {
  const chosen = given.occurrences.findLast(({ option }) => COMMANDS.includes(option));
  if (!chosen) {
    surroundings.err(helpText(table, []));
    throw new ToolFailure(EXIT.USAGE);
  }
  const timeoutMs = 1000 * Number(given.value('timeout') ?? TIMEOUT_SEC);
  const agents = localAgents(surroundings);
  switch (chosen.option) {
    case 'list-installed':
      listing(report, agents.list('stonith'), 'installed fence devices');
      return EXIT.OK;
    case 'metadata':
      return showMetadata(given, report, agents);
    case 'validate':
      return validate(given, report, surroundings.env, agents, timeoutMs);
    default:
      return withFencer(surroundings, (fencer) =>
        command(chosen.option, chosen.value ?? '', given, report, fencer, surroundings, timeoutMs),
      );
  }
});

async function command(
  option: string,
  value: string,
  given: Arguments,
  report: Report,
  fencer: Fencer,
  surroundings: Surroundings,
  timeoutMs: number,
): Promise<number> {
  const agents = localAgents(surroundings);
  const { env } = surroundings;
  switch (option) {
    case 'list-registered':
      listing(
        report,
        (await fencer.devices(agents)).map(({ id }) => id),
        'registered fence devices',
      );
      return EXIT.OK;
    case 'list': {
      const able: string[] = [];
      for (const device of await fencer.devices(agents)) {
        if (await canFence(device, value, agents, timeoutMs)) able.push(device.id);
      }
      listing(report, able, 'registered fence devices');
      return able.length > 0 ? EXIT.OK : EXIT.NOSUCH;
    }
    case 'list-targets':
      listing(
        report,
        await targetsOf(await fencer.device(value, agents), agents, timeoutMs),
        'fence targets',
      );
      return EXIT.OK;
    case 'query': {
      const device = await fencer.device(value, agents);
      const monitored = await runAgent(device.agent, 'start', device.parameters, agents, timeoutMs);
      if (monitored.rc === 0) return EXIT.OK;
      const listed = await runAgent(device.agent, 'list', device.parameters, agents, timeoutMs);
      return listed.rc === 0 ? EXIT.OK : EXIT.ERROR;
    }
    case 'register':
      await fencer.call('fencing.register', {
        registration: { device: value, agent: agentOf(given), parameters: parametersOf(given, env) },
      });
      return EXIT.OK;
    case 'deregister':
      await fencer.call('fencing.register', { registration: { device: value, agent: null, parameters: {} } });
      return EXIT.OK;
    case 'register-level':
    case 'deregister-level':
      await changeLevel(option, value, given, fencer);
      return EXIT.OK;
    case 'history':
      if (given.has('cleanup')) {
        report.info(`cleaning up fencing-history for node ${value}`);
        await fencer.call('fencing.forget', historyOf(value));
      }
      if (given.has('broadcast')) report.info('gather fencing-history from all nodes');
      showHistory(given, report, (await fencer.call('fencing.history', historyOf(value))).entries);
      return EXIT.OK;
    case 'last':
      showLast(value, report, (await fencer.call('fencing.history', { node: value })).entries);
      return EXIT.OK;
    case 'confirm':
      await fencer.call('node.confirm-down', { node: value });
      return EXIT.OK;
    default: {
      const action = option === 'fence' ? 'off' : option === 'unfence' ? 'on' : 'reboot';
      const toleranceMs = 1000 * (Number.parseInt(given.value('tolerance') ?? '0', 10) || 0);
      if (toleranceMs > 0) {
        const { entries } = await fencer.call('fencing.history', { node: value });
        const recent = entries.some(
          (entry) =>
            entry.state === 'success' &&
            entry.action === action &&
            Date.now() - (entry.completedAtMs ?? 0) < toleranceMs,
        );
        if (recent) return EXIT.OK;
      }
      await fencer.call('node.fence', { node: value, action, timeoutMs });
      return EXIT.OK;
    }
  }
}

const LEVELS = [1, 9] as const;

async function changeLevel(option: string, target: string, given: Arguments, fencer: Fencer): Promise<void> {
  const index = Number(given.value('index') ?? 0);
  const devices = option === 'register-level' ? given.values('device') : [];
  const invalid =
    index < LEVELS[0] || index > LEVELS[1] || (option === 'register-level' && devices.length === 0);
  if (invalid) {
    const verb = option === 'register-level' ? 'register' : 'unregister';
    throw new ToolFailure(
      EXIT.INVALID_PARAM,
      `Can't ${verb} topology level ${index} for ${target}: Invalid argument`,
      false,
    );
  }
  await fencer.call('fencing.register', { registration: { target, index, devices } });
}

function agentOf(given: Arguments): string {
  const agent = given.value('agent');
  if (agent === undefined)
    throw new ToolFailure(EXIT.USAGE, 'Please specify an agent to query using -a,--agent [value]');
  return agent;
}

/** Of `--option` and `--env-option`. */
function parametersOf(given: Arguments, env: Surroundings['env']): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const { option, value = '' } of given.occurrences) {
    if (option === 'env-option') {
      const found = env[`OCF_RESKEY_${value}`];
      if (found === undefined) throw new ToolFailure(EXIT.INVALID_PARAM, `Invalid option: -e ${value}`);
      parameters[value] = found;
    }
    if (option !== 'option') continue;
    const at = value.indexOf('=');
    if (at < 1) throw new ToolFailure(EXIT.USAGE, `Invalid option: -o ${value}`);
    parameters[value.slice(0, at)] = value.slice(at + 1);
  }
  return parameters;
}

const historyOf = (target: string) => (target === '*' || target === '' ? {} : { node: target });

/** The running cluster, and its failures in this tool's words. */
class Fencer {
  readonly #access: CibAccess;

  constructor(access: CibAccess) {
    this.#access = access;
  }

  async call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    const answer = await this.#access.call(method, params);
    if (answer.ok) return answer.value;
    throw failure(answer.failure, answer.message);
  }

  async devices(agents: LocalAgents): Promise<FenceDevice[]> {
    const read = await this.#access.read();
    if (!read.ok) throw failure(read.failure, read.message);
    const { registrations } = await this.call('fencing.registered', {});
    const cib = withRegistered(read.value, registrations);
    const traits = new Map<string, AgentTraits>();
    for (const { id, agent } of readDevices(cib, traits)) {
      if (isWatchdogDevice(id, agent)) continue;
      const metadata = traits.has(agent) ? null : await agents.metadata('stonith', undefined, agent);
      if (metadata !== null) traits.set(agent, readTraits(parseXml(metadata)));
    }
    // Only whether there is a time at all matters here.
    return withWatchdog(readDevices(cib, traits), watchdogTimeout(cib, 1).ms);
  }

  async device(id: string, agents: LocalAgents): Promise<FenceDevice> {
    const found = (await this.devices(agents)).find((device) => device.id === id);
    if (!found) throw new ToolFailure(EXIT.NOSUCH, `There is no fence device ${id}`);
    return found;
  }
}

async function withFencer(
  surroundings: Surroundings,
  work: (fencer: Fencer) => Promise<number>,
): Promise<number> {
  const opened = await openAgent(surroundings);
  if (!opened.ok) {
    const why = opened.message ?? resultText(opened.failure);
    throw new ToolFailure(exitOf(opened.failure), `Could not connect to fencer: ${why}`, false);
  }
  try {
    return await work(new Fencer(opened.value));
  } finally {
    await opened.value.close();
  }
}

function failure(result: ResultName, message: string | undefined): ToolFailure {
  return new ToolFailure(exitOf(result), message ?? resultText(result));
}

/** @param title what the things are: `registered fence devices`; text counts `fence devices` */
function listing(report: Report, items: readonly string[], title: string): void {
  const name = title.endsWith('devices') ? { name: 'device' } : {};
  report.xml(
    element(
      'list',
      { name: title, count: items.length },
      items.map((item) => element('item', name, [item])),
    ),
  );
  report.html(
    element('h2', {}, [`${title[0]!.toUpperCase()}${title.slice(1)}`]),
    element(
      'ul',
      {},
      items.map((item) => element('li', title.endsWith('devices') ? { class: 'device' } : {}, [item])),
    ),
  );
  if (report.quiet) return;
  for (const item of items) report.line(item);
  const plural = title.split(' ').slice(-2).join(' ');
  if (items.length > 0)
    report.line(`${items.length} ${items.length === 1 ? plural.slice(0, -1) : plural} found`);
}

async function showMetadata(given: Arguments, report: Report, agents: LocalAgents): Promise<number> {
  const agent = given.value('agent');
  if (agent === undefined)
    throw new ToolFailure(EXIT.USAGE, 'Please specify a fence agent to query using -a,--agent [value]');
  const metadata = await agents.metadata('stonith', undefined, agent);
  if (metadata === null) {
    throw new ToolFailure(EXIT.NOSUCH, "Can't get fence agent meta-data: No such device or address", false);
  }
  report.raw(metadata.endsWith('\n') ? metadata : `${metadata}\n`);
  report.xml(cdata('metadata', {}, metadata));
  report.html(element('pre', { lang: 'xml' }, [metadata]));
  return EXIT.OK;
}

async function validate(
  given: Arguments,
  report: Report,
  env: Surroundings['env'],
  agents: LocalAgents,
  timeoutMs: number,
): Promise<number> {
  const agent = given.value('agent');
  if (agent === undefined)
    throw new ToolFailure(EXIT.USAGE, 'Please specify a fence agent to validate using -a,--agent [value]');
  const parameters = parametersOf(given, env);
  const result = await runAgent(agent, 'validate-all', parameters, agents, timeoutMs);
  const device = given.value('device');
  const subject = device === undefined ? agent : `${agent} on ${device}`;
  const output = result.output.trim() === '' ? [] : [cdata('output', { source: 'stdout' }, result.output)];
  report.xml(
    element('validate', { agent, valid: result.rc === 0, device }, [
      element('command', { code: result.rc }, output),
    ]),
  );
  const verdict = `Validation of ${subject} ${result.rc === 0 ? 'succeeded' : 'failed'}`;
  report.html(
    element('div', {}, [verdict]),
    element('h2', {}, ['Command Output']),
    element('div', {}, [`Return code: ${result.rc}`]),
    ...(output.length > 0
      ? [element('div', {}, ['Stdout']), element('div', { class: 'output' }, [result.output])]
      : []),
  );
  report.info(verdict);
  if (result.rc !== 0 && !report.quiet && result.output.trim() !== '') report.raw(result.output);
  return result.rc === 0 ? EXIT.OK : EXIT.ERROR;
}

async function runAgent(
  agent: string,
  operation: string,
  parameters: Readonly<Record<string, string>>,
  agents: LocalAgents,
  timeoutMs: number,
): Promise<Outcome> {
  const request: OperationRequest = {
    callId: 0,
    key: `${agent}_${operation}_0`,
    resource: agent,
    agent: { class: 'stonith', type: agent },
    operation,
    intervalMs: 0,
    timeoutMs,
    startDelayMs: 0,
    parameters,
    meta: {},
    userData: '',
  };
  const result = await agents.execute(request);
  if (!result) throw new ToolFailure(EXIT.UNIMPLEMENT_FEATURE, 'Fence agents cannot be run here');
  return result;
}

/** Names that the device itself lists, or that the configuration gives it. */
async function targetsOf(device: FenceDevice, agents: LocalAgents, timeoutMs: number): Promise<string[]> {
  if (device.hostCheck === 'static-list' || device.id === WATCHDOG) return [...device.hosts];
  const listed = await runAgent(device.agent, 'list', device.parameters, agents, timeoutMs);
  if (listed.rc !== 0) {
    throw new ToolFailure(
      EXIT.ERROR,
      `Couldn't list targets: ${listed.exitReason || 'the agent has failed'}`,
      false,
    );
  }
  const names = new Map([...device.aliases].map(([node, alias]) => [alias, node]));
  return parseHostList(listed.output).map((name) => names.get(name) ?? name);
}

async function canFence(
  device: FenceDevice,
  target: string,
  agents: LocalAgents,
  timeoutMs: number,
): Promise<boolean> {
  if (device.hostCheck === 'none' || device.hostCheck === 'status') return true;
  if (device.hostCheck === 'static-list') return device.hosts.has(target);
  const listed = await runAgent(device.agent, 'list', device.parameters, agents, timeoutMs);
  return listed.rc === 0 && parseHostList(listed.output).includes(device.aliases.get(target) ?? target);
}

function showHistory(given: Arguments, report: Report, entries: readonly FencingHistoryEntry[]): void {
  const latest = entries.find(({ state }) => state === 'success');
  const told = given.has('verbose') ? entries : latest ? [latest] : [];
  report.xml(
    element(
      'list',
      { name: 'fencing history', count: told.length },
      told.map((entry) => treeOutput(fenceEventElement(entry))),
    ),
  );
  report.html(
    element('h2', {}, ['Fencing history']),
    element(
      'ul',
      {},
      told.map((entry) => element('li', {}, [describe(entry, given.has('verbose'))])),
    ),
  );
  if (report.quiet) {
    if (latest) report.line(String(Math.floor((latest.completedAtMs ?? 0) / 1000)));
    return;
  }
  for (const entry of told) report.line(describe(entry, given.has('verbose')));
  if (told.length > 0) report.line(`${told.length} event${told.length === 1 ? '' : 's'} found`);
}

function describe(entry: FencingHistoryEntry, full: boolean): string {
  const { target, action, delegate, client, origin, state, completedAtMs, reason } = entry;
  const what = action === 'on' ? 'unfencing' : action === 'off' ? 'turning off' : action;
  const by = completedAtMs !== null && delegate !== null ? ` by ${delegate}` : '';
  const how = state === 'success' ? 'successful' : state;
  const why = state === 'failed' && reason !== null ? ` (${reason})` : '';
  const when = completedAtMs === null ? '' : ` at ${zonedTime(completedAtMs)}`;
  return `${what} of ${target}${by} for ${client}@${origin}${full ? '' : ' last'} ${how}${why}${when}`;
}

function showLast(target: string, report: Report, entries: readonly FencingHistoryEntry[]): void {
  const last = entries.find(({ state, action }) => state === 'success' && action !== 'on');
  if (!last) {
    report.line(`Node ${target} has never been fenced`);
    return;
  }
  const text = `Node ${target} last fenced at: ${calendarTime(last.completedAtMs ?? 0)}`;
  report.line(text);
  report.html(element('div', {}, [text]));
  report.xml(element('last-fenced', { target, when: zonedTime(last.completedAtMs ?? 0) }));
}
