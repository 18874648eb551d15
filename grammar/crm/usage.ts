import {
  Alternation,
  type IProduction,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatory,
  type Rule,
  Terminal,
  type TokenType,
} from 'chevrotain';
import { crmParser } from './shared-parser.js';
import { KEYWORDS } from './tokens.js';

/** Rules whose text is longer than this, or that hold themselves, are explained below the statement. */
const INLINE = 48;
/** Columns that a line of usage may take. */
const WIDTH = 76;

/** What stands for a terminal, in a rule of its own meaning or anywhere, where its label is too short for usage. */
const PLACEHOLDER: Readonly<Record<string, string>> = {
  AgentSpec: '[<class>:[<provider>:]]<type>|@<template>',
  Member: '<resource>[:<role>|:<action>]',
  'group.Member': '<resource>',
  'location.Value': '<resource>|/<pattern>/',
  'monitor.Member': '<resource>[:<role>]',
  Interval: '<interval>[:<timeout>]',
  'node.NodeName': '<node>[:remote]',
  'node.Score': '<id>:',
  'property.Score': '<id>:',
  'aclRule.Score': '<id>:',
  'order.Score': '<kind>:|<score>:',
  'ticket.Score': '<ticket>:',
  'fencing.Score': '<node>:',
  Devices: '<device>[,<device>...]|attr:<name>=<value>|pattern:<regex>',
  AclSpec: 'xpath:<xpath>|ref:<id>|type:<element>|attr:<name>|<shortcut>',
  'role.RoleRef': 'role:<role>',
  SetAttribute: 'sequential=|require-all=',
  IdSpec: '$id=|$id-ref=',
  XmlText: "'<element ...>'",
};

/** What a repetition, an option or one of several choices is made of. */
function partsOf(part: IProduction): readonly IProduction[] {
  return (part as { definition?: readonly IProduction[] }).definition ?? [];
}

/** How a terminal is written: a keyword as it is typed, anything else by its label, `<id>` or `description=`. */
function terminalText(type: TokenType, rule: string): string {
  const placeholder = PLACEHOLDER[`${rule}.${type.name}`] ?? PLACEHOLDER[type.name];
  if (placeholder !== undefined) return placeholder;
  const label = type.LABEL ?? type.name;
  // Quotes tell the brackets that are typed from those of this notation.
  if (KEYWORDS.get(label) === type) return /^\W$/.test(label) ? `"${label}"` : label;
  if (label.includes('=') || label.startsWith('@')) return label;
  const name = label.replace(/^an? /, '').replace(/ \(.*/, '');
  return name === 'score and a colon' ? '<score>:' : `<${name}>`;
}

/** A rule's text, and the rules that it names. */
interface Written {
  readonly text: string;
  readonly names: readonly string[];
}

/** Writes grammar rules as the usage of one statement. */
class UsageWriter {
  readonly #rules: Readonly<Record<string, Rule>>;
  readonly #keyword: string;
  /** Rules that are explained below, in the order in which they were met. */
  readonly named = new Set<string>();
  /** Rules short enough to stand in others; null while a rule is being written, and for all that are not. */
  readonly #inline = new Map<string, Written | null>();

  constructor(rules: Readonly<Record<string, Rule>>, keyword: string) {
    this.#rules = rules;
    this.#keyword = keyword;
  }

  /** The pieces of a rule, each of which may stand on a line of its own. */
  pieces(rule: string): string[] {
    return this.#rules[rule]!.definition.map((part) => {
      const { text, names } = this.#text(part, rule);
      for (const name of names) this.named.add(name);
      return text;
    }).filter((text) => text !== '');
  }

  #sequence(parts: readonly IProduction[], rule: string): Written {
    const written = parts.map((part) => this.#text(part, rule)).filter(({ text }) => text !== '');
    return { text: written.map(({ text }) => text).join(' '), names: written.flatMap(({ names }) => names) };
  }

  #text(part: IProduction, rule: string): Written {
    if (part instanceof Terminal) return { text: terminalText(part.terminalType, rule), names: [] };
    if (part instanceof NonTerminal) return this.#reference(part.nonTerminalName);
    if (part instanceof Alternation) return this.#choice(part, rule);
    const inside = this.#sequence(partsOf(part), rule);
    if (part instanceof Option) return { ...inside, text: `[${inside.text}]` };
    if (part instanceof Repetition) return { ...inside, text: `{${inside.text}}` };
    if (part instanceof RepetitionMandatory) return { ...inside, text: `${inside.text} {${inside.text}}` };
    return inside;
  }

  /** Choices; where one of them is the statement's own keyword, that. */
  #choice({ definition }: Alternation, rule: string): Written {
    const written = definition.map((each) => this.#sequence(partsOf(each), rule));
    const texts = [...new Set(written.map(({ text }) => text))];
    if (texts.includes(this.#keyword)) return { text: this.#keyword, names: [] };
    const text = texts.length === 1 ? texts[0]! : `(${texts.join(' | ')})`;
    return { text, names: written.flatMap(({ names }) => names) };
  }

  #reference(rule: string): Written {
    let inline = this.#inline.get(rule);
    if (inline === undefined) {
      this.#inline.set(rule, null);
      const written = this.#sequence(this.#rules[rule]!.definition, rule);
      inline = !written.names.includes(rule) && written.text.length <= INLINE ? written : null;
      this.#inline.set(rule, inline);
    }
    return inline ?? { text: rule, names: [rule] };
  }
}

function lines(first: string, pieces: readonly string[]): string[] {
  const made = [first];
  for (const piece of pieces) {
    const longer = `${made.at(-1)} ${piece}`;
    if (longer.length <= WIDTH || made.at(-1) === first) made[made.length - 1] = longer;
    else made.push(`    ${piece}`);
  }
  return made;
}

/** The keyword's rule in the grammar: the one that begins with it. */
function ruleOf(rules: Readonly<Record<string, Rule>>, keyword: string): string | undefined {
  const type = KEYWORDS.get(keyword);
  const begins = (part: IProduction | undefined): boolean => {
    if (part instanceof Terminal) return part.terminalType === type;
    if (part instanceof NonTerminal) return begins(rules[part.nonTerminalName]!.definition[0]);
    return part instanceof Alternation && part.definition.some((each) => begins(partsOf(each)[0]));
  };
  const [choice] = rules.statement!.definition;
  if (!(choice instanceof Alternation)) return undefined;
  return choice.definition
    .map((each) => partsOf(each)[0])
    .flatMap((first) => (first instanceof NonTerminal ? [first.nonTerminalName] : []))
    .find((name) => begins(rules[name]!.definition[0]));
}

/**
 * How a statement is written, line by line, from the grammar that reads it: `[ ]` may be left out, `{ }` may be
 * repeated, `( | )` is a choice. Undefined where no statement begins with the keyword.
 */
export function statementUsage(keyword: string): string[] | undefined {
  const rules = crmParser().getGAstProductions();
  const rule = ruleOf(rules, keyword);
  if (rule === undefined) return undefined;
  const writer = new UsageWriter(rules, keyword);
  const [head, ...pieces] = writer.pieces(rule);
  const usage = lines(head!, pieces);
  // What explains a part may name further parts: they join the end of the set that is gone through.
  for (const name of writer.named) usage.push(...lines(`  ${name} :=`, writer.pieces(name)));
  return usage;
}
