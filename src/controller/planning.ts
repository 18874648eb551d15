import { clusterProperty, clusterPropertyPairs } from '../cib/cluster-property.js';
import type { Element } from '../cib/element.js';
import { formatCibVersion } from '../cib/version.js';
import type { Document } from './document.js';
import type { Output } from './output.js';
import type { InputSeries, Plan, Planner } from './types.js';

/** When the configuration asks for no other, the state is judged anew this often (`cluster-recheck-interval`). */
const RECHECK_DEFAULT_MS = 15 * 60_000;
/** So many scheduler inputs of each series are kept unless the cluster option says otherwise (Pacemaker's defaults). */
const INPUTS_MAX: Readonly<Record<InputSeries, string>> = { input: '4000', warn: '5000', error: '-1' };

/** The scheduler as a DC runs it, on the document that the members share. */
export class Planning {
  readonly #planner: Planner;
  readonly #document: Document;
  readonly #output: Output;
  readonly #isolated: boolean;

  /** @param isolated this node sees its own links down */
  constructor(planner: Planner, document: Document, output: Output, isolated: boolean) {
    this.#planner = planner;
    this.#document = document;
    this.#output = output;
    this.#isolated = isolated;
  }

  /** What is to be done now, and sees to it that the state is judged anew in time; null where the scheduler failed. */
  plan(reason: string): Plan | null {
    const plan = this.#tryPlan(reason);
    if (!plan) return null;
    for (const message of plan.messages) this.#output.log('info', message);
    const { nowMs } = this.#output;
    const { recheckBy } = plan.graph;
    const recheckMs =
      recheckBy === undefined
        ? RECHECK_DEFAULT_MS
        : Math.min(RECHECK_DEFAULT_MS, Math.max(1000, recheckBy * 1000 - nowMs + 1000));
    this.#output.setTimer('recheck', recheckMs);
    return plan;
  }

  /**
   * The scheduler changes nothing, so its failure on some document leaves nothing half done. Stopping here would hand the
   * same document to the next DC, and so end the agents one after the other.
   */
  #tryPlan(reason: string): Plan | null {
    try {
      const { cib } = this.#document;
      return this.#planner(this.#isolated ? yielding(cib) : cib, this.#output.nowMs);
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#output.log(
        'error',
        `the scheduler failed on ${formatCibVersion(this.#document.version)}: ${why}`,
      );
      this.#output.event(
        'transition',
        'the scheduler failed: services stay as they are until the configuration or the state changes',
        { state: 'failed', reason },
      );
      return null;
    }
  }

  /** For `crm history`: the document as it was when it was decided upon, and when that was. */
  keepInput({ status }: Plan): void {
    const has = (severity: string) => status?.messages.some((message) => message.severity === severity);
    const series: InputSeries = has('error') ? 'error' : has('warning') ? 'warn' : 'input';
    const bound = Number.parseInt(
      clusterProperty(this.#document.cib, `pe-${series}-series-max`) ?? INPUTS_MAX[series],
      10,
    );
    const max = Number.isNaN(bound) ? Number.parseInt(INPUTS_MAX[series], 10) : bound;
    if (max === 0) return;
    const cib = this.#document.cib.clone();
    cib.set('execution-date', String(Math.floor(this.#output.nowMs / 1000)));
    this.#output.push({ kind: 'keep-input', series, max, cib });
  }
}

/**
 * The document as a node reads it that sees its own links down: `no-quorum-policy=ignore` is meant for the node that is
 * left over, and this one knows that it is not.
 */
function yielding(cib: Element): Element {
  const copy = cib.clone();
  for (const pair of clusterPropertyPairs(copy)) {
    if (pair.get('name') === 'no-quorum-policy' && pair.get('value') === 'ignore') pair.set('value', 'stop');
  }
  return copy;
}
