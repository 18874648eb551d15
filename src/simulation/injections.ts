import { Element } from '../cib/element.js';
import { findResource } from '../monitor/view.js';
import { findNode } from '../status/nodes.js';
import { parseOperationKey } from '../status/operation-key.js';
import type { ClusterStatus } from '../status/types.js';
import { ensureHistory, ensureNodeState, nextCallId, recordResult, setMembership } from './history.js';
import type { AttributeStep, Modification } from './steps.js';

/** What to change about a CIB before anything is decided. */
export interface Injections {
  readonly quorum?: string;
  readonly watchdog?: string;
  readonly nodesUp?: readonly string[];
  readonly nodesDown?: readonly string[];
  readonly nodesFailed?: readonly string[];
  /** `RESOURCE_TASK_INTERVALMS@NODE=RC` */
  readonly operations?: readonly string[];
  readonly ticketsGranted?: readonly string[];
  readonly ticketsRevoked?: readonly string[];
  readonly ticketsStandby?: readonly string[];
  readonly ticketsActive?: readonly string[];
}

export function isAnyInjection(injections: Injections): boolean {
  const { quorum: _, ...others } = injections;
  return Object.values(others).some((value) => value !== undefined && value.length > 0);
}

/** Changes a CIB; what was done, and what could not be. */
export function applyInjections(
  cib: Element,
  status: ClusterStatus,
  injections: Injections,
  nowMs: number,
): { modifications: Modification[]; errors: string[] } {
  const modifications: Modification[] = [];
  const errors: string[] = [];
  const { quorum, watchdog } = injections;
  if (quorum !== undefined) {
    modifications.push({ kind: 'quorum', value: quorum });
    cib.set('have-quorum', quorum);
  }
  if (watchdog !== undefined) {
    modifications.push({ kind: 'watchdog', value: watchdog });
    setProperty(cib, 'have-watchdog', watchdog);
  }
  // Pacemaker configures all nodes that are spoken of as soon as one is to come online.
  const configuring = (injections.nodesUp ?? []).length > 0;
  const stateOf = (name: string) => {
    if (configuring) configureNode(cib, name);
    return ensureNodeState(cib, name, findNode(status, name)?.id ?? name);
  };
  for (const name of injections.nodesUp ?? []) {
    modifications.push({ kind: 'node', change: 'Online', node: name });
    setMembership(stateOf(name), true);
  }
  for (const name of injections.nodesDown ?? []) {
    modifications.push({ kind: 'node', change: 'Offline', node: name });
    const state = stateOf(name);
    setMembership(state, false);
    state.children = state.children.filter(
      (child) => child.kind !== 'element' || (child.name !== 'lrm' && child.name !== 'transient_attributes'),
    );
  }
  for (const name of injections.nodesFailed ?? []) {
    modifications.push({ kind: 'node', change: 'Failing', node: name });
    const state = stateOf(name);
    setMembership(state, true);
    state.set('in_ccm', 'false');
  }
  const ticket = (
    ids: readonly string[] | undefined,
    change: 'Granting' | 'Revoking' | 'Standby' | 'Activating',
    attribute: string,
    value: boolean,
  ) => {
    for (const id of ids ?? []) {
      modifications.push({ kind: 'ticket', change, ticket: id });
      setTicket(cib, id, attribute, value);
    }
  };
  ticket(injections.ticketsGranted, 'Granting', 'granted', true);
  ticket(injections.ticketsRevoked, 'Revoking', 'granted', false);
  ticket(injections.ticketsStandby, 'Standby', 'standby', true);
  ticket(injections.ticketsActive, 'Activating', 'standby', false);
  for (const specification of injections.operations ?? []) {
    modifications.push({ kind: 'specification', text: specification });
    injectOperation(cib, status, specification, nowMs, modifications, errors);
  }
  return { modifications, errors };
}

function setProperty(cib: Element, name: string, value: string): void {
  const config = cib.ensure('configuration').ensure('crm_config');
  let set = config.first('cluster_property_set');
  set ??= config.append(new Element('cluster_property_set', { id: 'cib-bootstrap-options' }));
  const known = set.elements('nvpair').find((pair) => pair.get('name') === name);
  if (known) known.set('value', value);
  else set.append(new Element('nvpair', { id: `${set.id}-${name}`, name, value }));
}

function configureNode(cib: Element, name: string): void {
  const nodes = cib.ensure('configuration').ensure('nodes');
  if (nodes.elements('node').some((node) => node.get('uname') === name)) return;
  nodes.append(new Element('node', { id: name, uname: name }));
}

function setTicket(cib: Element, id: string, attribute: string, value: boolean): void {
  const tickets = cib.ensure('status').ensure('tickets');
  let state = tickets.elements('ticket_state').find((ticket) => ticket.id === id);
  state ??= tickets.append(new Element('ticket_state', { id }));
  state.set(attribute, String(value));
}

function injectOperation(
  cib: Element,
  status: ClusterStatus,
  specification: string,
  nowMs: number,
  modifications: Modification[],
  errors: string[],
): void {
  const fields = /^([^@]+)(?:@([^=]+)(?:=\s*([-+]?\d+))?)?/.exec(specification);
  const found = fields?.slice(1).filter((field) => field !== undefined).length ?? 0;
  if (!fields || found !== 3) {
    errors.push(`Invalid operation spec: ${specification}.  Only found ${found} fields`);
    return;
  }
  const key = parseOperationKey(fields[1]!);
  if (!key) {
    errors.push('Invalid resource name: (null)');
    return;
  }
  const { resourceId, task, intervalMs } = key;
  const resource = status.resourcesById.get(resourceId) ?? findResource(status.resources, resourceId, true);
  if (!resource) {
    errors.push(`Invalid resource name: ${resourceId}`);
    return;
  }
  const nodeName = fields[2]!;
  const rc = Number(fields[3]);
  const state = ensureNodeState(cib, nodeName, findNode(status, nodeName)?.id ?? nodeName);
  modifications.push(...failCountAttributes(state, resourceId, task, intervalMs, rc, nowMs));
  const entry = ensureHistory(state, resourceId, resourceId, {
    class: resource.xml.get('class'),
    provider: resource.xml.get('provider'),
    type: resource.xml.get('type'),
  });
  if ('complaint' in entry) {
    errors.push(entry.complaint);
    return;
  }
  recordResult(entry, {
    resourceId: entry.id,
    task,
    intervalMs,
    rc,
    expectedRc: 0,
    exitReason: 'Simulated action result',
    callId: nextCallId(entry),
    atSec: Math.floor(nowMs / 1000),
  });
}

/** The fail-count and last-failure of a failed operation, as transient attributes of its node. */
export function failCountAttributes(
  state: Element,
  resource: string,
  task: string,
  intervalMs: number,
  rc: number,
  nowMs: number,
): AttributeStep[] {
  if (rc === 0 || (rc === 7 && intervalMs === 0)) return [];
  const suffix = `${resource}#${task}_${intervalMs}`;
  return [
    setTransientAttribute(state, `fail-count-${suffix}`, 'value++'),
    setTransientAttribute(state, `last-failure-${suffix}`, String(Math.floor(nowMs / 1000))),
  ];
}

function setTransientAttribute(state: Element, name: string, value: string): AttributeStep {
  let attributes = state.first('transient_attributes');
  attributes ??= state.append(new Element('transient_attributes', { id: state.id }));
  let set = attributes.first('instance_attributes');
  set ??= attributes.append(new Element('instance_attributes', { id: state.id }));
  let pair = set.elements('nvpair').find((candidate) => candidate.get('name') === name);
  pair ??= set.append(new Element('nvpair', { id: `${set.id}-${name}`, name }));
  // The CIB takes `value++` for one more than there was.
  const before = Number.parseInt(pair.get('value') ?? '0', 10) || 0;
  pair.set('value', value === 'value++' ? String(before + 1) : value);
  return { kind: 'attribute', name, value, state: state.id };
}
