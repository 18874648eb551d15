import { OPERATION_ATTRIBUTES } from '../cib/operation-attributes.js';

/** What the language must know of a CIB schema (`validate-with`), which differs between Pacemaker's versions. */
export interface SchemaFacts {
  readonly name: string;
  /** Promoted and Unpromoted may be written (pacemaker-3.7). */
  readonly promotedRoles: boolean;
  /** Permissions and targets instead of users (pacemaker-2.0). */
  readonly aclPermissions: boolean;
  readonly roles: readonly string[];
  readonly actions: readonly string[];
  readonly orderKinds: readonly string[];
  readonly expressionTypes: readonly string[];
  /** Attributes of an operation; any other name is one of its parameters. */
  readonly operationAttributes: ReadonlySet<string>;
  /** Statements that the schema has no element for. */
  readonly unsupported: ReadonlySet<string>;
}

/** `pacemaker-3.9` as a number that compares; unknown names count as the newest. */
export function schemaVersion(name: string | undefined): number {
  if (name === undefined || name === '') return schemaVersion('pacemaker-2.0');
  const parts = /^pacemaker-(\d+)\.(\d+)$/.exec(name);
  return parts ? Number(parts[1]) * 1000 + Number(parts[2]) : Number.POSITIVE_INFINITY;
}

const UNSUPPORTED: readonly (readonly [string, number, number])[] = [
  ['rsc_template', 1002, Infinity],
  ['rsc_ticket', 1002, Infinity],
  ['fencing_topology', 1002, Infinity],
  ['role', 1002, Infinity],
  ['user', 1002, 2000],
  ['acl_target', 2000, Infinity],
  ['acl_group', 2000, Infinity],
  ['tag', 2000, Infinity],
  ['alert', 2005, Infinity],
  ['bundle', 2008, Infinity],
];

const known = new Map<string, SchemaFacts>();

/** Facts of a schema by its name; an absent name counts as pacemaker-2.0, as crmsh has it. */
export function schemaFacts(name: string | undefined): SchemaFacts {
  const key = name ?? '';
  const existing = known.get(key);
  if (existing) return existing;
  const version = schemaVersion(name);
  const promotedRoles = version >= 3007;
  const facts: SchemaFacts = {
    name: key,
    promotedRoles,
    aclPermissions: version >= 2000,
    roles: ['Stopped', 'Started', ...(promotedRoles ? ['Promoted', 'Unpromoted'] : []), 'Master', 'Slave'],
    actions: ['start', 'promote', 'demote', 'stop'],
    orderKinds: ['Optional', 'Mandatory', 'Serialize'],
    expressionTypes: ['string', ...(version >= 3005 ? ['integer'] : []), 'number', 'version'],
    operationAttributes: new Set([...OPERATION_ATTRIBUTES, ...(version < 3000 ? ['requires'] : [])]),
    unsupported: new Set(
      UNSUPPORTED.filter(([, from, until]) => version < from || version >= until).map(([word]) => word),
    ),
  };
  known.set(key, facts);
  return facts;
}
