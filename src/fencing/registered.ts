/**
 * Devices and levels that were registered beside the configuration (`stonith_admin --register`, `--register-level`): known to
 * the agents that were there, until they end.
 */
import { ensureSection } from '../cib/document.js';
import { Element } from '../cib/element.js';
import type { FencingRegistration } from '../protocol/messages.js';

const identity = (one: FencingRegistration): string =>
  'device' in one ? `device ${one.device}` : `level ${one.target} ${one.index}`;

/** The later of two about the same device or level counts. */
export function register(
  all: readonly FencingRegistration[],
  one: FencingRegistration,
): FencingRegistration[] {
  return [...all.filter((other) => identity(other) !== identity(one)), one];
}

/** The configuration as it would be if everything registered stood in it; the same document where nothing is. */
export function withRegistered(cib: Element, registrations: readonly FencingRegistration[]): Element {
  if (registrations.length === 0) return cib;
  const changed = cib.clone();
  for (const one of registrations) {
    if ('device' in one) {
      const resources = ensureSection(changed, 'resources');
      removeAll(resources, ({ name, id }) => name === 'primitive' && id === one.device);
      if (one.agent !== null) resources.append(deviceElement(one.device, one.agent, one.parameters));
    } else {
      const topology = ensureSection(changed, 'fencing-topology');
      const target = targetAttributes(one.target);
      removeAll(topology, (level) =>
        Object.entries({ ...target, index: String(one.index) }).every(
          ([name, value]) => level.get(name) === value,
        ),
      );
      if (one.devices.length > 0) {
        topology.append(
          new Element('fencing-level', {
            id: `registered-${one.target}-${one.index}`,
            ...target,
            index: String(one.index),
            devices: one.devices.join(','),
          }),
        );
      }
    }
  }
  return changed;
}

function deviceElement(id: string, agent: string, parameters: Readonly<Record<string, string>>): Element {
  const pairs = Object.entries(parameters).map(
    ([name, value]) => new Element('nvpair', { id: `${id}-${name}`, name, value }),
  );
  return new Element('primitive', { id, class: 'stonith', type: agent }, [
    new Element('instance_attributes', { id: `${id}-parameters` }, pairs),
  ]);
}

/** `NAME`, `@PATTERN` or `ATTRIBUTE=VALUE`, as `stonith_admin` takes them, as a level of the configuration has them. */
function targetAttributes(target: string): Record<string, string> {
  if (target.startsWith('@')) return { 'target-pattern': target.slice(1) };
  const at = target.indexOf('=');
  if (at < 0) return { target };
  return { 'target-attribute': target.slice(0, at), 'target-value': target.slice(at + 1) };
}

function removeAll(within: Element, isMeant: (element: Element) => boolean): void {
  for (const parent of [within, ...within.descendants()]) {
    for (const child of parent.elements()) if (isMeant(child)) parent.remove(child);
  }
}
