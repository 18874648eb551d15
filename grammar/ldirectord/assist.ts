import { METHODS, SETTINGS, type SettingRow } from './settings.js';

export interface Suggestion {
  readonly text: string;
  readonly help: string;
}

/**
 * What could stand at the end of this text: settings where a line begins (those of a service where it is indented), or
 * values behind the `=`.
 */
export function suggestions(before: string): Suggestion[] {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const setting = /^(\s*)([\w-]+)\s*=\s*(.*)$/.exec(line);
  if (setting) return valuesOf(setting[2]!, setting[3]!);
  const start = /^(\s*)([\w-]*)$/.exec(line);
  if (!start) return [];
  const where = /^(?: {4}|\t)/.test(start[1]!) ? 'virtual' : 'global';
  return [...SETTINGS.values()]
    .filter((row) => (row.where === 'both' || row.where === where) && row.name.startsWith(start[2]!))
    .map((row) => ({ text: row.name, help: row.help }));
}

function valuesOf(name: string, typed: string): Suggestion[] {
  const row = SETTINGS.get(name);
  if (!row) return [];
  if (row.kind === 'server' && name.startsWith('real')) {
    const method = /^\S+\s+(\w*)$/.exec(typed);
    return method
      ? METHODS.filter((each) => each.startsWith(method[1]!)).map((text) => ({ text, help: '' }))
      : [];
  }
  return choicesOf(row)
    .filter((choice) => choice.startsWith(typed))
    .map((text) => ({ text, help: row.help }));
}

function choicesOf(row: SettingRow): readonly string[] {
  return row.kind === 'boolean' ? ['yes', 'no'] : (row.choices ?? []);
}
