import { createInterface } from 'node:readline';
import type { Invocation } from '../invocation.js';
import { makeSession, type Process, rootInterpreter } from '../open-session.js';
import type { ExitStatus } from '../run.js';

/** The prompt for a terminal that can only print lines (`TERM=dumb`), or whose output goes elsewhere. */
export async function runPlainPrompt(process: Process, invocation: Invocation): Promise<ExitStatus> {
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  const waiting: ((line: string | null) => void)[] = [];
  const read: string[] = [];
  let ended = false;
  lines.on('line', (line) => {
    const next = waiting.shift();
    if (next) next(line);
    else read.push(line);
  });
  lines.on('close', () => {
    ended = true;
    for (const next of waiting.splice(0)) next(null);
  });
  const ask = (text: string): Promise<string | null> => {
    process.stdout.write(text);
    const line = read.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (ended) return Promise.resolve(null);
    return new Promise((resolve) => waiting.push(resolve));
  };
  const session = await makeSession(process, invocation, true, { question: ask });
  const interpreter = await rootInterpreter(session);
  if (invocation.words.length > 0) await interpreter.execute(invocation.words.join(' '));
  else await session.connection();
  let pending = '';
  for (;;) {
    const line = await ask(pending === '' ? interpreter.prompt() : '   > ');
    if (line?.trimEnd().endsWith('\\')) {
      pending = `${pending} ${line.trim().slice(0, -1)}`.trim();
      continue;
    }
    const statement = `${pending} ${line ?? ''}`.trim();
    pending = '';
    const { quit } = await interpreter.execute(statement);
    if (!quit && line !== null) continue;
    const left = await interpreter.leaveTo(1, line === null ? 'end' : 'prompt');
    if (left !== 'done' && line !== null) continue;
    session.print('bye');
    break;
  }
  lines.close();
  await session.close();
  await session.world.output.flush();
  return 0;
}
