import type { Block, Entry, Outline } from './outline.js';

/** Writes a list as crm_mon's text, starting `depth` lists deep. */
export function outlineLines(outline: Outline, depth = 0): string[] {
  const lines: string[] = [];
  const write = (entry: Entry, level: number): void => {
    const bullet = level > 0 ? `${'  '.repeat(level)}* ` : '';
    if (entry.kind === 'item') {
      lines.push(`${bullet}${entry.label === undefined ? '' : `${entry.label}: `}${entry.text}`);
      return;
    }
    if (entry.title !== undefined) lines.push(`${bullet}${entry.title}:`);
    for (const child of entry.entries) write(child, level + 1);
  };
  write(outline, depth);
  return lines;
}

/** Writes sections with blank lines between them; ends with a newline unless there is nothing. */
export function writeText(blocks: readonly Block[]): string {
  const lines: string[] = [];
  let separate = false;
  for (const block of blocks) {
    if ('lines' in block) {
      lines.push(...block.lines);
      separate = true;
      continue;
    }
    if (separate) lines.push('');
    lines.push(...outlineLines(block.outline));
    separate ||= block.separates;
  }
  return lines.map((line) => `${line}\n`).join('');
}
