import { Interpreter } from './interpreter.js';
import { type Invocation, parseInvocation, SYNOPSIS } from './invocation.js';
import { attach } from './navigation.js';
import type { Options } from './options.js';
import { type ExitStatus, runLines, runOnce } from './run.js';
import { Session, type Surroundings } from './session.js';
import { StreamOutput } from './terminal.js';

declare const __QUORATE_VERSION__: string;

/** The process as the shell sees it; a test passes its own. */
export interface Process {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * Runs `crm` with a process's arguments and streams; answers its exit status. Everything heavy (grammar, prompt, SSH,
 * monitor) is imported by the command that needs it.
 */
export async function runShell(process: Process): Promise<ExitStatus> {
  const parsed = parseInvocation(process.argv);
  if (parsed.kind === 'wrong') {
    process.stderr.write(`ERROR: ${parsed.message}\n${SYNOPSIS}`);
    return 2;
  }
  if (parsed.kind === 'help') {
    process.stdout.write(SYNOPSIS);
    return 0;
  }
  if (parsed.kind === 'version') {
    process.stdout.write(
      `crm ${typeof __QUORATE_VERSION__ === 'string' ? __QUORATE_VERSION__ : 'development'}\n`,
    );
    return 0;
  }
  const { invocation } = parsed;
  const terminal = process.stdin.isTTY === true;
  if (invocation.compgen) {
    const { completeForShell } = await import('./compgen.js');
    const session = await makeSession(process, invocation, false);
    await completeForShell(session, await rootInterpreter(session), invocation.compgen);
    await session.close();
    return 0;
  }
  if (invocation.files.length > 0) return runFiles(process, invocation);
  if (invocation.words.length === 0 && terminal) return runInteractive(process, invocation);
  const session = await makeSession(process, invocation, terminal && invocation.words.length > 0);
  const interpreter = await rootInterpreter(session);
  const started = await enterShadow(interpreter, invocation);
  let status: ExitStatus = started;
  if (status === 0 && invocation.words.length > 0) status = await runOnce(interpreter, invocation.words);
  const inLevel = session.levels.length > 1;
  if (status === 0 && (invocation.words.length === 0 || inLevel)) {
    if (terminal) {
      const path = session.levels.slice(1).map(({ name }) => name);
      await session.close();
      return runInteractive(process, { ...invocation, words: path });
    }
    const { readLines } = await import('./lines.js');
    status = await runLines(interpreter, readLines(process.stdin));
  }
  await session.close();
  await session.world.output.flush();
  return status;
}

async function runFiles(process: Process, invocation: Invocation): Promise<ExitStatus> {
  const session = await makeSession(process, invocation, false);
  const interpreter = await rootInterpreter(session);
  let status = await enterShadow(interpreter, invocation);
  const { openLines } = await import('./lines.js');
  for (const file of invocation.files) {
    if (status !== 0) break;
    const lines = await openLines(file, process.stdin);
    if (!lines.ok) {
      session.error(lines.message);
      process.stderr.write(SYNOPSIS);
      status = 2;
      break;
    }
    if (invocation.words.length > 0) status = await runOnce(interpreter, invocation.words);
    if (status === 0) status = await runLines(interpreter, lines.value);
  }
  await session.close();
  await session.world.output.flush();
  return status;
}

async function runInteractive(process: Process, invocation: Invocation): Promise<ExitStatus> {
  if (process.stdout.isTTY !== true || process.env.TERM === 'dumb' || process.env.CRM_PLAIN_PROMPT) {
    const { runPlainPrompt } = await import('./prompt/plain.js');
    return runPlainPrompt(process, invocation);
  }
  const { runPrompt } = await import('./prompt/run-prompt.js');
  return runPrompt(process, invocation);
}

async function enterShadow(interpreter: Interpreter, invocation: Invocation): Promise<ExitStatus> {
  if (invocation.shadow === null) return 0;
  const { status } = await interpreter.execute(`cib use ${invocation.shadow}`);
  return status === 'done' ? 0 : 1;
}

/** An interpreter at the root level. */
export async function rootInterpreter(session: Session): Promise<Interpreter> {
  const { rootLevel } = await import('./levels/root.js');
  const interpreter = new Interpreter(session, rootLevel);
  attach(interpreter);
  return interpreter;
}

/** A session with the process's streams; the prompt passes its own output and ways to ask. */
export async function makeSession(
  process: Process,
  invocation: Invocation,
  interactive: boolean,
  replace: Partial<Surroundings> = {},
): Promise<Session> {
  const { loadOptions } = await import('./option-files.js');
  const options = loadOptions(process.env);
  for (const [key, value] of invocation.settings) options.set(key, value, true);
  if (invocation.display.length > 0) options.set('color.style', invocation.display.join(','), true);
  return new Session(surroundings(process, invocation, options, interactive, replace));
}

function surroundings(
  process: Process,
  invocation: Invocation,
  options: Options,
  interactive: boolean,
  replace: Partial<Surroundings>,
): Surroundings {
  const style = options.get('color.style').split(',');
  return {
    output: new StreamOutput(process.stdout, process.stderr, style, process.env),
    options,
    flags: {
      force: invocation.force || options.is('core.force'),
      no: invocation.no,
      wait: invocation.wait,
      debug: invocation.debug || options.is('core.debug'),
      regression: invocation.regression,
    },
    environment: process.env,
    hosts: invocation.hosts,
    scriptFolders: invocation.scriptFolders,
    interactive,
    question: async (text) => (await import('./question.js')).askOnTerminal(process, text),
    runOnTerminal: async (program, args) => (await import('./question.js')).runOnTerminal(program, args),
    connect: async (source) => (await import('./connect.js')).connect(source, invocation, process.env),
    now: () => Date.now(),
    ...replace,
  };
}
