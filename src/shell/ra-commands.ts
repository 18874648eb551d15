import { agentsOf, formatAgent } from './agents/agents.js';
import { formatMetadata } from './agents/metadata.js';
import { fitColumns } from './columns.js';
import type { CommandStatus, Completion, CompletionRequest, Environment } from './command.js';

function complain(env: Environment, text: string): void {
  env.session.error(`${[...env.path, env.command].join('.')}: ${text}`);
}

export async function classes({ session }: Environment): Promise<CommandStatus> {
  const agents = agentsOf(session);
  for (const name of await agents.classes()) {
    session.print(name === 'ocf' ? `ocf / ${(await agents.providers()).join(' ')}` : name);
  }
  return 'done';
}

export async function providers({ session }: Environment, args: readonly string[]): Promise<CommandStatus> {
  const [type = '', agentClass = 'ocf'] = args;
  session.print(agentClass === 'ocf' ? (await agentsOf(session).providers(type)).join(' ') : '');
  return 'done';
}

export async function list(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const agents = agentsOf(session);
  const [agentClass = '', provider] = args;
  const known = await agents.classes();
  if (!known.includes(agentClass)) {
    complain(env, `class ${agentClass} does not exist`);
    session.info(`there are: ${known.join(', ')}`);
    return 'failed';
  }
  if (provider !== undefined && !(agentClass === 'ocf' && (await agents.providers()).includes(provider))) {
    complain(env, `there is no provider ${provider} for class ${agentClass}`);
    return 'failed';
  }
  const types = await agents.list(agentClass, provider);
  session.print(
    session.flags.regression ? types.join('\n') : fitColumns(types, session.world.output.columns),
  );
  return 'done';
}

export async function info(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const agents = agentsOf(session);
  const [first = '', agentClass, provider] = args;
  const name =
    agentClass === undefined
      ? await agents.resolve(first)
      : { agentClass, provider: provider ?? (agentClass === 'ocf' ? 'heartbeat' : null), type: first };
  const metadata = await agents.metadata(name);
  const spec = formatAgent(name);
  if (!metadata) {
    session.error(`${spec}: got no meta-data, does this RA exist?`);
    return 'failed';
  }
  const { showPaged } = await import('./pager.js');
  await showPaged(session, formatMetadata(metadata, spec));
  return 'done';
}

export async function validate(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [spec = '', ...words] = args;
  const parameters: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) {
      complain(env, `${word}: expected NAME=VALUE`);
      return 'usage';
    }
    parameters[word.slice(0, equals)] = word.slice(equals + 1);
  }
  const name = await agentsOf(session).resolve(spec);
  const { runProgram } = await import('./agents/run-agent.js');
  const run = await runProgram(name, 'validate-all', parameters, name.type, session.world.environment);
  if (run.output !== '') session.print(run.output);
  if (run.errors !== '') session.message(run.status === 0 ? 'info' : 'error', run.errors);
  if (run.status === 0) return 'done';
  complain(env, `${formatAgent(name)}: ${run.meaning}`);
  return 'failed';
}

export async function completeClass({ session }: CompletionRequest): Promise<Completion[]> {
  return (await agentsOf(session).classes()).map((text) => ({ text, kind: 'agent' }));
}

export async function completeProvider({ session }: CompletionRequest): Promise<Completion[]> {
  return (await agentsOf(session).providers()).map((text) => ({ text, kind: 'agent' }));
}

/** Class, then provider, then type: one part with each Tab. */
export async function completeAgent({ session, word }: CompletionRequest): Promise<Completion[]> {
  const agents = agentsOf(session);
  const parts = word.split(':');
  if (parts.length === 1) {
    const open = (await agents.classes()).map(
      (name): Completion => ({ text: `${name}:`, kind: 'agent', open: true }),
    );
    if (word === '') return open;
    const types = [...(await agents.list('ocf', 'heartbeat')), ...(await agents.list('ocf', 'pacemaker'))];
    return [...open, ...[...new Set(types)].map((text): Completion => ({ text, kind: 'agent' }))];
  }
  const [agentClass = '', second = ''] = parts;
  if (agentClass !== 'ocf') {
    return (await agents.list(agentClass)).map((type) => ({ text: `${agentClass}:${type}`, kind: 'agent' }));
  }
  if (parts.length === 2) {
    return (await agents.providers()).map((name) => ({ text: `ocf:${name}:`, kind: 'agent', open: true }));
  }
  return (await agents.list('ocf', second)).map((type) => ({ text: `ocf:${second}:${type}`, kind: 'agent' }));
}
