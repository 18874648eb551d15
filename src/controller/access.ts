import { type Access, accessOf, aclsApply, mayChange, permissionsOf, readable } from '../cib/acl.js';
import { fromEpoch } from '../cib/civil-time.js';
import type { Element } from '../cib/element.js';
import type { Identity } from '../protocol/messages.js';

/** Whether the CIB's ACLs limit what this person may do. Root and the agent's own account, which have no groups, are not limited. */
export function isLimited(cib: Element, identity: Identity, nowMs: number): boolean {
  if (identity.groups === undefined) return false;
  return aclsApply(cib, identity.user, fromEpoch(Math.floor(nowMs / 1000)));
}

/** What of the CIB somebody may see; null for nothing. The document itself where no ACLs apply. */
export function visibleTo(cib: Element, identity: Identity, nowMs: number): Element | null {
  if (!isLimited(cib, identity, nowMs)) return cib;
  return readable(cib, permissionsOf(cib, subjectOf(identity))) ?? null;
}

/**
 * The sentence that refuses a change of the CIB; null where it is allowed.
 *
 * @param wholesale the document is replaced, not patched
 */
export function changeRefusal(
  before: Element,
  after: Element,
  identity: Identity,
  nowMs: number,
  wholesale: boolean,
): string | null {
  if (!isLimited(before, identity, nowMs)) return null;
  const permissions = permissionsOf(before, subjectOf(identity));
  if (mayChange(before, after, permissions, wholesale)) return null;
  return `the ACLs of this cluster do not let ${identity.user} make this change`;
}

/** What somebody whom ACLs limit may do with the whole document. */
export function accessToAll(cib: Element, identity: Identity): Access | undefined {
  return accessOf(cib, permissionsOf(cib, subjectOf(identity))).get(cib);
}

function subjectOf({ user, groups }: Identity): { user: string; groups: readonly string[] } {
  return { user, groups: groups ?? [] };
}
