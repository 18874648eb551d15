import { byKeyword, readOperations, readPairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { isTrue } from '../cib/boolean.js';
import { Element } from '../cib/element.js';
import { type Agent, AgentShelf, fullName } from './agent.js';
import type { Environment } from './environment.js';
import { checkGroupMembers, groupOrNew, neighbour, placeInGroup } from './groups-of-resources.js';
import { checkNewAttributes } from './instance-attributes.js';
import { appendOperations, prepareOperations } from './operations.js';
import { forceable } from './refusal.js';
import { waitFor } from './state.js';
import {
  appendSet,
  arrangeFirstSet,
  elementsWithId,
  findResource,
  idExists,
  idMistakes,
  resourcesOf,
  uniqueId,
} from './tree.js';
import { kindNames } from './words.js';

/** `pcs resource create` and `pcs stonith create`. */

export interface NewPrimitive {
  readonly id: string;
  readonly agent: Agent;
  readonly attributes: ReadonlyMap<string, string>;
  readonly meta: ReadonlyMap<string, string>;
  readonly operations: readonly ReadonlyMap<string, string>[];
  /** `resource` or `stonith`, for messages. */
  readonly kind: string;
}

/** Checks a new primitive and puts it at the end of the resources. */
export async function appendPrimitive(environment: Environment, wanted: NewPrimitive): Promise<Element> {
  const cib = await environment.cib();
  const { id, agent, attributes, meta, kind } = wanted;
  if (idExists(cib, id)) environment.fail(`'${id}' already exists`);
  const [mistake] = idMistakes(id, `${kind} name`);
  if (mistake !== undefined) environment.fail(mistake);
  const operations = prepareOperations(environment, cib, wanted.operations, agent, {
    defaults: !environment.has('--no-default-ops'),
    forced: environment.forced,
  });
  environment.report(...checkNewAttributes(cib, agent, attributes, environment.forced));
  environment.stopOnErrors();
  if (environment.has('--agent-validation')) await validateByAgent(environment, agent, attributes);
  const { agentClass, provider, type } = agent.name;
  const primitive = resourcesOf(cib).append(
    new Element('primitive', { id, class: agentClass, type, ...(provider === null ? {} : { provider }) }),
  );
  appendSet(cib, primitive, 'instance_attributes', attributes);
  appendSet(cib, primitive, 'meta_attributes', meta);
  appendOperations(environment, cib, primitive, operations);
  return primitive;
}

/** Lets the agent itself look at the parameters. */
export async function validateByAgent(
  environment: Environment,
  agent: Agent,
  attributes: ReadonlyMap<string, string>,
): Promise<void> {
  const offered = agent.actions.some(({ name }) => name === 'validate-all');
  if (!agent.exists || !offered || !['ocf', 'stonith'].includes(agent.name.agentClass)) return;
  const { runProgram } = await import('../shell/agents/run-agent.js');
  const run = await runProgram(
    agent.name,
    'validate-all',
    Object.fromEntries(attributes),
    agent.name.type,
    environment.world.env,
  );
  const said = [run.output, run.errors]
    .join('\n')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `  ${line}`)
    .join('\n');
  if (run.status === 0) {
    if (said !== '') environment.warn(`Validation result from agent:\n${said}`);
    return;
  }
  const note = environment.forced ? '' : ' (use --force to override)';
  const text = `Validation result from agent${note}:\n${said}`;
  environment.report({ severity: environment.forced ? 'warning' : 'error', text });
  environment.stopOnErrors();
}

/** What may not be created as a plain resource, because more than the configuration belongs to it. */
function checkSpecial(environment: Environment, agent: Agent, meta: ReadonlyMap<string, string>): void {
  if (fullName(agent.name) === 'ocf:pacemaker:remote') {
    const text =
      "this command is not sufficient for creating a remote connection, use 'pcs cluster node add-remote'";
    environment.report(forceable(text, environment.forced));
  }
  if (meta.has('remote-node')) {
    const text = "this command is not sufficient for creating a guest node, use 'pcs cluster node add-guest'";
    environment.report(forceable(text, environment.forced));
  }
  environment.stopOnErrors();
}

export function raiseSchemaForDemote(
  environment: Environment,
  operations: readonly ReadonlyMap<string, string>[],
): Promise<void> | void {
  if (operations.some((operation) => operation.get('on-fail') === 'demote'))
    return environment.requireSchema('3.4.0');
}

function disable(cib: Element, element: Element): void {
  arrangeFirstSet(cib, element, 'meta_attributes', new Map([['target-role', 'Stopped']]));
}

const KINDS = ['clone', 'promotable', 'bundle'];

interface Creation {
  readonly options: Map<string, string>;
  readonly meta: Map<string, string>;
  readonly operations: Map<string, string>[];
  readonly clone: { readonly id: string | null; readonly options: Map<string, string> } | null;
  readonly bundle: string | null;
}

/** `[OPTION...] [op ...] [meta ...] [clone [ID] [OPTION...] | promotable ... | bundle ID]` */
function readCreation(environment: Environment, words: readonly string[]): Creation {
  const groups = byKeyword(words, ['op', 'meta', ...KINDS], { first: 'options', repeated: ['op'] });
  let options: Map<string, string>;
  try {
    options = readPairs(wordsOf(groups, 'options'));
  } catch (mistake) {
    if (!(mistake instanceof WrongUsage) || mistake.message !== "missing value of 'master' option")
      throw mistake;
    throw new WrongUsage(
      mistake.message,
      "Master/Slave resources have been renamed to promotable clones, please use the 'promotable' keyword instead of 'master'. See 'man pcs' -> Changes in pcs-0.10.",
    );
  }
  const meta = readPairs(wordsOf(groups, 'meta'));
  const operations = readOperations(groups.get('op') ?? []);
  const kinds = KINDS.filter((kind) => groups.has(kind));
  let clone: Creation['clone'] = null;
  for (const kind of ['clone', 'promotable']) {
    if (!groups.has(kind)) continue;
    const rest = wordsOf(groups, kind);
    const id = rest[0] !== undefined && !rest[0].includes('=') ? rest.shift()! : null;
    clone = { id, options: readPairs(rest) };
    if (kind === 'promotable') {
      if (clone.options.has('promotable')) {
        environment.fail('you cannot specify both promotable option and promotable keyword');
      }
      clone.options.set('promotable', 'true');
    }
  }
  if (kinds.length + (environment.has('--group') ? 1 : 0) > 1) {
    environment.fail(`you can specify only one of ${KINDS.join(', ')} or --group`);
  }
  const bundle = groups.has('bundle') ? wordsOf(groups, 'bundle') : null;
  if (bundle && bundle.length !== 1) environment.fail('you have to specify exactly one bundle');
  return { options, meta, operations, clone, bundle: bundle?.[0] ?? null };
}

/** What pcs 0.9 wrote, in the words of today: `--clone`, `--master`, `master`. */
function modernized(environment: Environment, words: readonly string[]): string[] {
  const modern = words.map((word) => (word === 'master' ? 'promotable' : word));
  if (environment.has('--clone')) modern.push('clone');
  if (environment.has('--master')) modern.push('promotable');
  return modern;
}

export async function createResource(environment: Environment, words: string[]): Promise<void> {
  const [id, type, ...rest] = words;
  if (id === undefined || type === undefined) throw new WrongUsage();
  const creation = readCreation(environment, modernized(environment, rest));
  const group = environment.value('--group');
  const beside = besideOption(environment);
  const shelf = new AgentShelf(environment);
  const name = await shelf.find(type);
  if (name.agentClass === 'stonith') {
    environment.deprecated(
      "Ability of this command to accept fence agent is deprecated and will be removed in a future release. Please use 'pcs stonith create' instead.",
    );
  }
  const agent = await shelf.require(name, environment.forced);
  const seconds = environment.waitSeconds();
  if (creation.clone) checkClone(environment, agent, creation.clone.options);
  await raiseSchemaForDemote(environment, creation.operations);
  const cib = await environment.cib();
  checkSpecial(environment, agent, creation.meta);
  if (creation.clone?.id != null) {
    const { id: cloneId } = creation.clone;
    environment.report(...idMistakes(cloneId).map((text) => ({ severity: 'error' as const, text })));
    if (idExists(cib, cloneId))
      environment.report({ severity: 'error', text: `'${cloneId}' already exists` });
    environment.stopOnErrors();
  }
  const adjacent = beside ? neighbour(environment, cib, beside.id) : null;
  const target = group === undefined ? null : groupOrNew(environment, cib, group);
  const primitive = await appendPrimitive(environment, {
    id,
    agent,
    attributes: creation.options,
    meta: creation.meta,
    operations: creation.operations,
    kind: 'resource',
  });
  const disabled = environment.has('--disabled');
  if (creation.clone) {
    const { id: cloneId, options } = creation.clone;
    const resources = resourcesOf(cib);
    const clone = resources.append(new Element('clone', { id: cloneId ?? uniqueId(cib, `${id}-clone`) }));
    resources.remove(primitive);
    clone.append(primitive);
    appendSet(cib, clone, 'meta_attributes', options);
    if (disabled) disable(cib, clone);
  } else {
    if (disabled) disable(cib, primitive);
    if (creation.bundle !== null) putIntoBundle(environment, cib, primitive, creation.bundle);
    if (target) {
      environment.report(...checkGroupMembers(cib, target, [primitive], adjacent));
      environment.stopOnErrors();
      placeInGroup(cib, target, [primitive], adjacent, beside?.after ?? false);
    }
  }
  await environment.push();
  const stopped = disabled || creation.meta.get('target-role')?.toLowerCase() === 'stopped';
  await waitFor(environment, seconds, [id], stopped ? 'stopped' : 'running');
}

/** `--before ID`, `--after ID`. */
function besideOption(environment: Environment): { id: string; after: boolean } | null {
  const before = environment.value('--before');
  const after = environment.value('--after');
  const grouped = environment.has('--group');
  if (before !== undefined && after !== undefined) {
    environment.fail(
      `you cannot specify both --before and --after${grouped ? '' : ' and you have to specify --group'}`,
    );
  }
  if (!grouped && before !== undefined) environment.fail('you cannot use --before without --group');
  if (!grouped && after !== undefined) environment.fail('you cannot use --after without --group');
  if (after !== undefined) return { id: after, after: true };
  return before === undefined ? null : { id: before, after: false };
}

/** Clone options that the agent cannot live with. */
function checkClone(environment: Environment, agent: Agent, options: ReadonlyMap<string, string>): void {
  const incompatible = (option: string) =>
    `Clone option '${option}' is not compatible with '${agent.fullName}' resource agent`;
  if (agent.name.agentClass !== 'ocf') {
    for (const option of ['globally-unique', 'promotable']) {
      if (isTrue(options.get(option))) environment.report({ severity: 'error', text: incompatible(option) });
    }
  } else if (agent.ocfVersion === '1.1' && isTrue(options.get('promotable')) && !canPromote(agent)) {
    environment.report(forceable(incompatible('promotable'), environment.forced));
  }
  environment.stopOnErrors();
}

export function canPromote(agent: Agent): boolean {
  const names = agent.actions.map(({ name }) => name);
  return names.includes('promote') && names.includes('demote');
}

function putIntoBundle(environment: Environment, cib: Element, primitive: Element, id: string): void {
  const bundle = findResource(cib, id, ['bundle'])?.element;
  if (!bundle) {
    const [other] = elementsWithId(cib, id);
    environment.fail(
      other ? `'${id}' is not ${kindNames(['bundle'], true)}` : `bundle '${id}' does not exist`,
    );
  }
  const network = bundle.first('network');
  const accessible =
    network?.get('control-port') !== undefined || network?.get('ip-range-start') !== undefined;
  if (!accessible) {
    const text = `Resource '${primitive.id}' will not be accessible by the cluster inside bundle '${id}', at least one of bundle options 'control-port' or 'ip-range-start' has to be specified`;
    environment.report(forceable(text, environment.forced));
  }
  environment.stopOnErrors();
  const inside = bundle.first('primitive');
  if (inside) {
    environment.fail(
      `bundle '${id}' already contains resource '${inside.id}', a bundle may contain at most one resource`,
    );
  }
  resourcesOf(cib).remove(primitive);
  bundle.append(primitive);
}

export async function createStonith(environment: Environment, words: string[]): Promise<void> {
  const [id, type, ...rest] = words;
  if (id === undefined || type === undefined) throw new WrongUsage();
  const groups = byKeyword(rest, ['op', 'meta'], { first: 'options', repeated: ['op'] });
  const meta = readPairs(wordsOf(groups, 'meta'));
  const attributes = readPairs(wordsOf(groups, 'options'));
  const operations = readOperations(groups.get('op') ?? []);
  const seconds = environment.waitSeconds();
  const group = environment.value('--group');
  if (group === undefined) {
    for (const option of ['--before', '--after']) {
      if (environment.has(option)) environment.fail(`you cannot use ${option} without --group`);
    }
  }
  const beside = besideOption(environment);
  if (group !== undefined) {
    environment.deprecated(
      'Option to group stonith resource is deprecated and will be removed in a future release.',
    );
  }
  const shelf = new AgentShelf(environment);
  if (type.includes(':')) {
    environment.report({
      severity: 'error',
      text: `Invalid stonith agent name '${type}'. Agent name cannot contain the ':' character, do not use the 'stonith:' prefix. List of agents can be obtained by using command 'pcs stonith list'.`,
    });
    environment.stopOnErrors();
  }
  const agent = await shelf.require({ agentClass: 'stonith', provider: null, type }, environment.forced);
  const unfencing = agent.actions.some(
    ({ name, attributes: action }) =>
      name === 'on' && action.get('on_target') === '1' && action.get('automatic') === '1',
  );
  if (unfencing) meta.set('provides', 'unfencing');
  await raiseSchemaForDemote(environment, operations);
  const cib = await environment.cib();
  const adjacent = beside ? neighbour(environment, cib, beside.id) : null;
  const target = group === undefined ? null : groupOrNew(environment, cib, group);
  const primitive = await appendPrimitive(environment, {
    id,
    agent,
    attributes,
    meta,
    operations,
    kind: 'stonith',
  });
  if (environment.has('--disabled')) disable(cib, primitive);
  if (target) {
    environment.report(...checkGroupMembers(cib, target, [primitive], adjacent));
    environment.stopOnErrors();
    placeInGroup(cib, target, [primitive], adjacent, beside?.after ?? false);
  }
  await environment.push();
  await waitFor(environment, seconds, [id], environment.has('--disabled') ? 'stopped' : 'running');
}
