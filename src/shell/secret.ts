import {
  isSecretName,
  parseSecret,
  SECRET_MARK,
  type SecretCommands,
  secretCommands,
} from '../cib/secrets.js';
import type { CommandStatus, Environment } from './command.js';
import { nodeNames } from './edits/nodes.js';
import { findPairs } from './edits/nvpairs.js';
import { deleteAttribute, findResource, setAttribute } from './edits/resources.js';
import { runOnNodes } from './fan-out.js';

/** `resource secret RSC set|stash|unstash|delete|show|check PARAM [VALUE]`, compatible with cibsecret. */
export async function secret(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [id = '', verb = '', name = '', value] = args;
  const bad = (problem: string): CommandStatus => {
    session.error(`Bad usage: ${problem}, command: 'secret ${args.join(' ')}'`);
    return 'usage';
  };
  if (!['set', 'stash', 'unstash', 'delete', 'show', 'get', 'check'].includes(verb)) return bad(`'${verb}'`);
  if (verb === 'set' && value === undefined) return bad('Missing value argument to set');
  if (verb !== 'set' && value !== undefined) return bad(`Too many arguments to ${verb}`);
  if (!isSecretName(name)) return bad(`'${name}' is no name`);
  const cib = await session.readCib();
  const place = cib && findResource(cib, id);
  if (!cib || !place) {
    if (cib) session.error(`Resource not found: ${id}`);
    return 'failed';
  }
  const [found] = findPairs(place.element, 'instance_attributes', name);
  const inCib = found?.pair.get('value');
  const nodes = nodeNames(cib);
  switch (verb) {
    case 'set':
      return store(env, id, name, value!, nodes);
    case 'stash':
      if (inCib === undefined) return fail(env, `${id} has no parameter ${name}`);
      if (inCib.startsWith(SECRET_MARK)) return fail(env, `${name} of ${id} is a secret already`);
      return store(env, id, name, inCib, nodes);
    case 'show':
    case 'get': {
      const read = inCib?.startsWith(SECRET_MARK) ? await readSecret(env, id, name) : inCib;
      if (read === undefined) return fail(env, `${id} has no parameter ${name}`);
      if (read === null) return 'failed';
      session.print(read);
      return 'done';
    }
    case 'check': {
      if (!inCib?.startsWith(SECRET_MARK)) return fail(env, `${name} of ${id} is not a secret`);
      return checkSecret(env, id, name, nodes);
    }
    case 'unstash': {
      if (!inCib?.startsWith(SECRET_MARK)) return fail(env, `${name} of ${id} is not a secret`);
      const read = await readSecret(env, id, name);
      if (read === null) return 'failed';
      const done = await session.changeCib(`crm resource secret ${id} unstash ${name}`, (copy) => {
        const owner = findResource(copy, id);
        return owner !== undefined && setAttribute(owner, 'instance_attributes', name, read).ok;
      });
      return done ? forgetFiles(env, id, name, nodes) : 'failed';
    }
    default: {
      const done = await session.changeCib(`crm resource secret ${id} delete ${name}`, (copy) => {
        const owner = findResource(copy, id);
        return owner !== undefined && deleteAttribute(owner, 'instance_attributes', name).ok;
      });
      return done ? forgetFiles(env, id, name, nodes) : 'failed';
    }
  }
}

function fail(env: Environment, text: string): CommandStatus {
  env.session.error(`resource.secret: ${text}`);
  return 'failed';
}

function commandsFor(env: Environment, id: string, name: string): SecretCommands {
  return secretCommands(env.session.world.environment.QUORATE_ROOT ?? '', id, name);
}

/** The files go to every node before the CIB says that they are there. */
async function store(
  env: Environment,
  id: string,
  name: string,
  value: string,
  nodes: readonly string[],
): Promise<CommandStatus> {
  const { session } = env;
  const { command, stdin } = commandsFor(env, id, name).keep(value);
  const runs = await runOnNodes(session, nodes, command, { stdin });
  const failed = runs.filter(({ status }) => status !== 0);
  for (const { node, stderr } of failed) session.error(`[${node}]: ${stderr.trim()}`);
  if (failed.length > 0) {
    session.info('the value was not put on every node, so the CIB was left as it is');
    return 'failed';
  }
  const done = await session.changeCib(`crm resource secret ${id} set ${name}`, (copy) => {
    const owner = findResource(copy, id);
    return owner !== undefined && setAttribute(owner, 'instance_attributes', name, SECRET_MARK).ok;
  });
  return done ? 'done' : 'failed';
}

async function readSecret(env: Environment, id: string, name: string): Promise<string | null> {
  const here = env.session.nodeName;
  const [run] = await runOnNodes(env.session, [here], commandsFor(env, id, name).read);
  if (run?.status !== 0) {
    fail(env, `no value is kept for ${name} of ${id} on ${here}: ${run?.stderr.trim() ?? ''}`);
    return null;
  }
  const value = parseSecret(run.stdout);
  if (value === null) fail(env, `the value of ${name} of ${id} on ${here} is not the one whose MD5 is there`);
  return value;
}

async function checkSecret(
  env: Environment,
  id: string,
  name: string,
  nodes: readonly string[],
): Promise<CommandStatus> {
  const runs = await runOnNodes(env.session, nodes, commandsFor(env, id, name).read);
  const missing = runs.filter(({ status }) => status !== 0).map(({ node }) => node);
  if (missing.length > 0) return fail(env, `missing on ${missing.join(', ')}`);
  const values = runs.map(({ node, stdout }) => ({ node, value: parseSecret(stdout) }));
  const damaged = values.filter(({ value }) => value === null).map(({ node }) => node);
  if (damaged.length > 0) return fail(env, `not the value whose MD5 is there on ${damaged.join(', ')}`);
  const differ = new Set(values.map(({ value }) => value)).size > 1;
  return differ ? fail(env, 'the nodes have different values') : 'done';
}

async function forgetFiles(
  env: Environment,
  id: string,
  name: string,
  nodes: readonly string[],
): Promise<CommandStatus> {
  const runs = await runOnNodes(env.session, nodes, commandsFor(env, id, name).forget);
  for (const { node, status, stderr } of runs)
    if (status !== 0) env.session.warning(`[${node}]: ${stderr.trim()}`);
  return 'done';
}
