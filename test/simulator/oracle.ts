import type {
  BootId,
  Heard,
  NodeId,
  PeerSummary,
  Reachability,
  ReachablePeer,
} from '../../src/membership/types.js';
import type { FailureDetector } from './member.js';

/** What one node tells the others of itself. */
export interface Told {
  readonly boot: BootId;
  readonly hears: readonly Heard[];
  readonly summary: PeerSummary;
  readonly generation: number;
}

/**
 * Stands in for the failure detector and is told by the world whom this node believes to hear. It may be wrong about
 * anybody, at any time, for as long as the world likes: what is safe must be safe with it, too. Without heartbeats a
 * life costs a small part.
 */
export class Oracle implements FailureDetector {
  readonly #boot: BootId;
  /** Told by a peer, not necessarily the newest. */
  readonly #told = new Map<NodeId, Told>();
  readonly #believed = new Map<NodeId, { boot: BootId; suspected: boolean }>();
  #summary: PeerSummary = { view: null, viewSize: 0, quorate: false, leaving: false };
  #changed = true;
  #generation = 1;
  #telling: Told | null = null;
  /** Called when what this node tells of itself has changed. */
  onTelling: () => void = () => {};

  readonly tickEveryMs: number;

  constructor(boot: BootId, tickEveryMs: number) {
    this.#boot = boot;
    this.tickEveryMs = tickEveryMs;
  }

  tick(): ReturnType<FailureDetector['tick']> {
    // There is no silence to be judged, so nothing ever waits for it.
    return { send: [], judged: false };
  }

  heard(): void {}

  isCurrent(node: NodeId, boot: BootId): boolean {
    return this.#believed.get(node)?.boot === boot;
  }

  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  takeNews(): ReturnType<FailureDetector['takeNews']> {
    return [];
  }

  setSummary(summary: PeerSummary): void {
    this.#summary = summary;
    this.#noteChange();
  }

  /** What the others are to be told. */
  telling(): Told {
    this.#telling ??= this.#newTelling();
    return this.#telling;
  }

  #newTelling(): Told {
    const hears = [...this.#believed]
      .filter(([node, { boot }]) => this.#told.get(node)?.boot === boot)
      .map(([node, { boot, suspected }]) => ({ node, boot, ...(suspected ? { suspected } : {}) }))
      .sort((a, b) => a.node - b.node);
    return { boot: this.#boot, hears, summary: this.#summary, generation: this.#generation };
  }

  /** News from a peer; returns whether it changes what is believed of it. */
  tell(node: NodeId, told: Told): void {
    const before = this.#told.get(node);
    if (before?.boot === told.boot && before.generation >= told.generation) return;
    this.#told.set(node, told);
    if (!this.#believed.has(node)) return;
    this.#changed = true;
    // It counts as heard from when something was heard of it.
    if (before?.boot !== told.boot) this.#noteChange();
  }

  /** From now on this run of the node is believed to hear us and to be heard; null: nothing is heard of it. */
  believe(node: NodeId, boot: BootId | null, suspected = false): void {
    const before = this.#believed.get(node);
    if (boot === null ? !before : before?.boot === boot && before.suspected === suspected) return;
    if (boot === null) this.#believed.delete(node);
    else this.#believed.set(node, { boot, suspected });
    this.#changed = true;
    this.#noteChange();
  }

  #noteChange(): void {
    this.#telling = null;
    this.#generation++;
    this.onTelling();
  }

  reachability(): Reachability {
    const peers: ReachablePeer[] = [];
    for (const [node, { boot, suspected }] of this.#believed) {
      const told = this.#told.get(node);
      if (told?.boot !== boot) continue;
      const { hears, summary, generation } = told;
      peers.push({ node, boot, suspected, hears, summary, generation });
    }
    return { generation: this.#generation, peers, indirect: [] };
  }
}
