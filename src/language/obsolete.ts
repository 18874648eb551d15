import type { NameValue, PropertyStatement, Statement } from '../../grammar/crm/ast.js';
import type { Reports } from './report.js';

/** Cluster options that are defaults of resources or operations since Pacemaker 1.0, by their old and older names. */
const MOVED: Readonly<
  Record<string, { readonly kind: 'rsc_defaults' | 'op_defaults'; readonly name: string }>
> = {
  'default-resource-stickiness': { kind: 'rsc_defaults', name: 'resource-stickiness' },
  default_resource_stickiness: { kind: 'rsc_defaults', name: 'resource-stickiness' },
  'default-migration-threshold': { kind: 'rsc_defaults', name: 'migration-threshold' },
  default_migration_threshold: { kind: 'rsc_defaults', name: 'migration-threshold' },
  'is-managed-default': { kind: 'rsc_defaults', name: 'is-managed' },
  is_managed_default: { kind: 'rsc_defaults', name: 'is-managed' },
  'default-action-timeout': { kind: 'op_defaults', name: 'timeout' },
  default_action_timeout: { kind: 'op_defaults', name: 'timeout' },
};

/**
 * The statements with what is obsolete in them said in today's words: a cluster option that became a default goes to
 * the text's own statement for defaults, else to one of its own. Every move is reported.
 */
export function modernized(statements: readonly Statement[], reports: Reports): readonly Statement[] {
  const isOld = ({ name }: NameValue) => name !== undefined && Object.hasOwn(MOVED, name);
  if (!statements.some((each) => each.kind === 'property' && each.values.some(isOld))) return statements;
  const moved: Record<'rsc_defaults' | 'op_defaults', NameValue[]> = { rsc_defaults: [], op_defaults: [] };
  const kept = statements.flatMap((statement): Statement[] => {
    if (statement.kind !== 'property') return [statement];
    for (const pair of statement.values.filter(isOld)) {
      const { kind, name } = MOVED[pair.name!]!;
      reports.warning(
        'obsolete',
        `${pair.name} is obsolete: taken as ${kind} ${name}${pair.value === undefined ? '' : `=${pair.value}`}`,
      );
      moved[kind].push({ ...pair, name });
    }
    const rest = statement.values.filter((pair) => !isOld(pair));
    return rest.length === 0 && statement.values.length > 0 ? [] : [{ ...statement, values: rest }];
  });
  for (const kind of ['rsc_defaults', 'op_defaults'] as const) {
    if (moved[kind].length === 0) continue;
    const at = kept.findIndex(
      (each) => each.kind === kind && each.rules.length === 0 && each.idRef === undefined,
    );
    if (at < 0) kept.push({ kind, rules: [], values: moved[kind] });
    else {
      const known = kept[at] as PropertyStatement;
      // What the text says in today's words counts.
      const fresh = moved[kind].filter(({ name }) => known.values.every((pair) => pair.name !== name));
      kept[at] = { ...known, values: [...known.values, ...fresh] };
    }
  }
  return kept;
}
