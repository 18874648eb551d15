import type { Connection, Outcome } from '../connection/connection.js';
import { openConnection } from '../connection/open.js';
import type { Session } from './session.js';

/** A connection to another node's agent, over SSH. */
export function openNode(session: Session, node: string): Promise<Outcome<Connection>> {
  const user = /^(.*)@/.exec(session.world.hosts[0] ?? '')?.[1];
  const host = session.world.hosts.find((known) => known.replace(/^.*@/, '') === node);
  return openConnection({
    program: 'crm',
    file: null,
    hosts: [host ?? (user === undefined ? node : `${user}@${node}`)],
    environment: session.world.environment as NodeJS.ProcessEnv,
  });
}
