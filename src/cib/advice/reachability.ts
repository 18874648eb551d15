import { civilTime, compareTimes } from '../civil-time.js';
import type { Element } from '../element.js';
import { parseDateTime } from '../iso8601.js';
import type { Findings } from './finding.js';

/** Rules of location constraints that no node can ever satisfy. */
export function adviseOnRules(
  constraints: readonly Element[],
  nodes: readonly string[],
  findings: Findings,
): void {
  for (const constraint of constraints) {
    if (constraint.name !== 'rsc_location') continue;
    for (const rule of constraint.elements('rule')) {
      const why = impossible(rule, nodes);
      if (why === undefined) continue;
      findings.add(
        'warning',
        'unreachable-location',
        rule,
        `${constraint.id}: the rule ${rule.id} never holds: ${why}`,
      );
    }
  }
}

/** Why a rule cannot hold; undefined where it can, as far as can be told from the configuration. */
function impossible(rule: Element, nodes: readonly string[]): string | undefined {
  const parts = rule.elements().map((part) => {
    if (part.name === 'rule') return impossible(part, nodes);
    if (part.name === 'date_expression') return endsBeforeStart(part);
    return part.name === 'expression' ? namesNoNode(part, nodes) : undefined;
  });
  if (rule.get('boolean-op')?.toLowerCase() === 'or') {
    return parts.length > 0 && parts.every((why) => why !== undefined) ? parts.join('; ') : undefined;
  }
  return parts.find((why) => why !== undefined) ?? contradictingValues(rule);
}

function namesNoNode(expression: Element, nodes: readonly string[]): string | undefined {
  const value = expression.get('value');
  if (expression.get('attribute') !== '#uname' || expression.get('operation') !== 'eq') return undefined;
  if (value === undefined || expression.get('value-source') || nodes.length === 0) return undefined;
  const known = nodes.some((name) => name.toLowerCase() === value.toLowerCase());
  return known ? undefined : `there is no node ${value}`;
}

/** `a eq 1 and a eq 2`, `a eq 1 and a ne 1`, `defined a and not_defined a`. */
function contradictingValues(rule: Element): string | undefined {
  const wanted = new Map<string, string>();
  const present = new Map<string, boolean>();
  const excluded = new Set<string>();
  for (const expression of rule.elements('expression')) {
    const attribute = expression.get('attribute') ?? '';
    const value = expression.get('value') ?? '';
    const operation = expression.get('operation');
    if (expression.get('value-source')) continue;
    if (operation === 'defined' || operation === 'not_defined') {
      const before = present.get(attribute);
      if (before !== undefined && before !== (operation === 'defined')) {
        return `${attribute} cannot be defined and not defined`;
      }
      present.set(attribute, operation === 'defined');
    }
    if (operation === 'ne') excluded.add(`${attribute}\0${value}`);
    if (operation !== 'eq') continue;
    const other = wanted.get(attribute);
    if (other !== undefined && other.toLowerCase() !== value.toLowerCase()) {
      return `${attribute} cannot be ${other} and ${value}`;
    }
    wanted.set(attribute, value);
  }
  for (const [attribute, value] of wanted) {
    if (excluded.has(`${attribute}\0${value}`)) return `${attribute} cannot be ${value} and something else`;
    if (present.get(attribute) === false) return `${attribute} cannot be ${value} and not defined`;
  }
  return undefined;
}

function endsBeforeStart(expression: Element): string | undefined {
  const now = civilTime({ years: 1970, days: 1 });
  const time = (name: string) => {
    const text = expression.get(name);
    const read = text === undefined ? undefined : parseDateTime(text, now);
    return read?.ok ? read.value : undefined;
  };
  const [start, end] = [time('start'), time('end')];
  if (!start || !end || expression.get('operation') !== 'in_range') return undefined;
  return compareTimes(end, start) < 0 ? 'it ends before it starts' : undefined;
}
