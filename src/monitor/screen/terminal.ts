import type { Widgets } from 'blessed';
import type { Sparkline } from 'blessed-contrib/lib/widget/sparkline.js';
import type { Tone } from '../panels/table.js';
import type { Box, Line, Size } from './frame.js';
import type { PanelName } from './picture.js';

/** What the person does. */
export interface Input {
  readonly onKey: (name: string, text: string | undefined) => void;
  readonly onClick: (panel: PanelName, line: number) => void;
  readonly onWheel: (panel: PanelName | undefined, by: number) => void;
  readonly onResize: () => void;
}

export interface Terminal {
  readonly size: Size;
  /** Shows a frame: only boxes that differ from the last one are touched, only cells that differ are written. */
  draw(boxes: readonly Box[]): void;
  /** Writes every cell anew. */
  redraw(): void;
  /** Gives the terminal back as it was. May be called more than once. */
  leave(): void;
}

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
export function hasColours(environment: NodeJS.ProcessEnv): boolean {
  if (environment.NO_COLOR) return false;
  return !/^(?:vt[0-9]|dumb|.*-m$|.*-mono$)/.test(environment.TERM ?? '');
}

/** Whether the locale is a UTF-8 one, by the variables in the order that C looks at them. */
export function isUtf8(environment: NodeJS.ProcessEnv): boolean {
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

/**
 * The one place that knows blessed. Its database of terminals cannot be trusted (neither found nor parsed for
 * today's TERMs), so every terminal is driven as xterm-256color, which all of them understand.
 */
export async function openTerminal(input: Input, environment: NodeJS.ProcessEnv): Promise<Terminal> {
  // Read when blessed is loaded: borders as Unicode, not by switching character sets.
  process.env.NCURSES_NO_UTF8_ACS = '1';
  const { default: blessed } = await import('blessed');
  const { default: contribSparkline } = await import('blessed-contrib/lib/widget/sparkline.js');
  const unicode = isUtf8(environment);
  const shownText = (text: string): string =>
    escapeTags(unicode ? text : text.replace(/[^\x00-\x7f]/gu, (character) => ASCII[character] ?? '?'));
  const tones = hasColours(environment) ? COLOURS : WITHOUT_COLOUR;
  const coloured = tones === COLOURS;
  const screen = blessed.screen({
    terminal: 'xterm-256color',
    warnings: false,
    fullUnicode: true,
    smartCSR: true,
    title: 'crm_mon',
  } as Widgets.IScreenOptions);

  const markup = (line: Line): string =>
    line
      .map(({ text, tone, inverse }) => {
        const [open, close] = tones[tone];
        const body = `${open}${shownText(text)}${close}`;
        return inverse ? `{inverse}${body}{/inverse}` : body;
      })
      .join('');

  interface Shown {
    readonly element: Widgets.BoxElement;
    spark: Sparkline | undefined;
    text: string;
    place: string;
    box: Box;
  }
  const shown = new Map<string, Shown>();

  const create = (box: Box): Shown => {
    const element = blessed.box({
      parent: screen,
      tags: true,
      wrap: false,
      ...(box.title === undefined ? {} : { border: { type: 'line' } }),
      style: coloured ? { border: { fg: 'white' }, label: { fg: 'white' } } : {},
    } as Widgets.BoxOptions);
    const made: Shown = { element, spark: undefined, text: '', place: '', box };
    shown.set(box.name, made);
    return made;
  };

  const update = (box: Box): void => {
    let one = shown.get(box.name);
    if (one && (one.box.title === undefined) !== (box.title === undefined)) {
      one.element.destroy();
      shown.delete(box.name);
      one = undefined;
    }
    one ??= create(box);
    const { element } = one;
    one.box = box;
    const place = `${box.top} ${box.left} ${box.width} ${box.height}`;
    if (one.place !== place) {
      Object.assign(element, { top: box.top, left: box.left, width: box.width, height: box.height });
      one.place = place;
    }
    const title =
      box.title === undefined
        ? ''
        : ` ${box.focused ? '{bold}' : ''}${shownText(fitTitle(box))}${box.focused ? '{/bold}' : ''} `;
    const text = box.lines.map(markup).join('\n');
    const key = `${title}\n${box.focused}\n${text}\n${box.times?.join() ?? ''}`;
    if (one.text !== key) {
      one.text = key;
      if (box.title !== undefined) {
        element.setLabel(title);
        if (coloured) element.style.border.fg = box.focused ? 'cyan' : 'white';
      }
      element.setContent(text);
      one.spark?.destroy();
      one.spark = undefined;
      if (box.times) {
        one.spark = contribSparkline({
          parent: element,
          bottom: 0,
          left: 1,
          height: 3,
          width: box.width - 4,
          tags: true,
          style: coloured ? { fg: 'cyan', titleFg: 'white' } : {},
        });
        one.spark.setData(
          [`operation times, ${Math.min(...box.times)}-${Math.max(...box.times)} ms`],
          [[...box.times]],
        );
      }
    }
    element.show();
    if (box.name === 'overlay') element.setFront();
  };

  const panelAt = (x: number, y: number): Shown | undefined => {
    for (const one of [...shown.values()].reverse()) {
      const { box, element } = one;
      if (element.hidden) continue;
      if (x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height) return one;
    }
    return undefined;
  };
  const isPanel = (name: Box['name']): name is PanelName =>
    name !== 'header' && name !== 'footer' && name !== 'overlay';

  screen.on('keypress', (character: string | undefined, key: { full?: string; name?: string }) => {
    // Return comes as both; one is enough.
    if (key.full === 'return') return;
    const name = key.full ?? character ?? '';
    input.onKey(name === ' ' ? 'space' : name, character);
  });
  screen.on('mouse', (event: { action: string; x: number; y: number }) => {
    const at = panelAt(event.x, event.y);
    const panel = at && isPanel(at.box.name) ? at.box.name : undefined;
    if (event.action === 'wheelup' || event.action === 'wheeldown') {
      input.onWheel(panel, event.action === 'wheelup' ? -3 : 3);
    } else if (event.action === 'mousedown' && at && panel) {
      input.onClick(panel, event.y - at.box.top - 1);
    }
  });
  screen.on('resize', () => {
    screen.realloc();
    input.onResize();
  });
  screen.enableKeys();
  (screen as unknown as { enableMouse(): void }).enableMouse();

  let left = false;
  return {
    get size() {
      return { columns: screen.width as number, rows: screen.height as number };
    },
    draw(boxes) {
      if (left) return;
      const names = new Set<string>(boxes.map((box) => box.name));
      for (const [name, one] of shown) if (!names.has(name)) one.element.hide();
      for (const box of boxes) update(box);
      screen.render();
    },
    redraw() {
      if (left) return;
      screen.realloc();
      screen.render();
    },
    leave() {
      if (left) return;
      left = true;
      screen.destroy();
    },
  };
}

/** A title must leave the corners of its border. */
function fitTitle(box: Box): string {
  const room = box.width - 6;
  const title = box.title ?? '';
  return [...title].length <= room ? title : `${[...title].slice(0, Math.max(0, room - 1)).join('')}…`;
}
