import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { remembering } from '../../ssh/prompt.js';
import { flatten } from '../completion.js';
import { connect } from '../connect.js';
import type { Interpreter } from '../interpreter.js';
import type { Invocation } from '../invocation.js';
import { makeSession, type Process, rootInterpreter } from '../open-session.js';
import { cacheFolder } from '../option-files.js';
import { runOnTerminal } from '../question.js';
import type { ExitStatus } from '../run.js';
import type { Session } from '../session.js';
import { writeTemporary } from '../temporary.js';
import { loadHistory, remember } from './history-file.js';
import { Keyboard } from './keyboard.js';
import { lookOf } from './theme.js';
import { statements } from './typing.js';

/** The interactive prompt on a terminal, until the person leaves. */
export async function runPrompt(process: Process, invocation: Invocation): Promise<ExitStatus> {
  const keyboard = new Keyboard(process.stdin, process.stdout);
  const lend = async (program: string, args: readonly string[]): Promise<number> => {
    keyboard.stop();
    try {
      return await runOnTerminal(program, args);
    } finally {
      keyboard.start();
    }
  };
  const secret = remembering(({ text, echo }) => keyboard.readLine(text, echo));
  const session = await makeSession(process, invocation, true, {
    question: (text) => keyboard.readLine(text),
    secret,
    runOnTerminal: lend,
    connect: (source, hosts, signal) => connect(source, hosts, process.env, secret, signal),
  });
  const interpreter = await rootInterpreter(session);
  const readStatement = await loadInk();
  keyboard.start();
  const release = () => keyboard.stop();
  globalThis.process.once('exit', release);
  try {
    return await converse({ process, session, interpreter, keyboard, readStatement }, invocation);
  } finally {
    globalThis.process.off('exit', release);
    keyboard.stop();
    await session.close();
    await session.world.output.flush();
  }
}

/** Ink draws nothing where it believes to be in continuous integration; on a real terminal it is wrong. */
async function loadInk(): Promise<typeof import('./read-statement.js').readStatement> {
  const { env } = globalThis.process;
  const names = Object.keys(env).filter(
    (name) => name === 'CI' || name === 'CONTINUOUS_INTEGRATION' || name.startsWith('CI_'),
  );
  const kept = names.map((name) => [name, env[name]] as const);
  for (const name of names) delete env[name];
  const { readStatement } = await import('./read-statement.js');
  for (const [name, value] of kept) env[name] = value;
  return readStatement;
}

interface Conversation {
  readonly process: Process;
  readonly session: Session;
  readonly interpreter: Interpreter;
  readonly keyboard: Keyboard;
  readonly readStatement: typeof import('./read-statement.js').readStatement;
}

async function converse(conversation: Conversation, invocation: Invocation): Promise<ExitStatus> {
  const { process, session, interpreter } = conversation;
  const historyPath = join(cacheFolder(process.env), 'history');
  const history = loadHistory(historyPath);
  if (invocation.shadow !== null) await run(conversation, `cib use ${invocation.shadow}`);
  if (invocation.words.length > 0) await run(conversation, invocation.words.join(' '));
  // The prompt names the node, which only the cluster knows; where it cannot be reached that is said once, now.
  else await interruptibly(conversation, () => session.connection());
  const { output } = session.world;
  for (;;) {
    const statement = await conversation.readStatement({
      session,
      keyboard: conversation.keyboard,
      stdin: process.stdin,
      stdout: process.stdout,
      prompt: interpreter.prompt(),
      history,
      colour: output.colour,
      look: (style) =>
        lookOf(style, output.colour, (key) => (session.options.isSet(key) ? session.options.get(key) : null)),
      editText: (text) => editText(session, text),
    });
    if (statement.kind === 'interrupt') continue;
    let quit = statement.kind === 'end';
    if (statement.kind === 'submit') {
      for (const { text } of statements(statement.text)) {
        remember(historyPath, history, text);
        quit = await run(conversation, flatten(text));
        if (quit) break;
      }
    }
    if (!quit) continue;
    const left = await guarded(session, () => interpreter.leaveTo(1, 'prompt'));
    if (left !== 'done') continue;
    session.print('bye');
    return 0;
  }
}

/** Runs one statement; answers whether to leave the shell. */
async function run(conversation: Conversation, line: string): Promise<boolean> {
  const executed = await interruptibly(conversation, () => conversation.interpreter.execute(line));
  return executed?.quit ?? false;
}

/** Ctrl-C ends what the work waits for. */
async function interruptibly<T>(
  { session, keyboard }: Conversation,
  work: () => Promise<T>,
): Promise<T | null> {
  let interrupts = 0;
  keyboard.onInterrupt = () => {
    interrupts += 1;
    if (interrupts > 1) globalThis.process.exit(130);
    session.interrupt();
    session.world.output.message(
      'info',
      'interrupted; what was already sent is not taken back. Ctrl-C again leaves crm',
    );
  };
  try {
    return await guarded(session, work);
  } finally {
    keyboard.onInterrupt = null;
    // What is asked for completion while the next one is typed goes on.
    session.beginStatement();
  }
}

/** A defect in one command must not take the person's session, and the edits in it, along. */
async function guarded<T>(session: Session, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    session.error(`internal error: ${error instanceof Error ? error.message : String(error)}`);
    session.message('debug', error instanceof Error ? (error.stack ?? '') : '');
    return null;
  }
}

async function editText(session: Session, text: string): Promise<string | null> {
  const editor =
    session.options.get('core.editor') ||
    session.world.environment.EDITOR ||
    session.world.environment.VISUAL ||
    'vi';
  const file = writeTemporary('statement.crm', text === '' ? '' : `${text}\n`);
  try {
    const status = await session.world.runOnTerminal('/bin/sh', [
      '-c',
      `${editor} "$1"`,
      'editor',
      file.path,
    ]);
    return status === 0 ? readFileSync(file.path, 'utf8').replace(/\n+$/, '') : null;
  } finally {
    file.remove();
  }
}
