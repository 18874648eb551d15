import type { Element, Node } from './element.js';
import { type Expression, type Path, parseXPath, type Step } from './xpath-parser.js';

export { XPathError } from './xpath-parser.js';

/** A node as XPath sees it. */
export interface XPathNode {
  readonly kind: 'document' | 'element' | 'attribute' | 'text' | 'comment';
  /** The element itself, or that which has the attribute, text or comment; undefined for the document. */
  readonly element: Element | undefined;
  readonly parent: XPathNode | undefined;
  /** Name of an element or attribute, else empty. */
  readonly name: string;
  /** Value of an attribute, text of a text or comment, else empty. */
  readonly value: string;
  /** Position in document order. */
  readonly order: number;
}

type Value = string | number | boolean | XPathNode[];

/** Searches one state of a document; make a new one after changing it. */
export class XPathDocument {
  private readonly root: XPathNode;
  private readonly children = new Map<XPathNode, XPathNode[]>();
  private order = 0;

  constructor(rootElement: Element) {
    this.root = {
      kind: 'document',
      element: undefined,
      parent: undefined,
      name: '',
      value: '',
      order: this.order++,
    };
    this.children.set(this.root, [this.enter(rootElement, this.root)]);
  }

  private enter(node: Node, parent: XPathNode): XPathNode {
    if (node.kind !== 'element') {
      return {
        kind: node.kind,
        element: parent.element,
        parent,
        name: '',
        value: node.text,
        order: this.order++,
      };
    }
    const entered: XPathNode = {
      kind: 'element',
      element: node,
      parent,
      name: node.name,
      value: '',
      order: this.order,
    };
    this.order += 1 + node.attributes.size;
    this.children.set(
      entered,
      node.children.map((child) => this.enter(child, entered)),
    );
    return entered;
  }

  private attributes(node: XPathNode): XPathNode[] {
    let order = node.order + 1;
    const found: XPathNode[] = [];
    for (const [name, value] of node.element?.attributes ?? []) {
      found.push({ kind: 'attribute', element: node.element, parent: node, name, value, order: order++ });
    }
    return found;
  }

  /**
   * The nodes that an expression selects, in document order.
   *
   * @throws XPathError where the expression is no location path, or uses what is not supported
   */
  select(expression: string): XPathNode[] {
    return this.selectParsed(parseXPath(expression));
  }

  private selectParsed(expression: Expression): XPathNode[] {
    const value = this.evaluate(expression, { node: this.root, position: 1, size: 1 });
    return Array.isArray(value) ? value : [];
  }

  private *descendants(node: XPathNode): Generator<XPathNode> {
    for (const child of this.children.get(node) ?? []) {
      yield child;
      yield* this.descendants(child);
    }
  }

  private axis(node: XPathNode, step: Step): Iterable<XPathNode> {
    switch (step.axis) {
      case 'child':
        return this.children.get(node) ?? [];
      case 'descendant':
        return this.descendants(node);
      case 'descendant-or-self':
        return [node, ...this.descendants(node)];
      case 'attribute':
        return node.kind === 'element' ? this.attributes(node) : [];
      case 'self':
        return [node];
      case 'parent':
        return node.parent ? [node.parent] : [];
      case 'ancestor':
      case 'ancestor-or-self': {
        const found: XPathNode[] = step.axis === 'ancestor' ? [] : [node];
        for (let here = node.parent; here; here = here.parent) found.push(here);
        return found;
      }
      case 'following-sibling':
      case 'preceding-sibling': {
        if (!node.parent || node.kind === 'attribute') return [];
        const siblings = this.children.get(node.parent)!;
        const index = siblings.indexOf(node);
        return step.axis === 'following-sibling'
          ? siblings.slice(index + 1)
          : siblings.slice(0, index).reverse();
      }
    }
  }

  private path(path: Path, context: Context): XPathNode[] {
    let nodes: XPathNode[] = path.absolute ? [this.root] : [context.node];
    for (const step of path.steps) {
      const found = new Set<XPathNode>();
      for (const node of nodes) {
        let matching = [...this.axis(node, step)].filter((candidate) => matches(candidate, step));
        for (const predicate of step.predicates) {
          const size = matching.length;
          matching = matching.filter((candidate, index) => {
            const value = this.evaluate(predicate, { node: candidate, position: index + 1, size });
            return typeof value === 'number' ? value === index + 1 : toBoolean(value);
          });
        }
        for (const match of matching) found.add(match);
      }
      nodes = unique(found);
    }
    return nodes;
  }

  private evaluate(expression: Expression, context: Context): Value {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'path':
        return this.path(expression, context);
      case 'negative':
        return -this.toNumber(this.evaluate(expression.operand, context));
      case 'call':
        return this.call(expression.name, expression.arguments, context);
      case 'binary': {
        const { operator } = expression;
        if (operator === 'or' || operator === 'and') {
          const left = toBoolean(this.evaluate(expression.left, context));
          if (left === (operator === 'or')) return left;
          return toBoolean(this.evaluate(expression.right, context));
        }
        const left = this.evaluate(expression.left, context);
        const right = this.evaluate(expression.right, context);
        switch (operator) {
          case '|':
            return unique(new Set([...(left as XPathNode[]), ...(right as XPathNode[])]));
          case '+':
            return this.toNumber(left) + this.toNumber(right);
          case '-':
            return this.toNumber(left) - this.toNumber(right);
          case '*':
            return this.toNumber(left) * this.toNumber(right);
          case 'div':
            return this.toNumber(left) / this.toNumber(right);
          case 'mod':
            return this.toNumber(left) % this.toNumber(right);
          default:
            return this.compare(operator, left, right);
        }
      }
    }
  }

  private compare(operator: string, left: Value, right: Value): boolean {
    if (Array.isArray(left)) {
      return left.some((node) =>
        typeof right === 'boolean'
          ? this.compare(operator, toBoolean(left), right)
          : this.compare(operator, this.text(node), right),
      );
    }
    if (Array.isArray(right)) return right.some((node) => this.compare(operator, left, this.text(node)));
    if (operator === '=' || operator === '!=') {
      let same: boolean;
      if (typeof left === 'boolean' || typeof right === 'boolean')
        same = toBoolean(left) === toBoolean(right);
      else if (typeof left === 'number' || typeof right === 'number') {
        same = this.toNumber(left) === this.toNumber(right);
      } else same = left === right;
      return same === (operator === '=');
    }
    const a = this.toNumber(left);
    const b = this.toNumber(right);
    if (operator === '<') return a < b;
    if (operator === '<=') return a <= b;
    return operator === '>' ? a > b : a >= b;
  }

  private call(name: string, operands: readonly Expression[], context: Context): Value {
    const value = (index: number): Value => this.evaluate(operands[index]!, context);
    const text = (index: number): string =>
      index < operands.length ? this.toText(value(index)) : this.text(context.node);
    switch (name) {
      case 'position':
        return context.position;
      case 'last':
        return context.size;
      case 'count':
        return (value(0) as XPathNode[]).length;
      case 'not':
        return !toBoolean(value(0));
      case 'true':
        return true;
      case 'false':
        return false;
      case 'boolean':
        return toBoolean(value(0));
      case 'contains':
        return text(0).includes(text(1));
      case 'starts-with':
        return text(0).startsWith(text(1));
      case 'concat':
        return operands.map((_, index) => text(index)).join('');
      case 'string':
        return text(0);
      case 'string-length':
        return text(0).length;
      case 'normalize-space':
        return text(0).trim().replace(/\s+/g, ' ');
      case 'substring-before':
        return text(0).includes(text(1)) ? text(0).split(text(1))[0]! : '';
      case 'substring-after':
        return text(0).includes(text(1)) ? text(0).slice(text(0).indexOf(text(1)) + text(1).length) : '';
      case 'translate': {
        const [from, to] = [[...text(1)], [...text(2)]];
        return [...text(0)]
          .map((letter) => (from.includes(letter) ? (to[from.indexOf(letter)] ?? '') : letter))
          .join('');
      }
      case 'number':
        return this.toNumber(operands.length > 0 ? value(0) : [context.node]);
      default:
        return operands.length > 0 ? ((value(0) as XPathNode[])[0]?.name ?? '') : context.node.name;
    }
  }

  /** The string value of a node: all text below an element. */
  private text(node: XPathNode): string {
    if (node.kind !== 'element' && node.kind !== 'document') return node.value;
    let text = '';
    for (const child of this.descendants(node)) if (child.kind === 'text') text += child.value;
    return text;
  }

  private toText(value: Value): string {
    if (Array.isArray(value)) return value[0] ? this.text(value[0]) : '';
    return String(value);
  }

  private toNumber(value: Value): number {
    if (typeof value === 'number') return value;
    if (typeof value === 'boolean') return value ? 1 : 0;
    const text = this.toText(value).trim();
    return /^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text) ? Number(text) : Number.NaN;
  }
}

interface Context {
  readonly node: XPathNode;
  readonly position: number;
  readonly size: number;
}

function matches(node: XPathNode, step: Step): boolean {
  switch (step.test.kind) {
    case 'node':
      return true;
    case 'text':
    case 'comment':
      return node.kind === step.test.kind;
    case 'name':
      if (node.kind !== (step.axis === 'attribute' ? 'attribute' : 'element')) return false;
      return step.test.name === '*' || node.name === step.test.name;
  }
}

function toBoolean(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : Boolean(value);
}

/** In document order, every node once (attributes are made anew each time, and told apart by their order). */
function unique(nodes: ReadonlySet<XPathNode>): XPathNode[] {
  const sorted = [...nodes];
  const inOrder = sorted.every((node, index) => index === 0 || sorted[index - 1]!.order < node.order);
  if (inOrder) return sorted;
  sorted.sort((a, b) => a.order - b.order);
  return sorted.filter((node, index) => index === 0 || sorted[index - 1]!.order !== node.order);
}

/** The elements that an expression selects, in document order; other kinds of node are left out. */
export function selectElements(root: Element, expression: string): Element[] {
  return new XPathDocument(root)
    .select(expression)
    .flatMap((node) => (node.kind === 'element' ? [node.element!] : []));
}

/** The path of an element that leads to it alone, as Pacemaker writes it: names, with the id where there is one. */
export function nodePath(node: XPathNode): string {
  let path = '';
  for (let here: XPathNode | undefined = node; here; here = here.parent) {
    if (here.kind !== 'element') continue;
    const id = here.element!.get('id');
    path = `/${here.name}${id === undefined ? '' : `[@id='${id}']`}${path}`;
  }
  return path;
}
