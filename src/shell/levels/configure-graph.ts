import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { Configuration } from '../../language/configuration.js';
import type { Command, CommandStatus, Environment } from '../command.js';
import type { Session } from '../session.js';
import { openCopy } from './configure-copy.js';

export const graph: Command['run'] = async (env, args) => {
  const copy = await openCopy(env.session);
  return copy ? showGraph(env, copy.configuration, args) : 'failed';
};

/** Prints or writes the graph of a configuration: `[dot [FILE [FORMAT]]]`. */
export async function showGraph(
  env: Environment,
  configuration: Configuration,
  args: readonly string[],
): Promise<CommandStatus> {
  const { session } = env;
  const place = [...env.path, env.command].join('.');
  const [kind = 'dot', file, format = 'dot'] = args;
  if (kind === 'exportsettings') {
    session.error(`${place}: the look of graphs is built in; there are no settings to export`);
    return 'failed';
  }
  if (kind !== 'dot') {
    session.error(`${place}: graphviz type ${kind} is not supported`);
    return 'failed';
  }
  const { graphOf } = await import('../../language/graph.js');
  const dot = graphOf(configuration);
  if (file === undefined) {
    session.print(dot);
    return 'done';
  }
  return writeGraph(session, dot, file, format);
}

async function writeGraph(
  session: Session,
  dot: string,
  file: string,
  format: string,
): Promise<CommandStatus> {
  if (format === 'dot') {
    try {
      await writeFile(file, dot);
      return 'done';
    } catch (error) {
      session.error(`${file}: ${(error as Error).message}`);
      return 'failed';
    }
  }
  const program = session.options.get('core.dot') || 'dot';
  return new Promise((resolve) => {
    const child = spawn(program, [`-T${format}`, '-o', file], { stdio: ['pipe', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', (error) => {
      session.error(`${program} draws graphs, and cannot be run: ${error.message}`);
      resolve('failed');
    });
    child.on('close', (status) => {
      if (status !== 0) session.error(`${program}: ${errors.trim()}`);
      resolve(status === 0 ? 'done' : 'failed');
    });
    // Said by 'error' and 'close'.
    child.stdin.on('error', () => {});
    child.stdin.end(dot);
  });
}
