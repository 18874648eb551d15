import type { Element } from '../../cib/element.js';
import type { ScoreEntry } from '../../scheduler/planner.js';
import type { ClusterStatus } from '../../status/types.js';

/** What the scheduler thinks of one resource now. */
export interface Placement {
  /** Score of each node in the last stage that it was judged in. */
  readonly scores: readonly { readonly node: string; readonly score: number }[];
  readonly promotion: readonly { readonly node: string; readonly score: number }[];
}

/** By resource id as configured; instances of a clone under the clone's child. */
export type Placements = ReadonlyMap<string, Placement>;

/** Beyond this (resources x nodes) a screen would be kept waiting. */
const JUDGEMENTS_MAX = 20_000;

/** Asks the scheduler why things are where they are, once of each state. It is loaded when it is first asked. */
export class PlacementFinder {
  readonly #nowMs: () => number;
  readonly #onFound: () => void;
  readonly #asked = new WeakSet<ClusterStatus>();
  readonly #found = new WeakMap<ClusterStatus, Placements>();

  constructor(nowMs: () => number, onFound: () => void) {
    this.#nowMs = nowMs;
    this.#onFound = onFound;
  }

  /** What is known; undefined before the answer is there, which is called back, and of a cluster too big to ask of. */
  find(status: ClusterStatus): Placements | undefined {
    if (!this.#asked.has(status)) {
      this.#asked.add(status);
      const size = { resources: status.instanceCount, nodes: status.nodes.length };
      void placementsOf(status.cib, this.#nowMs(), size).then((found) => {
        if (!found) return;
        this.#found.set(status, found);
        this.#onFound();
      });
    }
    return this.#found.get(status);
  }
}

/** Undefined where the cluster is too big to ask on the side. */
async function placementsOf(
  cib: Element,
  nowMs: number,
  size: { readonly resources: number; readonly nodes: number },
): Promise<Placements | undefined> {
  if (size.resources * size.nodes > JUDGEMENTS_MAX) return undefined;
  const { schedule } = await import('../../scheduler/index.js');
  return collect(schedule(cib, { nowMs, scores: true }).scores);
}

function collect(entries: readonly ScoreEntry[]): Placements {
  const stages = new Map<string, { stage: string; scores: Map<string, number> }>();
  const promotions = new Map<string, Map<string, number>>();
  for (const entry of entries) {
    if (entry.kind === 'assignment') {
      const id = entry.resource.printableId;
      let known = stages.get(id);
      if (known?.stage !== entry.stage) {
        known = { stage: entry.stage, scores: new Map() };
        stages.set(id, known);
      }
      // Of several instances the one that may run there counts.
      const before = known.scores.get(entry.node.name);
      if (before === undefined || before < entry.score) known.scores.set(entry.node.name, entry.score);
    } else if (entry.kind === 'promotion' && entry.node) {
      const id = entry.resource.printableId;
      const scores = promotions.get(id) ?? new Map<string, number>();
      scores.set(entry.node.name, entry.score);
      promotions.set(id, scores);
    }
  }
  const rows = (scores: ReadonlyMap<string, number> | undefined) =>
    [...(scores ?? [])].map(([node, score]) => ({ node, score })).sort((a, b) => b.score - a.score);
  return new Map(
    [...stages].map(([id, { scores }]) => [
      id,
      { scores: rows(scores), promotion: rows(promotions.get(id)) },
    ]),
  );
}
