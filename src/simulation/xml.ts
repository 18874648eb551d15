import type { Element } from '../cib/element.js';
import { formatScore } from '../cib/score.js';
import type { Section } from '../monitor/sections.js';
import { EVERYTHING } from '../monitor/view.js';
import { element, statusElements } from '../monitor/xml.js';
import type { ScoreEntry } from '../scheduler/planner.js';
import { resourceParameters } from '../status/parameters.js';
import { type ClusterStatus, Role, roleName } from '../status/types.js';
import type { Simulated, SimulateOptions } from './simulate.js';
import type { AttributeStep, Modification, Step } from './steps.js';
import { type Change, transitionChanges } from './transition-summary.js';

/** What a simulation found out, as `crm_simulate --output-as=xml` of Pacemaker 2.1.5 says it. */
export function simulationElements(result: Simulated, options: SimulateOptions): Element[] {
  const { schedule, modifications, steps, after } = result;
  const found = [statusElement('cluster_status', result.before, options.showPending ?? true, options)];
  if (modifications) found.push(modificationsElement(modifications));
  if (schedule) {
    const { showScores = false, showUtilization = false } = options;
    const title = [showScores ? 'allocations' : [], showUtilization ? 'utilizations' : []].flat().join('_');
    if (title !== '') found.push(element(title, {}, schedule.scores.map(scoreElement)));
    found.push(element('actions', {}, transitionChanges(schedule).map(changeElement)));
  }
  if (steps) found.push(element('transition', {}, steps.flatMap(stepElement)));
  if (after) found.push(statusElement('revised_cluster_status', after, false, options));
  return found;
}

function statusElement(
  title: string,
  status: ClusterStatus,
  pending: boolean,
  options: SimulateOptions,
): Element {
  const sections: Section[] = ['nodes', 'resources'];
  if (options.showAttributes) sections.push('attributes');
  if (options.showFailCounts) sections.push('failcounts', 'failures');
  const view = { ...EVERYTHING, sections: new Set(sections), pending };
  return element(
    title,
    {},
    statusElements(status, view, {
      fencing: undefined,
      locations: [],
      parameterOf: (resource, node, name) => resourceParameters(status, resource, node).get(name),
    }),
  );
}

function modificationsElement(modifications: readonly Modification[]): Element {
  const attributes: Record<string, string> = {};
  const children: Element[] = [];
  for (const modification of modifications) {
    switch (modification.kind) {
      case 'quorum':
      case 'watchdog':
        attributes[modification.kind] = modification.value;
        break;
      case 'node':
        children.push(element('modify_node', { action: modification.change, node: modification.node }));
        break;
      case 'ticket':
        children.push(element('modify_ticket', { action: modification.change, ticket: modification.ticket }));
        break;
      case 'specification':
        children.push(element('inject_spec', { spec: modification.text }));
        break;
      case 'attribute':
        children.push(attributeElement(modification));
    }
  }
  return element('modifications', attributes, children);
}

function attributeElement({ name, value, state }: AttributeStep): Element {
  return element('inject_attr', { name, value, node_path: '/node_state', cib_node: state });
}

function scoreElement(entry: ScoreEntry): Element {
  switch (entry.kind) {
    case 'assignment':
      return element('node_weight', {
        function: entry.stage,
        node: entry.node.name,
        score: formatScore(entry.score),
        id: entry.resource.id,
      });
    case 'promotion':
      return element('promotion_score', {
        id: entry.resource.id,
        score: formatScore(entry.score),
        node: entry.node?.name,
      });
    case 'capacity':
      return withValues(element('capacity', { node: entry.node.name, comment: entry.stage }), entry.values);
    case 'utilization':
      return withValues(
        element('utilization', {
          resource: entry.resource.id,
          node: entry.node.name,
          function: entry.stage,
        }),
        entry.values,
      );
  }
}

function withValues(parent: Element, values: readonly (readonly [string, string])[]): Element {
  for (const [name, value] of values) {
    const child = element(name);
    child.children.push({ kind: 'text', text: value });
    parent.append(child);
  }
  return parent;
}

function changeElement(change: Change): Element {
  if (change.kind === 'node') {
    return element('node_action', { task: change.what, node: nodeText(change), reason: change.reason });
  }
  const { what, resource, reason, blocked } = change;
  return element('rsc_action', {
    action: what.toLowerCase(),
    resource: resource.id,
    ...placeAttributes(change),
    reason,
    blocked: blocked || undefined,
  });
}

function nodeText({ node }: Change & { kind: 'node' }): string {
  return node.isGuest ? `${node.name} (resource: ${node.remoteResource!.container!.id})` : node.name;
}

/** Roles and nodes of a change: only what tells where it comes from and where it goes. */
function placeAttributes({
  resource,
  from,
  to,
}: Change & { kind: 'resource' }): Record<string, string | undefined> {
  const { role, nextRole } = resource;
  const promotable = role > Role.Started || nextRole > Role.Unpromoted;
  const sameRole = role === nextRole;
  const before = promotable ? roleName(role) : undefined;
  if (!from) {
    return promotable
      ? { role: before, 'next-role': roleName(nextRole), dest: to?.name }
      : { node: to?.name };
  }
  if (!to) return { role: before, node: from.name };
  const dest = from === to ? undefined : to.name;
  if (sameRole) return { role: before, source: from.name, dest };
  return { role: roleName(role), 'next-role': roleName(nextRole), source: from.name, dest };
}

function stepElement(step: Step): Element[] {
  switch (step.kind) {
    case 'pseudo':
      return [element('pseudo_action', { task: step.task, node: step.node })];
    case 'cluster':
      return [element('cluster_action', { task: step.task, node: step.node, id: step.resource })];
    case 'fencing':
      return [element('fencing_action', { target: step.target, op: step.operation })];
    case 'resource': {
      const { resource, operation, node, intervalMs } = step;
      return [
        element('rsc_action', {
          resource,
          op: operation,
          node,
          interval: intervalMs > 0 ? intervalMs : undefined,
        }),
      ];
    }
    case 'attribute':
      return [attributeElement(step)];
    case 'pretence':
      return [];
  }
}
