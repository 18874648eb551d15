import type { FailureResponse, OperationSettings } from '../status/operation.js';
import type { ClusterNode, ConfiguredOperation, Resource, Role } from '../status/types.js';
import { ActionFlag } from './flags.js';

/** One side's view of an ordering between two actions; the two sides change independently. */
export interface Link {
  readonly action: Action;
  /** Of `Order`. */
  type: number;
  /** It is an input in the graph. */
  dumped: boolean;
}

/** From this many on, links are looked up in a map. */
const INDEX_FROM = 16;

/** Something to be done, or not: whether it is needed and possible is settled while orderings are applied. */
export class Action {
  readonly id: number;
  readonly resource: Resource | undefined;
  node: ClusterNode | undefined;
  task: string;
  /** The task that a cancellation is of. */
  cancelTask: string | undefined;
  /** Unique for a resource and node: the operation key. */
  readonly key: string;
  reason: string | undefined;
  /** Of `ActionFlag`. */
  flags: number;
  priority = 0;
  readonly configured: ConfiguredOperation | undefined;
  needs: OperationSettings['needs'] = 'nothing';
  onFail: FailureResponse = 'ignore';
  failRole: Role = 0;
  /** `CRM_meta_*` in the graph. */
  meta: Map<string, string>;
  /** Parameters of the operation itself. */
  extra: Map<string, string> | undefined;
  runnableBefore = 0;
  requiredRunnableBefore = 0;
  /** Oldest first; Pacemaker goes through them newest first. */
  before: Link[] = [];
  readonly after: Link[] = [];
  private afterIndex: Map<Action, Link[]> | undefined;

  constructor(
    id: number,
    key: string,
    task: string,
    resource: Resource | undefined,
    node: ClusterNode | undefined,
    configured: ConfiguredOperation | undefined,
    optional: boolean,
  ) {
    this.id = id;
    this.key = key;
    this.task = task;
    this.resource = resource;
    this.node = node;
    this.configured = configured;
    this.meta = new Map();
    this.flags =
      ActionFlag.runnable |
      (optional ? ActionFlag.optional : 0) |
      (task === 'lrm_delete' ? ActionFlag.onDc : 0);
  }

  has(flag: number): boolean {
    return (this.flags & flag) === flag;
  }

  hasAny(flags: number): boolean {
    return (this.flags & flags) !== 0;
  }

  set(flags: number): void {
    this.flags |= flags;
  }

  clear(flags: number): void {
    this.flags &= ~flags;
  }

  get optional(): boolean {
    return (this.flags & ActionFlag.optional) !== 0;
  }

  get runnable(): boolean {
    return (this.flags & ActionFlag.runnable) !== 0;
  }

  get pseudo(): boolean {
    return (this.flags & ActionFlag.pseudo) !== 0;
  }

  /** Sets the reason; one that is there stays, unless `overwrite`. */
  setReason(reason: string | undefined, overwrite: boolean): void {
    if (this.reason === undefined || overwrite) this.reason = reason;
  }

  /** Whether an ordering to `then` has any of these flags already. */
  isOrderedBefore(then: Action, flags: number): boolean {
    if (this.after.length < INDEX_FROM) {
      return this.after.some((link) => link.action === then && (link.type & flags) !== 0);
    }
    if (!this.afterIndex) {
      this.afterIndex = new Map();
      for (const link of this.after) this.index(link);
    }
    return this.afterIndex.get(then)?.some((link) => (link.type & flags) !== 0) ?? false;
  }

  addAfter(link: Link): void {
    this.after.push(link);
    if (this.afterIndex) this.index(link);
  }

  private index(link: Link): void {
    const known = this.afterIndex!.get(link.action);
    if (known) known.push(link);
    else this.afterIndex!.set(link.action, [link]);
  }
}

/**
 * Orders two actions. An ordering that shares a flag with one that exists is not added.
 *
 * @returns whether it is new
 */
export function orderActions(first: Action | undefined, then: Action | undefined, type: number): boolean {
  if (!first || !then || type === 0) return false;
  if (first.isOrderedBefore(then, type)) return false;
  first.addAfter({ action: then, type, dumped: false });
  then.before.push({ action: first, type, dumped: false });
  return true;
}

/** Everything from the newest to the oldest; what is added meanwhile is not seen. */
export function* newestFirst<T>(list: readonly T[]): Generator<T> {
  for (let i = list.length - 1; i >= 0; i--) yield list[i]!;
}
