/** Fencing levels: which devices must act together, and what is tried when they fail. */
import type { Element } from '../cib/element.js';

/** Levels go from 1 to 9. */
const LEVEL_MAX = 9;

export interface FencingLevel {
  readonly id: string;
  readonly index: number;
  readonly devices: readonly string[];
  readonly target:
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'pattern'; readonly pattern: string }
    | { readonly kind: 'attribute'; readonly name: string; readonly value: string };
}

/** `fencing-topology` of the configuration. Levels that are out of range or without devices are left out. */
export function readTopology(cib: Element): FencingLevel[] {
  const levels: FencingLevel[] = [];
  for (const element of cib.at('configuration', 'fencing-topology')?.elements('fencing-level') ?? []) {
    const index = Number(element.get('index'));
    const devices = (element.get('devices') ?? '')
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== '');
    const target = readTarget(element);
    if (!Number.isInteger(index) || index < 1 || index > LEVEL_MAX || devices.length === 0 || !target)
      continue;
    levels.push({ id: element.id, index, devices, target });
  }
  return levels;
}

function readTarget(element: Element): FencingLevel['target'] | null {
  const name = element.get('target');
  if (name !== undefined) return { kind: 'name', name };
  const pattern = element.get('target-pattern');
  if (pattern !== undefined) return { kind: 'pattern', pattern };
  const attribute = element.get('target-attribute');
  if (attribute === undefined) return null;
  return { kind: 'attribute', name: attribute, value: element.get('target-value') ?? '' };
}

/**
 * The target's levels in the order of trying. A level by name counts more than one by pattern, that more than one by
 * attribute; the kinds are not mixed.
 */
export function levelsFor(
  levels: readonly FencingLevel[],
  target: string,
  attributes: Readonly<Record<string, string>>,
): FencingLevel[] {
  for (const kind of ['name', 'pattern', 'attribute'] as const) {
    const found = levels.filter((level) => level.target.kind === kind && matches(level, target, attributes));
    if (found.length > 0) return found.sort((a, b) => a.index - b.index);
  }
  return [];
}

function matches(level: FencingLevel, target: string, attributes: Readonly<Record<string, string>>): boolean {
  switch (level.target.kind) {
    case 'name':
      return level.target.name.toLowerCase() === target.toLowerCase();
    case 'pattern':
      try {
        return new RegExp(level.target.pattern).test(target);
      } catch {
        return false;
      }
    case 'attribute':
      return attributes[level.target.name] === level.target.value;
  }
}
