import { ensureSection } from '../../cib/document.js';
import { Element } from '../../cib/element.js';
import { sanitizeId } from '../../cib/ids.js';

/** A move or ban: which resource, for or against which node, until when. */
export interface Placement {
  readonly resource: string;
  readonly node: string;
  /** End of validity as an ISO 8601 time; the constraint stays in force without it. */
  readonly until: string | null;
  /** Only the promoted role is meant. */
  readonly promotedOnly: boolean;
}

/** `rsc_location cli-prefer-RSC` with INFINITY for the node; replaces a ban of the same resource there. */
export function prefer(cib: Element, placement: Placement): Element {
  const { resource, node } = placement;
  remove(cib, [banId(resource, node), preferId(resource)]);
  return add(cib, preferId(resource), 'INFINITY', placement);
}

/** `rsc_location cli-ban-RSC-on-NODE` with -INFINITY; a preference of the resource for that node goes. */
export function ban(cib: Element, placement: Placement): Element {
  const { resource, node } = placement;
  const constraints = ensureSection(cib, 'constraints');
  for (const preference of constraints.elements('rsc_location')) {
    if (preference.id === preferId(resource) && preference.get('node') === node)
      constraints.remove(preference);
  }
  remove(cib, [banId(resource, node)]);
  return add(cib, banId(resource, node), '-INFINITY', placement);
}

/** Removes what `move` and `ban` made of the resource (for one node where given); answers the constraints' ids. */
export function clear(cib: Element, resource: string, node: string | null): string[] {
  const constraints = cib.at('configuration', 'constraints');
  if (!constraints) return [];
  const removed: string[] = [];
  for (const constraint of constraints.elements('rsc_location')) {
    const { id } = constraint;
    const isPreference = id === preferId(resource) && (node === null || targetNode(constraint) === node);
    const isBan =
      id.startsWith(sanitizeId(`cli-ban-${resource}-on-`)) && (node === null || id === banId(resource, node));
    if (!isPreference && !isBan) continue;
    constraints.remove(constraint);
    removed.push(id);
  }
  return removed;
}

function targetNode(constraint: Element): string | undefined {
  const expression = constraint
    .first('rule')
    ?.elements('expression')
    .find((candidate) => candidate.get('attribute') === '#uname');
  return constraint.get('node') ?? expression?.get('value');
}

function add(cib: Element, id: string, score: string, placement: Placement): Element {
  const { resource, node, until, promotedOnly } = placement;
  const role = promotedOnly ? 'Promoted' : 'Started';
  const constraint = new Element('rsc_location', { id, rsc: resource, role });
  if (until === null) {
    constraint.set('node', node).set('score', score);
  } else {
    const kind = id.startsWith('cli-ban') ? 'cli-ban' : 'cli-prefer';
    const ruleId = kind === 'cli-ban' ? `${id}-rule` : `cli-prefer-rule-${sanitizeId(resource)}`;
    constraint.append(
      new Element('rule', { id: ruleId, score, 'boolean-op': 'and' }, [
        new Element('expression', {
          id: kind === 'cli-ban' ? `${id}-expr` : `cli-prefer-expr-${sanitizeId(resource)}`,
          attribute: '#uname',
          operation: 'eq',
          value: node,
          type: 'string',
        }),
        new Element('date_expression', {
          id: kind === 'cli-ban' ? `${id}-lifetime` : `cli-prefer-lifetime-end-${sanitizeId(resource)}`,
          operation: 'lt',
          end: until,
        }),
      ]),
    );
  }
  return ensureSection(cib, 'constraints').append(constraint);
}

function remove(cib: Element, ids: readonly string[]): void {
  const constraints = ensureSection(cib, 'constraints');
  for (const constraint of constraints.elements('rsc_location')) {
    if (ids.includes(constraint.id)) constraints.remove(constraint);
  }
}

function preferId(resource: string): string {
  return sanitizeId(`cli-prefer-${resource}`);
}

function banId(resource: string, node: string): string {
  return sanitizeId(`cli-ban-${resource}-on-${node}`);
}
