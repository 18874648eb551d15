import { type Assistance, assist, type Expectation } from '../../grammar/crm/assist.js';
import type { Word } from '../../grammar/crm/ast.js';
import { DATE_UNITS } from '../cib/date-units.js';
import type { Element } from '../cib/element.js';
import { aclShortcuts } from './acl.js';
import type { AgentMetadata, AgentParameter } from './agent-metadata.js';
import { clusterOptions } from './cluster-options.js';
import type { Configuration } from './configuration.js';
import { metaAttributes } from './meta-attributes.js';
import { isContainer, isResource } from './objects.js';

/** One thing that may be typed next. */
export interface Candidate {
  /** The whole word, as it would stand in the line. */
  readonly text: string;
  readonly summary?: string;
  readonly documentation?: string;
  readonly kind: 'keyword' | 'id' | 'agent' | 'parameter' | 'value' | 'node';
  /** More follows within the same word (`ocf:`, `params=`). */
  readonly open?: boolean;
}

/** Where completion gets what the configuration does not hold. */
export interface CompletionSource {
  readonly configuration: Configuration;
  readonly classes: () => Promise<readonly string[]>;
  readonly providers: () => Promise<readonly string[]>;
  readonly types: (agentClass: string, provider?: string) => Promise<readonly string[]>;
  /** Meta-data of an agent as it is written (`Dummy`, `stonith:fence_x`). */
  readonly metadata: (spec: string) => Promise<AgentMetadata | null>;
}

interface Place {
  readonly source: CompletionSource;
  readonly partial: string;
  /** The words before with what they were read as. */
  readonly before: Assistance['before'];
  readonly statement: string;
}

/**
 * What may stand where the cursor is: the grammar says which kinds of word fit, the configuration and the agents fill
 * them in.
 *
 * @param words the statement's words before the one being typed, its keyword in full
 * @param partial the word being typed, up to the cursor
 */
export async function completeStatement(
  words: readonly Word[],
  partial: string,
  source: CompletionSource,
): Promise<Candidate[]> {
  const { before, expected } = assist(words);
  const place: Place = { source, partial, before, statement: words[0]?.text ?? '' };
  const candidates: Candidate[] = [];
  for (const expectation of expected) {
    if (expectation.keyword !== undefined) candidates.push(...keyword(expectation, place));
    else candidates.push(...(await fillIn(expectation, place)));
  }
  const seen = new Set<string>();
  return candidates.filter(({ text }) => {
    if (!text.startsWith(partial) || seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

const KEYWORD_SUMMARY: Readonly<Record<string, string>> = {
  params: 'parameters of the agent',
  meta: 'meta attributes: how the cluster treats the resource',
  utilization: 'what it needs of a node’s capacity',
  attributes: 'attributes',
  operations: 'list of operations with an id',
  op: 'an operation: monitor, start, stop...',
  op_params: 'parameters for this operation only',
  op_meta: 'meta attributes of this operation',
  rule: 'a condition',
  date: 'a condition on the time',
  and: 'both hold',
  or: 'one holds',
  to: 'a recipient',
  select: 'which events',
  network: 'the network of the containers',
  storage: 'what is mounted into the containers',
  primitive: 'the resource in the containers',
};

function keyword({ keyword: word }: Expectation, { statement, before }: Place): Candidate[] {
  // Brackets and the marker are typed faster than chosen.
  if (/^\W$|^_rsc_set_$|^rkt$/.test(word!)) return [];
  if (before.length === 0 && statement !== '') return [];
  const summary = KEYWORD_SUMMARY[word!];
  return [{ text: word!, kind: 'keyword', ...(summary === undefined ? {} : { summary }) }];
}

async function fillIn({ terminal, rule }: Expectation, place: Place): Promise<Candidate[]> {
  const { configuration } = place.source;
  switch (terminal) {
    case 'AgentSpec':
      return agents(place);
    case 'ResourceRef':
      return resources(place, rule);
    case 'Member':
      return members(place, rule);
    case 'NodeName':
      return nodes(configuration);
    case 'OperationName':
      return operations(place);
    case 'Score':
      return scores(place, rule);
    case 'NameValue':
      return pairs(place, rule);
    case 'RoleSpec':
      return open('role=', ...configuration.schema.roles.map((role) => `role=${role}`));
    case 'SetAttribute':
      return words('sequential=true', 'sequential=false', 'require-all=true', 'require-all=false');
    case 'Symmetrical':
      return words('symmetrical=true', 'symmetrical=false');
    case 'LossPolicy':
      return words('loss-policy=stop', 'loss-policy=demote', 'loss-policy=fence', 'loss-policy=freeze');
    case 'NodeAttribute':
      return nodeAttributes(configuration).map((name) => value(`node-attribute=${name}`));
    case 'Description':
      return open('description=');
    case 'Devices':
      return fencingDevices(configuration);
    case 'RoleRef':
      return ofType(configuration, 'role');
    case 'AclSpec':
      return aclSpecs(place);
    case 'AttributeName':
      return [...['#uname', '#id', '#kind'], ...nodeAttributes(configuration)].map(value);
    case 'Operator':
      return words('eq', 'ne', 'lt', 'gt', 'lte', 'gte', ...typedOperators(place));
    case 'Value':
      if (rule === 'location') return members(place, rule);
      return rule === 'recipient' ? [] : ruleValues(place);
    case 'NewId':
      return place.statement === 'node' ? nodes(configuration) : [];
    default:
      return [];
  }
}

function value(text: string): Candidate {
  return { text, kind: 'value' };
}

function words(...texts: readonly string[]): Candidate[] {
  return texts.map(value);
}

/** Words that end in `=` or `:` go on within the same word. */
function open(...texts: readonly string[]): Candidate[] {
  return texts.map((text) => ({ text, kind: 'parameter', ...(/[=:]$/.test(text) ? { open: true } : {}) }));
}

function ofType(configuration: Configuration, ...types: readonly string[]): Candidate[] {
  return configuration
    .objects()
    .filter(({ type }) => types.includes(type))
    .map(({ id, type }) => ({ text: id, kind: 'id', summary: type }));
}

function nodes(configuration: Configuration): Candidate[] {
  return configuration.nodeNames().map((text) => ({ text, kind: 'node' }));
}

function fencingDevices(configuration: Configuration): Candidate[] {
  return configuration
    .objects()
    .filter(({ type, element }) => {
      const whole = type === 'primitive' ? configuration.withTemplate(element) : undefined;
      return whole?.get('class') === 'stonith';
    })
    .map(({ id }) => ({ text: id, kind: 'id', summary: 'fencing device' }));
}

/** Names of node attributes in use. */
function nodeAttributes(configuration: Configuration): string[] {
  const names = configuration
    .objects()
    .filter(({ type }) => type === 'node')
    .flatMap(({ element }) => element.elements('instance_attributes'))
    .flatMap((set) => set.elements('nvpair'))
    .flatMap((pair) => pair.get('name') ?? []);
  return [...new Set(names)];
}

// --- agents ----------------------------------------------------------------------------------------------------------

async function agents({ source, partial, statement }: Place): Promise<Candidate[]> {
  const [first = '', second, third] = partial.split(':');
  const templates =
    statement === 'primitive'
      ? ofType(source.configuration, 'rsc_template').map((one) => ({ ...one, text: `@${one.text}` }))
      : [];
  if (second === undefined) {
    const classes = (await source.classes()).map((name) => `${name}:`);
    const standard = await source.types('ocf', 'heartbeat');
    return [
      ...templates,
      ...classes.map((text): Candidate => ({ text, kind: 'agent', open: true })),
      ...standard.map((text): Candidate => ({ text, kind: 'agent', summary: 'ocf:heartbeat' })),
    ];
  }
  if (first !== 'ocf') {
    return (await source.types(first)).map((type) => ({ text: `${first}:${type}`, kind: 'agent' }));
  }
  if (third === undefined) {
    return (await source.providers()).map((name) => ({ text: `ocf:${name}:`, kind: 'agent', open: true }));
  }
  return (await source.types('ocf', second)).map((type) => ({
    text: `ocf:${second}:${type}`,
    kind: 'agent',
  }));
}

/** Meta-data of the agent that the statement (or its template) names. */
async function agentOf({ source, before }: Place): Promise<AgentMetadata | null> {
  const spec = before.find(({ terminal }) => terminal === 'AgentSpec')?.text;
  if (spec === undefined) return null;
  if (!spec.startsWith('@')) return source.metadata(spec);
  const template = source.configuration.find(spec.slice(1));
  return template ? source.metadata(specOf(template.element)) : null;
}

function specOf(element: Element): string {
  return ['class', 'provider', 'type'].flatMap((name) => element.get(name) || []).join(':');
}

async function operations(place: Place): Promise<Candidate[]> {
  const agent = await agentOf(place);
  const names = agent
    ? agent.actions
        .map(({ name }) => name)
        .filter((name) => !/^(meta-data|validate-all|help|usage)$/.test(name))
    : ['monitor', 'start', 'stop', 'promote', 'demote', 'notify', 'migrate_to', 'migrate_from'];
  return [...new Set(names)].map((text) => ({ text, kind: 'value' }));
}

// --- resources -------------------------------------------------------------------------------------------------------

function resources({ source, statement, before }: Place, rule: string): Candidate[] {
  const { configuration } = source;
  const free = configuration.objects().filter(({ container }) => !container);
  if (rule === 'tag') {
    return configuration.objects().map(({ id, type }) => ({ text: id, kind: 'id', summary: type }));
  }
  const own = before[1]?.text;
  const wanted = statement === 'bundle' ? ['primitive'] : ['primitive', 'group'];
  return free
    .filter(({ type, id }) => wanted.includes(type) && id !== own)
    .map(({ id, type }) => ({ text: id, kind: 'id', summary: type }));
}

function members(place: Place, rule: string): Candidate[] {
  const { source, partial, before, statement } = place;
  const { configuration } = source;
  const used = new Set(before.map(({ text }) => text));
  if (rule === 'group') {
    return configuration
      .objects()
      .filter(({ type, container, id }) => type === 'primitive' && !container && !used.has(id))
      .map(({ id }) => ({ text: id, kind: 'id', summary: 'primitive' }));
  }
  const at = partial.indexOf(':');
  if (at >= 0) {
    const head = partial.slice(0, at + 1);
    const { actions, roles } = configuration.schema;
    return (statement === 'order' ? actions : roles).map((word) => value(head + word));
  }
  if (rule === 'monitor') return ofType(configuration, 'primitive');
  return configuration
    .objects()
    .filter((object) => !object.container && isResource(object) && !used.has(object.id))
    .map((object) => ({
      text: object.id,
      kind: 'id',
      summary: isContainer(object) ? object.type : (object.element.get('type') ?? object.type),
    }));
}

// --- scores, rules ---------------------------------------------------------------------------------------------------

function scores({ source, statement, before }: Place, rule: string): Candidate[] {
  const { configuration } = source;
  if (rule === 'order') return words('Mandatory:', 'Optional:', 'Serialize:');
  if (rule === 'ticket') {
    const tickets = configuration
      .objects()
      .filter(({ type }) => type === 'rsc_ticket')
      .flatMap(({ element }) => element.get('ticket') ?? []);
    return [...new Set(tickets)].map((name) => value(`${name}:`));
  }
  if (rule === 'fencing') return nodes(configuration).map((one) => ({ ...one, text: `${one.text}:` }));
  if (rule === 'property')
    return ofType(configuration, statement).map((one) => ({ ...one, text: `${one.text}:` }));
  // In sets a score is rare and would crowd the menu.
  if (rule === 'set' || rule === 'aclRule' || rule === 'node') return [];
  void before;
  return words('inf:', '-inf:', '100:', '0:');
}

function typedOperators({ partial }: Place): string[] {
  const at = partial.indexOf(':');
  if (at < 0) return ['number:', 'integer:', 'version:', 'string:'];
  const head = partial.slice(0, at + 1);
  return ['eq', 'ne', 'lt', 'gt', 'lte', 'gte'].map((word) => head + word);
}

/** Values in a rule: node names after #uname, kinds after #kind, values in use of a node attribute. */
function ruleValues({ source, before }: Place): Candidate[] {
  const attribute = [...before].reverse().find(({ terminal }) => terminal === 'AttributeName')?.text;
  if (attribute === '#uname') return nodes(source.configuration);
  if (attribute === '#kind') return words('cluster', 'remote', 'container');
  const values = source.configuration
    .objects()
    .filter(({ type }) => type === 'node')
    .flatMap(({ element }) => element.elements('instance_attributes'))
    .flatMap((set) => set.elements('nvpair'))
    .filter((pair) => pair.get('name') === attribute)
    .flatMap((pair) => pair.get('value') ?? []);
  return [...new Set(values)].map(value);
}

// --- name=value ------------------------------------------------------------------------------------------------------

/** An attribute that may be given, with its values. */
interface Known {
  readonly name: string;
  readonly summary?: string;
  readonly documentation?: string;
  readonly values?: readonly string[];
  readonly default?: string | null | undefined;
}

async function pairs(place: Place, rule: string): Promise<Candidate[]> {
  const known = await knownAttributes(place, rule);
  const { partial } = place;
  const at = partial.indexOf('=');
  if (at >= 0) {
    const one = known.find(({ name }) => name === partial.slice(0, at));
    const values = [...(one?.values ?? [])];
    if (one?.default != null && one.default !== '' && !values.includes(one.default)) values.push(one.default);
    return values.map((text) => ({
      text: `${partial.slice(0, at + 1)}${text}`,
      kind: 'value',
      ...(text === one?.default ? { summary: 'default' } : {}),
    }));
  }
  const given = namesGiven(place);
  return known
    .filter(({ name }) => !given.has(name))
    .map(({ name, summary, documentation }) => ({
      text: `${name}=`,
      kind: 'parameter',
      open: true,
      ...(summary ? { summary } : {}),
      ...(documentation ? { documentation } : {}),
    }));
}

const SET_TERMINALS: Readonly<Record<string, string>> = {
  Params: 'params',
  Meta: 'meta',
  Utilization: 'utilization',
  Attributes: 'attributes',
  Op: 'op',
  OpParams: 'op_params',
  OpMeta: 'op_meta',
  Docker: 'container',
  Podman: 'container',
  Network: 'network',
  PortMapping: 'port-mapping',
  Storage: 'storage',
  StorageMapping: 'storage-mapping',
};

/** The set that the place is in: the last keyword that begins one, or what the statement begins with. */
function currentSet({ before, statement }: Place): { set: string; from: number } {
  for (let i = before.length - 1; i >= 0; i--) {
    const set = SET_TERMINALS[before[i]!.terminal];
    if (set !== undefined) return { set, from: i };
  }
  if (statement === 'primitive' || statement === 'rsc_template') return { set: 'params', from: 0 };
  if (statement === 'node') return { set: 'attributes', from: 0 };
  return { set: statement, from: 0 };
}

function namesGiven(place: Place): Set<string> {
  const { from } = currentSet(place);
  return new Set(place.before.slice(from).map(({ text }) => text.slice(0, Math.max(0, text.indexOf('=')))));
}

function parameter(one: AgentParameter): Known {
  const traits = [one.required ? 'required' : '', one.unique ? 'unique' : '', one.type].filter(
    (word) => word !== '',
  );
  const values = one.type === 'boolean' ? ['true', 'false'] : one.choices;
  return {
    name: one.name,
    summary: `${one.shortdesc || one.name} (${traits.join(', ')})`,
    documentation: one.longdesc,
    values,
    default: one.default,
  };
}

const FENCING_PARAMETERS: readonly Known[] = [
  { name: 'pcmk_host_list', summary: 'nodes that the device fences' },
  { name: 'pcmk_host_map', summary: 'node:port pairs' },
  {
    name: 'pcmk_host_check',
    summary: 'how its nodes are found',
    values: ['dynamic-list', 'static-list', 'status', 'none'],
  },
  { name: 'pcmk_delay_max', summary: 'longest random delay before fencing' },
  { name: 'pcmk_delay_base', summary: 'delay before fencing' },
  { name: 'pcmk_reboot_action', summary: 'action in place of reboot', values: ['reboot', 'off'] },
  { name: 'pcmk_reboot_timeout', summary: 'how long a reboot may take' },
];

const OPERATION_ATTRIBUTES: readonly Known[] = [
  { name: 'interval', summary: 'how often; 0 for once' },
  { name: 'timeout', summary: 'how long it may take' },
  {
    name: 'on-fail',
    summary: 'what a failure means',
    values: ['ignore', 'block', 'demote', 'stop', 'restart', 'standby', 'fence', 'restart-container'],
  },
  {
    name: 'role',
    summary: 'in which role it runs',
    values: ['Started', 'Stopped', 'Promoted', 'Unpromoted'],
  },
  { name: 'start-delay', summary: 'pause before the first run' },
  { name: 'enabled', summary: 'whether it runs at all', values: ['true', 'false'] },
  { name: 'record-pending', summary: 'show it while it runs', values: ['true', 'false'] },
  { name: 'description', summary: 'a remark' },
];

const CONTAINER_ATTRIBUTES: Readonly<Record<string, readonly Known[]>> = {
  container: [
    { name: 'image', summary: 'container image (required)' },
    { name: 'replicas', summary: 'number of containers' },
    { name: 'replicas-per-host', summary: 'containers on one node' },
    { name: 'promoted-max', summary: 'containers in the promoted role' },
    { name: 'run-command', summary: 'command in the container' },
    { name: 'options', summary: 'options for the container engine' },
    { name: 'network', summary: 'network of the container engine' },
  ],
  network: [
    { name: 'ip-range-start', summary: 'first address' },
    { name: 'host-netmask', summary: 'netmask' },
    { name: 'host-interface', summary: 'network interface' },
    { name: 'control-port', summary: 'port of the remote executor' },
    { name: 'add-host', summary: 'write /etc/hosts', values: ['true', 'false'] },
  ],
  'port-mapping': [
    { name: 'id', summary: 'an id' },
    { name: 'port', summary: 'port on the host' },
    { name: 'internal-port', summary: 'port in the container' },
    { name: 'range', summary: 'range of ports' },
  ],
  'storage-mapping': [
    { name: 'id', summary: 'an id' },
    { name: 'source-dir', summary: 'folder on the host' },
    { name: 'source-dir-root', summary: 'folder on the host, one for each container' },
    { name: 'target-dir', summary: 'folder in the container' },
    { name: 'options', summary: 'mount options' },
  ],
};

async function knownAttributes(place: Place, rule: string): Promise<readonly Known[]> {
  const { source, statement } = place;
  const { configuration } = source;
  if (rule === 'dateValues') return dateValues(place);
  if (rule === 'plainPair') {
    return [
      { name: 'role', values: configuration.schema.roles, summary: 'only in this role' },
      {
        name: 'resource-discovery',
        values: ['always', 'never', 'exclusive'],
        summary: 'whether the node is asked for it',
      },
    ];
  }
  const { set } = currentSet(place);
  switch (set) {
    case 'params': {
      if (statement === 'group' || statement === 'clone' || statement === 'ms') return [];
      const agent = await agentOf(place);
      const spec = place.before.find(({ terminal }) => terminal === 'AgentSpec')?.text ?? '';
      const extra = spec.startsWith('stonith:') ? FENCING_PARAMETERS : [];
      return [...(agent?.parameters.filter(({ deprecated }) => !deprecated).map(parameter) ?? []), ...extra];
    }
    case 'op_params':
      return (await agentOf(place))?.parameters.map(parameter) ?? [];
    case 'meta':
      return statement === 'alert'
        ? [
            { name: 'timeout', summary: 'how long the program may run' },
            { name: 'timestamp-format', summary: 'how times are written' },
            { name: 'enabled', summary: 'whether it is called', values: ['true', 'false'] },
          ]
        : metaAttributes(statement);
    case 'rsc_defaults':
      return metaAttributes('primitive');
    case 'op_meta':
      return OPERATION_ATTRIBUTES;
    case 'op_defaults':
      return OPERATION_ATTRIBUTES.filter(({ name }) => name !== 'interval' && name !== 'role');
    case 'property':
      return [...clusterOptions.values()];
    case 'op':
      return advisedOperation(place);
    case 'utilization':
      return ['cpu', 'memory', 'hv_memory'].map((name) => ({ name }));
    case 'attributes':
      return statement === 'node'
        ? [...new Set(['standby', 'maintenance', ...nodeAttributes(configuration)])].map((name) => ({ name }))
        : [];
    default:
      return CONTAINER_ATTRIBUTES[set] ?? [];
  }
}

/** Attributes of an operation with what the agent advises as their values. */
async function advisedOperation(place: Place): Promise<readonly Known[]> {
  const agent = await agentOf(place);
  const name = [...place.before].reverse().find(({ terminal }) => terminal === 'OperationName')?.text;
  const actions = agent?.actions.filter((action) => action.name === name) ?? [];
  return OPERATION_ATTRIBUTES.map((one) => {
    const advised = [...new Set(actions.flatMap(({ attributes }) => attributes[one.name] ?? []))];
    if (advised.length === 0) return one;
    return {
      ...one,
      values: [...advised, ...(one.values ?? [])],
      summary: `${one.summary}; advised ${advised.join(', ')}`,
    };
  });
}

function dateValues({ before }: Place): readonly Known[] {
  const range =
    before.findLast(({ terminal }) => terminal === 'In' || terminal === 'Spec')?.terminal === 'In';
  const parts = DATE_UNITS.filter((unit) => unit !== 'moon');
  return [...(range ? ['start', 'end'] : []), ...parts].map((name) => ({ name }));
}

function aclSpecs({ source, partial }: Place): Candidate[] {
  const { configuration } = source;
  const at = partial.indexOf(':');
  const prefix = at < 0 ? '' : partial.slice(0, at);
  if (['ref', 'reference', 'meta', 'params', 'utilization', 'location'].includes(prefix)) {
    return configuration.objects().map(({ id }) => ({ text: `${prefix}:${id}`, kind: 'id' }));
  }
  if (prefix === 'node' || prefix === 'nodeutil') {
    return configuration.nodeNames().map((name) => ({ text: `${prefix}:${name}`, kind: 'node' }));
  }
  return [
    ...['xpath:', 'ref:', 'type:', 'attr:'].map((text): Candidate => ({ text, kind: 'keyword', open: true })),
    ...aclShortcuts().map((text): Candidate => ({ text, kind: 'keyword' })),
  ];
}
