import type { Element } from '../cib/element.js';
import { parseXml } from '../cib/xml.js';
import { type AgentName, Agents } from '../shell/agents/agents.js';
import type { Environment } from './environment.js';
import { byCodePoint, quotedList } from './words.js';

/** A parameter of an agent, as pcs sees it. */
export interface Parameter {
  readonly name: string;
  readonly shortdesc: string | null;
  readonly longdesc: string | null;
  readonly type: string;
  readonly default: string | null;
  readonly choices: readonly string[] | null;
  readonly required: boolean;
  readonly advanced: boolean;
  readonly deprecated: boolean;
  readonly deprecatedBy: readonly string[];
  readonly deprecatedDesc: string | null;
  readonly uniqueGroup: string | null;
}

export interface Action {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** An agent's meta-data with what pcs adds. */
export interface Agent {
  readonly name: AgentName;
  readonly fullName: string;
  /** False for an agent that is not there and was forced. */
  readonly exists: boolean;
  readonly ocfVersion: string;
  readonly shortdesc: string | null;
  readonly longdesc: string | null;
  readonly parameters: readonly Parameter[];
  readonly actions: readonly Action[];
}

export function fullName({ agentClass, provider, type }: AgentName): string {
  return [agentClass, provider, type].filter((part) => part !== null && part !== '').join(':');
}

const STANDARDS = ['heartbeat', 'lsb', 'nagios', 'ocf', 'service', 'stonith', 'systemd', 'upstart'];

/** Agents and what is known of them, where the cluster is. */
export class AgentShelf {
  readonly #environment: Environment;
  readonly #agents: Agents;

  constructor(environment: Environment) {
    this.#environment = environment;
    const source = {
      world: { environment: environment.world.env },
      connect: async () => ({ ok: true as const, value: await environment.connection() }),
    };
    this.#agents = new Agents(source);
  }

  async standards(): Promise<string[]> {
    const known = new Set(await this.#agents.classes());
    // What crm_resource lists where they are supported at all.
    for (const always of ['lsb', 'ocf', 'service']) known.add(always);
    return [...known].sort(byLetter);
  }

  async providers(): Promise<string[]> {
    return (await this.#agents.providers()).sort(byLetter);
  }

  async types(standard: string, provider?: string): Promise<string[]> {
    return [...(await this.#agents.list(standard, provider))].sort(byLetter);
  }

  /** All agents by their full names. */
  async all(): Promise<AgentName[]> {
    const found: AgentName[] = [];
    for (const standard of (await this.standards()).sort(byCodePoint)) {
      if (standard !== 'ocf') {
        for (const type of await this.types(standard))
          found.push({ agentClass: standard, provider: null, type });
        continue;
      }
      for (const provider of await this.providers()) {
        for (const type of await this.types('ocf', provider))
          found.push({ agentClass: 'ocf', provider, type });
      }
    }
    return found;
  }

  /** `STANDARD:[PROVIDER:]TYPE`; null where the text is no such thing. */
  split(text: string): AgentName | null {
    const instance = /^(systemd|service):([^:@]+@.*)$/.exec(text);
    if (instance) return { agentClass: instance[1]!, provider: null, type: instance[2]! };
    const match = /^([^:]+)(?::([^:]+))?:([^:]+)$/.exec(text);
    if (!match) return null;
    const [, standard = '', provider, type = ''] = match;
    if (!STANDARDS.includes(standard) || (standard === 'ocf') !== (provider !== undefined)) return null;
    return { agentClass: standard, provider: provider ?? null, type };
  }

  /** The agent that a word means: its full name, or its type alone where that says enough. */
  async find(word: string): Promise<AgentName> {
    const environment = this.#environment;
    if (word.includes(':')) {
      const name = this.split(word);
      if (name) return name;
      environment.report({
        severity: 'error',
        text: `Invalid resource agent name '${word}'. Use standard:provider:type when standard is 'ocf' or standard:type otherwise. List of standards and providers can be obtained by using commands 'pcs resource standards' and 'pcs resource providers'.`,
      });
      environment.stopOnErrors();
    }
    const candidates = (await this.all()).filter(({ type }) => type.toLowerCase() === word.toLowerCase());
    const [only] = candidates;
    if (only && candidates.length === 1) {
      environment.say(`Assumed agent name '${fullName(only)}' (deduced from '${word}')`);
      return only;
    }
    environment.report({
      severity: 'error',
      text: only
        ? `Multiple agents match '${word}', please specify full name: ${quotedList(candidates.map(fullName), ' or ')}`
        : `Unable to find agent '${word}', try specifying its full name`,
    });
    environment.stopOnErrors();
    throw new Error('unreachable');
  }

  /** Its meta-data, or why there is none. */
  async read(name: AgentName): Promise<Agent | string> {
    const text = await this.#agents.metadataText(name);
    if (text === null) {
      const timeout = SERVICE_TIMEOUTS[name.agentClass];
      const known = timeout !== undefined && (await this.types(name.agentClass)).includes(name.type);
      return known ? serviceAgent(name, timeout) : missing(name);
    }
    let root: Element;
    try {
      root = parseXml(text.replace(/<!DOCTYPE[^>[]*(\[[^\]]*\])?[^>]*>/, '').trim());
    } catch (failure) {
      return (failure as Error).message;
    }
    return readAgent(name, root);
  }

  /**
   * The agent of a new or changed resource. One that is not there ends the command, or is reported and taken as an
   * agent without meta-data where `forced`.
   */
  async require(name: AgentName, forced: boolean): Promise<Agent> {
    const agent = await this.read(name);
    if (typeof agent !== 'string') return agent;
    this.#environment.report({
      severity: forced ? 'warning' : 'error',
      text: `Agent '${fullName(name)}' is not installed or does not provide valid metadata: ${agent}`,
      ...(forced ? {} : { force: '--force' as const }),
    });
    this.#environment.stopOnErrors();
    return absentAgent(name);
  }
}

/** Services have no meta-data of their own; these are Pacemaker's timeouts for them, in seconds. */
const SERVICE_TIMEOUTS: Readonly<Record<string, string>> = { lsb: '15', systemd: '100', service: '100' };

function serviceAgent(name: AgentName, timeout: string): Agent {
  const names =
    name.agentClass === 'lsb'
      ? ['start', 'stop', 'status', 'restart', 'force-reload', 'monitor']
      : ['start', 'stop', 'status', 'monitor'];
  return {
    ...absentAgent(name),
    exists: true,
    shortdesc: `${name.agentClass === 'lsb' ? 'init script' : 'systemd unit file'} for ${name.type}`,
    actions: names.map((action) => ({
      name: action,
      attributes: new Map([
        ['name', action],
        ...(action === 'monitor'
          ? ([['interval', name.agentClass === 'lsb' ? '15' : '60']] as [string, string][])
          : []),
        ['timeout', timeout],
      ]),
    })),
  };
}

/** Pacemaker's words where it finds no agent. */
function missing(name: AgentName): string {
  return `crm_resource: Metadata query for ${fullName(name)} failed: No such device or address, Error performing operation: No such object`;
}

export function absentAgent(name: AgentName): Agent {
  return {
    name,
    fullName: fullName(name),
    exists: false,
    ocfVersion: '1.0',
    shortdesc: null,
    longdesc: null,
    parameters: name.agentClass === 'stonith' ? fencerParameters() : traceParameters(name, []),
    actions: [],
  };
}

/** The order that people expect of names. */
function byLetter(a: string, b: string): number {
  return byCodePoint(a.toLowerCase(), b.toLowerCase());
}

function text(element: Element | undefined): string | null {
  if (!element) return null;
  const all = element.children.map((child) => (child.kind === 'text' ? child.text : '')).join('');
  return element.children.length === 0 ? null : all.trim();
}

function readAgent(name: AgentName, root: Element): Agent {
  const ocfVersion = text(root.first('version')) ?? '1.0';
  const old = ocfVersion === '1.0';
  const elements = root.first('parameters')?.elements('parameter') ?? [];
  let parameters = elements.map((element) => readParameter(element, old, elements));
  if (name.agentClass === 'stonith') parameters = fenceParameters(parameters);
  return {
    name,
    fullName: fullName(name),
    exists: true,
    ocfVersion,
    shortdesc: text(root.first('shortdesc')) ?? (old ? (root.get('shortdesc') ?? null) : null),
    longdesc: text(root.first('longdesc')),
    parameters:
      name.agentClass === 'stonith'
        ? [...parameters, ...fencerParameters()]
        : [...parameters, ...traceParameters(name, parameters)],
    actions: (root.first('actions')?.elements('action') ?? []).map((action) => ({
      name: action.get('name') ?? '',
      attributes: action.attributes,
    })),
  };
}

function readParameter(element: Element, old: boolean, all: readonly Element[]): Parameter {
  const content = element.first('content');
  const name = element.get('name') ?? '';
  const deprecation = old ? undefined : element.first('deprecated');
  const successors = all
    .filter((other) => other.get('obsoletes') === name)
    .map((other) => other.get('name') ?? '');
  return {
    name,
    shortdesc: text(element.first('shortdesc')),
    longdesc: text(element.first('longdesc')),
    type: content?.get('type') ?? 'string',
    default: content?.get('default') ?? null,
    choices:
      content?.get('type') === 'select'
        ? content.elements('option').map((choice) => choice.get('value') ?? '')
        : null,
    required: element.get('required') === '1',
    advanced: false,
    deprecated: old ? element.get('deprecated') === '1' : deprecation !== undefined,
    deprecatedBy: old
      ? [...new Set(successors)].sort(byCodePoint)
      : (deprecation?.elements('replaced-with').map((other) => other.get('name') ?? '') ?? []),
    deprecatedDesc: text(deprecation?.first('desc')),
    uniqueGroup: old
      ? element.get('unique') === '1'
        ? `pcs-internal-${name}`
        : null
      : (element.get('unique-group') ?? null),
  };
}

/** What operators must not set is gone, what the cluster fills in is not required. */
function fenceParameters(parameters: readonly Parameter[]): Parameter[] {
  const port = new Set<string>();
  let next = ['port'];
  while (next.length > 0) {
    const found = parameters.filter(({ name }) => next.includes(name) && !port.has(name));
    for (const { name } of found) port.add(name);
    next = found.flatMap(({ deprecatedBy }) => deprecatedBy);
  }
  return parameters
    .filter(({ name }) => name !== 'help' && name !== 'version')
    .map((parameter) => {
      const required = parameter.required && !port.has(parameter.name);
      if (parameter.name !== 'action') return { ...parameter, required };
      return {
        ...parameter,
        required: false,
        advanced: true,
        deprecated: true,
        deprecatedBy: ['pcmk_off_action', 'pcmk_reboot_action', ...parameter.deprecatedBy],
      };
    });
}

function plainParameter(name: string, rest: Partial<Parameter>): Parameter {
  return {
    name,
    shortdesc: null,
    longdesc: null,
    type: 'string',
    default: null,
    choices: null,
    required: false,
    advanced: false,
    deprecated: false,
    deprecatedBy: [],
    deprecatedDesc: null,
    uniqueGroup: null,
    ...rest,
  };
}

/** Every agent of these providers can be traced, whether it says so or not. */
function traceParameters(name: AgentName, existing: readonly Parameter[]): Parameter[] {
  if (name.agentClass !== 'ocf' || !['heartbeat', 'pacemaker'].includes(name.provider ?? '')) return [];
  const has = (wanted: string) => existing.some((parameter) => parameter.name.toLowerCase() === wanted);
  const added: Parameter[] = [];
  if (!has('trace_ra')) {
    added.push(
      plainParameter('trace_ra', {
        type: 'integer',
        default: '0',
        advanced: true,
        shortdesc: 'Set to 1 to turn on resource agent tracing (expect large output)',
        longdesc:
          'The trace goes to trace_file, else to $HA_VARRUN/ra_trace/<type>/<id>.<action>.<timestamp>.',
      }),
    );
  }
  if (!has('trace_file')) {
    const description = 'Path to a file to store resource agent tracing log';
    added.push(
      plainParameter('trace_file', {
        default: '',
        advanced: true,
        shortdesc: description,
        longdesc: description,
      }),
    );
  }
  return added;
}

/** Parameters that the cluster itself reads on every fence device (Pacemaker 2.1.5, pacemaker-fenced(7)). */
function fencerParameters(): Parameter[] {
  const plain: [string, string, string, string][] = [
    ['pcmk_host_map', 'string', '', 'Which port of the device belongs to which node: node1:1;node2:2,3'],
    ['pcmk_host_list', 'string', '', 'Nodes that the device fences: node1,node2,node3'],
    ['pcmk_host_check', 'string', 'dynamic-list', 'How it is found out which nodes the device fences'],
    ['pcmk_delay_max', 'time', '0s', 'Random delay of at most this before fencing'],
    ['pcmk_delay_base', 'string', '0s', 'Delay before fencing, for all nodes or as node1:1s;node2:5'],
    ['pcmk_action_limit', 'integer', '1', 'Most actions at once on this device; -1 is no limit'],
  ];
  const advanced: [string, string, string, string][] = [
    ['pcmk_host_argument', 'string', 'port', "Parameter that names the node to the device instead of 'port'"],
  ];
  for (const action of ['reboot', 'off', 'on', 'list', 'monitor', 'status']) {
    advanced.push(
      [`pcmk_${action}_action`, 'string', action, `Command to run instead of '${action}'`],
      [`pcmk_${action}_timeout`, 'time', '60s', `Timeout of ${action} actions instead of stonith-timeout`],
      [`pcmk_${action}_retries`, 'integer', '2', `How often '${action}' is tried within its timeout`],
    );
  }
  const parameter = (isAdvanced: boolean) => (row: [string, string, string, string]) =>
    plainParameter(row[0], { type: row[1], default: row[2], shortdesc: row[3], advanced: isAdvanced });
  return [...plain.map(parameter(false)), ...advanced.map(parameter(true))];
}
