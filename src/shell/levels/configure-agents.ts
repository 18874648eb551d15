import { agentsOf } from '../agents/agents.js';
import type { Session } from '../session.js';

/**
 * Whether agents can be judged at all: where the machine asked has none of the standard ones, the configuration is
 * edited away from the cluster and a missing agent says nothing.
 */
export async function agentsKnown(session: Session): Promise<boolean> {
  return (await agentsOf(session).list('ocf', 'heartbeat')).length > 0;
}
