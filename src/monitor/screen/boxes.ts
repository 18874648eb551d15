import type { Widgets } from 'blessed';
import type { default as makeSparkline, Sparkline } from 'blessed-contrib/lib/widget/sparkline.js';
import type { Box } from './frame.js';
import type { Markup } from './markup.js';

/** What makes blessed's widgets; given, since blessed is loaded late. */
export interface Widgetry {
  readonly box: (options: Widgets.BoxOptions) => Widgets.BoxElement;
  readonly sparkline: typeof makeSparkline;
}

interface Shown {
  readonly element: Widgets.BoxElement;
  spark: Sparkline | undefined;
  text: string;
  place: string;
  box: Box;
}

/** The boxes of a frame on blessed's screen: one that has not changed is not touched. */
export class Boxes {
  readonly #screen: Widgets.Screen;
  readonly #widgetry: Widgetry;
  readonly #markup: Markup;
  readonly #shown = new Map<string, Shown>();

  constructor(screen: Widgets.Screen, widgetry: Widgetry, markup: Markup) {
    this.#screen = screen;
    this.#widgetry = widgetry;
    this.#markup = markup;
  }

  show(boxes: readonly Box[]): void {
    const names = new Set<string>(boxes.map((box) => box.name));
    for (const [name, one] of this.#shown) if (!names.has(name)) one.element.hide();
    for (const box of boxes) this.#update(box);
  }

  /** The box that lies on top at a place. */
  at(x: number, y: number): Box | undefined {
    for (const { box, element } of [...this.#shown.values()].reverse()) {
      if (element.hidden) continue;
      if (x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height) return box;
    }
    return undefined;
  }

  #update(box: Box): void {
    const one = this.#elementFor(box);
    const { element } = one;
    one.box = box;
    const place = `${box.top} ${box.left} ${box.width} ${box.height}`;
    if (one.place !== place) {
      Object.assign(element, { top: box.top, left: box.left, width: box.width, height: box.height });
      one.place = place;
    }
    this.#fill(one, box);
    element.show();
    if (box.name === 'overlay') element.setFront();
  }

  /** A box with a border is not made one without. */
  #elementFor(box: Box): Shown {
    const known = this.#shown.get(box.name);
    if (known && (known.box.title === undefined) === (box.title === undefined)) return known;
    known?.element.destroy();
    // At the end: the one that was made last lies on top.
    this.#shown.delete(box.name);
    const element = this.#widgetry.box({
      parent: this.#screen,
      tags: true,
      wrap: false,
      ...(box.title === undefined ? {} : { border: { type: 'line' } }),
      style: this.#markup.coloured ? { border: { fg: 'white' }, label: { fg: 'white' } } : {},
    });
    const made: Shown = { element, spark: undefined, text: '', place: '', box };
    this.#shown.set(box.name, made);
    return made;
  }

  #fill(one: Shown, box: Box): void {
    const { element } = one;
    const title =
      box.title === undefined
        ? ''
        : ` ${box.focused ? '{bold}' : ''}${this.#markup.text(fitTitle(box))}${box.focused ? '{/bold}' : ''} `;
    const text = box.lines.map((line) => this.#markup.line(line)).join('\n');
    const key = `${title}\n${box.focused}\n${text}\n${box.times?.join() ?? ''}`;
    if (one.text === key) return;
    one.text = key;
    if (box.title !== undefined) {
      element.setLabel(title);
      if (this.#markup.coloured) element.style.border.fg = box.focused ? 'cyan' : 'white';
    }
    element.setContent(text);
    one.spark?.destroy();
    one.spark = box.times && this.#sparkline(element, box, box.times);
  }

  #sparkline(parent: Widgets.BoxElement, box: Box, times: readonly number[]): Sparkline {
    const spark = this.#widgetry.sparkline({
      parent,
      bottom: 0,
      left: 1,
      height: 3,
      width: box.width - 4,
      tags: true,
      style: this.#markup.coloured ? { fg: 'cyan', titleFg: 'white' } : {},
    });
    spark.setData([`operation times, ${Math.min(...times)}-${Math.max(...times)} ms`], [[...times]]);
    return spark;
  }
}

/** A title must leave the corners of its border. */
function fitTitle(box: Box): string {
  const room = box.width - 6;
  const title = box.title ?? '';
  return [...title].length <= room ? title : `${[...title].slice(0, Math.max(0, room - 1)).join('')}…`;
}
