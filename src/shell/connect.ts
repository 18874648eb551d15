import type { Connection, Outcome } from '../connection/connection.js';
import { openConnection, type Prompt } from '../connection/open.js';
import type { CibSource } from './session.js';

/**
 * Opens what the source, the command line and the environment name.
 *
 * @param prompt asks for passwords
 * @param signal aborted when nobody waits for it any more
 */
export async function connect(
  source: CibSource,
  hosts: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  prompt: Prompt,
  signal?: AbortSignal,
): Promise<Outcome<Connection>> {
  if (source.kind === 'shadow') return openConnection({ program: 'crm', file: source.path });
  return openConnection({
    program: 'crm',
    hosts,
    ...(hosts.length > 0 ? { file: null, prompt } : {}),
    environment: env as NodeJS.ProcessEnv,
    ...(signal ? { signal } : {}),
  });
}
