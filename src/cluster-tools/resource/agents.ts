import { exitStatusName } from '../../cib/agent-exit-status.js';
import { intervalMs } from '../../cib/interval.js';
import { EXIT } from '../../command-line/exit-codes.js';
import type { Arguments } from '../../command-line/options.js';
import { cdata, element } from '../../command-line/output.js';
import { exitOf } from '../../command-line/result-codes.js';
import { type Report, type Surroundings, ToolFailure } from '../../command-line/tool.js';
import type { AgentSpec, ExecutionStatus, OperationRequest } from '../../executor/types.js';
import { resourceParameters } from '../../status/parameters.js';
import type { ResourceContext } from '../crm-resource.js';
import { type LocalAgents, localAgents } from '../local-agents.js';
import type { CommandName } from './options.js';

const DEFAULT_TIMEOUT_MS = 20_000;

/** Classes whose agents can be run by hand. */
const RUNNABLE: ReadonlySet<string> = new Set(['ocf', 'lsb', 'service', 'heartbeat', 'nagios']);

/** How it ended: Pacemaker's `pcmk_exec_status` and its text. */
const EXECUTION: Readonly<Record<ExecutionStatus, readonly [number, string]>> = {
  pending: [-1, 'pending'],
  done: [0, 'complete'],
  cancelled: [1, 'Cancelled'],
  timeout: [2, 'Timed Out'],
  'not-supported': [3, 'NOT SUPPORTED'],
  error: [4, 'Error'],
  'error-hard': [5, 'Hard error'],
  'error-fatal': [6, 'Fatal error'],
  'not-installed': [7, 'Not installed'],
  'not-connected': [8, 'Internal communication failure'],
  invalid: [9, 'Cannot execute now'],
  'no-fence-device': [10, 'No fence device'],
  'no-secrets': [11, 'CIB secrets unavailable'],
};

const ACTIONS: Readonly<Record<string, string>> = {
  validate: 'validate-all',
  'force-check': 'monitor',
  'force-start': 'start',
  'force-stop': 'stop',
  'force-demote': 'demote',
  'force-promote': 'promote',
};

function specText({ class: agentClass, provider, type }: AgentSpec): string {
  return [agentClass, ...(provider === undefined ? [] : [provider]), type].join(':');
}

interface Run {
  readonly command: string;
  readonly id: string | undefined;
  readonly agent: AgentSpec;
  readonly parameters: ReadonlyMap<string, string>;
}

async function run(what: Run, given: Arguments, report: Report, surroundings: Surroundings): Promise<number> {
  const operation = ACTIONS[what.command]!;
  const level = given.value(what.command);
  const parameters = new Map(what.parameters);
  if (level !== undefined) parameters.set('OCF_CHECK_LEVEL', level);
  const asked = intervalMs(given.value('timeout'));
  const request: OperationRequest = {
    callId: 0,
    key: `${what.id ?? 'test'}_${operation}_0`,
    resource: what.id ?? 'test',
    agent: what.agent,
    operation,
    intervalMs: 0,
    timeoutMs: asked > 0 ? asked : DEFAULT_TIMEOUT_MS,
    startDelayMs: 0,
    parameters: Object.fromEntries(parameters),
    meta: { timeout: String(asked > 0 ? asked : DEFAULT_TIMEOUT_MS) },
    userData: '',
  };
  const agents = localAgents(surroundings);
  const outcome = RUNNABLE.has(what.agent.class) ? await agents.execute(request) : undefined;
  if (!outcome) {
    const of = what.id === undefined ? '' : ` for ${what.id}`;
    report.line(
      `Operation ${what.command}${of} (${specText(what.agent)}) could not be executed (Error: Manual execution of the ${what.agent.class} standard is unsupported)`,
    );
    return EXIT.UNIMPLEMENT_FEATURE;
  }
  const rc = outcome.rc;
  const text = exitStatusName(rc);
  const of = what.id === undefined ? '' : ` for ${what.id}`;
  const reason = outcome.exitReason === '' ? '' : `: ${outcome.exitReason}`;
  const [executionCode, executionText] = EXECUTION[outcome.status];
  const status = outcome.status === 'done' ? '' : ` [${executionText}]`;
  report.line(
    `Operation ${what.command}${of} (${specText(what.agent)}) returned ${rc} (${text}${reason})${status}`,
  );
  report.xml(
    element(
      'resource-agent-action',
      {
        action: what.command,
        class: what.agent.class,
        type: what.agent.type,
        provider: what.agent.provider,
        rsc: what.id,
      },
      [
        element('overrides'),
        element('agent-status', {
          code: String(rc),
          message: text,
          execution_code: executionCode,
          execution_message: executionText,
          reason: outcome.exitReason || undefined,
        }),
      ],
    ),
  );
  const output = outcome.output.trimEnd();
  if (output !== '' && (rc !== 0 || given.has('verbose'))) report.line(`${output}\n`);
  return rc;
}

/** Runs the agent of a configured resource on this host, past the cluster. */
export async function executeAgent(command: CommandName, context: ResourceContext): Promise<number> {
  const { given, report, surroundings, status, force } = context;
  let resource = context.resource!;
  if (
    resource.kind === 'clone' &&
    !force &&
    ['force-start', 'force-promote', 'force-demote'].includes(command)
  ) {
    throw new ToolFailure(
      EXIT.UNSAFE,
      `It is not safe to ${command} ${resource.id} here: the cluster claims it is already active\nTry setting target-role=Stopped first or specifying the force option`,
      false,
    );
  }
  if (resource.kind === 'bundle') {
    throw new ToolFailure(
      EXIT.UNIMPLEMENT_FEATURE,
      `Sorry, the ${command} option doesn't support bundled resources`,
      false,
    );
  }
  while (resource.kind === 'clone' && resource.children.length > 0) resource = resource.children[0]!;
  if (resource.kind === 'group') {
    throw new ToolFailure(
      EXIT.UNIMPLEMENT_FEATURE,
      `Sorry, the ${command} option doesn't support group resources`,
      false,
    );
  }
  const { xml } = resource;
  const provider = xml.get('provider');
  const agent: AgentSpec = {
    class: xml.get('class') ?? 'ocf',
    ...(provider === undefined ? {} : { provider }),
    type: xml.get('type') ?? '',
  };
  const id = context.requested ?? resource.id;
  const parameters = resourceParameters(status, resource, undefined);
  return run({ command, id, agent, parameters }, given, report, surroundings);
}

/** Commands that need no CIB. */
export async function runLocally(
  command: CommandName,
  given: Arguments,
  report: Report,
  surroundings: Surroundings,
): Promise<number> {
  if (command === 'wait') return waitUntilIdle(given, surroundings);
  const agents = localAgents(surroundings);
  const failed = (exit: number, message: string) => new ToolFailure(exit, message);
  const item = (name: string, text: string) => element(name, {}, [text]);
  switch (command) {
    case 'list-standards': {
      const classes = agents.classes();
      for (const name of classes) report.line(name);
      report.xml(
        element(
          'list',
          { name: 'standards', count: String(classes.length) },
          classes.map((name) => item('item', name)),
        ),
      );
      return EXIT.OK;
    }
    case 'list-ocf-providers':
    case 'list-ocf-alternatives': {
      const wanted = given.value('list-ocf-alternatives');
      const providers = agents
        .providers()
        .filter((name) => wanted === undefined || agents.list('ocf', name).includes(wanted));
      if (providers.length === 0) {
        throw failed(
          exitOf('ENXIO'),
          `No OCF providers found${wanted === undefined ? '' : ` for ${wanted}`}`,
        );
      }
      for (const name of providers) report.line(name);
      const attributes = wanted === undefined ? { standard: 'ocf' } : { for: wanted };
      report.xml(
        element(
          'providers',
          attributes,
          providers.map((name) => item('provider', name)),
        ),
      );
      return EXIT.OK;
    }
    case 'list-agents': {
      const [standard = '', provider] = given.value('list-agents')!.split(':');
      const list = agents.list(standard, provider);
      if (list.length === 0) {
        const of = provider === undefined ? '' : ` and provider '${provider}'`;
        throw failed(EXIT.ERROR, `No agents found for standard '${standard}'${of}`);
      }
      for (const name of list) report.line(name);
      report.xml(
        element(
          'agents',
          { standard, provider },
          list.map((name) => item('agent', name)),
        ),
      );
      return EXIT.OK;
    }
    case 'show-metadata': {
      const spec = given.value('show-metadata')!;
      const words = spec.split(':');
      const valid = words[0] === 'ocf' ? words.length === 3 && words[1] !== '' : words.length > 1;
      if (!valid) throw failed(exitOf('ENXIO'), `'${spec}' is not a valid agent specification`);
      const provider = words[0] === 'ocf' ? words[1] : undefined;
      const type = words.slice(provider === undefined ? 1 : 2).join(':');
      const metadata = await agents.metadata(words[0]!, provider, type);
      if (metadata === null) {
        throw failed(exitOf('ENXIO'), `Metadata query for ${spec} failed: No such device or address`);
      }
      report.line(metadata.trimEnd());
      report.xml(cdata('metadata', {}, metadata));
      return EXIT.OK;
    }
    default:
      return described(command, given, report, surroundings);
  }
}

function isKnown(
  agents: LocalAgents,
  agentClass: string,
  provider: string | undefined,
  type: string,
): boolean {
  if (agentClass !== 'ocf' && provider !== undefined) return false;
  if (agentClass === 'ocf' && provider === undefined) return false;
  return agents.list(agentClass, provider).includes(type);
}

/** `--validate` and `--force-*` of an agent that --class, --agent, --provider and --option describe. */
async function described(
  command: CommandName,
  given: Arguments,
  report: Report,
  surroundings: Surroundings,
): Promise<number> {
  const agentClass = given.value('class');
  const type = given.value('agent');
  const provider = given.value('provider');
  const agents = localAgents(surroundings);
  const unknown = (what: string) => new ToolFailure(EXIT.USAGE, what);
  if (agentClass === 'stonith') {
    if (provider !== undefined) throw unknown('stonith does not support providers');
    if (!agents.list('stonith').includes(type ?? '')) {
      throw unknown(`${type ?? ''} is not a known stonith agent`);
    }
  } else if (agentClass === undefined || type === undefined || !isKnown(agents, agentClass, provider, type)) {
    throw unknown(`${agentClass ?? ''}:${provider ?? ''}:${type ?? ''} is not a known resource`);
  }
  const words = [...given.values('option'), ...given.operands];
  const parameters = new Map(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new ToolFailure(EXIT.USAGE, 'Error parsing option --option');
      return [word.slice(0, at), word.slice(at + 1)] as const;
    }),
  );
  const agent: AgentSpec = {
    class: agentClass,
    ...(provider === undefined ? {} : { provider }),
    type: type!,
  };
  return run({ command, id: undefined, agent, parameters }, given, report, surroundings);
}

const WAIT_DEFAULT_MS = 60 * 60 * 1000;

async function waitUntilIdle(given: Arguments, surroundings: Surroundings): Promise<number> {
  const { openAgent } = await import('../agent-access.js');
  const opened = await openAgent(surroundings);
  if (!opened.ok) {
    throw new ToolFailure(exitOf(opened.failure), opened.message ?? 'Could not connect to the cluster');
  }
  const access = opened.value;
  try {
    const asked = intervalMs(given.value('timeout'));
    const outcome = await access.call('cluster.wait-idle', {
      timeoutMs: asked > 0 ? asked : WAIT_DEFAULT_MS,
    });
    if (!outcome.ok) throw new ToolFailure(exitOf(outcome.failure));
    if (!outcome.value.idle) throw new ToolFailure(exitOf('ETIME'), 'Pending actions remain');
  } finally {
    await access.close();
  }
  return EXIT.OK;
}
