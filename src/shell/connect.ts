import type { Connection, Outcome } from '../connection/connection.js';
import { openConnection } from '../connection/open.js';
import type { Invocation } from './invocation.js';
import type { CibSource } from './session.js';

/** Opens what the source, the command line and the environment name. */
export async function connect(
  source: CibSource,
  invocation: Invocation,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Outcome<Connection>> {
  if (source.kind === 'shadow') return openConnection({ program: 'crm', file: source.path });
  const { askSecret } = await import('./secret-prompt.js');
  return openConnection({
    program: 'crm',
    hosts: invocation.hosts,
    ...(invocation.hosts.length > 0 ? { file: null, prompt: askSecret } : {}),
    environment: env as NodeJS.ProcessEnv,
  });
}
