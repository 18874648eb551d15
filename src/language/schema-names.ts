import { SCHEMA_VERSIONS, schemaName } from '../cib/schema/versions.js';

/** Names that `validate-with` may have. */
export function schemaNames(): string[] {
  return SCHEMA_VERSIONS.map(schemaName);
}

export function isKnownSchema(name: string): boolean {
  return schemaNames().includes(name);
}
