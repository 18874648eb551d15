/** Words in columns, filled downwards, each padded so that the next column stands straight (crmsh's `ls`). */
export function columns(words: readonly string[], count: number): string {
  const rows = Math.ceil(words.length / count);
  const width = Math.max(0, ...words.map((word) => word.length)) + 1;
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const cells: string[] = [];
    for (let column = 0; column < count; column++) {
      cells.push((words[column * rows + row] ?? '').padEnd(Math.max(width, 19)));
    }
    lines.push(cells.join(''));
  }
  return `${lines.join('\n')}\n`;
}

/** As many columns as fit, filled downwards. */
export function fitColumns(words: readonly string[], screenWidth: number): string {
  const width = Math.max(0, ...words.map((word) => word.length)) + 2;
  const count = Math.max(1, Math.floor(screenWidth / width));
  const rows = Math.ceil(words.length / count);
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const cells: string[] = [];
    for (let column = 0; column * rows + row < words.length; column++) {
      cells.push(words[column * rows + row]!.padEnd(width));
    }
    lines.push(cells.join('').trimEnd());
  }
  return `${lines.join('\n')}\n`;
}
