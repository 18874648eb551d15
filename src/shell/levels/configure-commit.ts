import { readVersion } from '../../cib/version.js';
import type { Connection } from '../../connection/connection.js';
import { keepOrder, patchesKnowOrder } from '../../language/keep-order.js';
import type { Command, CommandStatus, Environment } from '../command.js';
import { schemaComplaints, verifyCopy } from './configure-checks.js';
import { ConfigureCopy, openCopy } from './configure-copy.js';

export const commit: Command['run'] = async (env, args) => {
  const copy = await openCopy(env.session);
  if (!copy) return 'failed';
  const words = args.map((word) => (word === '--force' ? 'force' : word));
  const wrong = words.find((word) => word !== 'force' && word !== 'replace');
  if (wrong !== undefined) {
    env.session.error(`syntax in configure.commit near <${wrong}>: expected force or replace`);
    return 'failed';
  }
  return commitCopy(env, copy, words.includes('force'), words.includes('replace'));
};

/** Leaves the level: what is pending is committed, or, where a person leaves, asked about. */
export async function leave(env: Environment, how: 'prompt' | 'end'): Promise<CommandStatus> {
  const { session } = env;
  const copy = session.workingCopy;
  if (!(copy instanceof ConfigureCopy)) return 'done';
  if (how === 'prompt' && session.world.interactive) {
    if (!(await session.ask('There are changes pending. Do you want to commit them'))) {
      session.workingCopy = null;
      return 'done';
    }
  }
  const status = await commitCopy(env, copy, false, false);
  if (status === 'done' || how === 'end') session.workingCopy = null;
  return status;
}

/** Checks the working copy, and sends it where it is sound or where that is insisted on. */
async function commitCopy(
  env: Environment,
  copy: ConfigureCopy,
  force: boolean,
  replace: boolean,
): Promise<CommandStatus> {
  const { session } = env;
  const { configuration } = copy;
  if (!copy.changed) {
    session.info('apparently there is nothing to commit');
    session.info('try changing something first');
    return 'done';
  }
  const hasPrimitives = configuration.objects().some(({ type }) => type === 'primitive');
  const sound = !hasPrimitives || (await verifyCopy(session, copy, true));
  let forced = force || session.flags.force;
  if (!sound) {
    if (forced) session.info('commit forced');
    else if (await session.ask('Do you still want to commit')) forced = true;
    else return 'failed';
  }
  // The cluster refuses a document that breaks its schema, whoever insists.
  const complaints = schemaComplaints(configuration.cib);
  if (complaints.length > 0) {
    if (sound) for (const { message } of complaints) session.error(message);
    session.error('the configuration does not obey its schema: nothing was committed');
    session.workingCopy = null;
    return 'failed';
  }
  const connection = await session.connection();
  if (!connection) return 'failed';
  const after = configuration.cib.clone();
  if (!patchesKnowOrder(copy.original)) keepOrder(copy.original, after);
  if (replace && !forced) {
    const now = await connection.readCib();
    if (now.ok && ['admin_epoch', 'epoch'].some((name) => now.value.get(name) !== copy.original.get(name))) {
      session.warning("CIB changed in the meantime: won't touch it!");
      return 'failed';
    }
  }
  const send = async (through: Connection) => {
    const waiting = setTimeout(
      () => session.world.output.progress(`committing through ${session.nodeName} ...`),
      PROGRESS_AFTER_MS,
    );
    try {
      return await through.commit(copy.original, after, { force: forced, command: summary(copy) });
    } finally {
      clearTimeout(waiting);
      session.world.output.progress(null);
    }
  };
  let sent = await send(connection);
  if (!sent.ok && sent.error.kind === 'closed') {
    const { fateOf } = await import('./configure-lost-commit.js');
    const fate = await fateOf(session, copy, sent.error);
    if (fate === 'unknown') return 'failed';
    const again = fate === 'lost' ? await session.connection() : null;
    if (fate === 'lost' && !again) return 'failed';
    session.info(again ? 'it had not: it is sent again' : 'it has arrived');
    sent = again ? await send(again) : { ok: true, value: readVersion(after) };
  }
  if (!sent.ok) {
    if (sent.error.answer?.code === 'conflict') {
      const { sayConflict } = await import('./configure-conflict.js');
      sayConflict(session, copy, sent.error);
    } else session.failure(sent.error);
    return 'failed';
  }
  session.changedCluster = true;
  session.workingCopy = null;
  return 'done';
}

const NAMED_MAX = 10;
/** A commit that takes longer says that it is being waited for. */
const PROGRESS_AFTER_MS = 500;

/** What a commit changes, for the cluster's log: objects, never their values. */
function summary({ configuration }: ConfigureCopy): string {
  const changed = configuration.changedObjects().map(({ type, id }) => `${type}:${id}`);
  const removed = configuration.removedObjects().map((key) => `-${key}`);
  const all = [...changed.sort(), ...removed.sort()];
  const rest = all.length > NAMED_MAX ? [`and ${all.length - NAMED_MAX} more`] : [];
  return ['crm configure', ...all.slice(0, NAMED_MAX), ...rest].join(' ');
}
