import type { Element, Position } from '../element.js';
import { cibRule } from './document.js';
import type { Attributes, ElementRule, Part, ValueRule, Variant } from './rules.js';
import type { SchemaVersion } from './versions.js';

/** One way in which a document does not obey its schema. */
export interface SchemaComplaint {
  readonly code:
    | 'unexpected-element'
    | 'missing-element'
    | 'too-many-elements'
    | 'misplaced-element'
    | 'unexpected-attribute'
    | 'missing-attribute'
    | 'invalid-value'
    | 'unexpected-text'
    | 'duplicate-id'
    | 'dangling-reference';
  readonly message: string;
  /** The element concerned. */
  readonly element: Element;
  /** Name of the attribute concerned. */
  readonly attribute?: string;
  readonly position: Position | undefined;
}

/** Everything in which a CIB does not obey a schema; empty where it does. */
export function validateSchema(cib: Element, version: SchemaVersion): SchemaComplaint[] {
  if (cib.name !== 'cib') {
    return [complaint('unexpected-element', cib, `the root element is <${cib.name}>, not <cib>`)];
  }
  const state: State = { complaints: [], ids: new Map(), references: [], fixed: cibRule(version) };
  checkElement(cib, state.fixed, state);
  for (const { element, attribute, target } of state.references) {
    if (state.ids.has(target)) continue;
    state.complaints.push(
      complaint(
        'dangling-reference',
        element,
        `${describe(element)}: ${attribute}="${target}" refers to something that is not there`,
        attribute,
      ),
    );
  }
  return state.complaints;
}

interface State {
  readonly complaints: SchemaComplaint[];
  readonly ids: Map<string, Element>;
  readonly references: { element: Element; attribute: string; target: string }[];
  readonly fixed: ElementRule;
}

function complaint(
  code: SchemaComplaint['code'],
  element: Element,
  message: string,
  attribute?: string,
): SchemaComplaint {
  const base = { code, message, element, position: element.position };
  return attribute === undefined ? base : { ...base, attribute };
}

/** An element for people: name, and id where it has one. */
export function describe(element: Element): string {
  const id = element.get('id');
  return id === undefined ? `<${element.name}>` : `<${element.name} id="${id}">`;
}

/** All ways to take one variant of every choice. */
function combinations(choices: readonly (readonly Variant[])[]): Variant[][] {
  return choices.reduce<Variant[][]>(
    (soFar, list) => soFar.flatMap((chosen) => list.map((variant) => [...chosen, variant])),
    [[]],
  );
}

interface Reading {
  readonly attributes: Attributes;
  readonly parts: readonly Part[];
  readonly complaints: SchemaComplaint[];
}

function checkElement(element: Element, rule: ElementRule, state: State): void {
  if (rule.anything) return;
  let best: Reading | undefined;
  for (const chosen of combinations(rule.choices ?? [])) {
    const attributes = Object.assign({}, rule.attributes, ...chosen.map((variant) => variant.attributes));
    const parts = [...chosen.flatMap((variant) => variant.children ?? []), ...(rule.children ?? [])];
    const complaints = [
      ...checkAttributes(element, attributes),
      ...checkChildren(element, parts, rule.ordered ?? false),
    ];
    if (!best || complaints.length < best.complaints.length) best = { attributes, parts, complaints };
    if (complaints.length === 0) break;
  }
  state.complaints.push(...best!.complaints);
  note(element, best!.attributes, state);
  for (const child of element.children) {
    if (child.kind !== 'element') continue;
    const part = best!.parts.find((candidate) => Object.hasOwn(candidate.elements, child.name));
    if (part) checkElement(child, part.elements[child.name]!, state);
  }
}

/** Keeps an element's id and references for the comparison at the end. */
function note(element: Element, attributes: Attributes, state: State): void {
  for (const [name, value] of element.attributes) {
    const kind = Object.hasOwn(attributes, name) ? attributes[name]!.value : undefined;
    if (kind === 'reference') {
      if (isName(value)) state.references.push({ element, attribute: name, target: value.trim() });
    } else if (kind === 'id' && isName(value)) {
      const first = state.ids.get(value.trim());
      if (first) {
        const place = first.position ? ` (line ${first.position.line})` : '';
        state.complaints.push(
          complaint(
            'duplicate-id',
            element,
            `${describe(element)}: the id is taken by ${describe(first)}${place}`,
            name,
          ),
        );
      } else {
        state.ids.set(value.trim(), element);
      }
    }
  }
}

function checkAttributes(element: Element, attributes: Attributes): SchemaComplaint[] {
  const found: SchemaComplaint[] = [];
  for (const [name, value] of element.attributes) {
    const rule = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (!rule) {
      found.push(
        complaint('unexpected-attribute', element, `${describe(element)} cannot have '${name}'`, name),
      );
      continue;
    }
    const expected = expectation(value, rule.value);
    if (expected !== undefined) {
      const message = `${describe(element)}: ${name}="${value}" is not ${expected}`;
      found.push(complaint('invalid-value', element, message, name));
    }
  }
  for (const [name, rule] of Object.entries(attributes)) {
    if (rule.required && !element.attributes.has(name)) {
      found.push(complaint('missing-attribute', element, `${describe(element)} needs '${name}'`, name));
    }
  }
  return found;
}

const NAME = /^[\p{L}_][\p{L}\p{M}\p{N}._\u00b7-]*$/u;

/** Whether a text can be an id: a letter or underscore, then letters, digits, `.`, `_` and `-`. */
export function isName(text: string): boolean {
  return NAME.test(text.trim());
}

function collapse(text: string): string {
  return text.trim().replace(/[ \t\n\r]+/g, ' ');
}

/** What would have been right; undefined where the value is. */
function expectation(value: string, rule: ValueRule): string | undefined {
  const unless = (right: boolean, expected: string) => (right ? undefined : expected);
  const text = collapse(value);
  switch (rule) {
    case 'text':
      return undefined;
    case 'id':
    case 'reference':
      return unless(isName(value), 'an id (it starts with a letter or _)');
    case 'boolean':
      return unless(/^(?:true|false|1|0)$/.test(text), 'true or false');
    case 'integer':
      return unless(/^[+-]?[0-9]+$/.test(text), 'a whole number');
    case 'non-negative':
      return unless(/^(?:\+?[0-9]+|-0+)$/.test(text), 'a whole number from 0');
    case 'positive':
      return unless(/^\+?0*[1-9][0-9]*$/.test(text), 'a whole number from 1');
    case 'score':
      return unless(
        /^(?:[+-]?[0-9]+|[+-]?INFINITY)$/.test(text),
        'a score (a whole number, INFINITY or -INFINITY)',
      );
  }
  if ('words' in rule) {
    const { words } = rule;
    return unless(words.includes(text), words.length === 1 ? words[0]! : `one of ${words.join(', ')}`);
  }
  if ('pattern' in rule) return unless(rule.pattern.test(value), rule.description);
  return unless(!rule.except.includes(text), 'allowed here (it is obsolete)');
}

function checkChildren(element: Element, parts: readonly Part[], ordered: boolean): SchemaComplaint[] {
  const found: SchemaComplaint[] = [];
  const counts = parts.map(() => 0);
  let at = 0;
  for (const child of element.children) {
    if (child.kind === 'comment') continue;
    if (child.kind === 'text') {
      if (child.text.trim() !== '') {
        found.push(complaint('unexpected-text', element, `${describe(element)} cannot hold text`));
      }
      continue;
    }
    const index = parts.findIndex((part) => Object.hasOwn(part.elements, child.name));
    if (index < 0) {
      const message = `${describe(child)} cannot stand in ${describe(element)}`;
      found.push(complaint('unexpected-element', child, message));
      continue;
    }
    if (ordered && index < at) {
      const message = `${describe(child)} must stand before what precedes it in ${describe(element)}`;
      found.push(complaint('misplaced-element', child, message));
    }
    at = Math.max(at, index);
    counts[index]!++;
    if (counts[index]! > parts[index]!.max) {
      const message = `${describe(element)} can hold only one ${names(parts[index]!)}`;
      found.push(complaint('too-many-elements', child, message));
    }
  }
  for (const [index, part] of parts.entries()) {
    if (counts[index]! >= part.min) continue;
    found.push(complaint('missing-element', element, `${describe(element)} needs a ${names(part)}`));
  }
  return found;
}

function names(part: Part): string {
  return Object.keys(part.elements)
    .map((name) => `<${name}>`)
    .join(' or ');
}
