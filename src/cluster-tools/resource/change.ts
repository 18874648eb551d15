import { EXIT } from '../../command-line/exit-codes.js';
import type { ResultName } from '../../command-line/result-codes.js';
import { ToolFailure } from '../../command-line/tool.js';
import type { ResourceContext } from '../crm-resource.js';
import { deleteParameter, setParameter } from './parameters.js';

/** Sets or removes what `--set-parameter` or `--delete-parameter` name. */
export async function changeResourceParameter(
  context: ResourceContext,
  setType: string,
): Promise<ResultName> {
  const { given, report, access, status, resource, requested, force } = context;
  const last = given.occurrences.findLast(
    ({ option }) => option === 'set-parameter' || option === 'delete-parameter',
  )!;
  const change = {
    access,
    report,
    resource: resource!,
    requested: requested!,
    place: {
      setType,
      setId: given.value('set-name'),
      id: given.value('nvpair'),
      name: last.value!,
    },
    force,
    dependents: undefined,
  };
  if (last.option === 'delete-parameter') return deleteParameter(change);
  const value = given.value('parameter-value');
  if (!value) throw new ToolFailure(EXIT.USAGE, 'You need to supply a value with the -v option');
  if (!given.has('recursive')) return setParameter(change, value);
  const { dependentsOf } = await import('./constraints.js');
  return setParameter({ ...change, dependents: dependentsOf(status) }, value);
}
