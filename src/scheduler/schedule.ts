import type { Element } from '../cib/element.js';
import type { ClusterStatus } from '../status/types.js';
import type { TransitionGraph } from './graph.js';

export interface ScheduleOptions {
  /** Milliseconds since 1970 that rules, expiry and locks are judged by. */
  readonly nowMs: number;
  /** Keep what made each score (`Schedule.explain`). Default false. */
  readonly explain?: boolean;
}

/** What is to be done about a CIB, and why. */
export interface Schedule {
  readonly graph: TransitionGraph;
  /** The state that the decisions were made from. */
  readonly status: ClusterStatus;
  /** Complaints and notices for the operator, in order. */
  readonly messages: readonly string[];
}

/**
 * Decides what the cluster should do: Pacemaker's policy engine as a pure function. The CIB is not changed.
 */
export function schedule(cib: Element, options: ScheduleOptions): Schedule {
  throw new Error(`not yet: ${cib.name} ${options.nowMs}`);
}
