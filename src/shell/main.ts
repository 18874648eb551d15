import type { Interpreter } from './interpreter.js';
import { type Invocation, parseInvocation, SYNOPSIS } from './invocation.js';
import { makeSession, type Process, rootInterpreter } from './open-session.js';
import { type ExitStatus, runLines, runOnce } from './run.js';

declare const __QUORATE_VERSION__: string;

/**
 * Runs `crm` with a process's arguments and streams; answers its exit status. Everything heavy (grammar, prompt, SSH,
 * monitor) is imported by the command that needs it.
 */
export async function runShell(process: Process): Promise<ExitStatus> {
  try {
    return await run(process);
  } catch (error) {
    // The bundle lacks a module, which the launcher deals with.
    if ((error as { code?: string }).code === 'NOT_LIGHT') throw error;
    // A defect of ours, not of the person's: said in one line, with its trace only where that was asked for.
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`ERROR: internal error: ${message}\n`);
    if (process.argv.includes('-d') || process.argv.includes('--debug')) process.stderr.write(`${stack}\n`);
    return 1;
  }
}

async function run(process: Process): Promise<ExitStatus> {
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
  if (invocation.compgen) {
    const { completeForShell } = await import('./compgen.js');
    const session = await makeSession(process, invocation, false);
    await completeForShell(session, await rootInterpreter(session), invocation.compgen);
    await session.close();
    return 0;
  }
  if (invocation.files.length > 0) return runFiles(process, invocation);
  const terminal = () => process.stdin.isTTY === true;
  if (invocation.words.length === 0 && terminal()) return runInteractive(process, invocation);
  const session = await makeSession(process, invocation, invocation.words.length > 0 && terminal);
  const interpreter = await rootInterpreter(session);
  const started = await enterShadow(interpreter, invocation);
  let status: ExitStatus = started;
  if (status === 0 && invocation.words.length > 0) status = await runOnce(interpreter, invocation.words);
  const inLevel = session.levels.length > 1;
  if (status === 0 && (invocation.words.length === 0 || inLevel)) {
    if (terminal()) {
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
