import type { Session } from './session.js';

/** Says that there is no such resource, as crm_resource does. */
export function sayUnknown(session: Session, id: string): void {
  session.message(
    'tool',
    `crm_resource: Resource '${id}' not found\nError performing operation: No such object`,
  );
}
