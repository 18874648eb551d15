import type { FlushReport, LostMember, Member, NodeId, ViewId } from './types.js';
import { compareViewIds } from './view.js';

/** What must be known of the nodes. */
export interface Hearing {
  /** Whether a node hears another, suspected or not, as far as it has said. */
  hears(node: NodeId, other: NodeId): boolean;
  /** Whether a member that is gone has said that it goes. */
  hasLeft(member: Member): boolean;
}

/**
 * Who was in a view with one of the members of a new one: not only with its coordinator, which may come from another
 * partition. Whether a lost node's token has run out is known by those who were in its last view: an older view says nothing
 * about what that node takes itself for.
 *
 * @param reports of the members, in their order
 */
export function lostMembers(
  members: readonly Member[],
  reports: readonly FlushReport[],
  hearing: Hearing,
): LostMember[] {
  const lost = new Map<NodeId, { readonly last: ViewId; readonly heard: boolean }>();
  for (const [index, { node: fellow }] of members.entries()) {
    const previous = reports[index]!.previous;
    for (const former of previous?.members ?? []) {
      const { node } = former;
      if (members.some((member) => member.node === node) || hearing.hasLeft(former)) continue;
      const known = lost.get(node);
      const order = known ? compareViewIds(previous!.id, known.last) : 1;
      if (order < 0) continue;
      const heard = hearing.hears(fellow, node) && (order > 0 || known!.heard);
      lost.set(node, { last: previous!.id, heard });
    }
  }
  return [...lost].map(([node, { heard }]) => ({ node, heard }));
}
