import { INFINITY } from '../cib/score.js';
import type { GraphAction, Synapse, TransitionGraph } from '../scheduler/graph.js';
import { ReadySteps } from './ready-steps.js';
import { placeOf } from './throttle.js';

type ActionState = 'waiting' | 'in-flight' | 'confirmed' | 'failed';

interface Step {
  readonly synapse: Synapse;
  /** Its actions but for pseudo ones. */
  readonly real: readonly GraphAction[];
  /** The only node whose limit decides when it starts. */
  readonly place: string | null;
  /** Place in the order of starting: by priority, then number. */
  rank: number;
  state: 'waiting' | 'executed' | 'done' | 'unreachable';
  /** Inputs not complete yet. */
  unmet: number;
}

/** What may start now. */
export interface Admission {
  /** Whether these may, together, beside those for which it has said so. */
  admit(actions: readonly GraphAction[]): boolean;
  /** Whether nothing may that only this node's limit decides about. */
  isFull(place: string): boolean;
}

const UNLIMITED: Admission = { admit: () => true, isFull: () => false };

interface Entry {
  readonly action: GraphAction;
  readonly step: Step;
  readonly dependents: Step[];
  state: ActionState;
}

/**
 * A transition graph being carried out: which actions may start now, and when it is over.
 * Semantics are those of pcmk__execute_graph: a failed action fails what depends on it; after an abort only synapses
 * of at least the abort's priority start, and what is under way is waited for.
 */
export class Transition {
  readonly id: number;
  readonly graph: TransitionGraph;
  readonly #actions = new Map<number, Entry>();
  /** Steps without unmet inputs that have not been started, in starting order. */
  readonly #ready: ReadySteps<Step>;
  readonly #inFlight = new Set<Entry>();
  #completed = 0;
  #failed = 0;
  #abortPriority = 0;
  #aborted = false;
  abortReason = '';

  constructor(id: number, graph: TransitionGraph) {
    this.id = id;
    this.graph = graph;
    const steps = graph.synapses.map((synapse): Step => {
      const real = synapse.actions.filter((action) => action.kind !== 'pseudo_event');
      return { synapse, real, place: placeOf(real), rank: 0, state: 'waiting', unmet: 0 };
    });
    for (const step of steps) {
      for (const action of step.synapse.actions) {
        this.#actions.set(action.id, { action, step, dependents: [], state: 'waiting' });
      }
    }
    for (const step of steps) {
      for (const { actionId } of step.synapse.inputs) {
        // An input that is not part of the graph has nothing to wait for.
        const input = this.#actions.get(actionId);
        if (!input) continue;
        input.dependents.push(step);
        step.unmet++;
      }
    }
    steps.sort((a, b) => b.synapse.priority - a.synapse.priority || a.synapse.id - b.synapse.id);
    for (const [rank, step] of steps.entries()) step.rank = rank;
    this.#ready = new ReadySteps(steps.filter((step) => step.unmet === 0));
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** Stops what has less than this priority from starting. */
  abort(priority: number, reason: string): void {
    if (!this.#aborted) this.abortReason = reason;
    this.#aborted = true;
    this.#abortPriority = Math.max(this.#abortPriority, priority);
  }

  action(id: number): GraphAction | undefined {
    return this.#actions.get(id)?.action;
  }

  stateOf(id: number): ActionState | undefined {
    return this.#actions.get(id)?.state;
  }

  actions(): GraphAction[] {
    return [...this.#actions.values()].map((entry) => entry.action);
  }

  /** What is under way, or may still be. */
  unfinished(): GraphAction[] {
    return [...this.#actions.values()].flatMap(({ action, state, step }) =>
      state === 'in-flight' || (state === 'waiting' && step.state !== 'unreachable') ? [action] : [],
    );
  }

  inFlight(): GraphAction[] {
    return [...this.#inFlight].map((entry) => entry.action);
  }

  counts(): { total: number; completed: number; failed: number } {
    return { total: this.#actions.size, completed: this.#completed, failed: this.#failed };
  }

  /**
   * Actions to start now, at most up to the batch limit; they count as in flight.
   * Pseudo actions complete by themselves and may make more ready.
   *
   * @param admission what it does not admit stays ready
   */
  takeReady(admission: Admission = UNLIMITED): GraphAction[] {
    if (this.#aborted) {
      for (const step of this.#ready.drop((step) => this.#isTooLate(step))) step.state = 'unreachable';
    }
    const started: GraphAction[] = [];
    const limit = this.graph.batchLimit > 0 ? this.graph.batchLimit : Number.POSITIVE_INFINITY;
    this.#ready.round((step) => {
      if (this.#inFlight.size >= limit) return 'end';
      if (this.#isTooLate(step)) {
        step.state = 'unreachable';
        return 'taken';
      }
      if (!admission.admit(step.real)) {
        return step.place !== null && admission.isFull(step.place) ? 'full' : 'held';
      }
      step.state = 'executed';
      for (const action of step.synapse.actions) {
        const entry = this.#actions.get(action.id)!;
        if (action.kind === 'pseudo_event') this.#complete(entry, true);
        else {
          entry.state = 'in-flight';
          this.#inFlight.add(entry);
          started.push(action);
        }
      }
      return 'taken';
    });
    return started;
  }

  /** An abort keeps it from starting. */
  #isTooLate({ real, synapse }: Step): boolean {
    return real.length > 0 && synapse.priority < this.#abortPriority;
  }

  /** Records how an action in flight has ended. False where it was not in flight. */
  confirm(id: number, ok: boolean): boolean {
    const entry = this.#actions.get(id);
    if (entry?.state !== 'in-flight') return false;
    this.#inFlight.delete(entry);
    this.#complete(entry, ok);
    if (!ok) this.abort(entry.step.synapse.priority + 1, 'Event failed');
    return true;
  }

  #complete(entry: Entry, ok: boolean): void {
    entry.state = ok ? 'confirmed' : 'failed';
    if (ok) this.#completed++;
    else this.#failed++;
    const passes = ok || canFail(entry.action);
    for (const step of entry.dependents) {
      if (step.state !== 'waiting') continue;
      if (!passes && step.synapse.priority < INFINITY) {
        step.state = 'unreachable';
        continue;
      }
      if (--step.unmet === 0) this.#ready.add(step);
    }
  }

  /** Nothing is under way, and nothing more will start. */
  isComplete(): boolean {
    if (this.#inFlight.size > 0) return false;
    return !this.#ready.some(
      (step) => step.synapse.priority >= this.#abortPriority || step.real.length === 0,
    );
  }
}

function canFail(action: GraphAction): boolean {
  return action.attributes.CRM_meta_can_fail === 'true';
}
