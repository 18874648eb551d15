/** Fence devices as the configuration has them: primitives of class `stonith` and their `pcmk_*` parameters. */
import { isTrue } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { intervalMs } from '../cib/interval.js';
import { INFINITY, parseScore } from '../cib/score.js';
import type { FenceAgentCall } from '../executor/types.js';

/** What a fence agent's meta-data says it can do. */
export interface AgentTraits {
  readonly actions: ReadonlySet<string>;
  /** Actions that must run on the node that they are about. */
  readonly onTarget: ReadonlySet<string>;
  /** A node must be turned on by this device before it may run anything. */
  readonly unfences: boolean;
  /** The agent's parameter for the node, where `pcmk_host_argument` says nothing. */
  readonly hostArgument: 'plug' | 'port';
}

/** Assumed of an agent whose meta-data could not be read. */
export const UNKNOWN_TRAITS: AgentTraits = {
  actions: new Set(['reboot', 'off', 'on', 'monitor', 'status']),
  onTarget: new Set(),
  unfences: false,
  hostArgument: 'port',
};

export type HostCheck = 'static-list' | 'dynamic-list' | 'status' | 'none';

export interface FenceDevice {
  readonly id: string;
  readonly agent: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly traits: AgentTraits;
  readonly hostCheck: HostCheck;
  /** For `static-list`. */
  readonly hosts: ReadonlySet<string>;
  /** Node → what the device calls it (`pcmk_host_map`). */
  readonly aliases: ReadonlyMap<string, string>;
  /** Higher is tried first. */
  readonly priority: number;
  readonly unfences: boolean;
  /** Actions at once; -1: no limit. */
  readonly actionLimit: number;
  /** Nodes on which it must not run (a location of -INFINITY). */
  readonly bannedNodes: ReadonlySet<string>;
}

export type FencingAction = 'reboot' | 'off' | 'on' | 'list' | 'status' | 'monitor';

/** Reads a fence agent's meta-data. */
export function readTraits(metadata: Element): AgentTraits {
  const actions = new Set<string>();
  const onTarget = new Set<string>();
  let unfences = false;
  for (const action of metadata.at('actions')?.elements('action') ?? []) {
    const name = action.get('name');
    if (name === undefined) continue;
    actions.add(name);
    if (isTrue(action.get('on_target'))) onTarget.add(name);
    if (name === 'on' && (isTrue(action.get('automatic')) || isTrue(action.get('required')))) unfences = true;
  }
  const names = metadata
    .at('parameters')
    ?.elements('parameter')
    .map((parameter) => parameter.get('name'));
  return { actions, onTarget, unfences, hostArgument: names?.includes('plug') ? 'plug' : 'port' };
}

/** All devices of the configuration that are not disabled by `target-role`, in document order. */
export function readDevices(cib: Element, traits: ReadonlyMap<string, AgentTraits>): FenceDevice[] {
  const configuration = cib.first('configuration');
  const resources = configuration?.first('resources');
  if (!configuration || !resources) return [];
  const templates = new Map(resources.elements('template').map((template) => [template.id, template]));
  const banned = readBans(configuration);
  const devices: FenceDevice[] = [];
  for (const element of resources.descendants()) {
    if (element.name !== 'primitive') continue;
    const template = templates.get(element.get('template') ?? '');
    const agent = element.get('type') ?? template?.get('type');
    if ((element.get('class') ?? template?.get('class')) !== 'stonith' || agent === undefined) continue;
    const sources = template ? [element, template] : [element];
    const meta = readPairs(sources, 'meta_attributes');
    if (meta['target-role']?.toLowerCase() === 'stopped') continue;
    const parameters = readPairs(sources, 'instance_attributes');
    devices.push(
      makeDevice(
        element.id,
        agent,
        parameters,
        traits.get(agent) ?? UNKNOWN_TRAITS,
        meta,
        banned.get(element.id) ?? new Set(),
      ),
    );
  }
  return devices;
}

function makeDevice(
  id: string,
  agent: string,
  parameters: Readonly<Record<string, string>>,
  traits: AgentTraits,
  meta: Readonly<Record<string, string>>,
  bannedNodes: ReadonlySet<string>,
): FenceDevice {
  const aliases = parseHostMap(parameters.pcmk_host_map ?? '');
  const limit = Number.parseInt(parameters.pcmk_action_limit ?? '1', 10);
  return {
    id,
    agent,
    parameters,
    traits,
    hostCheck: hostCheckOf(parameters, traits),
    hosts: new Set([...parseHostList(parameters.pcmk_host_list ?? ''), ...aliases.keys()]),
    aliases,
    priority: Number.parseInt(parameters.priority ?? '0', 10) || 0,
    unfences: traits.unfences || meta.provides === 'unfencing',
    actionLimit: limit === 0 || Number.isNaN(limit) ? 1 : limit,
    bannedNodes,
  };
}

function hostCheckOf(parameters: Readonly<Record<string, string>>, traits: AgentTraits): HostCheck {
  const given = parameters.pcmk_host_check?.toLowerCase();
  if (given === 'static-list' || given === 'dynamic-list' || given === 'status' || given === 'none')
    return given;
  if (parameters.pcmk_host_list !== undefined || parameters.pcmk_host_map !== undefined) return 'static-list';
  if (traits.actions.has('list')) return 'dynamic-list';
  return traits.actions.has('status') ? 'status' : 'none';
}

/** Node names of `pcmk_host_list`, or of what a device's `list` has printed: `name` or `name,comment` lines. */
export function parseHostList(text: string): string[] {
  return text
    .split(/\n|\\n/)
    .filter((line) => !/invalid|variable/.test(line))
    .flatMap((line) => line.split(/[\s,;]+/))
    .filter((word) => /^[A-Za-z0-9_.-]+$/.test(word) && !/^(on|off)$/i.test(word));
}

/** `node1:1;node2:2,3` → node → port. A backslash takes the next character as it is. */
export function parseHostMap(text: string): Map<string, string> {
  const aliases = new Map<string, string>();
  let name: string | null = null;
  let word = '';
  const end = (): void => {
    if (name !== null && name !== '') aliases.set(name, word);
    name = null;
    word = '';
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '\\' && i + 1 < text.length) word += text[++i];
    else if ((character === ':' || character === '=') && word !== '') {
      name = word;
      word = '';
    } else if (character === ';' || character === ' ' || character === '\t') end();
    else word += character;
  }
  end();
  return aliases;
}

/** Values of name-value sets without a rule; of several that set a name, the first (by score, then document) counts. */
function readPairs(sources: readonly Element[], setName: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const source of sources) {
    const sets = source.elements(setName).filter((set) => set.first('rule') === undefined);
    const ordered = sets
      .map((set, index) => ({ set, index, score: parseScore(set.get('score')) }))
      .sort((a, b) => b.score - a.score || a.index - b.index);
    for (const { set } of ordered) {
      for (const pair of set.elements('nvpair')) {
        const name = pair.get('name');
        const value = pair.get('value');
        if (name !== undefined && value !== undefined && !Object.hasOwn(values, name)) values[name] = value;
      }
    }
  }
  return values;
}

function readBans(configuration: Element): Map<string, Set<string>> {
  const bans = new Map<string, Set<string>>();
  for (const location of configuration.first('constraints')?.elements('rsc_location') ?? []) {
    const resource = location.get('rsc');
    const node = location.get('node');
    if (resource === undefined || node === undefined) continue;
    if (parseScore(location.get('score')) > -INFINITY) continue;
    const nodes = bans.get(resource) ?? new Set();
    nodes.add(node);
    bans.set(resource, nodes);
  }
  return bans;
}

/** Whether the node may run this action of the device against the target. */
export function mayRunOn(
  device: FenceDevice,
  action: string,
  node: string,
  target: string,
  allowSelf: boolean,
): boolean {
  if (device.bannedNodes.has(node)) return false;
  if (device.traits.onTarget.has(action)) return node === target;
  return node !== target || allowSelf;
}

/** The action as the device can do it: an agent without `reboot` only turns off. */
export function supportedAction(device: FenceDevice, action: FencingAction): FencingAction {
  return action === 'reboot' && !device.traits.actions.has('reboot') ? 'off' : action;
}

/** `pcmk_ACTION_timeout` (seconds), else the default. */
export function actionTimeoutMs(device: FenceDevice, action: FencingAction, defaultMs: number): number {
  const seconds = Number.parseInt(
    device.parameters[`pcmk_${supportedAction(device, action)}_timeout`] ?? '',
    10,
  );
  return Number.isNaN(seconds) ? defaultMs : seconds * 1000;
}

/** Times that the action is tried within its timeout: `pcmk_ACTION_retries`, default 2. */
export function attemptsMax(device: FenceDevice, action: FencingAction): number {
  const given = Number.parseInt(device.parameters[`pcmk_${action}_retries`] ?? '', 10);
  return Number.isNaN(given) ? 2 : Math.max(1, given);
}

/**
 * How long to wait before fencing the target: `pcmk_delay_base` (one span, or `node:span` pairs) and a random part that
 * brings the sum up to `pcmk_delay_max` at most. `random` is in [0, 1).
 */
export function deviceDelayMs(
  device: FenceDevice,
  action: FencingAction,
  target: string,
  random: number,
): number {
  if (action !== 'reboot' && action !== 'off') return 0;
  const base = delayBaseMs(device.parameters.pcmk_delay_base ?? '', target);
  const max = intervalMs(device.parameters.pcmk_delay_max);
  return max > base ? base + Math.floor(random * (max - base)) : base;
}

/** The longest that `deviceDelayMs` can be. */
export function deviceDelayMaxMs(device: FenceDevice, action: FencingAction, target: string): number {
  return Math.max(deviceDelayMs(device, action, target, 0), deviceDelayMs(device, action, target, 1));
}

function delayBaseMs(text: string, target: string): number {
  if (!text.includes(':')) return intervalMs(text);
  for (const pair of text.split(/[; \t]+/)) {
    const at = pair.indexOf(':');
    if (at > 0 && pair.slice(0, at).toLowerCase() === target.toLowerCase())
      return intervalMs(pair.slice(at + 1));
  }
  return 0;
}

/** How the agent is called for an action, about a node or (`list`, `monitor`) about none. */
export function agentCall(device: FenceDevice, action: FencingAction, target: string | null): FenceAgentCall {
  const done = supportedAction(device, action);
  const told = device.parameters[`pcmk_${done}_action`] || done;
  const base = { agent: device.agent, resource: device.id, action: told, parameters: device.parameters };
  if (target === null) return base;
  const parameter = device.parameters.pcmk_host_argument || device.traits.hostArgument;
  const given = device.parameters[parameter];
  // A node that is named in the configuration itself is not overruled.
  if (parameter.toLowerCase() === 'none' || (given !== undefined && given.toLowerCase() !== 'dynamic')) {
    return { ...base, target: { node: target } };
  }
  return { ...base, target: { node: target, parameter, value: device.aliases.get(target) ?? target } };
}
