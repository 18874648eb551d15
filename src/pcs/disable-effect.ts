import type { Element } from '../cib/element.js';
import { simulate } from '../simulation/simulate.js';
import { transitionChanges } from '../simulation/transition-summary.js';
import type { Environment } from './environment.js';
import { error } from './refusal.js';
import { resourcesNamed } from './stonith-only.js';
import { arrangeFirstSet, RESOURCE_TAGS } from './tree.js';
import { byCodePoint, plural, quotedList } from './words.js';

/** What disabling resources would do to others. */

/** Ids of what a transition on this configuration stops, demotes, moves or starts. */
export function affectedResources(
  environment: Environment,
  cib: Element,
  strict: boolean,
): { readonly ids: Set<string>; readonly text: string } {
  const result = simulate(cib, { nowMs: environment.world.nowMs(), simulate: true });
  const ids = new Set<string>();
  for (const change of result.schedule ? transitionChanges(result.schedule) : []) {
    if (change.kind !== 'resource' || change.what === 'Leave') continue;
    if (!strict && !['Stop', 'Demote'].includes(change.what)) continue;
    ids.add(change.resource.id.replace(/:\d+$/, ''));
  }
  return { ids, text: result.text };
}

/**
 * Says what disabling would do (`--simulate`), or refuses it where others would be affected (`--safe`).
 * True where disabling may go on.
 */
export async function effectOfDisabling(
  environment: Environment,
  words: readonly string[],
  onlyShow: boolean,
): Promise<boolean> {
  const cib = (await environment.cib()).clone();
  const named = resourcesNamed(environment, cib, words);
  environment.stopOnErrors();
  for (const resource of named) {
    arrangeFirstSet(cib, resource, 'meta_attributes', new Map([['target-role', 'Stopped']]));
  }
  const { ids, text } = affectedResources(environment, cib, !environment.has('--no-strict'));
  const own = new Set<string>();
  for (const resource of named) {
    for (const element of resource.descendants())
      if (RESOURCE_TAGS.includes(element.name)) own.add(element.id);
  }
  const others = [...ids].filter((id) => !own.has(id)).sort(byCodePoint);
  if (onlyShow) {
    if (!environment.has('--brief')) environment.print(text.trimEnd());
    else if (others.length > 0) environment.print(others.join('\n'));
    return false;
  }
  if (others.length === 0) return true;
  const disabled = named.map(({ id }) => id);
  environment.report(
    error(
      `Disabling specified ${plural(disabled, 'resource')} would have an effect on ${plural(others, 'this', 'these')} ${plural(others, 'resource')}: ${quotedList(others)}`,
    ),
  );
  if (!environment.has('--brief')) environment.say(`\nSimulation result:\n${text.trimEnd()}`);
  environment.stopOnErrors();
  return false;
}
