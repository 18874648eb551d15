import type { Connection } from '../connection/connection.js';
import type { CommandStatus, Environment } from './command.js';
import type { Session } from './session.js';

/** The words of `crm status` and what they are to crm_mon. */
const STATUS_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  bynode: ['-n'],
  inactive: ['-r'],
  ops: ['-o'],
  timing: ['-t'],
  failcounts: ['-f'],
  verbose: ['-V'],
  quiet: ['-Q'],
  html: ['--output-as=html'],
  xml: ['--as-xml'],
  json: ['--output-as=json'],
  simple: ['-s'],
  tickets: ['-c'],
  noheaders: ['-D'],
  detail: ['-R'],
  brief: ['-b'],
  full: ['-n', '-c', '-r', '-f', '-t'],
};

export async function status(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const options: string[] = [];
  for (const word of args) {
    const known = Object.keys(STATUS_OPTIONS).filter((name) => name === word);
    const beginning =
      known.length > 0 ? known : Object.keys(STATUS_OPTIONS).filter((name) => name.startsWith(word));
    // What is no word of ours is crm_mon's to understand, or to wonder at.
    if (beginning.length === 1) options.push(...STATUS_OPTIONS[beginning[0]!]!);
    else options.push(word);
  }
  if (args.length === 0) options.push('-r');
  return showStatus(session, options);
}

/** Prints what `crm_mon -1 OPTIONS` prints, through the session's connection. */
export async function showStatus(session: Session, options: readonly string[]): Promise<CommandStatus> {
  const [{ crmMon }, { EXIT }] = await Promise.all([
    import('../monitor/program.js'),
    import('../monitor/plan.js'),
  ]);
  const connection = await session.connection();
  if (!connection) return 'failed';
  const { environment } = session.world;
  const { target } = connection;
  let errors = '';
  const code = await crmMon(['-1', ...options], {
    environment: { ...environment, CIB_file: target.kind === 'file' ? target.name : undefined },
    terminal: false,
    nowMs: session.world.now,
    writeOut: (text) => session.print(text),
    writeError: (text) => {
      errors += text;
    },
    writeFile: async () => 'crm status prints; use crm_mon --output-to to write a file',
    open: async () => ({ ok: true, value: kept(connection) }),
  });
  if (code === EXIT.disconnected && errors !== '') {
    session.error(`status: ${errors.trimEnd().replace(/^crm_mon: /, '')}`);
    return 'failed';
  }
  if (errors !== '') session.message('tool', errors);
  if (code === 0) return 'done';
  session.error(`status: crm_mon (rc=${code}): `);
  return 'failed';
}

/** The connection as someone else's to use but not to close. */
function kept(connection: Connection): Connection {
  return new Proxy(connection, {
    get(target, property) {
      if (property === 'close') return async () => {};
      const value = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

export async function verify(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  if (args.length > 0 && args[0] !== 'scores') {
    session.error(`verify: ${args[0]}: expected nothing, or scores`);
    return 'usage';
  }
  const cib = await session.readCib();
  if (!cib) return 'failed';
  const { verifyCib, showSimulation } = await import('./simulation.js');
  const valid = await verifyCib(session, cib);
  const shown = await showSimulation(session, cib, { scores: args[0] === 'scores' });
  return valid ? shown : 'failed';
}
