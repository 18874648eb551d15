import type { CommandStatus } from './command.js';
import type { Interpreter } from './interpreter.js';
import { joinArguments } from './words.js';

/** 0 done, 1 refused or failed, 2 wrong usage. */
export type ExitStatus = 0 | 1 | 2;

const EXIT: Record<CommandStatus, ExitStatus> = { done: 0, failed: 1, usage: 1 };

/** One command from the process's arguments; what it left pending in `configure` is committed. */
export async function runOnce(interpreter: Interpreter, words: readonly string[]): Promise<ExitStatus> {
  interpreter.session.oneShot = true;
  const { status } = await interpreter.execute(joinArguments(words));
  interpreter.session.oneShot = false;
  return EXIT[status];
}

/**
 * Lines from a file or a pipe. A line that fails does not end the run, but the exit status remembers it; what is
 * pending at the end is committed (crmsh's way).
 */
export async function runLines(interpreter: Interpreter, lines: AsyncIterable<string>): Promise<ExitStatus> {
  let worst: ExitStatus = 0;
  const depth = 1;
  for await (const statement of joinContinuations(lines)) {
    const { status, quit } = await interpreter.execute(statement);
    if (EXIT[status] > worst) worst = EXIT[status];
    if (quit) break;
  }
  const left = await interpreter.leaveTo(depth, 'end');
  return EXIT[left] > worst ? EXIT[left] : worst;
}

/** A line ending in `\` goes on in the next; the parts are joined by one blank. */
export async function* joinContinuations(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let pending: string | null = null;
  for await (const raw of lines) {
    const line: string = pending === null ? raw.trim() : `${pending} ${raw.trim()}`;
    if (pending === null && line.startsWith('#')) continue;
    if (line.endsWith('\\')) {
      pending = line.slice(0, -1).trimEnd();
      continue;
    }
    pending = null;
    yield line;
  }
  if (pending !== null) yield pending;
}
