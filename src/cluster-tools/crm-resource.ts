import { fromEpoch } from '../cib/civil-time.js';
import { Element } from '../cib/element.js';
import { collectNvpairs } from '../cib/rule.js';
import { acceptSchema, remarkLine } from '../cib/validity.js';
import { EXIT, exitStatus } from '../command-line/exit-codes.js';
import type { Arguments } from '../command-line/options.js';
import { element } from '../command-line/output.js';
import { exitOf, type ResultName } from '../command-line/result-codes.js';
import { type Report, type Surroundings, ToolFailure, toolWith } from '../command-line/tool.js';
import { resourceParameters } from '../status/parameters.js';
import { activeNodes } from '../status/queries.js';
import type { ClusterNode, ClusterStatus, Resource } from '../status/types.js';
import { unpackStatus } from '../status/unpack.js';
import { type CibAccess, withCib } from './access.js';
import { findResource, metaAttributes } from './resource/find.js';
import { COMMANDS, type CommandName, type Needs, table } from './resource/options.js';

/** What a command works with. */
export interface ResourceContext {
  readonly given: Arguments;
  readonly report: Report;
  readonly surroundings: Surroundings;
  readonly access: CibAccess;
  readonly status: ClusterStatus;
  /** The resource that -r names, where it must exist. */
  readonly resource: Resource | undefined;
  /** As typed. */
  readonly requested: string | undefined;
  readonly node: ClusterNode | undefined;
  readonly force: boolean;
}

/** Works as `crm_resource` of Pacemaker 2.1.5 does. */
export const crmResource = toolWith(table, async (given, report, surroundings) => {
  try {
    return await run(given, report, surroundings);
  } catch (error) {
    if (!(error instanceof ToolFailure) || error.exit === EXIT.USAGE) throw error;
    const verdict = `Error performing operation: ${exitStatus(error.exit).description}`;
    if (!error.named) {
      if (error.message !== '') report.error(error.message);
      throw new ToolFailure(error.exit, verdict);
    }
    throw new ToolFailure(error.exit, error.message === '' ? verdict : `${error.message}\n${verdict}`);
  }
});

function commandOf(given: Arguments): CommandName {
  const last = given.occurrences.findLast(({ option }) => Object.hasOwn(COMMANDS, option));
  return (last?.option ?? 'list') as CommandName;
}

async function run(given: Arguments, report: Report, surroundings: Surroundings): Promise<number> {
  const usage = (message: string) => new ToolFailure(EXIT.USAGE, message);
  const command = commandOf(given);
  if (given.has('expired') && command !== 'clear') throw usage('--expired requires --clear or -U');
  const positional = command === 'digests' || command.startsWith('force-') || command === 'validate';
  if (given.operands.length > 0 && !positional) {
    const all = given.operands;
    const list = all.map((word, index) => `[${index + 1} of ${all.length}] ${word}\n`).join('');
    throw usage(`non-option ARGV-elements:\n${list}`);
  }
  const requested = given.value('resource');
  const described = ['class', 'agent', 'provider'].some((option) => given.has(option));
  if (described) {
    if (requested !== undefined)
      throw usage('--resource cannot be used with --class, --agent, and --provider');
    if (command !== 'validate' && !command.startsWith('force-')) {
      throw usage('--class, --agent, and --provider can only be used with --validate and --force-*');
    }
  }
  const needs: Needs = COMMANDS[command];
  const nodeName = given.value('node') ?? given.value('host-uname');
  if (needs.resource && requested === undefined && !described && !given.has('expired'))
    throw usage('Must supply a resource id with -r');
  if (needs.node && nodeName === undefined) throw usage('Must supply a node name with -N');
  if (needs.local || described) {
    const { runLocally } = await import('./resource/agents.js');
    const exit = await runLocally(command, given, report, surroundings);
    if (exit !== EXIT.OK) throw new ToolFailure(exit);
    return EXIT.OK;
  }

  await withCib(surroundings, async (access) => {
    const context = await prepare(access, given, report, surroundings, command, requested, nodeName);
    const result = await COMMAND_TABLE[command](context);
    if (typeof result === 'number') {
      if (result !== EXIT.OK) throw new ToolFailure(result);
    } else if (result !== 'ok' && result !== 'no_output') throw new ToolFailure(exitOf(result));
  });
  return EXIT.OK;
}

async function prepare(
  access: CibAccess,
  given: Arguments,
  report: Report,
  surroundings: Surroundings,
  command: CommandName,
  requested: string | undefined,
  nodeName: string | undefined,
): Promise<ResourceContext> {
  const read = await access.read();
  if (!read.ok) throw new ToolFailure(exitOf(read.failure), '');
  const accepted = acceptSchema(read.value);
  for (const remark of accepted.remarks) surroundings.err(`${remarkLine(remark)}\n`);
  if (!accepted.cib) {
    surroundings.err(`${accepted.error}\n`);
    throw new ToolFailure(exitOf('ENOKEY'));
  }
  if (accepted.warning !== undefined) surroundings.err(`${accepted.warning}\n`);
  const status = unpackStatus(accepted.cib, {
    nowMs: surroundings.nowMs,
    utcOffsetSec: surroundings.zoneOffset,
  });
  const needs: Needs = COMMANDS[command];
  const resource =
    requested === undefined ? undefined : findResource(status.resources, requested, needs.anyInstance);
  if (requested !== undefined && !resource && !needs.unchecked) {
    throw new ToolFailure(EXIT.NOSUCH, `Resource '${requested}' not found`);
  }
  const instance = requested?.includes(':') && resource?.parent?.kind === 'clone';
  if (instance && ['ban', 'clear', 'move', 'restart'].includes(command)) {
    throw new ToolFailure(EXIT.INVALID_PARAM, `Cannot operate on clone resource instance '${requested}'`);
  }
  const node =
    nodeName === undefined
      ? undefined
      : status.nodes.find((candidate) => candidate.name.toLowerCase() === nodeName.toLowerCase());
  if (nodeName !== undefined && !node) {
    throw new ToolFailure(EXIT.NOSUCH, `Node '${nodeName}' not found`);
  }
  return {
    given,
    report,
    surroundings,
    access,
    status,
    resource,
    requested,
    node,
    force: given.has('force'),
  };
}

/** Its result is a return code by name, or an exit status. */
type Command = (context: ResourceContext) => Promise<ResultName | number>;

function setTypeOf(given: Arguments): string {
  const last = given.occurrences.findLast(({ option }) => option === 'meta' || option === 'utilization');
  if (!last) return 'instance_attributes';
  return last.option === 'meta' ? 'meta_attributes' : 'utilization';
}

const getParameter: Command = async ({ given, report, status, resource }) => {
  const name = given.value('get-parameter')!;
  const active = activeNodes(resource!);
  let node = active.node;
  if (active.all > 1) {
    report.error(`${resource!.id} is active on more than one node, returning the default value for ${name}`);
    node = undefined;
  }
  const setType = setTypeOf(given);
  let values: Map<string, string>;
  if (setType === 'instance_attributes') values = resourceParameters(status, resource!, node);
  else if (setType === 'meta_attributes') values = metaAttributes(status, resource!, node);
  else values = collectNvpairs(resource!.xml, 'utilization', status.cib, { now: status.now });
  const value = values.get(name);
  if (value === undefined) {
    report.error(`Attribute '${name}' not found for '${resource!.id}'`);
    return 'ok';
  }
  report.line(value);
  report.xml(element('list', { name: 'attributes', count: 1 }, [element('item', { name }, [value])]));
  return 'ok';
};

const changeParameter: Command = async (context) => {
  const { changeResourceParameter } = await import('./resource/change.js');
  return changeResourceParameter(context, setTypeOf(context.given));
};

const place: Command = async (context) => {
  const { given, report, access, status, surroundings, resource, requested, node, force } = context;
  const { ban, banWhereActive, clear, move } = await import('./resource/placement.js');
  const request = {
    access,
    report,
    status,
    now: fromEpoch(Math.floor(surroundings.nowMs / 1000), surroundings.zoneOffset),
    lifetime: given.value('lifetime'),
    promoted: given.has('promoted') || given.has('master'),
    force,
  };
  const command = commandOf(given);
  if (command === 'clear') return clear(request, requested, node, given.has('expired'));
  let result: ResultName;
  if (!node) result = await banWhereActive(request, resource!, requested!);
  else if (command === 'ban') result = await ban(request, requested!, node.name);
  else result = await move(request, resource!, requested!, node);
  if (result === 'EINVAL') throw new ToolFailure(EXIT.USAGE);
  return result;
};

const remove: Command = async ({ given, access, requested }) => {
  const type = given.value('resource-type');
  if (type === undefined) {
    throw new ToolFailure(exitOf('ENXIO'), 'You need to specify a resource type with -t');
  }
  const input = new Element(type, { id: requested! });
  const result = await access.perform({ operation: 'delete', scope: 'resources', input });
  return result.ok ? 'ok' : result.failure;
};

const constraintsOf =
  (always: boolean): Command =>
  async ({ given, report, status, resource, force }) => {
    const { showConstraints } = await import('./resource/constraints.js');
    showConstraints(report, status, resource!, always || given.has('recursive'), force);
    return 'ok';
  };

const configuration =
  (raw: boolean): Command =>
  async ({ report, status, resource }) => {
    const { showConfiguration } = await import('./resource/show.js');
    return showConfiguration(report, status, resource!, raw);
  };

const operations =
  (active: boolean): Command =>
  async ({ report, status, requested, node }) => {
    const { listOperations } = await import('./resource/operations.js');
    return listOperations(report, status, requested, node, active);
  };

const viaAgent: Command = async (context) => {
  const { runThroughAgent } = await import('./resource/live.js');
  return runThroughAgent(commandOf(context.given), context);
};

const local: Command = async (context) => {
  const { executeAgent } = await import('./resource/agents.js');
  return executeAgent(commandOf(context.given), context);
};

const unreachable: Command = async () => 'EOPNOTSUPP';

const COMMAND_TABLE: Readonly<Record<CommandName, Command>> = {
  list: async ({ report, status }) => {
    const { listResources } = await import('./resource/show.js');
    return listResources(report, status);
  },
  'list-raw': async ({ report, status }) => {
    const { listRaw } = await import('./resource/show.js');
    return listRaw(report, status);
  },
  'list-operations': operations(true),
  'list-all-operations': operations(false),
  'list-standards': unreachable,
  'list-ocf-providers': unreachable,
  'list-agents': unreachable,
  'list-ocf-alternatives': unreachable,
  'show-metadata': unreachable,
  wait: unreachable,
  'query-xml': configuration(false),
  'query-xml-raw': configuration(true),
  'get-parameter': getParameter,
  locate: async ({ report, resource, requested }) => {
    const { locate } = await import('./resource/show.js');
    return locate(report, resource!, requested!);
  },
  constraints: constraintsOf(false),
  stack: constraintsOf(true),
  why: async ({ report, status, resource, node }) => {
    const { showReasons } = await import('./resource/reasons.js');
    return showReasons(report, status, resource, node);
  },
  'set-parameter': changeParameter,
  'delete-parameter': changeParameter,
  move: place,
  ban: place,
  clear: place,
  delete: remove,
  digests: async ({ given, report, status, resource, node }) => {
    const { showDigests } = await import('./resource/digests.js');
    return showDigests(report, status, resource!, node!, given.operands);
  },
  cleanup: viaAgent,
  refresh: viaAgent,
  fail: viaAgent,
  restart: viaAgent,
  validate: local,
  'force-demote': local,
  'force-stop': local,
  'force-start': local,
  'force-promote': local,
  'force-check': local,
};
