import type { Prompt } from '../ssh/prompt.js';
import type { Session } from './session.js';

/**
 * How SSH asks for passphrases and passwords while a command of the session runs: one question after the other, whichever
 * host it is about. Undefined where nobody is there to answer.
 */
export function sshPrompt(session: Session): Prompt | undefined {
  const { world } = session;
  if (!world.interactive) return undefined;
  const ask: Prompt =
    world.secret ?? (async (question) => (await import('./secret-prompt.js')).askSecret(question));
  let last: Promise<unknown> = Promise.resolve();
  return (question) => {
    const answer = last.then(() => ask(question));
    last = answer.catch(() => null);
    return answer;
  };
}
