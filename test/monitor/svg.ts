import type xterm from '@xterm/headless';

/** The sixteen colours of a terminal, on a dark ground. */
const COLOURS = [
  ['#1d1f21', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#c8ccd4'],
  ['#7f848e', '#ff7a85', '#b5e890', '#ffd68a', '#7cc4ff', '#dd91f3', '#6fd3e0', '#ffffff'],
].flat();
const GROUND = '#1d1f21';
const PLAIN = '#c8ccd4';
const CELL = { width: 8.4, height: 18 };
const MARGIN = 12;

interface Look {
  readonly colour: string;
  readonly ground: string;
  readonly bold: boolean;
}

function lookOf(cell: xterm.IBufferCell): Look {
  const foreground = cell.isFgPalette() ? (COLOURS[cell.getFgColor()] ?? PLAIN) : PLAIN;
  const background = cell.isBgPalette() ? (COLOURS[cell.getBgColor()] ?? GROUND) : GROUND;
  const [colour, ground] = cell.isInverse() ? [background, foreground] : [foreground, background];
  return { colour: cell.isDim() ? (COLOURS[8] ?? colour) : colour, ground, bold: cell.isBold() !== 0 };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** What a terminal shows, as a picture; the first `rows` lines of it. */
export function svgOf(screen: xterm.Terminal, title: string, rows = screen.rows): string {
  const width = Math.ceil(screen.cols * CELL.width + 2 * MARGIN);
  const height = Math.ceil(rows * CELL.height + 2 * MARGIN);
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" style="white-space:pre" xml:space="preserve">`,
  ];
  const { active } = screen.buffer;
  for (let y = 0; y < rows; y++) {
    const line = active.getLine(active.viewportY + y);
    let start = 0;
    let text = '';
    let look: Look | undefined;
    const flush = (end: number): void => {
      const at = (column: number) => (MARGIN + column * CELL.width).toFixed(1);
      const cells = (columns: number) => (columns * CELL.width).toFixed(1);
      if (look && look.ground !== GROUND) {
        const top = MARGIN + y * CELL.height;
        parts.push(
          `<rect x="${at(start)}" y="${top}" width="${cells(end - start)}" height="${CELL.height}" fill="${look.ground}"/>`,
        );
      }
      const shown = text.trim();
      if (look && shown !== '') {
        const indent = text.length - text.trimStart().length;
        const blanks = text.length - shown.length;
        const base = MARGIN + y * CELL.height + 13;
        const bold = look.bold ? ' font-weight="bold"' : '';
        parts.push(
          `<text x="${at(start + indent)}" y="${base}" textLength="${cells(end - start - blanks)}" fill="${look.colour}"${bold}>${escapeXml(shown)}</text>`,
        );
      }
    };
    for (let x = 0; x < screen.cols; x++) {
      const cell = line?.getCell(x);
      if (!cell || cell.getWidth() === 0) continue;
      const next = lookOf(cell);
      if (look?.colour !== next.colour || look.ground !== next.ground || look.bold !== next.bold) {
        flush(x);
        [start, text, look] = [x, '', next];
      }
      text += cell.getChars() || ' ';
    }
    flush(screen.cols);
  }
  parts.push('</g>', '</svg>', '');
  return parts.join('\n');
}
