import type { CorosyncFile, Item } from './ast.js';

/** Writes the file in Corosync's own style: four blanks a level, `key: value`, comments and blank lines kept. */
export function printCorosync(file: CorosyncFile): string {
  const lines: string[] = [];
  const write = (items: readonly Item[], pad: string): void => {
    for (const item of items) {
      if (item.kind === 'blank') lines.push('');
      else if (item.kind === 'comment') lines.push(`${pad}#${item.text}`);
      else if (item.kind === 'setting')
        lines.push(`${pad}${item.key}:${item.value === '' ? '' : ` ${item.value}`}`);
      else {
        lines.push(`${pad}${item.name} {`);
        write(item.items, `${pad}    `);
        lines.push(`${pad}}`);
      }
    }
  };
  write(file.items, '');
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
