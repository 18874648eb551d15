import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where this program's parts stand: what was built (`dist`), or the source tree with what was built in it.
 * Not found from the path that was typed: that may be a link, or a program that runs our modules.
 */
function candidates(part: string): string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  // From dist/lib/*.js; from src/command-line/*.ts.
  return [join(here, '..', part), join(here, '../../dist', part), join(here, '../..', part)];
}

/** Folder of our executables; null where nothing is built. */
export function executablesFolder(): string | null {
  return candidates('bin').find((folder) => existsSync(join(folder, 'crm'))) ?? null;
}

/** Folder of the resource agents that we ship, with a folder a class in it; null where they are missing. */
export function shippedAgentsFolder(): string | null {
  return candidates('resource-agents').find((folder) => existsSync(folder)) ?? null;
}
