import { parseConstraintRule, RuleMistake } from '../../grammar/pcs/constraint-rule.js';
import type { RuleExpression } from '../../grammar/pcs/rule-ast.js';
import { fromEpoch } from '../cib/civil-time.js';
import { Element } from '../cib/element.js';
import { parseDateTime } from '../cib/iso8601.js';
import { writeXml } from '../cib/xml.js';
import type { Environment } from './environment.js';
import { runTool } from './tools.js';
import { idBelow, schemaAtLeast, uniqueId } from './tree.js';

/** Rules: from a syntax tree to the configuration, and whether they are in effect. */

/** Whether a text is a date that Pacemaker takes. */
export function isDate(environment: Environment, text: string): boolean {
  return parseDateTime(text, fromEpoch(Math.floor(environment.world.nowMs() / 1000), 0)).ok;
}

/** Reads the words of a constraint's rule; ends the command where they are none. */
export function readRule(environment: Environment, words: readonly string[]): RuleExpression {
  try {
    return parseConstraintRule(words, (text) => isDate(environment, text));
  } catch (mistake) {
    if (!(mistake instanceof RuleMistake)) throw mistake;
    const reason = mistake.reason === null ? '' : `: ${mistake.reason}`;
    environment.fail(`'${words.join(' ')}' is not a valid rule expression${reason}`);
  }
}

/** Schemas before 3.5 have no integers: `number` means the same there. */
export function usesIntegers(rule: RuleExpression): boolean {
  if (rule.kind === 'and' || rule.kind === 'or') return rule.children.some(usesIntegers);
  return rule.kind === 'attribute' && rule.type === 'integer';
}

interface Style {
  /** The id of an element below another one. */
  id(owner: Element, suffix: string): string;
}

/** Adds what an expression says to a rule. */
function addExpression(cib: Element, owner: Element, rule: RuleExpression, style: Style): void {
  switch (rule.kind) {
    case 'and':
    case 'or': {
      const nested = owner.append(
        new Element('rule', { id: style.id(owner, 'rule'), 'boolean-op': rule.kind, score: '0' }),
      );
      for (const child of rule.children) addExpression(cib, nested, child, style);
      return;
    }
    case 'attribute': {
      const type = rule.type === 'integer' && !schemaAtLeast(cib, '3.5.0') ? 'number' : rule.type;
      owner.append(
        new Element('expression', {
          id: style.id(owner, 'expr'),
          operation: rule.operation,
          attribute: rule.attribute,
          ...(type === null ? {} : { type }),
          value: rule.value,
        }),
      );
      return;
    }
    case 'defined':
      owner.append(
        new Element('expression', {
          id: style.id(owner, 'expr'),
          operation: rule.operation,
          attribute: rule.attribute,
        }),
      );
      return;
    case 'date':
      owner.append(
        new Element('date_expression', {
          id: style.id(owner, 'expr'),
          operation: rule.operation,
          [rule.operation === 'gt' ? 'start' : 'end']: rule.date,
        }),
      );
      return;
    case 'in-range': {
      const expression = owner.append(
        new Element('date_expression', {
          id: style.id(owner, 'expr'),
          operation: 'in_range',
          ...(rule.start === null ? {} : { start: rule.start }),
        }),
      );
      if (rule.duration) {
        expression.append(
          new Element('duration', {
            id: style.id(expression, 'duration'),
            ...Object.fromEntries(rule.duration),
          }),
        );
      } else if (rule.end !== null) expression.set('end', rule.end);
      return;
    }
    case 'date-spec': {
      const expression = owner.append(
        new Element('date_expression', { id: style.id(owner, 'expr'), operation: 'date_spec' }),
      );
      expression.append(
        new Element('date_spec', { id: style.id(expression, 'datespec'), ...Object.fromEntries(rule.parts) }),
      );
      return;
    }
    case 'operation':
      owner.append(
        new Element('op_expression', {
          id: style.id(owner, `op-${rule.name}`),
          name: rule.name,
          ...(rule.interval === null ? {} : { interval: rule.interval }),
        }),
      );
      return;
    case 'resource': {
      const { standard, provider, type } = rule;
      const parts = [standard, provider, type].filter((part) => part !== null);
      owner.append(
        new Element('rsc_expression', {
          id: style.id(owner, `rsc-${parts.join('-')}`),
          ...(standard === null ? {} : { class: standard }),
          ...(provider === null ? {} : { provider }),
          ...(type === null ? {} : { type }),
        }),
      );
    }
  }
}

/** Puts a rule below a location constraint. An id that is given is taken as it is. */
export function addConstraintRule(
  cib: Element,
  constraint: Element,
  rule: RuleExpression,
  id: string | undefined,
): Element {
  const style: Style = { id: (owner, suffix) => uniqueId(cib, `${owner.id}-${suffix}`) };
  const element = constraint.append(
    new Element('rule', { id: uniqueId(cib, id ?? `${constraint.id}-rule`) }),
  );
  if (rule.kind === 'and' || rule.kind === 'or') {
    element.set('boolean-op', rule.kind);
    for (const child of rule.children) addExpression(cib, element, child, style);
  } else addExpression(cib, element, rule, style);
  return element;
}

/** Puts a rule below a set of options. */
export function addSetRule(cib: Element, set: Element, rule: RuleExpression & { kind: 'and' | 'or' }): void {
  const style: Style = { id: (owner, suffix) => idBelow(cib, owner, suffix) };
  addExpression(cib, set, rule, style);
  set.elements('rule').at(-1)!.set('score', 'INFINITY');
}

export type RuleStatus = 'in effect' | 'expired' | 'not yet in effect' | 'unknown';

/** Whether a rule is in effect now, as far as `crm_rule` can tell. */
export async function ruleStatus(environment: Environment, cib: Element, id: string): Promise<RuleStatus> {
  const { crmRule } = await import('../cluster-tools/crm-rule.js');
  const words = ['--check', '--rule', id, '--xml-text', writeXml(cib)];
  const { status } = await runTool(environment, 'crm_rule', crmRule, words);
  if (status === 0) return 'in effect';
  if (status === 110) return 'expired';
  return status === 111 ? 'not yet in effect' : 'unknown';
}
