/** What a resource agent's meta-data says of its parameters, for telling a reload from a restart (controld_metadata.c). */
import { isTrue } from '../cib/boolean.js';
import { parseXml } from '../cib/xml.js';
import type { ParameterTraits } from './types.js';

/** Taken for private where an agent marks none so. */
const IMPLICITLY_PRIVATE: ReadonlySet<string> = new Set(['password', 'passwd', 'user']);

/** Null where the text is no meta-data of a resource agent. */
export function readParameterTraits(metadata: string): ParameterTraits | null {
  let root: ReturnType<typeof parseXml>;
  try {
    root = parseXml(metadata);
  } catch {
    return null;
  }
  if (root.name !== 'resource-agent') return null;
  const parameters = root.first('parameters')?.elements('parameter') ?? [];
  const actions = new Set(
    (root.first('actions')?.elements('action') ?? []).map((action) => action.get('name')),
  );
  const isModern = speaksOcf11(
    root.first('version')?.children.map((child) => ('text' in child ? child.text : '')),
  );
  const namesOf = (attribute: string, expected: boolean): string[] =>
    parameters
      .filter((parameter) => isTrue(parameter.get(attribute)) === expected)
      .flatMap((parameter) => parameter.get('name') ?? []);
  let restarting: string[] | null = null;
  if (isModern && actions.has('reload-agent')) restarting = namesOf('reloadable', false);
  // Before OCF 1.1, `unique="0"` was taken for what can be reloaded.
  else if (!isModern && actions.has('reload')) restarting = namesOf('unique', true);
  const marked = namesOf('private', true);
  const names = parameters.flatMap((parameter) => parameter.get('name') ?? []);
  return {
    restarting,
    private: marked.length > 0 ? marked : names.filter((name) => IMPLICITLY_PRIVATE.has(name)),
  };
}

function speaksOcf11(version: readonly string[] | undefined): boolean {
  const [major, minor] = (version ?? []).join('').trim().split('.').map(Number);
  return major === 1 && (minor ?? 0) >= 1;
}
