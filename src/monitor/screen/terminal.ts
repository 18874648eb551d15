import type { Widgets } from 'blessed';
import { Boxes } from './boxes.js';
import type { Box, Size } from './frame.js';
import { Markup } from './markup.js';
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

/**
 * The one place that starts blessed. Its database of terminals cannot be trusted (neither found nor parsed for
 * today's TERMs), so every terminal is driven as xterm-256color, which all of them understand.
 */
export async function openTerminal(input: Input, environment: NodeJS.ProcessEnv): Promise<Terminal> {
  // Read when blessed is loaded: borders as Unicode, not by switching character sets.
  process.env.NCURSES_NO_UTF8_ACS = '1';
  const { default: blessed } = await import('blessed');
  const { default: sparkline } = await import('blessed-contrib/lib/widget/sparkline.js');
  const screen = blessed.screen({
    terminal: 'xterm-256color',
    warnings: false,
    fullUnicode: true,
    smartCSR: true,
    title: 'crm_mon',
  } as Widgets.IScreenOptions);
  const boxes = new Boxes(screen, { box: blessed.box, sparkline }, new Markup(environment));
  listen(screen, boxes, input);
  let left = false;
  return {
    get size() {
      return { columns: screen.width as number, rows: screen.height as number };
    },
    draw(frame) {
      if (left) return;
      boxes.show(frame);
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

function listen(screen: Widgets.Screen, boxes: Boxes, input: Input): void {
  screen.on('keypress', (character: string | undefined, key: { full?: string; name?: string }) => {
    // Return comes as both; one is enough.
    if (key.full === 'return') return;
    const name = key.full ?? character ?? '';
    input.onKey(name === ' ' ? 'space' : name, character);
  });
  screen.on('mouse', (event: { action: string; x: number; y: number }) => {
    const at = boxes.at(event.x, event.y);
    const panel = at && isPanel(at.name) ? at.name : undefined;
    if (event.action === 'wheelup' || event.action === 'wheeldown') {
      input.onWheel(panel, event.action === 'wheelup' ? -3 : 3);
    } else if (event.action === 'mousedown' && at && panel) {
      input.onClick(panel, event.y - at.top - 1);
    }
  });
  screen.on('resize', () => {
    screen.realloc();
    input.onResize();
  });
  screen.enableKeys();
  (screen as unknown as { enableMouse(): void }).enableMouse();
}

function isPanel(name: Box['name']): name is PanelName {
  return name !== 'header' && name !== 'footer' && name !== 'overlay';
}
