import { Element } from '../cib/element.js';
import { simulate } from '../simulation/simulate.js';
import { transitionChanges } from '../simulation/transition-summary.js';
import { type Environment, sectionOf } from './environment.js';
import { activeNodes, runningState } from './state.js';
import { roleForCib } from './tree.js';

/** Whether a move lasts after the constraint that made it is gone, found out before anything is done. */

export type MovePlan =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'move'; readonly others: readonly string[] };

interface Move {
  readonly id: string;
  readonly node: string | undefined;
  readonly promoted: boolean;
}

/** Ids of the resources that a transition from here changes. */
function changed(environment: Environment, cib: Element): { ids: string[]; after: Element } {
  const result = simulate(cib, { nowMs: environment.world.nowMs(), simulate: true });
  const ids = (result.schedule ? transitionChanges(result.schedule) : []).flatMap((change) =>
    change.kind === 'resource' && change.what !== 'Leave' ? [change.resource.id.replace(/:\d+$/, '')] : [],
  );
  return { ids: [...new Set(ids)], after: result.output };
}

export async function planMove(environment: Environment, cib: Element, move: Move): Promise<MovePlan> {
  const { id, node, promoted } = move;
  const before = runningState(environment, cib, id);
  const away = cib.clone();
  const constraints = sectionOf(away, 'constraints');
  const role = promoted ? roleForCib(cib, 'Promoted') : 'Started';
  const targets = node === undefined ? activeNodes(before) : [node];
  const made = targets.map((target) => {
    const constraint = new Element('rsc_location', {
      id: `pcs-plan-${id}-${target}`,
      rsc: id,
      role,
      node: target,
      score: node === undefined ? '-INFINITY' : 'INFINITY',
    });
    return constraints.append(constraint);
  });
  if (made.length === 0) return { kind: 'nothing' };
  const moving = changed(environment, away);
  const there = runningState(environment, moving.after, id);
  const now = activeNodes(there);
  const same = JSON.stringify([...before]) === JSON.stringify([...there]);
  if (same || now.length === 0 || (node !== undefined && !now.includes(node))) {
    return {
      kind: 'refused',
      text: `Unable to move resource '${id}' using a location constraint. Current location of the resource may be affected by some other constraint.`,
    };
  }
  const back = moving.after.clone();
  const left = sectionOf(back, 'constraints');
  for (const constraint of left.elements('rsc_location')) {
    if (constraint.id.startsWith('pcs-plan-')) left.remove(constraint);
  }
  const returning = changed(environment, back).ids;
  const strict = environment.has('--strict');
  if (strict ? returning.length > 0 : returning.includes(id)) {
    const others = strict ? ' or other resources' : '';
    return {
      kind: 'refused',
      text: `Unable to ensure that moved resource '${id}'${others} will stay on the same node after a constraint used for moving it is removed.`,
    };
  }
  return { kind: 'move', others: moving.ids.filter((other) => other !== id).sort() };
}
