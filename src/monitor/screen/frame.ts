import type { FeedState } from '../feed.js';
import {
  type Column,
  columnWidths,
  fitText,
  naturalWidths,
  type PanelContent,
  type Row,
  type Tone,
  textWidth,
} from '../panels/table.js';
import { ago } from '../panels/trouble.js';
import { commandLine } from './actions.js';
import { classicLines } from './classic.js';
import { type Details, detailsOf, type LogExcerpt } from './details.js';
import { PANELS, type PanelName, type Picture } from './picture.js';
import type { Placements } from './placement.js';
import { BINDINGS, type Overlay, selectedIndex, shownRows, type Ui } from './ui.js';

/** A run of text in one tone. */
export interface Segment {
  readonly text: string;
  readonly tone: Tone;
  readonly inverse?: boolean;
}

export type Line = readonly Segment[];

export interface Box {
  readonly name: PanelName | 'header' | 'footer' | 'overlay';
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
  /** Absent: no border. */
  readonly title?: string;
  readonly focused: boolean;
  readonly lines: readonly Line[];
  /** Rows on the lines below the column titles, for clicks. */
  readonly rows: readonly Row[];
  /** Milliseconds each, for a sparkline at the box's bottom. */
  readonly times?: readonly number[];
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What a frame is made of. */
export interface Scene {
  readonly ui: Ui;
  readonly picture: Picture | undefined;
  readonly feed: FeedState;
  readonly nowMs: number;
  readonly size: Size;
  readonly hosts: readonly string[];
  readonly pastCount: number;
  /** What the scheduler thinks of the picture's state, once it has been asked. */
  readonly placements?: Placements | undefined;
  /** Of what details are open; undefined: not asked, or not to be had. */
  readonly log?: readonly LogExcerpt[] | undefined;
}

/** Below this nothing useful can be shown. */
export const SIZE_MIN: Size = { columns: 40, rows: 12 };

/** Columns are fitted to texts in lists up to this long; in longer ones they would change too often. */
const FITTED_ROWS_MAX = 200;

interface Place {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

/** Where panels go: nodes and trouble on top, resources in the middle, activity and events below. */
export function layout(ui: Ui, picture: Picture | undefined, size: Size): Map<PanelName, Place> {
  const top = 1;
  const height = size.rows - 2;
  const full = { top, left: 0, width: size.columns, height };
  if (ui.zoomed) return new Map([[ui.focus, full]]);
  const left = Math.ceil(size.columns / 2);
  const right = size.columns - left;
  const places = new Map<PanelName, Place>();
  if (height < 16) {
    // Too low for three rows: what has the focus takes the resources' place.
    const upper = Math.max(4, Math.floor(height * 0.4));
    const main = ui.focus === 'activity' || ui.focus === 'events' ? ui.focus : 'resources';
    places.set('nodes', { top, left: 0, width: left, height: upper });
    places.set('trouble', { top, left, width: right, height: upper });
    return places.set(main, { top: top + upper, left: 0, width: size.columns, height: height - upper });
  }
  const nodes = picture?.panels.nodes.rows.length ?? 1;
  const trouble = picture?.panels.trouble.rows.length ?? 0;
  const upper = Math.max(5, Math.min(Math.max(nodes, trouble) + 3, Math.floor(height * 0.3)));
  const lower = Math.max(5, Math.min(12, Math.floor(height * 0.27)));
  const middle = height - upper - lower;
  places.set('nodes', { top, left: 0, width: left, height: upper });
  places.set('trouble', { top, left, width: right, height: upper });
  places.set('resources', { top: top + upper, left: 0, width: size.columns, height: middle });
  places.set('activity', { top: top + upper + middle, left: 0, width: left, height: lower });
  places.set('events', { top: top + upper + middle, left, width: right, height: lower });
  return places;
}

function rowLine(row: Row, columns: readonly Column[], widths: readonly number[], selected: boolean): Line {
  const line: Segment[] = [];
  for (const [index, column] of columns.entries()) {
    const width = widths[index]!;
    if (width === 0) continue;
    if (line.length > 0) line.push({ text: ' ', tone: 'plain', inverse: selected });
    const { text, tone } = row.cells[index]!;
    // One bar, in which only trouble keeps its colour.
    const shown = selected && tone !== 'bad' && tone !== 'warning' ? 'plain' : tone;
    line.push({ text: fitText(text, width, column.align), tone: shown, inverse: selected });
  }
  return line;
}

/** The first row shown, so that the selected one is seen: with room below it where there is some. */
function firstRow(selected: number, count: number, room: number): number {
  if (count <= room) return 0;
  return Math.max(0, Math.min(selected - Math.floor(room / 2), count - room));
}

function panelBox(name: PanelName, place: Place, ui: Ui, content: PanelContent | undefined): Box {
  const focused = ui.focus === name && !ui.overlay;
  const inner = { width: place.width - 2, height: place.height - 2 };
  const rows = shownRows(ui, content);
  const filtered = content && ui.filter !== '' ? ` /${ui.filter} ${rows.length}` : '';
  const title = `${content?.title ?? name}${filtered}`;
  if (!content || rows.length === 0) {
    const text = content
      ? ui.filter !== '' && content.rows.length > 0
        ? 'nothing matches'
        : content.empty
      : '…';
    return {
      name,
      ...place,
      title,
      focused,
      rows: [],
      lines: [[{ text: fitText(text, inner.width), tone: 'faint' }]],
    };
  }
  const natural = rows.length <= FITTED_ROWS_MAX ? naturalWidths(content.columns, rows) : undefined;
  const widths = columnWidths(content.columns, inner.width, natural);
  const titles: Line =
    rows.length < inner.height || inner.height > 5
      ? [
          {
            text: content.columns
              .map((column, index) => fitText(column.title, widths[index]!, column.align))
              .filter((_, index) => widths[index]! > 0)
              .join(' '),
            tone: 'faint',
          },
        ]
      : [];
  const room = inner.height - (titles.length > 0 ? 1 : 0);
  const selected = selectedIndex(ui, name, rows);
  const first = firstRow(selected, rows.length, room);
  const shown = rows.slice(first, first + room);
  const lines = shown.map((row, index) =>
    rowLine(row, content.columns, widths, focused && first + index === selected),
  );
  const more = rows.length > room ? ` ${first + 1}-${first + shown.length}/${rows.length}` : '';
  return {
    name,
    ...place,
    title: `${title}${more}`,
    focused,
    lines: titles.length > 0 ? [titles, ...lines] : lines,
    rows: titles.length > 0 ? [undefined as never, ...shown] : shown,
  };
}

/** How old the picture is, and why. */
function ageOf({ ui, picture, feed, nowMs, pastCount }: Scene): { text: string; tone: Tone } {
  if (ui.back > 0 && picture) {
    return {
      text: `PAST -${Math.min(ui.back, pastCount)} (${ago(picture.atMs, nowMs)} ago)`,
      tone: 'warning',
    };
  }
  if (ui.paused)
    return { text: `PAUSED ${picture ? ago(picture.atMs, nowMs) : ''}`.trimEnd(), tone: 'warning' };
  const age = picture ? ago(picture.atMs, nowMs) : '';
  switch (feed.kind) {
    case 'live':
      return { text: `live ${feed.name}, changed ${age} ago`, tone: 'good' };
    case 'polling':
      return { text: `every ${feed.everyMs / 1000}s, changed ${age} ago`, tone: 'good' };
    case 'silent':
      return { text: `no answer from ${feed.name} for ${ago(feed.sinceMs, nowMs)}`, tone: 'warning' };
    case 'connecting':
      return {
        text:
          feed.sinceMs === undefined ? 'connecting' : `LOST ${ago(feed.sinceMs, nowMs)} ago, reconnecting`,
        tone: feed.sinceMs === undefined ? 'warning' : 'bad',
      };
    case 'lost':
      return { text: `LOST ${ago(feed.sinceMs, nowMs)} ago`, tone: 'bad' };
  }
}

function headerLine(scene: Scene): Line {
  const { columns } = scene.size;
  const age = ageOf(scene);
  const ageText = fitText(age.text, Math.min(textWidth(age.text), Math.floor(columns * 0.6)));
  const line: Segment[] = [];
  let left = columns - textWidth(ageText) - 1;
  for (const part of scene.picture?.heading ?? [{ text: 'quorate', tone: 'strong' as const }]) {
    const gap = line.length > 0 ? 2 : 0;
    const width = textWidth(part.text);
    if (gap + width > left) break;
    if (gap > 0) line.push({ text: '  ', tone: 'plain' });
    line.push(part);
    left -= gap + width;
  }
  line.push({ text: ' '.repeat(Math.max(1, left + 1)), tone: 'plain' }, { text: ageText, tone: age.tone });
  return line;
}

function footerLine({ ui, feed, size }: Scene): Line {
  if (ui.typing) {
    return [
      { text: `/${ui.filter}█`, tone: 'strong' },
      { text: '  Enter keeps, Esc ends', tone: 'faint' },
    ];
  }
  if (feed.kind === 'lost')
    return [{ text: fitText(feed.message.split('\n')[0]!, size.columns), tone: 'bad' }];
  const line: Segment[] = [];
  let left = size.columns;
  // Help and the way out are always there, whatever else finds room.
  const named = BINDINGS.filter((binding) => binding.short !== undefined);
  const first = named.filter((binding) => binding.label === '?' || binding.label === 'q');
  for (const binding of [...first, ...named.filter((one) => !first.includes(one))]) {
    const short = binding.short!;
    const width = binding.label.length + 1 + short.length + (line.length > 0 ? 2 : 0);
    if (width > left) break;
    line.push(
      { text: `${line.length > 0 ? '  ' : ''}${binding.label}`, tone: 'strong' },
      { text: ` ${short}`, tone: 'faint' },
    );
    left -= width;
  }
  return line;
}

function textLines(lines: readonly { readonly text: string; readonly tone: Tone }[], width: number): Line[] {
  const wrapped: Line[] = [];
  for (const { text, tone } of lines) {
    if (textWidth(text) <= width) {
      wrapped.push([{ text: fitText(text, width).trimEnd(), tone }]);
      continue;
    }
    const indent = /^ */.exec(text)![0];
    let rest = text;
    let first = true;
    while (rest !== '') {
      const room = first ? width : width - indent.length - 2;
      let kept = '';
      for (const character of rest) {
        if (textWidth(kept) + textWidth(character) > room) break;
        kept += character;
      }
      const blank = kept.length < rest.length ? kept.lastIndexOf(' ') : -1;
      if (blank > room / 2) kept = kept.slice(0, blank);
      wrapped.push([{ text: `${first ? '' : `${indent}  `}${kept}`, tone }]);
      rest = rest.slice(kept.length).trimStart();
      first = false;
    }
  }
  return wrapped;
}

function helpLines(): { text: string; tone: Tone }[] {
  const keys = BINDINGS.map((binding) => ({
    text: `  ${binding.keys
      .map((key) => (key === binding.keys[0] ? binding.label : key))
      .join(', ')
      .padEnd(16)} ${binding.description}`,
    tone: 'plain' as const,
  }));
  const plain = (text: string) => ({ text, tone: 'plain' as const });
  return [
    { text: 'Keys', tone: 'strong' },
    ...keys,
    plain('  Ctrl-C           quit'),
    plain('  mouse            click selects, a second click opens details, the wheel moves'),
    plain(''),
    { text: 'Marks', tone: 'strong' },
    { text: '  ● running, online          ★ promoted', tone: 'good' },
    { text: '  ◌ something is under way', tone: 'busy' },
    { text: '  ◐ unmanaged, standby, maintenance', tone: 'warning' },
    { text: '  ○ stopped, offline         ✖ failed, blocked, unclean', tone: 'bad' },
  ];
}

/** Headings and trouble stand out. */
function classicTone(text: string): { text: string; tone: Tone } {
  if (/FAILED|UNCLEAN|OFFLINE|BLOCKED|WITHOUT/.test(text)) return { text, tone: 'bad' };
  return { text, tone: text.startsWith(' ') ? 'plain' : 'strong' };
}

function overlayBox(overlay: Overlay, scene: Scene): Box {
  const { size } = scene;
  const place = (width: number, height: number): Place => {
    const w = Math.min(width, size.columns);
    const h = Math.min(height, size.rows - 2);
    return {
      width: w,
      height: h,
      left: Math.floor((size.columns - w) / 2),
      top: Math.max(1, Math.floor((size.rows - h) / 2)),
    };
  };
  const scrolling = (
    title: string,
    lines: readonly { readonly text: string; readonly tone: Tone }[],
    scroll: number,
    times?: readonly number[],
  ): Box => {
    const at = place(Math.min(100, size.columns - 4), size.rows - 2);
    const spark = times && times.length > 1 && at.height > 12 ? 2 : 0;
    const room = at.height - 2 - spark;
    const wrapped = textLines(lines, at.width - 4);
    const first = Math.max(0, Math.min(scroll, wrapped.length - room));
    const more =
      wrapped.length > room
        ? ` ${first + 1}-${Math.min(first + room, wrapped.length)}/${wrapped.length}`
        : '';
    return {
      name: 'overlay',
      ...at,
      title: `${title}${more} · Esc closes`,
      focused: true,
      rows: [],
      lines: wrapped.slice(first, first + room).map((line) => [{ text: ' ', tone: 'plain' }, ...line]),
      ...(spark > 0 ? { times: times! } : {}),
    };
  };
  const boxed = (title: string, lines: readonly Line[], width: number): Box => ({
    name: 'overlay',
    ...place(Math.min(width, size.columns - 2), lines.length + 2),
    title,
    focused: true,
    rows: [],
    lines,
  });
  switch (overlay.kind) {
    case 'help':
      return scrolling('Help', helpLines(), overlay.scroll);
    case 'classic': {
      const { picture } = scene;
      const title = `crm_mon -1${[...overlay.options].join('')}`;
      const lines = picture?.status
        ? classicLines(picture.status, picture.fencing, overlay.options)
        : [picture ? 'Only the present can be shown so. End returns to it.' : '…'];
      return scrolling(title, lines.map(classicTone), overlay.scroll);
    }
    case 'details': {
      const details: Details = detailsOf(
        overlay.subject,
        scene.picture?.status,
        scene.picture?.timeline ?? [],
        scene.placements,
        scene.log,
      );
      return scrolling(details.title, details.lines, overlay.scroll, details.times);
    }
    case 'menu': {
      const lines = overlay.actions.map((action, index): Line => {
        const inverse = index === overlay.at;
        return [
          { text: ` ${action.key} `, tone: 'strong', inverse },
          {
            text: ` ${fitText(action.description, 52)}`,
            tone: action.dangerous ? 'warning' : 'plain',
            inverse,
          },
        ];
      });
      return boxed(`${overlay.title}: what is to be done?`, lines, 60);
    }
    case 'confirm': {
      const command = commandLine(overlay.action, scene.hosts);
      const width = Math.min(size.columns - 6, 70);
      return boxed(
        overlay.action.dangerous ? 'This may interrupt services' : 'Really?',
        [
          [],
          ...textLines(
            [{ text: command, tone: overlay.action.dangerous ? 'warning' : 'strong' }],
            width - 2,
          ).map((line): Line => [{ text: ' ', tone: 'plain' }, ...line]),
          [],
          [
            { text: ' y', tone: 'strong' },
            { text: ' runs it, ', tone: 'plain' },
            { text: 'n', tone: 'strong' },
            { text: ' does not', tone: 'plain' },
          ],
        ],
        width,
      );
    }
    case 'result': {
      const width = Math.min(size.columns - 4, 90);
      const lines = textLines(
        overlay.lines.map((text) => ({ text, tone: 'plain' })),
        width - 4,
      ).slice(0, size.rows - 8);
      return boxed(
        overlay.title,
        [
          ...lines.map((line): Line => [{ text: ' ', tone: 'plain' }, ...line]),
          [{ text: overlay.busy ? ' …' : ' Esc closes', tone: 'faint' }],
        ],
        width,
      );
    }
  }
}

/** Everything that is to be seen, as boxes of lines; nothing here knows how terminals work. */
export function frame(scene: Scene): Box[] {
  const { ui, picture, size } = scene;
  if (size.columns < SIZE_MIN.columns || size.rows < SIZE_MIN.rows) {
    const text = `The terminal is too small: ${size.columns}x${size.rows}, at least ${SIZE_MIN.columns}x${SIZE_MIN.rows} is needed`;
    const whole = { top: 0, left: 0, width: size.columns, height: size.rows };
    return [
      {
        name: 'header',
        ...whole,
        focused: false,
        rows: [],
        lines: [[{ text: fitText(text, size.columns), tone: 'bad' }]],
      },
    ];
  }
  const bare = (name: 'header' | 'footer', top: number, line: Line): Box => ({
    name,
    top,
    left: 0,
    width: size.columns,
    height: 1,
    focused: false,
    rows: [],
    lines: [line],
  });
  const boxes: Box[] = [bare('header', 0, headerLine(scene))];
  const places = layout(ui, picture, size);
  for (const name of PANELS) {
    const place = places.get(name);
    if (place) boxes.push(panelBox(name, place, ui, picture?.panels[name]));
  }
  boxes.push(bare('footer', size.rows - 1, footerLine(scene)));
  if (ui.overlay) boxes.push(overlayBox(ui.overlay, scene));
  return boxes;
}
