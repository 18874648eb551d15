import type { Element } from './element.js';
import { upgradeAcls } from './schema/upgrade-acls.js';
import { type UpgradeRemark, upgradeToThree } from './schema/upgrade-options.js';
import { type SchemaComplaint, validateSchema } from './schema/validate.js';
import { SCHEMA_VERSIONS, type SchemaVersion, schemaName, schemaVersion } from './schema/versions.js';

export { remarkLine, type UpgradeRemark } from './schema/upgrade-options.js';
export type { SchemaComplaint } from './schema/validate.js';

export interface Validity {
  readonly valid: boolean;
  /** The value of `validate-with`; undefined where there is none. */
  readonly schema: string | undefined;
  /** The schema is known. Where it is not, the document counts as invalid; where there is none, as valid. */
  readonly known: boolean;
  readonly complaints: readonly SchemaComplaint[];
}

/** Whether a CIB obeys the schema that it names. Without a schema, or with `none`, everything is right. */
export function checkValidity(cib: Element): Validity {
  const schema = cib.get('validate-with');
  if (schema === undefined || schema === 'none') return { valid: true, schema, known: true, complaints: [] };
  const version = schemaVersion(schema.toLowerCase());
  if (!version) return { valid: false, schema, known: false, complaints: [] };
  const complaints = validateSchema(cib, version);
  return { valid: complaints.length === 0, schema, known: true, complaints };
}

/** Stable schemas from the oldest to the newest. */
const STABLE: readonly SchemaVersion[] = SCHEMA_VERSIONS.filter((version) => version !== 'next');

export interface Upgrade {
  /** The upgraded document (another tree), or the given one where nothing was to be done. */
  readonly cib: Element;
  /** The schema that it obeys now; undefined where it obeys none. */
  readonly schema: string | undefined;
  readonly remarks: readonly UpgradeRemark[];
  /** What stood in the way of going further. */
  readonly complaints: readonly SchemaComplaint[];
}

/**
 * Brings a CIB to the newest schema, or as near as it goes. One that does not obey the schema it names is tried
 * against newer ones. `validate-with` is set to what was reached.
 */
export function upgradeSchema(cib: Element): Upgrade {
  const named = cib.get('validate-with');
  const version = named === undefined ? undefined : schemaVersion(named.toLowerCase());
  if (named === undefined || named === 'none' || version === 'next') {
    return { cib, schema: named, remarks: [], complaints: [] };
  }
  let at = version ? STABLE.indexOf(version) : 0;
  let document = cib;
  let best: SchemaVersion | undefined;
  let complaints: SchemaComplaint[] = [];
  const remarks: UpgradeRemark[] = [];
  while (at < STABLE.length) {
    const found = validateSchema(document, STABLE[at]!);
    if (found.length > 0) {
      complaints = found;
      if (best) break;
      at++;
      continue;
    }
    best = STABLE[at]!;
    const next = STABLE[at + 1];
    if (!next) {
      complaints = [];
      break;
    }
    const transformed = transform(document, best, next, remarks);
    if (transformed !== document) {
      const wrong = validateSchema(transformed, next);
      if (wrong.length > 0) {
        complaints = wrong;
        break;
      }
      document = transformed;
    }
    at++;
  }
  if (!best || best === version) return { cib, schema: best ? named : undefined, remarks, complaints };
  const result = document === cib ? cib.clone() : document;
  result.set('validate-with', schemaName(best));
  return { cib: result, schema: schemaName(best), remarks, complaints };
}

/** A document changed for the next schema, or the document itself where nothing needs changing. */
function transform(cib: Element, from: SchemaVersion, to: SchemaVersion, remarks: UpgradeRemark[]): Element {
  if ((from !== '1.3' && from !== '2.10') || validateSchema(cib, to).length === 0) return cib;
  const copy = cib.clone();
  if (from === '1.3') remarks.push(...upgradeAcls(copy));
  else remarks.push(...upgradeToThree(copy));
  return copy;
}

/** The oldest schema that the scheduler reads as it is; older CIBs are upgraded on reading. */
export const MINIMUM_SCHEMA = 'pacemaker-3.0';

export interface Acceptance {
  /** The document to work with; undefined where it cannot be used. */
  readonly cib: Element | undefined;
  /** The complaint about a document that cannot be used. */
  readonly error: string | undefined;
  /** The complaint where validation is switched off, or the upgrade did not reach the newest schema. */
  readonly warning: string | undefined;
  readonly remarks: readonly UpgradeRemark[];
}

const DISABLED =
  'Schema validation of configuration is disabled (enabling is encouraged and prevents common misconfigurations)';

/** Makes a document acceptable to the scheduler: upgrades old ones, warns of unchecked ones. */
export function acceptSchema(cib: Element): Acceptance {
  const named = cib.get('validate-with');
  const rank = (name: string | undefined) =>
    STABLE.indexOf((name === undefined ? undefined : schemaVersion(name.toLowerCase())) ?? ('' as never));
  if (named === undefined || named === 'none') {
    return { cib, error: undefined, warning: DISABLED, remarks: [] };
  }
  const minimum = rank(MINIMUM_SCHEMA);
  const known = named.toLowerCase() === 'pacemaker-next' || rank(named) >= 0;
  if (known && (rank(named) < 0 || rank(named) >= minimum)) {
    return { cib, error: undefined, warning: undefined, remarks: [] };
  }
  const upgrade = upgradeSchema(cib);
  const reached = rank(upgrade.schema);
  if (reached >= minimum) {
    const newest = reached === STABLE.length - 1;
    return {
      cib: upgrade.cib,
      error: undefined,
      warning: newest
        ? undefined
        : `Configuration with schema ${named} was internally upgraded to acceptable (but not most recent) ${upgrade.schema}`,
      remarks: upgrade.remarks,
    };
  }
  const claim = `Cannot upgrade configuration (claiming schema ${named}) to at least ${MINIMUM_SCHEMA} because it`;
  const error =
    upgrade.schema === undefined
      ? `${claim} does not validate with any schema from ${known ? named : 'unknown'} to pacemaker-3.9`
      : `${claim} would not upgrade past ${upgrade.schema}`;
  return { cib: undefined, error, warning: undefined, remarks: upgrade.remarks };
}
