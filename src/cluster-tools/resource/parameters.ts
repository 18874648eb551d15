import { Element } from '../../cib/element.js';
import type { ResultName } from '../../command-line/result-codes.js';
import type { Report } from '../../command-line/tool.js';
import { baseName } from '../../status/queries.js';
import type { Resource } from '../../status/types.js';
import type { CibAccess } from '../access.js';
import { outermost } from './find.js';

/** Which attribute of a resource is meant. */
export interface ParameterPlace {
  /** `instance_attributes`, `meta_attributes` or `utilization`. */
  readonly setType: string;
  readonly setId: string | undefined;
  readonly id: string | undefined;
  readonly name: string;
}

export interface ParameterChange {
  readonly access: CibAccess;
  readonly report: Report;
  readonly resource: Resource;
  /** As typed. */
  readonly requested: string;
  readonly place: ParameterPlace;
  readonly force: boolean;
  /** Sets the same for resources that must be with the changed one: those colocated with it. */
  readonly dependents: ((resource: Resource) => readonly Resource[]) | undefined;
}

type Found =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly failure: ResultName };

/** The id of an attribute in the CIB. Several matches are listed, and count as `ENOTUNIQ`. */
async function search(
  { access, report }: ParameterChange,
  resourceId: string,
  place: Partial<ParameterPlace>,
): Promise<Found> {
  let path = `//cib/configuration/resources//*[@id="${resourceId}"]`;
  if (place.setType !== undefined) {
    path += `/${place.setType}${place.setId === undefined ? '' : `[@id="${place.setId}"]`}`;
  }
  const conditions = [
    ...(place.id === undefined ? [] : [`@id="${place.id}"`]),
    ...(place.name === undefined ? [] : [`@name="${place.name}"`]),
  ];
  const result = await access.perform({
    operation: 'query',
    scope: `${path}//nvpair[${conditions.join(' and ')}]`,
    xpath: true,
  });
  if (!result.ok) return { ok: false, failure: result.failure };
  const found = result.value!;
  if (found.elements().length === 0) return { ok: true, id: found.id };
  report.info(`Multiple attributes match name=${place.name}`);
  for (const pair of found.elements()) report.info(`  Value: ${pair.get('value')} \t(id=${pair.id})`);
  report.line('');
  return { ok: false, failure: 'ENOTUNIQ' };
}

/**
 * The resources whose attribute is changed when one is asked for: of a clone and what it clones, the one that has
 * the attribute already; of a group, also those members that have it.
 */
async function concerned(change: ParameterChange, command: 'update' | 'delete'): Promise<Resource[]> {
  const { resource, requested, place, force, report } = change;
  if (force) return [resource];
  const { parent } = resource;
  if (parent?.kind === 'clone') {
    const own = await search(change, requested, place);
    if (own.ok) return [resource];
    report.info(`Performing ${command} of '${place.name}' on '${parent.id}', the parent of '${requested}'`);
    return [parent];
  }
  if (!parent && resource.kind === 'clone') {
    const [child] = resource.children;
    if (child?.kind === 'primitive') {
      const id = baseName(child.id);
      const own = await search(change, id, place);
      if (own.ok) {
        report.info(
          `A value for '${place.name}' already exists in child '${id}', performing ${command} on that instead of '${requested}'`,
        );
        return [child];
      }
    }
    return [resource];
  }
  const found: Resource[] = [];
  const visit = async (here: Resource, depth: number): Promise<void> => {
    for (const child of here.children) {
      await visit(child, depth + 1);
      if (here.kind === 'clone') break;
    }
    const own = await search(change, baseName(here.id), place);
    if (depth === 0 || own.ok) found.push(here);
  };
  await visit(resource, 0);
  return found;
}

/** Sets an attribute of a resource; the name of a return code says what became of it. */
export async function setParameter(
  change: ParameterChange,
  value: string,
  visited: Set<Resource> = new Set(),
): Promise<ResultName> {
  const { access, report, resource, place, force } = change;
  if (place.id === undefined && !force) {
    await search(change, outermost(resource).id, { name: place.name });
  }
  let resources: Resource[];
  if (place.setType === 'instance_attributes') {
    if (!force) {
      const meta = await search(change, outermost(resource).id, { ...place, setType: 'meta_attributes' });
      if (meta.ok) {
        if (!report.quiet) {
          report.error(
            `WARNING: There is already a meta attribute for '${outermost(resource).id}' called '${place.name}' (id=${meta.id})`,
          );
          report.error(`         Delete '${meta.id}' first or use the force option to override`);
        }
        return 'ENOTUNIQ';
      }
    }
    resources = [resource];
  } else {
    resources = await concerned(change, 'update');
  }
  if (place.setId !== undefined || place.id !== undefined) resources = resources.slice(-1);
  let result: ResultName = 'ok';
  for (const one of resources) {
    const id = baseName(one.id);
    const found = await search(change, id, place);
    if (!found.ok && found.failure !== 'ENXIO') return found.failure;
    const setId = place.setId ?? `${id}-${place.setType}`;
    const pairId = found.ok ? found.id : (place.id ?? `${setId}-${place.name}`);
    const pair = new Element('nvpair', { id: pairId, name: place.name, value });
    const input = found.ok
      ? pair
      : new Element(one.xml.name, { id }, [new Element(place.setType, { id: setId }, [pair])]);
    const written = await access.perform({ operation: 'modify', scope: 'resources', input });
    result = written.ok ? 'ok' : written.failure;
    if (written.ok) {
      const shownSet = found.ok && place.setId === undefined ? '' : ` set=${setId}`;
      // An id that was asked for is not repeated, though it is the one that is used.
      const shownId = !found.ok && place.id !== undefined ? '(null)' : pairId;
      report.info(`Set '${id}' option: id=${shownId}${shownSet} name=${place.name} value=${value}`);
    }
    if (change.dependents && place.setType === 'meta_attributes') {
      visited.add(one);
      for (const dependent of change.dependents(one)) {
        if (visited.has(dependent)) continue;
        const next = { ...place, setId: undefined, id: undefined };
        await setParameter(
          { ...change, resource: dependent, requested: dependent.id, place: next },
          value,
          visited,
        );
      }
    }
  }
  return result;
}

/** Removes an attribute of a resource; one that is not there counts as removed. */
export async function deleteParameter(change: ParameterChange): Promise<ResultName> {
  const { access, report, resource, place, force } = change;
  if (place.id === undefined && !force) {
    await search(change, outermost(resource).id, { name: place.name });
  }
  const resources = place.setType === 'meta_attributes' ? await concerned(change, 'delete') : [resource];
  let { id: pairId } = place;
  let result: ResultName = 'ok';
  for (const one of resources) {
    const id = baseName(one.id);
    const found = await search(change, id, place);
    if (!found.ok && found.failure === 'ENXIO') continue;
    if (!found.ok) return found.failure;
    pairId ??= found.id;
    const input = new Element('nvpair', { id: pairId, name: place.name });
    const removed = await access.perform({ operation: 'delete', scope: 'resources', input });
    result = removed.ok ? 'ok' : removed.failure;
    if (removed.ok) {
      const set = place.setId === undefined ? '' : ` set=${place.setId}`;
      report.info(`Deleted '${id}' option: id=${found.id}${set} name=${place.name}`);
    }
  }
  return result;
}
