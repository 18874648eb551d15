import { upgradeSchema } from '../../cib/validity.js';
import type { Command } from '../command.js';
import { openCopy } from './configure-copy.js';

/** Moves the CIB to the newest schema, at once. */
export const upgrade: Command['run'] = async (env, [force]) => {
  const { session } = env;
  if (force !== undefined && force !== 'force') {
    session.error("configure.upgrade: Expected 'force' or no argument");
    return 'failed';
  }
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  const { name } = copy.configuration.schema;
  const old = name === '' || /^(pacemaker-)?0[.]6/.test(name);
  if (force === undefined && !session.flags.force && !old) {
    session.info(`the schema is ${name}; "upgrade force" moves to the newest`);
    return 'done';
  }
  const connection = await session.connection();
  const before = connection && (await session.readCib());
  if (!connection || !before) return 'failed';
  const outcome = upgradeSchema(before.clone());
  if (outcome.schema === undefined) {
    for (const { message } of outcome.complaints) session.error(message);
    session.error('the configuration obeys no schema: nothing was upgraded');
    return 'failed';
  }
  if (!(await session.commit(connection, before, outcome.cib, 'configure upgrade'))) return 'failed';
  session.info(`the schema is ${outcome.schema} now`);
  session.workingCopy = null;
  return (await openCopy(session)) ? 'done' : 'failed';
};
