import type { Connection, Outcome } from '../connection/connection.js';
import { openConnection, type Prompt } from '../connection/open.js';
import type { CibSource } from './session.js';

/** Opens what the source, the command line and the environment name. `prompt` asks for passwords; default is the terminal. */
export async function connect(
  source: CibSource,
  hosts: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  prompt?: Prompt,
): Promise<Outcome<Connection>> {
  if (source.kind === 'shadow') return openConnection({ program: 'crm', file: source.path });
  const ask: Prompt =
    prompt ?? (async (question) => (await import('./secret-prompt.js')).askSecret(question));
  return openConnection({
    program: 'crm',
    hosts,
    ...(hosts.length > 0 ? { file: null, prompt: ask } : {}),
    environment: env as NodeJS.ProcessEnv,
  });
}
