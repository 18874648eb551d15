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

/** As many columns as fit, filled line by line, as crmsh lists agents and shadows. */
export function fitColumns(words: readonly string[], screenWidth: number): string {
  const longest = Math.max(8, ...words.map((word) => word.length));
  const count = Math.max(1, Math.floor(screenWidth / (longest + 2)));
  const width = Math.floor(screenWidth / count);
  const lines: string[] = [];
  for (let from = 0; from < words.length; from += count) {
    const row = words.slice(from, from + count);
    lines.push(row.map((word, at) => (at === count - 1 ? word : word.padEnd(width))).join(''));
  }
  return `${lines.join('\n')}\n`;
}
