import type { BuildContext } from './context.js';

const OLD_ROLE: Record<string, string> = { Promoted: 'Master', Unpromoted: 'Slave' };
const NEW_ROLE: Record<string, string> = { Master: 'Promoted', Slave: 'Unpromoted' };

/** The role's name as the schema (and the option) wants it. */
export function role<T extends string | undefined>(value: T, context: BuildContext): T | string {
  if (value === undefined) return value;
  const old = OLD_ROLE[value];
  if (old !== undefined && !context.schema.promotedRoles) {
    context.reports.warning(
      'role-downgraded',
      `Convert "${value}" to "${old}" since the current schema version is old and not upgraded yet. Please consider "crm configure upgrade force"`,
    );
    return old;
  }
  const renamed = NEW_ROLE[value];
  if (renamed !== undefined && context.schema.promotedRoles && context.upgradeRoles) {
    context.reports.info('role-upgraded', `Convert deprecated "${value}" to "${renamed}"`);
    return renamed;
  }
  return value;
}

/** `value` as the list spells it, whatever the case it was written in. */
export function canonical(value: string, list: readonly string[]): string | undefined {
  return list.find((word) => word.toLowerCase() === value.toLowerCase());
}
