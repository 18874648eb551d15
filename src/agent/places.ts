import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the agent of a node keeps its things: everything below the root (`QUORATE_ROOT`, default `/`). */
export interface AgentPlaces {
  readonly root: string;
  readonly corosyncConf: string;
  readonly authkey: string;
  /** Beside `authkey`: the key that is to come, and the one that was before; both are understood, where they are there. */
  readonly nextAuthkey: string;
  readonly formerAuthkey: string;
  /** State that survives a boot. */
  readonly state: string;
  /** State that a boot empties. */
  readonly run: string;
  readonly executor: string;
  readonly socket: string;
  readonly log: string;
}

export function agentPlaces(root: string): AgentPlaces {
  const at = (...path: string[]) => join(root === '' ? '/' : root, ...path);
  const either = (name: string) => {
    const own = at('etc/quorate', name);
    return existsSync(own) ? own : at('etc/corosync', name);
  };
  const authkey = either('authkey');
  return {
    root: root === '/' ? '' : root,
    corosyncConf: either('corosync.conf'),
    authkey,
    nextAuthkey: `${authkey}.new`,
    formerAuthkey: `${authkey}.old`,
    state: at('var/lib/quorate'),
    run: at('run/quorate'),
    executor: at('run/quorate/executor'),
    socket: at('run/quorate/quorated.sock'),
    log: at('var/log/quorate'),
  };
}

export function prepare(places: AgentPlaces): void {
  for (const directory of [places.state, places.log]) mkdirSync(directory, { recursive: true, mode: 0o750 });
  // Anyone may ask; the agent looks at who it is.
  mkdirSync(places.run, { recursive: true, mode: 0o755 });
}
