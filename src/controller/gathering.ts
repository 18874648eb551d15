import type { NodeId, View } from '../membership/types.js';
import type { Dc } from './dc.js';
import type { Document } from './document.js';
import { bestDocument } from './joining.js';
import type { Output } from './output.js';
import type { Join, OperationRecord } from './types.js';

interface EarlyResults {
  readonly node: NodeId;
  readonly records: readonly OperationRecord[];
}

/** Something for a `Dc` to do when the members have joined. */
export type Deferred = (dc: Dc) => void;

/**
 * The beginning of a view at its DC: the members join, and the DC takes the best of their documents. What comes before
 * that is done waits here.
 */
export class Gathering {
  readonly #view: View;
  readonly #self: NodeId;
  readonly #document: Document;
  readonly #output: Output;
  #phase: 'joining' | 'fetching' | 'ready' = 'joining';
  readonly #joins = new Map<NodeId, Join>();
  readonly #early: EarlyResults[] = [];
  readonly #deferred: Deferred[];

  /** @param before where the view before never came to be ready: what has waited there waits on here */
  constructor(view: View, self: NodeId, document: Document, output: Output, before: Gathering | undefined) {
    this.#view = view;
    this.#self = self;
    this.#document = document;
    this.#output = output;
    this.#deferred = before?.takeDeferred() ?? [];
  }

  /** All have joined, and the document here is the one that the view goes on with. */
  get ready(): boolean {
    return this.#phase === 'ready';
  }

  get joins(): ReadonlyMap<NodeId, Join> {
    return this.#joins;
  }

  /** A member joins. True where that has made all ready. */
  join(node: NodeId, join: Join): boolean {
    if (this.#phase === 'ready') return false;
    this.#joins.set(node, join);
    if (this.#view.members.some((member) => !this.#joins.has(member.node))) return false;
    const best = bestDocument(this.#joins, this.#self);
    if (best === this.#self || this.#joins.get(best)!.position === this.#document.position) {
      this.#phase = 'ready';
      return true;
    }
    this.#phase = 'fetching';
    this.#output.direct(best, { kind: 'fetch' });
    return false;
  }

  /** The best document is here. True where that has made all ready. */
  document(cib: string, lineage: Document['lineage'], position: string): boolean {
    if (this.#phase !== 'fetching') return false;
    this.#document.adopt(cib, lineage, position);
    this.#phase = 'ready';
    return true;
  }

  /** Whether every member has come with the document as it is here. */
  isUnanimous(): boolean {
    return [...this.#joins.values()].every((join) => join.position === this.#document.position);
  }

  /**
   * True where the members' documents are not one yet: a change would be of a document that the others may not have, and
   * they would take theirs for what the view has agreed on. It is made when they have joined.
   */
  defers(run: Deferred): boolean {
    if (this.#phase === 'ready') return false;
    this.#deferred.push(run);
    return true;
  }

  /** As `defers`, for results; those are not for another view, where the node joins with its whole history. */
  defersResults(node: NodeId, records: readonly OperationRecord[]): boolean {
    if (this.#phase === 'ready') return false;
    this.#early.push({ node, records });
    return true;
  }

  takeDeferred(): Deferred[] {
    return this.#deferred.splice(0);
  }

  takeEarlyResults(): EarlyResults[] {
    return this.#early.splice(0);
  }
}
