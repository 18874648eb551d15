/**
 * Asks for a passphrase or password on the controlling terminal; what is typed is shown only where `echo` says so.
 * Null where there is no terminal.
 */
export async function askSecret(question: {
  readonly text: string;
  readonly echo: boolean;
}): Promise<string | null> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return null;
  const wasRaw = stdin.isRaw;
  // Before the question: who answers at once must not see the answer.
  stdin.setRawMode(true);
  stderr.write(question.text);
  stdin.resume();
  try {
    return await new Promise<string | null>((resolve) => {
      let answer = '';
      const read = (chunk: Buffer): void => {
        for (const c of chunk.toString('utf8')) {
          if (c === '\r' || c === '\n') finish(answer);
          else if (c === '\u0003' || (c === '\u0004' && answer === '')) finish(null);
          else if (c === '\u007f' || c === '\b') answer = answer.slice(0, -1);
          else if (c === '\u0015') answer = '';
          else if (c >= ' ') answer += c;
        }
      };
      const finish = (result: string | null): void => {
        stdin.off('data', read);
        resolve(result);
      };
      stdin.on('data', read);
    });
  } finally {
    stdin.setRawMode(wasRaw);
    stdin.pause();
    stderr.write('\n');
  }
}
