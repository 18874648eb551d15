import { isTrue, parseBoolean } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { parseScore } from '../cib/score.js';
import { atLeast } from '../status/at-least.js';
import { referred } from '../status/remarks.js';
import { isClone, type Resource } from '../status/types.js';
import { singletonAction } from './actions.js';
import { ActionFlag, Order } from './flags.js';
import { addOrdering, orderTasks, taskOf } from './ordering.js';
import type { Planner } from './planner.js';
import {
  type ConstraintSide,
  expandTags,
  findConstrained,
  findInstance,
  resourcesOfSet,
} from './references.js';

type Kind = 'optional' | 'mandatory' | 'serialize';
type Symmetry = 'asymmetric' | 'symmetric' | 'inverse';

const INVERSE: Readonly<Record<string, string>> = {
  start: 'stop',
  stop: 'start',
  promote: 'demote',
  demote: 'promote',
  promoted: 'demoted',
  demoted: 'promoted',
  running: 'stopped',
  stopped: 'running',
};

function kindOf(planner: Planner, xml: Element): Kind {
  const kind = xml.get('kind');
  if (kind === undefined) {
    const score = xml.get('score');
    if (score !== undefined) {
      planner.warnOnce(
        "Support for 'score' in rsc_order is deprecated and will be removed in a future release (use 'kind' instead)",
      );
    }
    return score !== undefined && parseScore(score) === 0 ? 'optional' : 'mandatory';
  }
  const lower = kind.toLowerCase();
  if (lower === 'mandatory' || lower === 'optional' || lower === 'serialize') return lower;
  planner.error(`Resetting 'kind' for constraint ${xml.id} to 'Mandatory' because '${kind}' is not valid`);
  return 'mandatory';
}

function symmetryOf(
  planner: Planner,
  xml: Element,
  parentKind: Kind,
  inherited: string | undefined,
): Symmetry {
  const own = xml.get('kind') !== undefined || xml.get('score') !== undefined;
  const kind = own ? kindOf(planner, xml) : parentKind;
  const given =
    parseBoolean(xml.get('symmetrical')) ?? (inherited === undefined ? undefined : isTrue(inherited));
  if (given === undefined) return kind === 'serialize' ? 'asymmetric' : 'symmetric';
  if (given && kind === 'serialize') {
    planner.warn(`Ignoring symmetrical for '${xml.id}' because not valid with kind of 'Serialize'`);
  }
  return given && kind !== 'serialize' ? 'symmetric' : 'asymmetric';
}

function flagsFor(kind: Kind, first: string, symmetry: Symmetry): number {
  if (kind === 'optional') return Order.optional;
  if (kind === 'serialize') return Order.optional | Order.serializeOnly;
  switch (symmetry) {
    case 'asymmetric':
      return Order.optional | Order.asymmetrical;
    case 'inverse':
      return Order.optional | Order.impliesFirst;
    default: {
      const needed = first === 'start' || first === 'promote' ? Order.runnableFirst : 0;
      return Order.optional | Order.impliesThen | needed;
    }
  }
}

const SIDES: readonly ConstraintSide[] = [
  { names: 'first', detail: 'first-action', detailInSet: 'action' },
  { names: 'then', detail: 'then-action', detailInSet: 'action' },
];

/** Reads an `rsc_order`. */
export function unpackOrder(planner: Planner, xml: Element): void {
  const kind = kindOf(planner, xml);
  const symmetry = symmetryOf(planner, xml, kind, undefined);
  const expanded = expandTags(planner, xml, SIDES);
  if (!expanded) return;
  let last: Element | undefined;
  for (const given of expanded.elements('resource_set')) {
    const set = referred(planner.status, given);
    if (!set || !orderWithinSet(planner, set, kind, xml.get('symmetrical'))) return;
    if (last) {
      if (!orderSets(planner, last, set, kind, symmetry)) return;
      if (symmetry === 'symmetric' && !orderSets(planner, set, last, kind, 'inverse')) return;
    }
    last = set;
  }
  if (!last) unpackSimple(planner, xml, kind, symmetry);
}

/** A false result stops the reading of the constraint: a resource is missing. */
function orderWithinSet(
  planner: Planner,
  set: Element,
  parentKind: Kind,
  symmetrical: string | undefined,
): boolean {
  const action = set.get('action') ?? 'start';
  const kind = set.get('kind') === undefined ? parentKind : kindOf(planner, set);
  const sequential = isTrue(set.get('sequential') ?? '1');
  const symmetry = symmetryOf(planner, set, parentKind, symmetrical);
  const flags = flagsFor(kind, action, symmetry);
  const resources = resourcesOfSet(planner, set);
  if (!resources) return false;
  if (resources.length === 1) return true;
  for (const [index, resource] of resources.entries()) {
    if (kind === 'serialize') {
      for (const then of resources.slice(index + 1))
        orderTasks(planner, resource, action, then, action, flags);
    } else if (sequential && index > 0) {
      orderTasks(planner, resources[index - 1]!, action, resource, action, flags);
    }
  }
  if (symmetry === 'asymmetric') return true;
  const inverse = INVERSE[action];
  if (inverse === undefined) return true;
  const inverseFlags = flagsFor(kind, inverse, 'inverse');
  for (const [index, resource] of resources.entries()) {
    if (sequential && index > 0) {
      orderTasks(planner, resource, inverse, resources[index - 1]!, inverse, inverseFlags);
    }
  }
  return true;
}

function orderSets(planner: Planner, set1: Element, set2: Element, kind: Kind, symmetry: Symmetry): boolean {
  let action1 = set1.get('action') ?? 'start';
  let action2 = set2.get('action') ?? 'start';
  if (symmetry === 'inverse') {
    action1 = INVERSE[action1] ?? action1;
    action2 = INVERSE[action2] ?? action2;
  }
  const bringsDown = action1 === 'stop' || action1 === 'demote';
  const requireAll = bringsDown || parseBoolean(set1.get('require-all')) !== false;
  const flags = flagsFor(kind, action2, symmetry);
  const resources1 = resourcesOfSet(planner, set1);
  const resources2 = resourcesOfSet(planner, set2);
  if (!resources1 || !resources2) return false;
  if (!requireAll) {
    const any = singletonAction(planner, `one-or-more:${set1.id}`);
    any.set(ActionFlag.requiresAny);
    for (const resource of resources1) {
      addOrdering(planner, taskOf(resource, action1), { action: any }, Order.oneOrMore | Order.showThen);
    }
    for (const resource of resources2) {
      addOrdering(planner, { action: any }, taskOf(resource, action2), flags | Order.runnableFirst);
    }
    return true;
  }
  const inverse = symmetry === 'inverse';
  const pick = (set: Element, resources: Resource[], last: boolean) =>
    isTrue(set.get('sequential')) ? (last ? resources.slice(-1) : resources.slice(0, 1)) : resources;
  for (const first of pick(set1, resources1, !inverse)) {
    for (const then of pick(set2, resources2, inverse)) {
      orderTasks(planner, first, action1, then, action2, flags);
    }
  }
  return true;
}

function orderedResource(
  planner: Planner,
  xml: Element,
  attribute: string,
  instanceAttribute: string,
): Resource | undefined {
  const id = xml.get(attribute);
  const instance = xml.get(instanceAttribute);
  if (id === undefined) {
    planner.error(`Ignoring constraint '${xml.id}' without ${attribute}`);
    return undefined;
  }
  const ignore = (why: string) => {
    planner.error(`Ignoring constraint '${xml.id}' because resource '${id}' ${why}`);
    return undefined;
  };
  const resource = findConstrained(planner, id);
  if (!resource) return ignore('does not exist');
  if (instance === undefined) return resource;
  planner.warnOnce(
    'Support for first-instance and then-instance is deprecated and will be removed in a future release.',
  );
  if (!isClone(resource)) return ignore(`is not a clone but instance '${instance}' was requested`);
  return findInstance(resource, instance) ?? ignore(`does not have an instance '${instance}'`);
}

/** How many instances of a clone are enough for what comes after it; 0: all. */
function minimumInstances(planner: Planner, resource: Resource, xml: Element): number {
  if (!isClone(resource)) return 0;
  const minimum = resource.meta.get('clone-min');
  if (minimum !== undefined) return atLeast(minimum, 0);
  const requireAll = xml.get('require-all');
  if (requireAll !== undefined) {
    planner.warnOnce(
      'Support for require-all in ordering constraints is deprecated and will be removed in a future release (use clone-min clone meta-attribute instead)',
    );
  }
  return requireAll !== undefined && !isTrue(requireAll) ? 1 : 0;
}

function unpackSimple(planner: Planner, xml: Element, kind: Kind, symmetry: Symmetry): void {
  const first = orderedResource(planner, xml, 'first', 'first-instance');
  if (!first) return;
  const then = orderedResource(planner, xml, 'then', 'then-instance');
  if (!then) return;
  const firstAction = xml.get('first-action') ?? 'start';
  const thenAction = xml.get('then-action') ?? firstAction;
  const restarts = kind === 'optional' && then.restartWithDependents;
  const flags = flagsFor(kind, firstAction, symmetry) | (restarts ? Order.impliesThen : 0);
  const minimum = minimumInstances(planner, first, xml);
  if (minimum > 0) orderAfterSome(planner, xml.id, first, firstAction, then, thenAction, flags, minimum);
  else orderTasks(planner, first, firstAction, then, thenAction, flags);
  if (symmetry !== 'symmetric') return;
  const firstInverse = INVERSE[firstAction];
  const thenInverse = INVERSE[thenAction];
  if (firstInverse === undefined || thenInverse === undefined) {
    planner.warn(`Cannot invert constraint '${xml.id}' (please specify inverse manually)`);
    return;
  }
  const inverseFlags = flagsFor(kind, firstInverse, 'inverse') | (restarts ? Order.impliesFirst : 0);
  orderTasks(planner, then, thenInverse, first, firstInverse, inverseFlags);
}

/** What comes after a clone of which some instances are enough. */
function orderAfterSome(
  planner: Planner,
  id: string,
  clone: Resource,
  firstAction: string,
  then: Resource,
  thenAction: string,
  flags: number,
  minimum: number,
): void {
  const enough = singletonAction(planner, `clone-one-or-more:${id}`);
  enough.requiredRunnableBefore = minimum;
  enough.set(ActionFlag.requiresAny);
  for (const instance of clone.children) {
    addOrdering(planner, taskOf(instance, firstAction), { action: enough }, Order.oneOrMore | Order.showThen);
  }
  addOrdering(planner, { action: enough }, taskOf(then, thenAction), flags | Order.runnableFirst);
}
