/** What a resource is doing on a node, or should be. */
export type Role = 'Unknown' | 'Stopped' | 'Started' | 'Unpromoted' | 'Promoted';

/** Roles by how much is running. */
export const ROLE_ORDER: Readonly<Record<Role, number>> = {
  Unknown: 0,
  Stopped: 1,
  Started: 2,
  Unpromoted: 3,
  Promoted: 4,
};

/**
 * Reads a role in any case, with the old names `Slave` and `Master`; `default` and everything unknown is
 * `Unknown`.
 */
export function parseRole(text: string | undefined): Role {
  switch (text?.toLowerCase()) {
    case 'stopped':
      return 'Stopped';
    case 'started':
      return 'Started';
    case 'slave':
    case 'unpromoted':
      return 'Unpromoted';
    case 'master':
    case 'promoted':
      return 'Promoted';
    default:
      return 'Unknown';
  }
}
