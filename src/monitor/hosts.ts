import type { ClusterState } from '../protocol/messages.js';

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
