import { changeGroup, defaultTimeouts, setAttribute } from '../../language/edit-commands.js';
import type { Command, CommandStatus, Environment } from '../command.js';
import { type ConfigureCopy, openCopy } from './configure-copy.js';

/** Does something to the working copy and says what came of it. */
function changing(
  act: (copy: ConfigureCopy, args: readonly string[], env: Environment) => boolean | Promise<boolean>,
): Command['run'] {
  return async (env, args): Promise<CommandStatus> => {
    const copy = await openCopy(env.session);
    if (!copy) return 'failed';
    const ok = await act(copy, args, env);
    copy.say();
    return ok ? 'done' : 'failed';
  };
}

export const set = changing((copy, [path, value]) => setAttribute(copy.configuration, path!, value!));

export const modgroup = changing((copy, [group, action, member, side, place], env) => {
  const { session } = env;
  if (action !== 'add' && action !== 'remove') {
    session.error(`modgroup subcommand ${action} unknown`);
    return false;
  }
  if (side === undefined) return changeGroup(copy.configuration, group!, action, member!);
  if (action !== 'add') {
    session.error(`configure.modgroup: Expected add (found ${action})`);
    return false;
  }
  if (side !== 'after' && side !== 'before') {
    session.error(`configure.modgroup: Expected after|before (found ${side})`);
    return false;
  }
  if (place === undefined) {
    session.error("configure.modgroup: Expected 'after|before <id>' (1 arguments given)");
    return false;
  }
  return changeGroup(copy.configuration, group!, action, member!, { side, member: place });
});

export const rename = changing(async (copy, [from, to]) => {
  await copy.learnRunning();
  return copy.configuration.rename(from!, to!);
});

export const remove = changing(async (copy, args, env) => {
  const flags = ['-f', '--force'];
  const ids = args.filter((word) => !flags.includes(word));
  await copy.learnRunning();
  if ((ids.length < args.length || env.session.flags.force) && !(await stopRunning(copy, ids, env)))
    return false;
  return copy.configuration.delete(ids);
});

/** Stops those of the resources that run, and waits until they do not. */
async function stopRunning(copy: ConfigureCopy, ids: readonly string[], env: Environment): Promise<boolean> {
  const { session } = env;
  const running = ids.filter((id) => copy.configuration.options.isRunning?.(id));
  if (running.length === 0) return true;
  const connection = await session.connection();
  const before = connection && (await session.readCib());
  if (!connection || !before) return false;
  const { findResource, setSwitch } = await import('../edits/resources.js');
  const after = before.clone();
  for (const id of running) {
    const place = findResource(after, id);
    if (place) await setSwitch(place, 'target-role', 'Stopped', 'always', async () => true);
  }
  session.info(`Stopping ${running.join(', ')}`);
  const sent = await connection.commit(before, after, {
    command: `crm configure delete ${running.join(' ')}`,
  });
  if (!sent.ok) {
    session.failure(sent.error);
    return false;
  }
  session.changedCluster = true;
  const idle = await session.waitIdle();
  await copy.learnRunning();
  return idle;
}

export const erase = changing(async (copy, [what], env) => {
  await copy.learnRunning();
  if (what === undefined) return copy.configuration.erase();
  if (what !== 'nodes') {
    env.session.error(`configure.erase: Expected 'nodes' (found '${what}')`);
    return false;
  }
  return copy.configuration.eraseNodes();
});

export const timeouts = changing(async (copy, ids) => {
  const { configuration } = copy;
  await copy.learnAgents(ids.flatMap((id) => configuration.findResource(id)?.element ?? []));
  return defaultTimeouts(configuration, ids, (primitive) => copy.metadataOf(primitive) ?? null);
});

export const refresh: Command['run'] = async (env) => {
  const { session } = env;
  if (session.world.interactive && session.workingCopy?.changed) {
    if (!(await session.ask('All changes will be dropped. Do you want to proceed'))) return 'done';
  }
  session.workingCopy = null;
  return (await openCopy(session)) ? 'done' : 'failed';
};

export const schema: Command['run'] = async (env, [name]) => {
  const { session } = env;
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  const now = copy.configuration.schema.name;
  if (name === undefined) {
    session.print(now);
    return 'done';
  }
  if (name === now) {
    session.info(`already using schema ${name}`);
    return 'done';
  }
  const { isKnownSchema } = await import('../../language/schema-names.js');
  if (!isKnownSchema(name)) {
    session.error(`schema ${name} does not exist`);
    return 'failed';
  }
  const { schemaFacts } = await import('../../language/schema-facts.js');
  const facts = schemaFacts(name);
  const unsupported = new Set(
    copy.configuration
      .objects()
      .map(({ type }) => type)
      .filter((type) => facts.unsupported.has(type)),
  );
  if (unsupported.size > 0) {
    for (const type of unsupported) session.error(`${type} is not supported by the RNG schema ${name}`);
    session.error(`Schema ${name} conflicts with current configuration`);
    return 'failed';
  }
  copy.configuration.setSchema(name);
  return 'done';
};

/** Every resource lies in one place only, and every container's child is a resource. */
export const structure = changing((copy, _args, env) => {
  const seen = new Set<string>();
  let ok = true;
  for (const { id, type } of copy.configuration.objects()) {
    const key = `${type === 'node'}:${id}`;
    if (seen.has(key)) {
      env.session.error(`${type}:${id} is there twice`);
      ok = false;
    }
    seen.add(key);
  }
  return ok;
});

/** Accepted for scripts that call it; has no meaning here. */
export const nothing = changing(() => true);
