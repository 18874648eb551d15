import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file in a folder of its own that only this user can read; `remove` deletes both. */
export interface TemporaryFile {
  readonly path: string;
  readonly remove: () => void;
}

export function writeTemporary(name: string, text: string): TemporaryFile {
  const folder = mkdtempSync(join(tmpdir(), 'crm-'));
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
