import type { Prompt } from '../ssh/prompt.js';
import type { Session } from './session.js';

/** How SSH asks for passphrases and passwords while a command of the session runs. Undefined where nobody is there to answer. */
export function sshPrompt({ world }: Session): Prompt | undefined {
  return world.interactive ? world.secret : undefined;
}
