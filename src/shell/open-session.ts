import { remembering } from '../ssh/prompt.js';
import { resolveContext } from './contexts.js';
import { Interpreter } from './interpreter.js';
import type { Invocation } from './invocation.js';
import { attach } from './navigation.js';
import type { Options } from './options.js';
import { Session, type Surroundings } from './session.js';
import { StreamOutput } from './terminal.js';

/** The process as the shell sees it; a test passes its own. */
export interface Process {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** An interpreter at the root level. */
export async function rootInterpreter(session: Session): Promise<Interpreter> {
  const { rootLevel } = await import('./levels/root.js');
  const interpreter = new Interpreter(session, rootLevel);
  attach(interpreter);
  return interpreter;
}

/**
 * A session with the process's streams; the prompt passes its own output and ways to ask.
 *
 * @param interactive whether somebody is there to answer; a function is asked when it first matters
 */
export async function makeSession(
  process: Process,
  invocation: Invocation,
  interactive: boolean | (() => boolean),
  replace: Partial<Surroundings> = {},
): Promise<Session> {
  const { loadOptions } = await import('./option-files.js');
  const options = loadOptions(process.env);
  for (const [key, value] of invocation.settings) options.set(key, value, true);
  return new Session(surroundings(process, invocation, options, interactive, replace));
}

function surroundings(
  process: Process,
  invocation: Invocation,
  options: Options,
  interactive: boolean | (() => boolean),
  replace: Partial<Surroundings>,
): Surroundings {
  // What we start is to look for the same.
  const environment =
    invocation.engine === null ? process.env : { ...process.env, QUORATE_ENGINE: invocation.engine };
  const secret = remembering(async (question) => (await import('./secret-prompt.js')).askSecret(question));
  const style = options.get('color.style').split(',');
  return {
    output: new StreamOutput(process, style, process.env),
    options,
    flags: {
      force: invocation.force || options.is('core.force'),
      no: invocation.no,
      wait: invocation.wait,
      debug: invocation.debug || options.is('core.debug'),
      regression: invocation.regression,
    },
    environment,
    hosts: resolveContext(invocation.hosts, process.env),
    scriptFolders: invocation.scriptFolders,
    get interactive() {
      return typeof interactive === 'function' ? interactive() : interactive;
    },
    question: async (text) => (await import('./question.js')).askOnTerminal(process, text),
    secret,
    runOnTerminal: async (program, args) => (await import('./question.js')).runOnTerminal(program, args),
    connect: async (source, hosts) =>
      (await import('./connect.js')).connect(source, hosts, environment, secret),
    now: () => Date.now(),
    ...replace,
  };
}
