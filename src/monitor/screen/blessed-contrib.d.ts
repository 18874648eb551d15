declare module 'blessed-contrib/lib/widget/sparkline.js' {
  import type { Widgets } from 'blessed';

  export interface Sparkline extends Widgets.BoxElement {
    /** One line of bars for each title. */
    setData(titles: string[], datasets: number[][]): void;
  }
  export default function sparkline(
    options: Widgets.BoxOptions & { style?: { titleFg?: string } },
  ): Sparkline;
}
