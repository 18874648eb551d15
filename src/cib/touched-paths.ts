import type { Element } from './element.js';

/**
 * Paths that a patch (`<diff format="2">`) changes; versions and origins in the root element are everybody's.
 * What is created counts under its own path, not its parent's.
 */
export function touchedPaths(patch: Element): string[] {
  const paths: string[] = [];
  for (const change of patch.elements('change')) {
    const path = change.get('path') ?? '';
    if (path === '/cib' && change.get('operation') === 'modify') continue;
    if (change.get('operation') === 'create') {
      const made = change.elements()[0];
      paths.push(made && made.id !== '' ? `${path}/${made.name}[@id='${made.id}']` : `${path}/${made?.name}`);
    } else paths.push(path);
  }
  return paths;
}

/** The first of the others' paths that is one of ours, is in one of ours or has one of ours in it; null where none is. */
export function collidingPath(ours: readonly string[], others: readonly string[]): string | null {
  return others.find((other) => ours.some((path) => isWithin(path, other) || isWithin(other, path))) ?? null;
}

function isWithin(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}/`);
}
