import type { NodeId, View, ViewId } from '../../../src/membership/types.js';
import { compareViewIds, formatMembers, formatViewId } from '../../../src/membership/view.js';
import { type Check, violate } from './check.js';

/** A view id stands for one set of members, for ever; two quorate views share a node; ids only grow. */
export function viewsCheck(twoNode: boolean): Check {
  const members = new Map<string, string>();
  const quorate: View[] = [];
  const newest = new Map<NodeId, ViewId>();
  return {
    name: 'views',
    view(node, view) {
      const id = formatViewId(view.id);
      const text = view.members.map((member) => `${member.node}/${member.boot}`).join(' ');
      const known = members.get(id);
      if (known !== undefined && known !== text)
        violate(`view ${id} has two sets of members: ${known}; ${text}`);
      members.set(id, text);
      const before = newest.get(node);
      if (before && compareViewIds(view.id, before) <= 0) {
        violate(`node ${node} goes back from view ${formatViewId(before)} to ${id}`);
      }
      newest.set(node, view.id);
      if (!view.quorum.quorate || known !== undefined) return;
      const own = new Set(view.members.map((member) => member.node));
      for (const other of twoNode ? [] : quorate) {
        if (other.members.some((member) => own.has(member.node))) continue;
        violate(
          `quorate views ${formatViewId(other.id)} ${formatMembers(other.members)} and ${id} ${formatMembers(view.members)} share no node`,
        );
      }
      quorate.push(view);
    },
  };
}
