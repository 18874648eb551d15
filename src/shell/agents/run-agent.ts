import { spawn } from 'node:child_process';
import { knownExitStatus } from '../../cib/agent-exit-status.js';
import type { Element } from '../../cib/element.js';
import { shellQuote } from '../../ssh/shell-quote.js';
import { isHere, runOnNodes } from '../fan-out.js';
import type { Session } from '../session.js';
import { LocalAgents } from './local.js';

/** What became of one run of an agent by hand. */
export interface AgentRun {
  readonly status: number;
  /** The exit code in words. */
  readonly meaning: string;
  readonly output: string;
  readonly errors: string;
}

function meaningOf(status: number): string {
  return knownExitStatus(status) ?? `exit code ${status}`;
}

/** Runs an operation of a configured primitive's agent on a node: here where that is this machine, else over SSH. */
export async function runAgent(
  session: Session,
  node: string,
  cib: Element,
  primitive: Element,
  operation: string,
): Promise<AgentRun> {
  const templates = cib.at('configuration', 'resources')?.elements('template') ?? [];
  const template = templates.find(({ id }) => id === primitive.get('template'));
  const parameters: Record<string, string> = {};
  for (const owner of [template, primitive]) {
    for (const set of owner?.elements('instance_attributes') ?? []) {
      for (const pair of set.elements('nvpair')) parameters[pair.get('name') ?? ''] = pair.get('value') ?? '';
    }
  }
  const own = (name: string) => primitive.get(name) ?? template?.get(name) ?? null;
  const agent = { agentClass: own('class') ?? 'ocf', provider: own('provider'), type: own('type') ?? '' };
  if (isHere(session, node))
    return runProgram(agent, operation, parameters, primitive.id, session.world.environment);
  return runThere(session, node, agent, operation, parameters, primitive.id);
}

/** Where agents of the classes that are programs lie on a node. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  ocf: ['/usr/lib/ocf/resource.d', '/usr/local/lib/quorate/resource-agents/ocf'],
  lsb: ['/etc/init.d'],
};

async function runThere(
  session: Session,
  node: string,
  agent: Agent,
  operation: string,
  parameters: Readonly<Record<string, string>>,
  resource: string,
): Promise<AgentRun> {
  const path = [agent.provider, agent.type].filter((part) => part !== null).join('/');
  const programs = (PLACES[agent.agentClass] ?? []).map((place) => shellQuote(`${place}/${path}`));
  const variables = Object.entries(agentEnvironment(agent, parameters, resource, {}))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => shellQuote(`${name}=${value}`));
  const word = shellQuote(operation === 'validate' ? 'validate-all' : operation);
  const name = [agent.agentClass, agent.provider, agent.type].filter(Boolean).join(':');
  const script = `for program in ${programs.join(' ')}; do
  [ -x "$program" ] && exec env ${variables.join(' ')} "$program" ${word}
done
echo "there is no agent ${name} there" >&2; exit 5`;
  const [run] = await runOnNodes(session, [node], `/bin/sh -c ${shellQuote(script)}`);
  if (run?.status == null)
    return { status: 1, meaning: run?.stderr.trim() ?? 'not run', output: '', errors: '' };
  const { status, stdout, stderr } = run;
  return { status, meaning: meaningOf(status), output: stdout, errors: stderr };
}

interface Agent {
  readonly agentClass: string;
  readonly provider: string | null;
  readonly type: string;
}

function agentEnvironment(
  agent: Agent,
  parameters: Readonly<Record<string, string>>,
  resource: string,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = {
    ...environment,
    OCF_ROOT: environment.OCF_ROOT || '/usr/lib/ocf',
    OCF_RA_VERSION_MAJOR: '1',
    OCF_RA_VERSION_MINOR: '1',
    OCF_RESOURCE_INSTANCE: resource,
    OCF_RESOURCE_TYPE: agent.type,
    ...(agent.provider === null ? {} : { OCF_RESOURCE_PROVIDER: agent.provider }),
  };
  for (const [name, value] of Object.entries(parameters)) env[`OCF_RESKEY_${name}`] = value;
  return env;
}

/** Runs an agent with the given parameters; `resource` is what it is told to be. */
export function runProgram(
  agent: Agent,
  operation: string,
  parameters: Readonly<Record<string, string>>,
  resource: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<AgentRun> {
  const program = new LocalAgents(environment).programOf(agent.agentClass, agent.provider, agent.type);
  if (program === null) {
    const name = [agent.agentClass, agent.provider, agent.type].filter(Boolean).join(':');
    return Promise.resolve({ status: 5, meaning: `there is no agent ${name} here`, output: '', errors: '' });
  }
  const env = agentEnvironment(agent, parameters, resource, environment);
  return new Promise((resolve) => {
    const args = operation === 'validate' ? ['validate-all'] : [operation];
    const child = spawn(program, args, { env: env as NodeJS.ProcessEnv, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', (error) => resolve({ status: 1, meaning: error.message, output, errors }));
    child.once('close', (code) => {
      const status = code ?? 1;
      resolve({ status, meaning: meaningOf(status), output, errors });
    });
  });
}
