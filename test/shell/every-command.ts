import type { Command, Level } from '../../src/shell/command.js';
import { rootLevel } from '../../src/shell/levels/root.js';

/** Every command that is not hidden, by the words that lead to it: `resource start`. */
export async function commands(
  level: Level = rootLevel,
  path: readonly string[] = [],
): Promise<[string, Command][]> {
  const found = level.commands
    .filter(({ hidden }) => !hidden)
    .map((row): [string, Command] => [[...path, row.name].join(' '), row]);
  for (const reference of level.levels) {
    // A level that stands in two places is walked once.
    if (path.length > 0 && rootLevel.levels.some(({ name }) => name === reference.name)) continue;
    found.push(...(await commands(await reference.load(), [...path, reference.name])));
  }
  return found;
}
