import { filterRows, type PanelContent, type Row, type Subject } from '../panels/table.js';
import { type Action, actionsFor } from './actions.js';
import { CLASSIC_KEYS } from './classic.js';
import { type Order, PANELS, type PanelName, type Picture } from './picture.js';

export type Overlay =
  | { readonly kind: 'help'; readonly scroll: number }
  | { readonly kind: 'details'; readonly subject: Subject; readonly scroll: number }
  /** The text that `crm_mon -1` prints with the options of these letters. */
  | { readonly kind: 'classic'; readonly options: ReadonlySet<string>; readonly scroll: number }
  | {
      readonly kind: 'menu';
      readonly actions: readonly Action[];
      readonly title: string;
      readonly at: number;
    }
  | { readonly kind: 'confirm'; readonly action: Action }
  | {
      readonly kind: 'result';
      readonly title: string;
      readonly lines: readonly string[];
      readonly busy: boolean;
    };

/** What the person at the screen has chosen; everything else comes from the picture. */
export interface Ui {
  readonly focus: PanelName;
  /** Key of the selected row in each panel; undefined: the first. */
  readonly selected: Readonly<Partial<Record<PanelName, string>>>;
  readonly filter: string;
  /** The filter is being typed. */
  readonly typing: boolean;
  readonly order: Order;
  /** The focused panel has the whole screen. */
  readonly zoomed: boolean;
  /** New pictures wait; `back` counts how far one has stepped into the past. */
  readonly paused: boolean;
  readonly back: number;
  readonly overlay: Overlay | undefined;
}

export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'refresh' }
  /** Lists must be made in another order. */
  | { readonly kind: 'arrange' }
  | { readonly kind: 'run'; readonly action: Action };

export interface Step {
  readonly ui: Ui;
  readonly effect?: Effect;
}

export interface Surroundings {
  readonly picture: Picture | undefined;
  /** Rows that a panel shows at once. */
  readonly pageSize: number;
  readonly pastCount: number;
  readonly readOnly: boolean;
}

export function initialUi(options: { byNode: boolean; inactive: boolean }): Ui {
  return {
    focus: 'resources',
    selected: {},
    filter: '',
    typing: false,
    order: {
      byNode: options.byNode,
      inactive: options.inactive,
      byState: false,
      nodesByState: false,
      folded: new Set(),
    },
    zoomed: false,
    paused: false,
    back: 0,
    overlay: undefined,
  };
}

/** The rows a panel shows: all, or those that the filter lets through. */
export function shownRows(ui: Ui, content: PanelContent | undefined): readonly Row[] {
  return content ? filterRows(content.rows, ui.filter) : [];
}

export function selectedIndex(ui: Ui, panel: PanelName, rows: readonly Row[]): number {
  const key = ui.selected[panel];
  const index = key === undefined ? 0 : rows.findIndex((row) => row.key === key);
  return Math.max(index, 0);
}

function selectedRow(ui: Ui, around: Surroundings): Row | undefined {
  const rows = shownRows(ui, around.picture?.panels[ui.focus]);
  return rows[selectedIndex(ui, ui.focus, rows)];
}

function move(ui: Ui, around: Surroundings, by: number): Ui {
  const rows = shownRows(ui, around.picture?.panels[ui.focus]);
  if (rows.length === 0) return ui;
  const index = Math.max(0, Math.min(rows.length - 1, selectedIndex(ui, ui.focus, rows) + by));
  return { ...ui, selected: { ...ui.selected, [ui.focus]: rows[index]!.key } };
}

function nextPanel(ui: Ui, by: number): Ui {
  const index = (PANELS.indexOf(ui.focus) + by + PANELS.length) % PANELS.length;
  return { ...ui, focus: PANELS[index]! };
}

function reorder(ui: Ui, change: Partial<Order>): Step {
  return { ui: { ...ui, order: { ...ui.order, ...change } }, effect: { kind: 'arrange' } };
}

/** A key of the main view: what the footer, the help and the reducer all go by. */
export interface Binding {
  /** As blessed names them; the first is shown. */
  readonly keys: readonly string[];
  readonly label: string;
  readonly short?: string;
  readonly description: string;
  readonly run: (ui: Ui, around: Surroundings) => Step;
}

const just = (ui: Ui): Step => ({ ui });

function fold(ui: Ui, around: Surroundings): Step {
  const row = selectedRow(ui, around);
  const subject = row?.subject;
  if (ui.focus !== 'resources' || !subject || subject.kind === 'event') return just(ui);
  const id =
    row.key.startsWith('on ') && subject.kind === 'node' ? subject.name : row.key.replace(/^resource /, '');
  const folded = new Set(ui.order.folded);
  if (!folded.delete(id)) folded.add(id);
  return reorder(ui, { folded });
}

function openMenu(ui: Ui, around: Surroundings): Step {
  const subject = selectedRow(ui, around)?.subject;
  const online = around.picture?.status?.nodes.filter((node) => node.online).map((node) => node.name) ?? [];
  const actions = actionsFor(subject, online);
  if (actions.length === 0 || !subject || subject.kind === 'event') return just(ui);
  if (around.readOnly) {
    const lines = ['This view only looks: it was started read-only.'];
    return just({ ...ui, overlay: { kind: 'result', title: 'No actions', lines, busy: false } });
  }
  const title = subject.kind === 'node' ? `node ${subject.name}` : subject.id;
  return just({ ...ui, overlay: { kind: 'menu', actions, title, at: 0 } });
}

export const BINDINGS: readonly Binding[] = [
  {
    keys: ['up', 'k'],
    label: '↑',
    description: 'previous row',
    run: (ui, around) => just(move(ui, around, -1)),
  },
  {
    keys: ['down', 'j'],
    label: '↓',
    description: 'next row',
    run: (ui, around) => just(move(ui, around, 1)),
  },
  {
    keys: ['pageup', 'C-b'],
    label: 'PgUp',
    description: 'a page up',
    run: (ui, around) => just(move(ui, around, -around.pageSize)),
  },
  {
    keys: ['pagedown', 'C-f'],
    label: 'PgDn',
    description: 'a page down',
    run: (ui, around) => just(move(ui, around, around.pageSize)),
  },
  {
    keys: ['home'],
    label: 'Home',
    description: 'first row',
    run: (ui, around) => just(move(ui, around, Number.NEGATIVE_INFINITY)),
  },
  {
    keys: ['end'],
    label: 'End',
    description: 'last row; back to the present when looking back',
    run: (ui, around) =>
      ui.back > 0 ? just({ ...ui, back: 0, paused: false }) : just(move(ui, around, Number.MAX_SAFE_INTEGER)),
  },
  {
    keys: ['tab'],
    label: 'Tab',
    short: 'panel',
    description: 'next panel',
    run: (ui) => just(nextPanel(ui, 1)),
  },
  { keys: ['S-tab'], label: 'S-Tab', description: 'previous panel', run: (ui) => just(nextPanel(ui, -1)) },
  {
    keys: ['enter', 'return'],
    label: 'Enter',
    short: 'details',
    description: 'details: failures, operations, constraints, parameters, events, log',
    run: (ui, around) => {
      const subject = selectedRow(ui, around)?.subject;
      return just(subject ? { ...ui, overlay: { kind: 'details', subject, scroll: 0 } } : ui);
    },
  },
  { keys: ['a'], label: 'a', short: 'action', description: 'actions on what is selected', run: openMenu },
  {
    keys: ['/'],
    label: '/',
    short: 'filter',
    description: 'show only rows with a text; Esc ends it',
    run: (ui) => just({ ...ui, typing: true }),
  },
  {
    keys: ['n', 'g'],
    label: 'n',
    short: 'by node',
    description: 'group resources by node',
    run: (ui) => reorder(ui, { byNode: !ui.order.byNode }),
  },
  {
    keys: ['r'],
    label: 'r',
    short: 'inactive',
    description: 'show inactive resources too',
    run: (ui) => reorder(ui, { inactive: !ui.order.inactive }),
  },
  {
    keys: ['s'],
    label: 's',
    short: 'sort',
    description: 'trouble first, or as configured',
    run: (ui) => reorder(ui, { byState: !ui.order.byState, nodesByState: !ui.order.nodesByState }),
  },
  {
    keys: ['space'],
    label: 'Space',
    description: 'fold or unfold a group, clone, bundle or node',
    run: fold,
  },
  {
    keys: ['z'],
    label: 'z',
    short: 'zoom',
    description: 'the focused panel alone, or all',
    run: (ui) => just({ ...ui, zoomed: !ui.zoomed }),
  },
  {
    keys: ['t'],
    label: 't',
    short: 'text',
    description: 'the text of crm_mon -1; there r n b R o t f A c m D switch its options',
    run: (ui) =>
      just({
        ...ui,
        overlay: {
          kind: 'classic',
          options: new Set(
            [ui.order.inactive ? 'r' : '', ui.order.byNode ? 'n' : ''].filter((key) => key !== ''),
          ),
          scroll: 0,
        },
      }),
  },
  {
    keys: ['p'],
    label: 'p',
    short: 'pause',
    description: 'hold the picture, or go on',
    run: (ui) => just({ ...ui, paused: !ui.paused, back: 0 }),
  },
  {
    keys: ['['],
    label: '[',
    description: 'step back in time',
    run: (ui, around) => just({ ...ui, paused: true, back: Math.min(ui.back + 1, around.pastCount) }),
  },
  {
    keys: [']'],
    label: ']',
    description: 'step forward in time',
    run: (ui) => just({ ...ui, back: Math.max(0, ui.back - 1) }),
  },
  {
    keys: ['C-l', 'C-r'],
    label: 'C-l',
    description: 'ask again now, and redraw',
    run: (ui) => ({ ui, effect: { kind: 'refresh' } }),
  },
  {
    keys: ['?', 'h', 'f1'],
    label: '?',
    short: 'help',
    description: 'this help',
    run: (ui) => just({ ...ui, overlay: { kind: 'help', scroll: 0 } }),
  },
  {
    keys: ['escape'],
    label: 'Esc',
    description: 'end the filter, the zoom, or looking back',
    run: (ui) => {
      if (ui.filter !== '') return just({ ...ui, filter: '' });
      if (ui.back > 0) return just({ ...ui, back: 0, paused: false });
      return just({ ...ui, zoomed: false });
    },
  },
  {
    keys: ['q'],
    label: 'q',
    short: 'quit',
    description: 'quit',
    run: (ui) => ({ ui, effect: { kind: 'quit' } }),
  },
];

const BY_KEY = new Map(BINDINGS.flatMap((binding) => binding.keys.map((key) => [key, binding] as const)));

function typeFilter(ui: Ui, key: string, text: string | undefined): Step {
  switch (key) {
    case 'enter':
    case 'return':
      return just({ ...ui, typing: false });
    case 'escape':
      return just({ ...ui, typing: false, filter: '' });
    case 'backspace':
      return just({ ...ui, filter: [...ui.filter].slice(0, -1).join('') });
    case 'C-u':
      return just({ ...ui, filter: '' });
    default:
      return just(text !== undefined && /^\P{Cc}+$/u.test(text) ? { ...ui, filter: ui.filter + text } : ui);
  }
}

const CLOSING = new Set(['escape', 'q', 'enter', 'return']);

function scrolled(scroll: number, key: string, page: number): number | undefined {
  switch (key) {
    case 'up':
    case 'k':
      return Math.max(0, scroll - 1);
    case 'down':
    case 'j':
      return scroll + 1;
    case 'pageup':
      return Math.max(0, scroll - page);
    case 'pagedown':
    case 'space':
      return scroll + page;
    case 'home':
      return 0;
    default:
      return undefined;
  }
}

function inOverlay(
  ui: Ui,
  overlay: Overlay,
  key: string,
  text: string | undefined,
  around: Surroundings,
): Step {
  const close: Step = { ui: { ...ui, overlay: undefined } };
  switch (overlay.kind) {
    case 'help':
    case 'details': {
      if (CLOSING.has(key) || (overlay.kind === 'help' && key === '?')) return close;
      if (key === 'a' && overlay.kind === 'details') return openMenu({ ...ui, overlay: undefined }, around);
      const scroll = scrolled(overlay.scroll, key, around.pageSize);
      return just(scroll === undefined ? ui : { ...ui, overlay: { ...overlay, scroll } });
    }
    case 'classic': {
      if (CLOSING.has(key)) return close;
      if (text !== undefined && text in CLASSIC_KEYS) {
        const options = new Set(overlay.options);
        if (!options.delete(text)) options.add(text);
        return just({ ...ui, overlay: { ...overlay, options } });
      }
      const scroll = scrolled(overlay.scroll, key, around.pageSize);
      return just(scroll === undefined ? ui : { ...ui, overlay: { ...overlay, scroll } });
    }
    case 'menu': {
      if (key === 'escape' || key === 'q') return close;
      if (key === 'up' || key === 'k' || key === 'down' || key === 'j') {
        const by = key === 'up' || key === 'k' ? -1 : 1;
        const at = (overlay.at + by + overlay.actions.length) % overlay.actions.length;
        return just({ ...ui, overlay: { ...overlay, at } });
      }
      const chosen =
        key === 'enter' || key === 'return'
          ? overlay.actions[overlay.at]
          : overlay.actions.find((action) => action.key === key || (action.key === 'R' && key === 'S-r'));
      return just(chosen ? { ...ui, overlay: { kind: 'confirm', action: chosen } } : ui);
    }
    case 'confirm':
      if (key === 'y' || key === 'S-y') {
        return { ui: { ...ui, overlay: undefined }, effect: { kind: 'run', action: overlay.action } };
      }
      return key === 'n' || key === 'escape' || key === 'q' ? close : just(ui);
    case 'result':
      return overlay.busy ? just(ui) : CLOSING.has(key) ? close : just(ui);
  }
}

/** What a key does. `text` is what it types, where it types something. Ctrl-C quits from everywhere. */
export function press(ui: Ui, key: string, text: string | undefined, around: Surroundings): Step {
  if (key === 'C-c') return { ui, effect: { kind: 'quit' } };
  if (ui.typing) return typeFilter(ui, key, text);
  if (ui.overlay) return inOverlay(ui, ui.overlay, key, text, around);
  return BY_KEY.get(key)?.run(ui, around) ?? just(ui);
}

/** A click on a row of a panel, or on the panel itself; a second click on the selected row opens its details. */
export function click(ui: Ui, panel: PanelName, row: Row | undefined): Step {
  if (ui.overlay || ui.typing) return just(ui);
  const again = ui.focus === panel && row !== undefined && ui.selected[panel] === row.key;
  const next: Ui = {
    ...ui,
    focus: panel,
    selected: row ? { ...ui.selected, [panel]: row.key } : ui.selected,
  };
  return just(
    again && row.subject ? { ...next, overlay: { kind: 'details', subject: row.subject, scroll: 0 } } : next,
  );
}

/** The wheel over a panel moves its selection; over an overlay it scrolls that. */
export function wheel(ui: Ui, panel: PanelName | undefined, by: number, around: Surroundings): Step {
  if (ui.overlay) return inOverlay(ui, ui.overlay, by < 0 ? 'up' : 'down', undefined, around);
  return just(panel ? move({ ...ui, focus: panel }, around, by) : ui);
}
