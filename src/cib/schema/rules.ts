/** What may stand as the value of an attribute. */
export type ValueRule =
  | 'text'
  /** An XML name that no other element has as its id. */
  | 'id'
  /** The id of some element. */
  | 'reference'
  | 'boolean'
  | 'integer'
  | 'non-negative'
  | 'positive'
  | 'score'
  | { readonly words: readonly string[] }
  | { readonly pattern: RegExp; readonly description: string }
  | { readonly except: readonly string[] };

export interface AttributeRule {
  readonly value: ValueRule;
  readonly required: boolean;
}

export function required(value: ValueRule = 'text'): AttributeRule {
  return { value, required: true };
}

export function optional(value: ValueRule = 'text'): AttributeRule {
  return { value, required: false };
}

export function words(...list: readonly string[]): ValueRule {
  return { words: list };
}

export type Attributes = Readonly<Record<string, AttributeRule>>;

/** A place for children: those of these names, so many of them. */
export interface Part {
  readonly elements: Readonly<Record<string, ElementRule>>;
  readonly min: number;
  readonly max: number;
}

/** One of the ways in which an element may be written. */
export interface Variant {
  readonly attributes?: Attributes;
  readonly children?: readonly Part[];
}

/** What an element may hold. */
export interface ElementRule {
  readonly attributes?: Attributes;
  /** One variant of each list must fit. */
  readonly choices?: readonly (readonly Variant[])[];
  readonly children?: readonly Part[];
  /** The parts (those of variants first, in their order) must come one after the other. Default: in any order. */
  readonly ordered?: boolean;
  /** Anything may stand here. */
  readonly anything?: boolean;
}

export function many(elements: Readonly<Record<string, ElementRule>>): Part {
  return { elements, min: 0, max: Number.POSITIVE_INFINITY };
}

export function oneOrMore(elements: Readonly<Record<string, ElementRule>>): Part {
  return { elements, min: 1, max: Number.POSITIVE_INFINITY };
}

export function atMostOne(elements: Readonly<Record<string, ElementRule>>): Part {
  return { elements, min: 0, max: 1 };
}

export function exactlyOne(elements: Readonly<Record<string, ElementRule>>): Part {
  return { elements, min: 1, max: 1 };
}
