import type { Element } from '../../cib/element.js';
import { readConstraints } from '../../scheduler/schedule.js';
import { unpackStatus } from '../../status/unpack.js';
import type { Session } from '../session.js';

/** Says what the cluster would complain about in a document that obeys its schema; false where it is an error. */
export function verifyConfiguration(session: Session, cib: Element): boolean {
  const nowMs = session.world.now();
  // The state of the cluster is not what is judged here.
  const bare = cib.clone();
  bare.children = bare.children.filter((child) => child.kind !== 'element' || child.name !== 'status');
  const status = unpackStatus(bare, { nowMs, utcOffsetSec: -new Date(nowMs).getTimezoneOffset() * 60 });
  readConstraints(status);
  let ok = true;
  for (const { severity, text } of status.messages) {
    if (severity === 'error') ok = false;
    if (severity === 'error' || severity === 'warning') session.message(severity, text);
  }
  return ok;
}
