import type { Element } from '../cib/element.js';
import { commentLines } from './describe.js';
import { isChildResource, objectsOf } from './objects.js';

/** Attributes that say what holds anyway. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  node: { type: 'normal' },
  resource_set: { sequential: 'true', 'require-all': 'true' },
  rule: { 'boolean-op': 'and' },
  expression: { type: 'string' },
};

const CONTAINERS: ReadonlySet<string> = new Set(['group', 'clone', 'master', 'bundle']);

/**
 * A copy of the document in the form that statements work on: defaults left out, a container's children last, comments
 * at the top of their object and beginning with `#`. The status stays as it is.
 */
export function sanitized(cib: Element): Element {
  const copy = cib.clone();
  const configuration = copy.name === 'cib' ? copy.first('configuration') : copy;
  for (const element of configuration?.descendants() ?? []) {
    for (const [name, value] of Object.entries(DEFAULTS[element.name] ?? {})) {
      if (element.get(name) === value) element.set(name, undefined);
    }
    if (CONTAINERS.has(element.name)) {
      const children = element.children.filter((child) => child.kind === 'element' && isChildResource(child));
      element.children = [...element.children.filter((child) => !children.includes(child)), ...children];
    }
  }
  for (const { element } of objectsOf(copy)) {
    if (!element.children.some((child) => child.kind === 'comment')) continue;
    element.children = [
      ...commentLines(element).map((text) => ({ kind: 'comment' as const, text })),
      ...element.children.filter((child) => child.kind !== 'comment'),
    ];
  }
  return copy;
}
