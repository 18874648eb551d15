import type { LinkState } from '../membership/detector.js';
import type { NodeId } from '../membership/types.js';

type Kind = 'heartbeat' | 'message';

/** What went over a link, as sealed packets; never reset. */
export interface Traffic {
  packets: number;
  bytes: number;
}

/** What has happened on a link to a peer since the agent's start. */
export interface LinkCounts {
  readonly received: Readonly<Record<Kind, Traffic>>;
  readonly sent: Readonly<Record<Kind, Traffic>>;
  /** Packets that the system would not take. */
  readonly refused: Record<Kind, number>;
  /** Round trips that were measured, in ms; the extremes are null before the first. */
  readonly roundTrips: { count: number; leastMs: number | null; mostMs: number | null };
  ups: number;
  downs: number;
  up: boolean;
}

/** A link of this node with a peer, and what has happened on it. */
export interface LinkReport extends LinkState {
  readonly counts: LinkCounts;
}

/** Counts what happens on the links. */
export class LinkCounters {
  readonly #links = new Map<NodeId, LinkCounts[]>();

  received(from: NodeId, link: number, kind: Kind, bytes: number): void {
    add(this.#of(from, link).received[kind], bytes);
  }

  sent(to: NodeId, link: number, kind: Kind, bytes: number): void {
    add(this.#of(to, link).sent[kind], bytes);
  }

  refused(to: NodeId, link: number, kind: Kind): void {
    this.#of(to, link).refused[kind]++;
  }

  roundTrip(peer: NodeId, link: number, ms: number): void {
    const { roundTrips } = this.#of(peer, link);
    roundTrips.count++;
    roundTrips.leastMs = Math.min(roundTrips.leastMs ?? ms, ms);
    roundTrips.mostMs = Math.max(roundTrips.mostMs ?? ms, ms);
  }

  /** To be told of the links often enough to see each go down. */
  look(links: readonly LinkState[]): void {
    for (const { node, link, twoWay } of links) {
      const counts = this.#of(node, link);
      if (counts.up === twoWay) continue;
      counts.up = twoWay;
      if (twoWay) counts.ups++;
      else counts.downs++;
    }
  }

  report(links: readonly LinkState[]): LinkReport[] {
    return links.map((state) => ({ ...state, counts: this.#of(state.node, state.link) }));
  }

  #of(node: NodeId, link: number): LinkCounts {
    let links = this.#links.get(node);
    if (!links) {
      links = [];
      this.#links.set(node, links);
    }
    links[link] ??= newCounts();
    return links[link];
  }
}

function add(traffic: Traffic, bytes: number): void {
  traffic.packets++;
  traffic.bytes += bytes;
}

function newCounts(): LinkCounts {
  const none = (): Traffic => ({ packets: 0, bytes: 0 });
  return {
    received: { heartbeat: none(), message: none() },
    sent: { heartbeat: none(), message: none() },
    refused: { heartbeat: 0, message: 0 },
    roundTrips: { count: 0, leastMs: null, mostMs: null },
    ups: 0,
    downs: 0,
    up: false,
  };
}
