import type { Element } from '../cib/element.js';
import type { Agent, Parameter } from './agent.js';
import { namesIn, requiredAll } from './checks.js';
import { type Finding, forceable } from './refusal.js';
import { nvpairValue, places, resourcesOf } from './tree.js';
import { byCodePoint, plural, quotedList } from './words.js';

/** Checks of a resource's parameters against what its agent says of them. */

type Options = ReadonlyMap<string, string>;

function of(agent: Agent): string {
  return agent.name.agentClass === 'stonith' ? 'stonith' : 'resource';
}

export function checkNewAttributes(
  cib: Element,
  agent: Agent,
  attributes: Options,
  forced: boolean,
): Finding[] {
  const findings: Finding[] = [];
  for (const [name, value] of attributes) {
    if (value === '') findings.push({ severity: 'error', text: `${name} cannot be empty` });
  }
  if (agent.exists) {
    const allowed = agent.parameters.map(({ name }) => name);
    findings.push(
      ...namesIn(attributes, allowed, { of: of(agent), forced }),
      ...checkRequired(agent, attributes, forced),
      ...checkDeprecated(agent, attributes),
    );
  }
  findings.push(...checkAction(agent, attributes, forced));
  if (agent.exists) findings.push(...checkUnique(cib, agent, attributes, null, forced));
  return findings;
}

/** `changes`: what is set now; an empty value removes. */
export function checkChangedAttributes(
  cib: Element,
  agent: Agent,
  resource: Element,
  current: Options,
  changes: Options,
  forced: boolean,
): Finding[] {
  const findings: Finding[] = [];
  if (agent.exists) {
    const allowed = agent.parameters.map(({ name }) => name);
    const set = new Map([...changes].filter(([name, value]) => value !== '' || !current.has(name)));
    findings.push(...namesIn(set, allowed, { of: of(agent), forced }));
    findings.push(...checkDeprecated(agent, new Map([...changes].filter(([, value]) => value !== ''))));
    const final = new Map(current);
    for (const [name, value] of changes) {
      if (value === '') final.delete(name);
      else final.set(name, value);
    }
    findings.push(...checkRequired(agent, final, forced, new Set(changes.keys())));
  }
  findings.push(...checkAction(agent, changes, forced));
  if (agent.exists) findings.push(...checkUnique(cib, agent, changes, resource, forced));
  return findings;
}

/** Parameters that a parameter has replaced, directly or through others. */
function predecessors(agent: Agent, name: string): Set<string> {
  const found = new Set<string>();
  let next = [name];
  while (next.length > 0) {
    next = agent.parameters
      .filter(
        ({ name: old, deprecatedBy }) => !found.has(old) && deprecatedBy.some((by) => next.includes(by)),
      )
      .map(({ name: old }) => old);
    for (const old of next) found.add(old);
  }
  return found;
}

function checkRequired(agent: Agent, attributes: Options, forced: boolean, only?: Set<string>): Finding[] {
  const findings: Finding[] = [];
  const plain: string[] = [];
  for (const parameter of agent.parameters) {
    if (!parameter.required || parameter.deprecated) continue;
    const old = predecessors(agent, parameter.name);
    if (only && only.size > 0 && !only.has(parameter.name) && ![...old].some((name) => only.has(name)))
      continue;
    if (old.size === 0) {
      plain.push(parameter.name);
      continue;
    }
    const all = [parameter.name, ...old];
    if (all.some((name) => (attributes.get(name) ?? '') !== '')) continue;
    const words = [
      `'${parameter.name}'`,
      ...[...old].sort(byCodePoint).map((name) => `'${name}' (deprecated)`),
    ];
    const text = `${of(agent)} option ${words.slice(0, -1).join(', ')} or ${words.at(-1)} has to be specified`;
    findings.push(forceable(text, forced));
  }
  return [...findings, ...requiredAll(attributes, plain, { of: of(agent), forced })];
}

function checkDeprecated(agent: Agent, attributes: Options): Finding[] {
  const stonith = agent.name.agentClass === 'stonith';
  return agent.parameters
    .filter(({ name, deprecated }) => deprecated && attributes.has(name) && !(stonith && name === 'action'))
    .map((parameter) => ({ severity: 'warning', text: deprecatedText(agent, parameter) }));
}

function deprecatedText(agent: Agent, { name, deprecatedBy }: Parameter): string {
  return `${of(agent)} option '${name}' is deprecated and should not be used, use ${quotedList(deprecatedBy)} instead`;
}

function checkAction(agent: Agent, attributes: Options, forced: boolean): Finding[] {
  if (agent.name.agentClass !== 'stonith' || (attributes.get('action') ?? '') === '') return [];
  const text =
    "stonith option 'action' is deprecated and should not be used, use 'pcmk_off_action', 'pcmk_reboot_action' instead";
  return [forceable(text, forced)];
}

function checkUnique(
  cib: Element,
  agent: Agent,
  attributes: Options,
  own: Element | null,
  forced: boolean,
): Finding[] {
  const groups = new Map<string, string[]>();
  for (const { name, uniqueGroup } of agent.parameters) {
    if (uniqueGroup !== null) groups.set(uniqueGroup, [...(groups.get(uniqueGroup) ?? []), name]);
  }
  if (groups.size === 0) return [];
  const { agentClass, provider, type } = agent.name;
  const twins = [...places(resourcesOf(cib))]
    .map(({ element }) => element)
    .filter(
      (element) =>
        element.name === 'primitive' &&
        element !== own &&
        element.get('class') === agentClass &&
        element.get('type') === type &&
        (provider === null || element.get('provider') === provider),
    );
  const findings: Finding[] = [];
  for (const [group, names] of groups) {
    if (!names.some((name) => (attributes.get(name) ?? '') !== '')) continue;
    const same = twins.filter((twin) =>
      names.every(
        (name) => (nvpairValue(twin, 'instance_attributes', name) ?? '') === (attributes.get(name) ?? ''),
      ),
    );
    if (same.length === 0) continue;
    const ids = quotedList(same.map(({ id }) => id));
    const sorted = [...names].sort(byCodePoint);
    const text =
      names.length === 1
        ? `Value '${attributes.get(names[0]!)}' of option '${names[0]}' is not unique across '${agent.fullName}' resources. Following resources are configured with the same value of the instance attribute: ${ids}`
        : `Value ${sorted.map((name) => `'${attributes.get(name) ?? ''}'`).join(', ')} of ${plural(names, 'option')} ${sorted.map((name) => `'${name}'`).join(', ')} (group '${group}') is not unique across '${agent.fullName}' resources. Following resources are configured with the same values of the instance attributes: ${ids}`;
    findings.push(forceable(text, forced));
  }
  return findings;
}
