import type { Connection, Outcome } from '../connection/connection.js';
import type { ClusterState } from '../protocol/messages.js';

/** Opens a connection to the first of these hosts that answers, unless that is given up meanwhile. */
type OpenHosts = (hosts: readonly string[], signal: AbortSignal | undefined) => Promise<Outcome<Connection>>;

/** Where a cluster can be reached: over SSH, or (null) at this machine's own agent. */
export type Host = string | null;

/**
 * Where to look next when the connection is lost: the hosts that were given, then the other members that were last
 * seen, as the same user. Without a given host this machine's agent has every other turn: it may only be restarting.
 * `attempt` counts from 0, which is the first connection of all.
 */
export function hostFor(attempt: number, given: readonly string[], state: ClusterState | undefined): Host {
  const user = /^(.*@)/.exec(given[0] ?? '')?.[1] ?? '';
  const named = new Set(given.map((host) => host.replace(/^.*@/, '')));
  const others = (state?.members ?? [])
    .filter((member) => !named.has(member.name) && !member.addresses.some((address) => named.has(address)))
    .filter((member) => given.length > 0 || member.name !== state?.localNode)
    .map((member) => `${user}${member.name}`);
  if (given.length > 0) {
    const all = [...given, ...others];
    return all[attempt % all.length]!;
  }
  if (attempt === 0 || attempt % 2 === 1 || others.length === 0) return null;
  return others[(attempt / 2 - 1) % others.length]!;
}

/**
 * Opens connections to a cluster, each time to the member that is due. `host` is where the last one led, as `crm -H`
 * would be told; null is this machine.
 */
export class Seeker {
  readonly #given: readonly string[];
  readonly #open: OpenHosts;
  #seen: ClusterState | undefined;
  /** How many of the given hosts the first attempt passed over. */
  #passed = 0;
  host: Host;

  constructor(given: readonly string[], open: OpenHosts) {
    this.#given = given;
    this.#open = open;
    this.host = given[0] ?? null;
  }

  /** Whom the cluster has, so that they are tried when the host in use is lost. */
  learn(state: ClusterState | undefined): void {
    this.#seen = state ?? this.#seen;
  }

  /** The first attempt tries all hosts that were given; later ones one host each. */
  async open(attempt: number, signal?: AbortSignal): Promise<Outcome<Connection>> {
    const next = hostFor(attempt + this.#passed, this.#given, this.#seen);
    const hosts = attempt === 0 ? this.#given : next === null ? [] : [next];
    const opened = await this.#open(hosts, signal);
    if (opened.ok) this.host = attempt === 0 ? this.#reached(opened.value) : next;
    // When that one is lost, the next is tried and not the same again.
    if (opened.ok && attempt === 0) this.#passed = Math.max(0, this.#given.indexOf(this.host ?? ''));
    return opened;
  }

  /** The given host that a connection leads to. */
  #reached(connection: Connection): Host {
    const { host } = connection.target;
    return this.#given.find((given) => given === host || given.replace(/^.*@/, '') === host) ?? host;
  }
}
