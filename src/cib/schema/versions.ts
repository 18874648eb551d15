/** The schemas that a CIB can name in `validate-with`, oldest first. */
export const SCHEMA_VERSIONS = [
  '1.0',
  '1.2',
  '1.3',
  '2.0',
  '2.1',
  '2.2',
  '2.3',
  '2.4',
  '2.5',
  '2.6',
  '2.7',
  '2.8',
  '2.9',
  '2.10',
  '3.0',
  '3.1',
  '3.2',
  '3.3',
  '3.4',
  '3.5',
  '3.6',
  '3.7',
  '3.8',
  '3.9',
  'next',
] as const;

export type SchemaVersion = (typeof SCHEMA_VERSIONS)[number];

/** Schema names that are allowed as a value but that no one validates against any more. */
export const HISTORIC_NAMES = [
  'none',
  'pacemaker-0.6',
  'transitional-0.6',
  'pacemaker-0.7',
  'pacemaker-1.1',
] as const;

/** `pacemaker-3.9` → `3.9`; undefined where there is no such schema. */
export function schemaVersion(name: string): SchemaVersion | undefined {
  const match = /^pacemaker-(.+)$/.exec(name);
  return SCHEMA_VERSIONS.find((version) => version === match?.[1]);
}

export function schemaName(version: SchemaVersion): string {
  return `pacemaker-${version}`;
}

/** Whether `version` is `other` or a later one. */
export function isAtLeast(version: SchemaVersion, other: SchemaVersion): boolean {
  return SCHEMA_VERSIONS.indexOf(version) >= SCHEMA_VERSIONS.indexOf(other);
}

/** The newest that counts as finished: what upgrades lead to. */
export const NEWEST: SchemaVersion = '3.9';
