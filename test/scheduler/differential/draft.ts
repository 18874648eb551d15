import { Element } from '../../../src/cib/element.js';
import type { Dice } from './dice.js';

/** When the scheduler is to look at it, in seconds since 1970. */
export const NOW = 1_700_000_000;

export const SCORES = [
  '0',
  '1',
  '10',
  '100',
  '500',
  '-1',
  '-10',
  '-500',
  'INFINITY',
  '-INFINITY',
  'INFINITY',
  '-INFINITY',
];

/** A resource at the top level. */
export interface Generated {
  readonly id: string;
  readonly kind: 'primitive' | 'group' | 'clone' | 'bundle';
  readonly promotable: boolean;
  /** Primitives as histories name them, with how many instances there can be. */
  readonly primitives: readonly GeneratedPrimitive[];
}

export interface GeneratedPrimitive {
  readonly id: string;
  readonly xml: Element;
  readonly promotable: boolean;
  readonly cloned: boolean;
  readonly unique: boolean;
}

/** What there may be in a cluster, or may not. */
const FLAVOURS = [
  'utilization',
  'health',
  'tickets',
  'clones',
  'promotable',
  'groups',
  'bundles',
  'stonith',
  'remote',
  'guest',
  'migration',
  'failures',
  'pending',
  'notify',
  'sets',
  'rules',
  'maintenance',
  'probes',
  'shutdown',
  'templates',
  'unfencing',
  'reload',
  'orphans',
];

/** A cluster in the making. */
export class Draft {
  readonly dice: Dice;
  readonly nodes: string[] = [];
  readonly remotes: string[] = [];
  readonly resources: Generated[] = [];
  readonly #flavours: ReadonlySet<string>;
  #counter = 0;

  constructor(dice: Dice) {
    this.dice = dice;
    this.#flavours = new Set(dice.some(FLAVOURS, dice.pick([0.15, 0.3, 0.5])));
  }

  is(flavour: string): boolean {
    return this.#flavours.has(flavour);
  }

  id(prefix: string): string {
    return `${prefix}${++this.#counter}`;
  }

  /** An attribute with one of the values, or none. */
  maybe(probability: number, name: string, values: readonly string[]): [string, string][] {
    return this.dice.chance(probability) ? [[name, this.dice.pick(values)]] : [];
  }

  attributes(kind: string, pairs: readonly (readonly [string, string])[]): Element {
    const id = this.id('set');
    const set = new Element(kind, { id });
    for (const [name, value] of pairs)
      set.append(new Element('nvpair', { id: `${id}-${name.replace(/[^a-z0-9-]/gi, '_')}`, name, value }));
    return set;
  }
}
