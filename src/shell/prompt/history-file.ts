import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Entries kept; crmsh keeps 100. */
const ENTRIES_MAX = 2000;

/** Statements of earlier sessions, oldest first; none where the file cannot be read. */
export function loadHistory(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-ENTRIES_MAX);
  } catch {
    return [];
  }
}

/**
 * Adds a statement, on one line; a repetition of the newest adds nothing. Statements that carry a secret
 * (`password=`, `token=`) are remembered in this session only.
 */
export function remember(path: string, history: string[], statement: string): void {
  const entry = statement.replace(/\s*\\?\n\s*/g, ' ').trim();
  if (entry === '' || history.at(-1) === entry) return;
  history.push(entry);
  if (/(passw|token|secret|auth)\w*=/i.test(entry)) return;
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (history.length > ENTRIES_MAX * 1.5) {
      history.splice(0, history.length - ENTRIES_MAX);
      writeFileSync(path, `${history.join('\n')}\n`, { mode: 0o600 });
    } else appendFileSync(path, `${entry}\n`, { mode: 0o600 });
  } catch {
    // History is a convenience: a home that cannot be written to must not disturb the work.
  }
}
