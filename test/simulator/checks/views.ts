import type { Member, NodeId, View, ViewId } from '../../../src/membership/types.js';
import { compareViewIds, formatMembers, formatViewId } from '../../../src/membership/view.js';
import { type Check, viewNumber, violate } from './check.js';

export interface ViewsRules {
  /** Either of two nodes may act alone (`two_node`): quorate views need not share a node. */
  readonly twoNode: boolean;
  /** What is expected changes (`last_man_standing`, `allow_downscale`): only a quorate view and the next share a node. */
  readonly dynamic: boolean;
  /** With `wait_for_all`, how many nodes there are: quorum begins only with all of them together; 0 without. */
  readonly waitForAll: number;
}

/**
 * A view id stands for one set of members and one judgement of quorum, for ever; ids only grow, at each node, and
 * from any quorate view to one that is proposed after it was installed; quorate views share a node.
 */
export function viewsCheck(rules: ViewsRules): Check {
  const known = new Map<number, string>();
  const quorate: View[] = [];
  const newest = new Map<NodeId, ViewId>();
  /** Highest quorate view installed anywhere, so far, when a view was proposed. */
  const proposedAfter = new Map<number, ViewId | null>();
  let highest: View | null = null;
  /** The last view of each node's run. */
  const last = new Map<string, View>();
  return {
    name: 'views',
    proposing(_node, id) {
      // A proposal is said again until it is answered: what has happened before the first time counts.
      const number = viewNumber(id);
      if (!proposedAfter.has(number)) proposedAfter.set(number, highest?.id ?? null);
    },
    view(node, view) {
      const before = newest.get(node);
      if (before && compareViewIds(view.id, before) <= 0) {
        violate(`node ${node} goes back from view ${formatViewId(before)} to ${formatViewId(view.id)}`);
      }
      newest.set(node, view.id);
      // All members have left their last views before any installs this one.
      const keepsQuorum = view.members.some((member) => last.get(runOf(member))?.quorum.quorate);
      last.set(runOf(view.members.find((member) => member.node === node)!), view);
      const number = viewNumber(view.id);
      const members = view.members.map((member) => `${member.node}/${member.boot}`).join(' ');
      const text = `${members}, ${view.quorum.totalVotes} of ${view.quorum.expectedVotes} votes`;
      const first = known.get(number);
      if (first !== undefined) {
        if (first !== text) violate(`view ${formatViewId(view.id)} is two views: ${first}; ${text}`);
        return;
      }
      known.set(number, text);
      if (!view.quorum.quorate) return;
      if (!keepsQuorum && view.members.length < rules.waitForAll) {
        violate(
          `view ${formatViewId(view.id)} is quorate without all nodes, and no member had quorum before`,
        );
      }
      if (rules.twoNode) return;
      if (!keepsQuorum && !rules.dynamic && view.quorum.totalVotes * 2 <= view.quorum.expectedVotes) {
        violate(`view ${formatViewId(view.id)} is quorate by a tie, and no member had quorum before`);
      }
      const after = proposedAfter.get(number);
      if (after && compareViewIds(view.id, after) <= 0) {
        violate(
          `quorate view ${formatViewId(view.id)} was proposed when ${formatViewId(after)} was there already`,
        );
      }
      const isDisjoint = (other: View) =>
        !other.members.some((member) => view.members.some((own) => own.node === member.node));
      const others = rules.dynamic ? neighbours(quorate, view) : quorate;
      const other = others.find(isDisjoint);
      if (other) {
        violate(
          `quorate views ${formatViewId(other.id)} ${formatMembers(other.members)} and ${formatViewId(view.id)} ${formatMembers(view.members)} share no node`,
        );
      }
      quorate.push(view);
      if (!highest || compareViewIds(view.id, highest.id) > 0) highest = view;
    },
  };
}

function runOf(member: Member): string {
  return `${member.node}/${member.boot}`;
}

/** The views before and after it, by their ids. */
function neighbours(views: readonly View[], view: View): View[] {
  let before: View | null = null;
  let after: View | null = null;
  for (const other of views) {
    if (compareViewIds(other.id, view.id) < 0) {
      if (!before || compareViewIds(other.id, before.id) > 0) before = other;
    } else if (!after || compareViewIds(other.id, after.id) < 0) after = other;
  }
  return [before, after].filter((one) => one !== null);
}
