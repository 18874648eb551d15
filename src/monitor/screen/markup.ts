import type { Tone } from '../panels/table.js';
import type { Line } from './frame.js';

const COLOURS: Readonly<Record<Tone, readonly [open: string, close: string]>> = {
  plain: ['', ''],
  good: ['{green-fg}', '{/green-fg}'],
  bad: ['{bold}{red-fg}', '{/red-fg}{/bold}'],
  warning: ['{yellow-fg}', '{/yellow-fg}'],
  busy: ['{cyan-fg}', '{/cyan-fg}'],
  faint: ['{light-black-fg}', '{/light-black-fg}'],
  strong: ['{bold}', '{/bold}'],
};
const WITHOUT_COLOUR: Readonly<Record<Tone, readonly [open: string, close: string]>> = {
  plain: ['', ''],
  good: ['', ''],
  bad: ['{bold}', '{/bold}'],
  warning: ['{bold}', '{/bold}'],
  busy: ['', ''],
  faint: ['', ''],
  strong: ['{bold}', '{/bold}'],
};

/** Terminals that are known to have no colours; https://no-color.org for the variable. */
function hasColours(environment: NodeJS.ProcessEnv): boolean {
  if (environment.NO_COLOR) return false;
  return !/^(?:vt[0-9]|dumb|.*-m$|.*-mono$)/.test(environment.TERM ?? '');
}

/** Whether the locale is a UTF-8 one, by the variables in the order that C looks at them. */
function isUtf8(environment: NodeJS.ProcessEnv): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return /utf-?8/i.test(locale);
}

/** What marks become on terminals that show only ASCII; each keeps its width of one cell. */
const ASCII: Readonly<Record<string, string>> = {
  '●': '*',
  '○': 'o',
  '◐': '%',
  '◌': ':',
  '★': 'M',
  '✖': 'X',
  '✔': 'v',
  '▾': '-',
  '▸': '+',
  '▓': '#',
  '░': '.',
  '█': '_',
  '…': '~',
  '→': '>',
  '·': '-',
  '↑': '^',
  '↓': 'v',
};

function escapeTags(text: string): string {
  return text.replace(/[{}]/g, (brace) => (brace === '{' ? '{open}' : '{close}'));
}

/** Writes text in blessed's tags, as a terminal can show it. */
export class Markup {
  readonly coloured: boolean;
  readonly #tones: typeof COLOURS;
  readonly #unicode: boolean;

  constructor(environment: NodeJS.ProcessEnv) {
    this.coloured = hasColours(environment);
    this.#tones = this.coloured ? COLOURS : WITHOUT_COLOUR;
    this.#unicode = isUtf8(environment);
  }

  text(text: string): string {
    return escapeTags(
      this.#unicode ? text : text.replace(/[^\x00-\x7f]/gu, (character) => ASCII[character] ?? '?'),
    );
  }

  line(line: Line): string {
    return line
      .map(({ text, tone, inverse }) => {
        const [open, close] = this.#tones[tone];
        const body = `${open}${this.text(text)}${close}`;
        return inverse ? `{inverse}${body}{/inverse}` : body;
      })
      .join('');
  }
}
