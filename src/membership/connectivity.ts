import { preferByArbiter } from './arbiter.js';
import { groupsOf } from './cliques.js';
import { actingTogether, hasGivenUp, NO_STANDING, type Standing, sameStanding } from './standing.js';
import type {
  BootId,
  Heard,
  IndirectPeer,
  Member,
  MembershipConfig,
  NodeId,
  PeerSummary,
  Reachability,
  ReachablePeer,
  View,
} from './types.js';

function standingOf(row: ReachablePeer | IndirectPeer): Standing {
  if ('summary' in row) return row.summary;
  const { view = null, quorate = false, intact } = row;
  return { view, quorate, ...(intact === undefined ? {} : { intact }) };
}

const NOBODY: ReadonlySet<NodeId> = new Set();

interface Row {
  readonly boot: BootId;
  readonly generation: number;
  readonly standing: Standing;
  /** Node → whether it is suspected there. */
  readonly hears: ReadonlyMap<NodeId, boolean>;
}

/** Who hears whom, as far as this node knows, and which group of nodes should be a view. */
export class Connectivity {
  #config: MembershipConfig;
  readonly #self: Member;
  #peers = new Map<NodeId, ReachablePeer>();
  #rows = new Map<NodeId, Row>();
  #generation = 0;
  /** Of this node. */
  #standing: Standing = NO_STANDING;
  /** Of all that is known; null after news. */
  #target: readonly Member[] | null = null;
  #votes: ReadonlyMap<NodeId, number>;
  /** Runs of nodes that have said goodbye. */
  readonly #left = new Set<BootId>();

  constructor(config: MembershipConfig, boot: BootId) {
    this.#config = config;
    this.#self = { node: config.self, boot };
    this.#votes = new Map(config.nodes.map(({ node, votes }) => [node, votes]));
  }

  /** The nodes, or their votes, are others now. */
  configure(config: MembershipConfig): void {
    this.#config = config;
    this.#votes = new Map(config.nodes.map(({ node, votes }) => [node, votes]));
    this.#target = null;
  }

  update(reachability: Reachability): void {
    this.#target = null;
    this.#generation = reachability.generation;
    this.#peers = new Map(reachability.peers.map((peer) => [peer.node, peer]));
    const before = this.#rows;
    this.#rows = new Map();
    for (const row of [...reachability.indirect, ...reachability.peers]) {
      const known = before.get(row.node);
      if (known?.boot === row.boot && known.generation >= row.generation) this.#rows.set(row.node, known);
      else this.noteRow(row.node, row.boot, row.hears, row.generation, standingOf(row));
    }
  }

  /** News about one peer, from a message of its own: taken where it is not older than what its heartbeats said. */
  noteRow(
    node: NodeId,
    boot: BootId,
    hears: readonly Heard[],
    generation: number,
    standing?: Standing,
  ): void {
    const known = this.#rows.get(node);
    if (known?.boot === boot && known.generation >= generation) return;
    this.#target = null;
    const suspected = new Map<NodeId, boolean>();
    for (const heard of hears) suspected.set(heard.node, heard.suspected ?? false);
    const stands = standing ?? (known?.boot === boot ? known.standing : NO_STANDING);
    this.#rows.set(node, { boot, generation, standing: stands, hears: suspected });
  }

  /** Of this node's own row. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether a member that is gone has said that it goes. */
  hasLeft(member: Member): boolean {
    const peer = this.#peers.get(member.node);
    return this.#left.has(member.boot) || (peer?.boot === member.boot && peer.summary.leaving);
  }

  noteLeft(boot: BootId): void {
    this.#target = null;
    this.#left.add(boot);
  }

  peer(node: NodeId): ReachablePeer | undefined {
    return this.#peers.get(node);
  }

  summaries(): PeerSummary[] {
    return [...this.#peers.values()].map((peer) => peer.summary);
  }

  /** This node's own row: whom it hears both ways. */
  heard(): Heard[] {
    return [...this.#peers.values()]
      .map(({ node, boot, suspected }) => ({ node, boot, ...(suspected ? { suspected } : {}) }))
      .sort((a, b) => a.node - b.node);
  }

  /**
   * The group that this node should be in a view with, itself included; sorted by id.
   * @param without peers to be taken as lost although their token has not run out
   */
  target(without: ReadonlySet<NodeId> = NOBODY): readonly Member[] {
    if (without.size > 0) return this.#newTarget(without);
    this.#target ??= this.#newTarget(without);
    return this.#target;
  }

  #newTarget(without: ReadonlySet<NodeId>): Member[] {
    const present = [...this.#peers.values()].filter(
      (peer) => !without.has(peer.node) && !peer.summary.leaving && !this.#left.has(peer.boot),
    );
    const direct = new Map<NodeId, BootId>(present.map((peer) => [peer.node, peer.boot]));
    direct.set(this.#self.node, this.#self.boot);
    const nodes = new Set(direct.keys());
    for (const node of direct.keys()) {
      for (const [far, suspected] of this.#rows.get(node)?.hears ?? []) {
        // Lost here and suspected there: it is dying, and will be lost there in a moment.
        if (!without.has(far) && !(suspected && !direct.has(far))) nodes.add(far);
      }
    }
    for (const node of nodes) {
      const boot = this.#rows.get(node)?.boot;
      if (boot !== undefined && this.hasLeft({ node, boot })) nodes.delete(node);
    }
    if (this.#allHearAll(nodes, direct)) {
      return [...direct].map(([node, boot]) => ({ node, boot })).sort((a, b) => a.node - b.node);
    }
    const hears = (a: NodeId, b: NodeId) => this.#hearEachOther(a, b, direct);
    const votes = (node: NodeId) => this.#votes.get(node) ?? 1;
    const groups = groupsOf([...nodes], hears, votes, this.#self.node, this.#prefer(), this.#together(nodes));
    return (groups.at(-1) ?? [])
      .map((node) => ({ node, boot: direct.get(node) ?? '' }))
      .filter((member) => member.boot !== '');
  }

  /** Where only one of two has said whom it hears, its word stands for both. */
  #hearEachOther(a: NodeId, b: NodeId, direct: ReadonlyMap<NodeId, unknown>): boolean {
    const claims = (one: NodeId, other: NodeId): boolean | null => {
      if (one === this.#self.node) return direct.has(other);
      return this.#rows.get(one)?.hears.has(other) ?? null;
    };
    const there = claims(a, b);
    const back = claims(b, a);
    return (there ?? back ?? false) && (back ?? there ?? false);
  }

  /** An arbiter may have been told to side with certain nodes, whoever was active before. */
  #together(nodes: ReadonlySet<NodeId>): NodeId[][] {
    if (this.#config.quorum.arbiter?.keepActivePartition === false && this.#hasArbiter()) return [];
    const standings = new Map([...nodes].map((node) => [node, this.#standingOf(node)]));
    const { node: self } = this.#self;
    return actingTogether(
      standings,
      (node, fellows) => node === self || fellows.some((fellow) => this.#hearsSteadily(fellow, node)),
    );
  }

  #standingOf(node: NodeId): Standing {
    return node === this.#self.node ? this.#standing : (this.#rows.get(node)?.standing ?? NO_STANDING);
  }

  /** Whether a node hears another and does not suspect it. */
  #hearsSteadily(node: NodeId, other: NodeId): boolean {
    if (node === this.#self.node) return this.#peers.get(other)?.suspected === false;
    return this.#rows.get(node)?.hears.get(other) === false;
  }

  /**
   * Whether a view holds together as far as is known here: every member hears every other, and none takes it for over.
   * Otherwise some may decide without this node.
   */
  isIntact(view: View): boolean {
    const { members } = view;
    return members.every(({ node, boot }) => {
      if (node === this.#self.node) return true;
      if (this.#peers.get(node)?.boot !== boot) return false;
      if (hasGivenUp(this.#standingOf(node), view.id)) return false;
      return members.every(
        ({ node: other }) => other === node || this.#hearEachOther(node, other, this.#peers),
      );
    });
  }

  /**
   * Fellows of this node's view that would be left by going on without them, and that may act on it: also one of which
   * nothing was heard since the view was installed.
   */
  wouldDesert(view: Pick<View, 'id' | 'members'>, members: readonly Member[]): NodeId[] {
    return view.members
      .filter(({ node, boot }) => {
        const peer = this.#peers.get(node);
        if (peer?.boot !== boot || peer.suspected || this.hasLeft({ node, boot })) return false;
        return (
          !members.some((member) => member.node === node) && !hasGivenUp(this.#standingOf(node), view.id)
        );
      })
      .map(({ node }) => node);
  }

  #prefer(): ((a: readonly NodeId[], b: readonly NodeId[]) => number) | undefined {
    const { quorum, nodes } = this.#config;
    if (!quorum.arbiter || !this.#hasArbiter()) return undefined;
    return preferByArbiter(quorum.arbiter, nodes, (node) => this.#standingOf(node).quorate);
  }

  #hasArbiter(): boolean {
    return this.#config.nodes.some((node) => node.arbiter);
  }

  /** How this node stands to its view, as its heartbeats say. */
  noteOwn(summary: PeerSummary): void {
    if (sameStanding(summary, this.#standing)) return;
    this.#standing = summary;
    this.#target = null;
  }

  /** The common case, told cheaply. */
  #allHearAll(nodes: ReadonlySet<NodeId>, direct: ReadonlyMap<NodeId, BootId>): boolean {
    if (nodes.size !== direct.size) return false;
    for (const node of nodes) {
      if (node === this.#self.node) continue;
      const hears = this.#rows.get(node)?.hears;
      if (!hears) return false;
      for (const other of nodes) if (other !== node && !hears.has(other)) return false;
    }
    return true;
  }

  /** Whether a node hears another, suspected or not, as far as it has said. */
  hears(node: NodeId, other: NodeId): boolean {
    if (node === this.#self.node) return this.#peers.has(other);
    return this.#rows.get(node)?.hears.has(other) ?? false;
  }

  /** Whether a group leaves out a node that this node itself hears: for some other does not hear that one. */
  splits(target: readonly Member[]): boolean {
    return [...this.#peers.values()].some(
      (peer) =>
        !peer.summary.leaving &&
        !this.#left.has(peer.boot) &&
        !target.some((member) => member.node === peer.node),
    );
  }

  /**
   * Who should propose, first choice first: the coordinator of the largest quorate view goes on, so that a node that
   * joins moves nothing; otherwise the lowest id. An arbiter only where there is nobody else.
   */
  candidates(target: readonly Member[], own: PeerSummary): NodeId[] {
    const rank = (node: NodeId): number => {
      const summary = node === this.#self.node ? own : this.#peers.get(node)?.summary;
      const arbiter = this.#config.nodes.find((configured) => configured.node === node)?.arbiter ?? false;
      const leads = summary?.view?.coordinator === node;
      return (arbiter ? 1000 : 0) - (leads ? (summary.quorate ? 200 : 100) + summary.viewSize : 0);
    };
    return target.map((member) => member.node).sort((a, b) => rank(a) - rank(b) || a - b);
  }
}
