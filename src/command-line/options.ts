import type { OutputNode } from './output.js';

/** An option of a tool, as it stands in the tool's table. */
export interface Option {
  readonly long: string;
  readonly short?: string;
  /** What stands for the value in the help; absent: the option takes no value. */
  readonly value?: string;
  /** The value may be left out. */
  readonly optional?: boolean;
  /** Understood, but not shown in the help. */
  readonly hidden?: boolean;
  readonly help: string;
  /** What is wrong with a value; undefined where it is good. */
  readonly check?: (value: string, option: string) => string | undefined;
}

export interface OptionGroup {
  /** `--help-NAME` shows the group. */
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly options: readonly Option[];
}

/** What a tool can be asked. */
export interface OptionTable {
  readonly name: string;
  readonly summary: string;
  /** Behind `[OPTION…]` in the usage line. */
  readonly operands?: string;
  readonly groups: readonly OptionGroup[];
  /** Shown under "Application Options", behind --version and --verbose. */
  readonly options?: readonly Option[];
  /** Output formats besides `text`; absent: the tool knows no --output-as. */
  readonly formats?: readonly string[];
  /** Makes a page of what its body shall have; needed where `html` is among the formats. */
  readonly page?: (content: readonly OutputNode[], given: Arguments, request: string) => string;
  /** Exit status for a form of output that there is not, where it is not 1; the complaint then goes without the name. */
  readonly unknownFormatExit?: number;
  /** Behind the options: examples and notes. */
  readonly description?: string;
  /** `-h` means something else here. */
  readonly noShortHelp?: boolean;
}

export interface Occurrence {
  readonly option: string;
  /** Absent for options without value, and optional ones that were given none. */
  readonly value?: string;
}

/** What was typed, in order. */
export class Arguments {
  readonly occurrences: readonly Occurrence[];
  readonly operands: readonly string[];

  constructor(occurrences: readonly Occurrence[], operands: readonly string[]) {
    this.occurrences = occurrences;
    this.operands = operands;
  }

  has(option: string): boolean {
    return this.occurrences.some((occurrence) => occurrence.option === option);
  }

  count(option: string): number {
    return this.occurrences.filter((occurrence) => occurrence.option === option).length;
  }

  /** The last value given. */
  value(option: string): string | undefined {
    return this.occurrences.findLast((occurrence) => occurrence.option === option)?.value;
  }

  values(option: string): string[] {
    return this.occurrences.flatMap(({ option: name, value }) =>
      name === option && value !== undefined ? [value] : [],
    );
  }
}

export type ParsedArguments =
  | { readonly kind: 'arguments'; readonly arguments: Arguments }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'error'; readonly message: string };

const COMMON: readonly Option[] = [
  { long: 'version', short: '$', help: 'Show the version and exit' },
  { long: 'verbose', short: 'V', help: 'Say more (may be given several times)' },
];

function outputGroup(formats: readonly string[]): OptionGroup {
  return {
    name: 'output',
    title: 'Output Options:',
    help: 'Show output help',
    options: [
      {
        long: 'output-as',
        value: 'FORMAT',
        help: `Form of the output, one of: text (default), ${formats.join(', ')}`,
      },
      { long: 'output-to', value: 'DEST', help: 'Write the output to this file ("-": stdout)' },
      { long: 'text-fancy', help: 'Lay text out with headings and lists (needs --output-as=text)' },
    ],
  };
}

/** All groups of a tool, with those that every tool has. */
function allGroups(table: OptionTable): OptionGroup[] {
  return table.formats ? [outputGroup(table.formats), ...table.groups] : [...table.groups];
}

/** Letters of the short options that take a value. */
function valuedLetters(options: readonly Option[]): ReadonlySet<string> {
  return new Set(
    options.flatMap((option) => (option.short && option.value !== undefined ? option.short : [])),
  );
}

/**
 * Splits words that hold several short options into one word each. What follows one of the letters in `valued` is
 * its value, in the same word or the next one, whatever that looks like. Negative numbers stay whole.
 */
export function separateLetters(words: readonly string[], valued: ReadonlySet<string>): string[] {
  const separated: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') return [...separated, ...words.slice(i)];
    if (word === '-' || !word.startsWith('-') || word.startsWith('--') || /^-[1-9][0-9]*$/.test(word)) {
      separated.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!;
      separated.push(`-${letter}`);
      if (!valued.has(letter)) continue;
      if (at + 1 < word.length) separated.push(word.slice(at + 1));
      else if (i + 1 < words.length) separated.push(words[++i]!);
      break;
    }
  }
  return separated;
}

/** Reads a tool's command line as GLib's option parser does, with the same complaints. */
export function parseArguments(table: OptionTable, words: readonly string[]): ParsedArguments {
  const groups = allGroups(table);
  const options = [...groups.flatMap((group) => group.options), ...COMMON, ...(table.options ?? [])];
  const separated = separateLetters(words, valuedLetters(options));
  const occurrences: Occurrence[] = [];
  const operands: string[] = [];
  const failed = (message: string): ParsedArguments => ({ kind: 'error', message });
  for (let i = 0; i < separated.length; i++) {
    const word = separated[i]!;
    if (word === '--') {
      operands.push(...separated.slice(i + 1));
      break;
    }
    if (word === '-' || !word.startsWith('-')) {
      operands.push(word);
      continue;
    }
    const help = helpWanted(table, groups, word);
    if (help !== undefined) return { kind: 'help', text: help };
    let option: Option | undefined;
    let value: string | undefined;
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      option = options.find(
        (candidate) => candidate.long === name && (equals < 0 || candidate.value !== undefined),
      );
      if (equals >= 0) value = word.slice(equals + 1);
    } else {
      option = options.find((candidate) => candidate.short === word.slice(1));
    }
    if (!option) return failed(`Unknown option ${word}`);
    if (option.value !== undefined && value === undefined) {
      const next = separated[i + 1];
      if (option.optional ? next !== undefined && !next.startsWith('-') : next !== undefined) {
        value = next;
        i++;
      } else if (!option.optional) {
        return failed(`Missing argument for ${word.split('=')[0]}`);
      }
    }
    const wrong = value === undefined ? undefined : option.check?.(value, word.split('=')[0]!);
    if (wrong !== undefined) return failed(wrong);
    occurrences.push(value === undefined ? { option: option.long } : { option: option.long, value });
  }
  return { kind: 'arguments', arguments: new Arguments(occurrences, operands) };
}

/** Use as `check` of options whose value is a whole number. */
export function wholeNumber(value: string, option: string): string | undefined {
  return /^[ \t]*[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)$/.test(value)
    ? undefined
    : `Cannot parse integer value “${value}” for ${option}`;
}

function helpWanted(table: OptionTable, groups: readonly OptionGroup[], word: string): string | undefined {
  if (word === '--help' || word === '-?' || (word === '-h' && !table.noShortHelp)) {
    return helpText(table, []);
  }
  if (word === '--help-all') return helpText(table, groups);
  const group = groups.find(({ name }) => word === `--help-${name}`);
  return group ? helpText(table, [group], false) : undefined;
}

const INDENT = 2;
const GAP = 5;

function label(option: Option): string {
  const value = option.value === undefined ? '' : `=${option.value}`;
  return `${option.short ? `-${option.short}, ` : ''}--${option.long}${value}`;
}

/**
 * The help of a tool.
 *
 * @param shown groups shown in full
 * @param whole with the help on help and the application's options; otherwise only `shown`
 */
export function helpText(table: OptionTable, shown: readonly OptionGroup[], whole = true): string {
  const helpOptions: Option[] = [
    { long: 'help', short: table.noShortHelp ? '?' : 'h', help: 'Show help options' },
    { long: 'help-all', help: 'Show all help options' },
    ...allGroups(table).map((group) => ({ long: `help-${group.name}`, help: group.help })),
  ];
  const application = [...COMMON, ...(table.options ?? [])];
  const sections: (readonly [string, readonly Option[]])[] = [];
  if (whole) sections.push(['Help Options:', helpOptions]);
  for (const group of shown) sections.push([group.title, group.options]);
  if (whole) sections.push(['Application Options:', application]);
  const everything = [...helpOptions, ...allGroups(table).flatMap((group) => group.options), ...application];
  const width = Math.max(...everything.filter((o) => !o.hidden).map((o) => label(o).length)) + GAP;
  const operands = table.operands ? ` ${table.operands}` : '';
  const lines = ['Usage:', `  ${table.name} [OPTION…]${operands}`, '', table.summary, ''];
  for (const [title, options] of sections) {
    lines.push(title);
    for (const option of options) {
      if (option.hidden) continue;
      const help = option.help.split('\n').join(`\n${' '.repeat(INDENT + width)}`);
      lines.push(`${' '.repeat(INDENT)}${label(option).padEnd(width)}${help}`.trimEnd());
    }
    lines.push('');
  }
  if (table.description) lines.push(table.description, '');
  return `${lines.join('\n')}`;
}
