import type { Element } from '../cib/element.js';
import { executeGraph, type TransitionEnd } from '../scheduler/execute.js';
import type { GraphAction } from '../scheduler/graph.js';
import type { Schedule } from '../scheduler/index.js';
import { findByHistoryName } from '../scheduler/references.js';
import { ensureHistory, ensureNodeState, nextCallId, recordResult, setMembership } from './history.js';
import { failCountAttributes } from './injections.js';
import type { Step } from './steps.js';

export interface SimulationOptions {
  /** Operations that are to fail: `RESOURCE_TASK_INTERVALMS@NODE=RC`. */
  readonly failures: readonly string[];
  /** Milliseconds since 1970 that results are recorded with. */
  readonly nowMs: number;
}

export interface SimulationResult {
  readonly end: TransitionEnd;
  /** What was done, in order. */
  readonly steps: readonly Step[];
  readonly complaints: readonly string[];
}

/** Executes a transition on a CIB, which is changed: every action succeeds, unless its failure is asked for. */
export function simulateTransition(
  cib: Element,
  schedule: Schedule,
  options: SimulationOptions,
): SimulationResult {
  const simulation = new Simulation(cib, schedule, options);
  const end = executeGraph(schedule.graph, (action) => simulation.perform(action));
  return { end, steps: simulation.steps, complaints: simulation.complaints };
}

class Simulation {
  readonly steps: Step[] = [];
  readonly complaints: string[] = [];
  private readonly cib: Element;
  private readonly schedule: Schedule;
  private readonly options: SimulationOptions;

  constructor(cib: Element, schedule: Schedule, options: SimulationOptions) {
    this.cib = cib;
    this.schedule = schedule;
    this.options = options;
  }

  perform(action: GraphAction): boolean {
    switch (action.kind) {
      case 'pseudo_event':
        this.steps.push({ kind: 'pseudo', task: action.operationKey, node: action.onNode });
        return true;
      case 'crm_event':
        if (action.operation === 'stonith') this.fence(action);
        else {
          this.steps.push({
            kind: 'cluster',
            task: action.operation,
            node: action.onNode!,
            resource: action.resource?.id,
          });
        }
        return true;
      case 'rsc_op':
        return this.operate(action);
    }
  }

  private fence(action: GraphAction): void {
    const operation = action.attributes.CRM_meta_stonith_action ?? '';
    const target = action.onNode!;
    this.steps.push({ kind: 'fencing', target, operation });
    if (operation.toLowerCase() === 'on') return;
    const state = ensureNodeState(this.cib, target, action.onNodeUuid ?? target);
    setMembership(state, false);
    state.children = state.children.filter(
      (child) => child.kind !== 'element' || (child.name !== 'lrm' && child.name !== 'transient_attributes'),
    );
  }

  private operate(action: GraphAction): boolean {
    const { operation, resource, attributes } = action;
    const node = action.onNode!;
    if (operation === 'probe_again') return true;
    if (!resource) return false;
    const id = this.nameInStatus(resource.id, resource.longId);
    if (operation === 'delete' || operation === 'meta-data') {
      this.addOperation(id, operation, node, 0);
      return true;
    }
    const intervalMs = Number(attributes.CRM_meta_interval ?? 0) || 0;
    const expectedRc = Number(attributes.CRM_meta_op_target_rc ?? 0) || 0;
    const uuid = action.routerNode === undefined ? (action.onNodeUuid ?? node) : node;
    const state = ensureNodeState(this.cib, node, uuid);
    const entry = ensureHistory(state, id, resource.id, {
      class: resource.class,
      provider: resource.provider,
      type: resource.type,
    });
    if ('complaint' in entry) {
      this.complaints.push(entry.complaint);
      return false;
    }
    this.addOperation(id, operation, node, intervalMs);
    const failure = this.pretendedFailure(id, resource.id, operation, intervalMs, node);
    if (failure) {
      this.steps.push({ kind: 'pretence', action: action.id, rc: failure.rc });
      this.steps.push(
        ...failCountAttributes(
          state,
          failure.resource,
          operation,
          intervalMs,
          failure.rc,
          this.options.nowMs,
        ),
      );
    }
    recordResult(entry, {
      resourceId: resource.id,
      task: operation,
      intervalMs,
      rc: failure?.rc ?? expectedRc,
      expectedRc,
      exitReason: 'User-injected result',
      callId: nextCallId(entry),
      atSec: Math.floor(this.options.nowMs / 1000),
      parameters: attributes,
    });
    return !failure;
  }

  private addOperation(id: string, operation: string, node: string, intervalMs: number): void {
    this.steps.push({ kind: 'resource', resource: id, operation, node, intervalMs });
  }

  /** The short id where the status knows it, else the long one where it knows that. */
  private nameInStatus(id: string, longId: string | undefined): string {
    const { status } = this.schedule;
    const isKnown = (name: string) =>
      status.resourcesById.has(name) || findByHistoryName(status.resources, name) !== undefined;
    if (!isKnown(id) && longId !== undefined && isKnown(longId)) return longId;
    return id;
  }

  private pretendedFailure(
    id: string,
    configuredId: string,
    task: string,
    intervalMs: number,
    node: string,
  ): { resource: string; rc: number } | undefined {
    for (const specification of this.options.failures) {
      const resource = [id, configuredId].find((name) =>
        specification.toLowerCase().startsWith(`${name}_${task}_${intervalMs}@${node}=`.toLowerCase()),
      );
      if (resource === undefined) continue;
      const rc = /^[^=]*=\s*([-+]?\d+)/.exec(specification);
      if (rc) return { resource, rc: Number(rc[1]) };
      this.complaints.push(`Invalid failed operation '${specification}' (result code must be integer)`);
    }
    return undefined;
  }
}
