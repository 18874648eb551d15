import { separateLetters } from '../command-line/options.js';
import type { Format, SectionChange } from './sections.js';

/** The command line of crm_mon, read but not yet judged. */
export interface Options {
  /** `--output-as`, where one was given. */
  outputAs: string | undefined;
  /** The format that a deprecated option (`-h`, `-X`, `-N`, `-w`, `-s`) asks for. */
  deprecatedFormat: Format | undefined;
  /** `--output-to`; `-` or absent is standard output. */
  outputTo: string | undefined;
  htmlCgi: boolean;
  htmlStylesheet: string | undefined;
  htmlTitle: string;
  changes: SectionChange[];
  fenceHistory: 0 | 1 | 2 | 3;
  onlyNode: string | undefined;
  onlyResource: string | undefined;
  byNode: boolean;
  inactive: boolean;
  timing: boolean;
  detail: boolean;
  brief: boolean;
  oneShot: boolean;
  daemonize: boolean;
  pidFile: string;
  externalAgent: string | undefined;
  externalRecipient: string | undefined;
  watchFencing: boolean;
  intervalMs: number;
  cibFile: string | undefined;
  /** Additions of ours: hosts to reach by SSH, tried in order. */
  hosts: string[];
  engine: 'agent' | 'pacemaker' | undefined;
  quiet: boolean;
  version: boolean;
  help: string | undefined;
  /** Words that are no options; they mean nothing. */
  ignored: string[];
}

interface Entry {
  readonly long: string;
  readonly short?: string;
  readonly value?: 'required' | 'optional';
  /** Where `--help-GROUP` shows it; absent: nowhere. */
  readonly group?: 'main' | 'output' | 'display' | 'additional' | 'deprecated';
  readonly description?: string;
  readonly placeholder?: string;
  /** A returned text is the complaint about the value. */
  readonly apply: (options: Options, value: string | undefined, name: string) => string | undefined;
}

/** Sets one boolean. */
function flag(
  key: {
    [K in keyof Options]: Options[K] extends boolean ? K : never;
  }[keyof Options],
): Entry['apply'] {
  return (options) => {
    options[key] = true;
    return undefined;
  };
}

/** Sets one text. */
function text(
  key: {
    [K in keyof Options]: string extends Options[K] ? K : never;
  }[keyof Options],
): Entry['apply'] {
  return (options, value) => {
    (options[key] as string | undefined) = value;
    return undefined;
  };
}

function change(kind: SectionChange['kind'], names?: string): Entry['apply'] {
  return (options, value) => {
    options.changes.push({ kind, names: names ?? value ?? '' });
    return undefined;
  };
}

/** A time with a unit, in ms; -1 where it is none (Pacemaker's crm_get_msec, which knows no ISO 8601). */
export function parseTimeSpec(value: string): number {
  const match = /^\s*([-+0-9.:]+)\s*(.*)$/s.exec(value);
  if (!match) return -1;
  const number = Number.parseInt(match[1]!, 10);
  if (Number.isNaN(number)) return -1;
  const unit = match[2]!.toLowerCase();
  if (unit.startsWith('ms') || unit.startsWith('msec')) return number;
  if (unit.startsWith('us') || unit.startsWith('usec')) return Math.trunc(number / 1000);
  if (unit === '' || unit.startsWith('s')) return number * 1000;
  if (unit.startsWith('m')) return number * 60_000;
  if (unit.startsWith('h')) return number * 3_600_000;
  return -1;
}

const ENTRIES: readonly Entry[] = [
  {
    long: 'output-as',
    value: 'required',
    group: 'output',
    placeholder: 'FORMAT',
    description: 'Specify output format as one of: console (default), html, json, prometheus, text, xml',
    apply: text('outputAs'),
  },
  {
    long: 'output-to',
    value: 'required',
    group: 'output',
    placeholder: 'DEST',
    description: 'Specify file name for output (or "-" for stdout)',
    apply: text('outputTo'),
  },
  {
    long: 'html-cgi',
    group: 'output',
    description: 'Add CGI headers (requires --output-as=html)',
    apply: flag('htmlCgi'),
  },
  {
    long: 'html-stylesheet',
    value: 'required',
    group: 'output',
    placeholder: 'URI',
    description: 'Link to an external stylesheet (requires --output-as=html)',
    apply: text('htmlStylesheet'),
  },
  {
    long: 'html-title',
    value: 'required',
    group: 'output',
    placeholder: 'TITLE',
    description: 'Specify a page title (requires --output-as=html)',
    apply: text('htmlTitle'),
  },
  {
    long: 'text-fancy',
    group: 'output',
    description: 'Use more highly formatted output (requires --output-as=text)',
    apply: () => undefined,
  },
  { long: 'xml-simple-list', apply: () => undefined },
  { long: 'xml-substitute', apply: () => undefined },
  {
    long: 'include',
    short: 'I',
    value: 'required',
    group: 'display',
    placeholder: 'SECTION(s)',
    description:
      'A list of sections to include in the output.\nSee `Output Control` help for more information.',
    apply: change('include'),
  },
  {
    long: 'exclude',
    short: 'U',
    value: 'required',
    group: 'display',
    placeholder: 'SECTION(s)',
    description:
      'A list of sections to exclude from the output.\nSee `Output Control` help for more information.',
    apply: change('exclude'),
  },
  {
    long: 'node',
    value: 'required',
    group: 'display',
    placeholder: 'NODE',
    description:
      "When displaying information about nodes, show only what's related to the given\n" +
      'node, or to all nodes tagged with the given tag',
    apply: text('onlyNode'),
  },
  {
    long: 'resource',
    value: 'required',
    group: 'display',
    placeholder: 'RSC',
    description:
      "When displaying information about resources, show only what's related to the given\n" +
      'resource, or to all resources tagged with the given tag',
    apply: text('onlyResource'),
  },
  {
    long: 'group-by-node',
    short: 'n',
    group: 'display',
    description: 'Group resources by node',
    apply: flag('byNode'),
  },
  {
    long: 'inactive',
    short: 'r',
    group: 'display',
    description: 'Display inactive resources',
    apply: flag('inactive'),
  },
  {
    long: 'failcounts',
    short: 'f',
    group: 'display',
    description: 'Display resource fail counts',
    apply: change('include', 'failcounts'),
  },
  {
    long: 'operations',
    short: 'o',
    group: 'display',
    description: 'Display resource operation history',
    apply: change('include', 'failcounts,operations'),
  },
  {
    long: 'timing-details',
    short: 't',
    group: 'display',
    description: 'Display resource operation history with timing details',
    apply: (options) => {
      options.timing = true;
      options.changes.push({ kind: 'include', names: 'operations' });
      return undefined;
    },
  },
  {
    long: 'tickets',
    short: 'c',
    group: 'display',
    description: 'Display cluster tickets',
    apply: change('include', 'tickets'),
  },
  {
    long: 'fence-history',
    short: 'm',
    value: 'optional',
    group: 'display',
    placeholder: 'LEVEL',
    description:
      'Show fence history:\n0=off, 1=failures and pending (default without option),\n' +
      '2=add successes (default without value for option),\n' +
      '3=show full history without reduction to most recent of each flavor',
    apply: (options, value) => {
      const parsed = value === undefined ? 2 : Number.parseInt(value, 10);
      const level = Number.isNaN(parsed) ? 0 : Math.max(0, parsed);
      if (level > 3) return 'Fence history must be 0-3';
      options.fenceHistory = level as Options['fenceHistory'];
      return undefined;
    },
  },
  {
    long: 'neg-locations',
    short: 'L',
    value: 'optional',
    group: 'display',
    description: 'Display negative location constraints [optionally filtered by id prefix]',
    apply: (options, value) => {
      options.changes.push({ kind: 'include', names: value === undefined ? 'bans' : `bans:${value}` });
      return undefined;
    },
  },
  {
    long: 'show-node-attributes',
    short: 'A',
    group: 'display',
    description: 'Display node attributes',
    apply: change('include', 'attributes'),
  },
  {
    long: 'hide-headers',
    short: 'D',
    group: 'display',
    description: 'Hide all headers',
    apply: change('exclude', 'summary'),
  },
  {
    long: 'show-detail',
    short: 'R',
    group: 'display',
    description: 'Show more details (node IDs, individual clone instances)',
    apply: flag('detail'),
  },
  { long: 'brief', short: 'b', group: 'display', description: 'Brief output', apply: flag('brief') },
  { long: 'pending', short: 'j', apply: () => undefined },
  {
    long: 'simple-status',
    short: 's',
    group: 'display',
    description: 'Display the cluster status once as a simple one line output (suitable for nagios)',
    apply: (options) => {
      options.deprecatedFormat = 'simple';
      options.oneShot = true;
      return undefined;
    },
  },
  {
    long: 'interval',
    short: 'i',
    value: 'required',
    group: 'additional',
    placeholder: 'TIMESPEC',
    description: 'Update frequency (default is 5 seconds)',
    apply: (options, value) => {
      const ms = parseTimeSpec(value ?? '');
      if (ms < 0) return `Invalid value for -i: ${value}`;
      options.intervalMs = ms;
      return undefined;
    },
  },
  {
    long: 'one-shot',
    short: '1',
    group: 'additional',
    description: 'Display the cluster status once on the console and exit',
    apply: flag('oneShot'),
  },
  {
    long: 'daemonize',
    short: 'd',
    group: 'additional',
    description:
      'Run in the background as a daemon.\nRequires at least one of --output-to and --external-agent.',
    apply: flag('daemonize'),
  },
  {
    long: 'pid-file',
    short: 'p',
    value: 'required',
    group: 'additional',
    placeholder: 'FILE',
    description: '(Advanced) Daemon pid file location',
    apply: text('pidFile'),
  },
  {
    long: 'external-agent',
    short: 'E',
    value: 'required',
    group: 'additional',
    placeholder: 'FILE',
    description: 'A program to run when resource operations take place',
    apply: text('externalAgent'),
  },
  {
    long: 'external-recipient',
    short: 'e',
    value: 'required',
    group: 'additional',
    placeholder: 'RCPT',
    description: 'A recipient for your program (assuming you want the program to send something to someone).',
    apply: text('externalRecipient'),
  },
  {
    long: 'watch-fencing',
    short: 'W',
    group: 'additional',
    description: 'Listen for fencing events. For use with --external-agent.',
    apply: flag('watchFencing'),
  },
  {
    long: 'xml-file',
    short: 'x',
    value: 'required',
    apply: (options, value) => {
      options.cibFile = value;
      options.oneShot = true;
      return undefined;
    },
  },
  {
    long: 'host',
    short: 'H',
    value: 'required',
    group: 'additional',
    placeholder: '[USER@]HOST',
    description:
      'Watch the cluster that HOST belongs to, over SSH. May be repeated: the next is tried when one is lost.',
    apply: (options, value) => {
      options.hosts.push(value ?? '');
      return undefined;
    },
  },
  {
    long: 'engine',
    value: 'required',
    group: 'additional',
    placeholder: 'ENGINE',
    description: 'What runs there: agent or pacemaker. Default: what is found.',
    apply: (options, value) => {
      if (value !== 'agent' && value !== 'pacemaker') return `Invalid value for --engine: ${value}`;
      options.engine = value;
      return undefined;
    },
  },
  {
    long: 'as-html',
    short: 'h',
    value: 'required',
    group: 'deprecated',
    placeholder: 'FILE',
    description:
      'Write cluster status to the named HTML file.\nUse --output-as=html --output-to=FILE instead.',
    apply: (options, value) => {
      options.outputTo = value;
      options.deprecatedFormat = 'html';
      return undefined;
    },
  },
  {
    long: 'as-xml',
    short: 'X',
    group: 'deprecated',
    description:
      'Write cluster status as XML to stdout. This will enable one-shot mode.\nUse --output-as=xml instead.',
    apply: (options) => {
      options.deprecatedFormat = 'legacy-xml';
      return undefined;
    },
  },
  {
    long: 'disable-ncurses',
    short: 'N',
    group: 'deprecated',
    description: 'Disable the use of ncurses.\nUse --output-as=text instead.',
    apply: (options) => {
      options.deprecatedFormat = 'text';
      return undefined;
    },
  },
  {
    long: 'web-cgi',
    short: 'w',
    group: 'deprecated',
    description:
      'Web mode with output suitable for CGI (preselected when run as *.cgi).\n' +
      'Use --output-as=html --html-cgi instead.',
    apply: (options) => {
      options.deprecatedFormat = 'cgi';
      options.oneShot = true;
      return undefined;
    },
  },
  {
    long: 'version',
    short: '$',
    group: 'main',
    description: 'Display software version and exit',
    apply: flag('version'),
  },
  {
    long: 'verbose',
    short: 'V',
    group: 'main',
    description: 'Increase debug output (may be specified multiple times)',
    apply: () => undefined,
  },
  {
    long: 'quiet',
    short: 'Q',
    group: 'main',
    description: 'Be less descriptive in output.',
    apply: flag('quiet'),
  },
  ...(['help', 'help-all', 'help-output', 'help-display', 'help-additional', 'help-deprecated'] as const).map(
    (long): Entry => ({
      long,
      ...(long === 'help' ? { short: '?' } : {}),
      apply: (options) => {
        options.help ??= long;
        return undefined;
      },
    }),
  ),
];

const BY_LONG = new Map(ENTRIES.map((entry) => [entry.long, entry]));
const BY_SHORT = new Map(ENTRIES.flatMap((entry) => (entry.short ? [[entry.short, entry] as const] : [])));

export type ParsedOptions = { readonly options: Options } | { readonly error: string };

const VALUED_LETTERS = new Set(
  ENTRIES.flatMap((entry) => (entry.short !== undefined && entry.value ? [entry.short] : [])),
);

/** The word behind `words[at]` where it is a value of the option there; undefined: it has none. */
function valueBehind(entry: Entry, words: readonly string[], at: number): string | undefined {
  const next = words[at + 1];
  return entry.value === 'optional' && next?.startsWith('-') ? undefined : next;
}

/** Applies the long option at a place; the result is where its last word stands, or what is wrong. */
function takeLong(options: Options, words: readonly string[], at: number): number | string {
  const word = words[at]!;
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const entry = BY_LONG.get(name.slice(2));
  if (!entry) return `Unknown option ${word}`;
  const behind = entry.value && equals < 0 ? valueBehind(entry, words, at) : undefined;
  if (entry.value === 'required' && equals < 0 && behind === undefined) return `Missing argument for ${name}`;
  const value = equals < 0 ? behind : word.slice(equals + 1);
  return entry.apply(options, entry.value ? value : undefined, name) ?? (behind === undefined ? at : at + 1);
}

/**
 * The same for a word of letters. There is more than one where the word stands behind an option with an optional value,
 * which it looked like: then only one of them can have the word behind as its value.
 */
function takeLetters(options: Options, words: readonly string[], at: number): number | string {
  const word = words[at]!;
  let last = at;
  for (const letter of word.slice(1)) {
    const entry = BY_SHORT.get(letter);
    if (!entry) return `Unknown option ${word}`;
    let value: string | undefined;
    if (entry.value) {
      if (last > at) return `Error parsing option -${letter}`;
      value = valueBehind(entry, words, at);
      if (value !== undefined) last = at + 1;
      else if (entry.value === 'required') return `Missing argument for -${letter}`;
    }
    const complaint = entry.apply(options, value, `-${letter}`);
    if (complaint !== undefined) return complaint;
  }
  return last;
}

/**
 * Reads crm_mon's command line (without the program's name) as GLib's option parser does. Words that are no options are ignored, as
 * Pacemaker's crm_mon ignores them; a switch that takes no value ignores one (`--inactive=1`).
 */
export function parseOptions(argv: readonly string[]): ParsedOptions {
  const options: Options = {
    outputAs: undefined,
    deprecatedFormat: undefined,
    outputTo: undefined,
    htmlCgi: false,
    htmlStylesheet: undefined,
    htmlTitle: 'Cluster Status',
    changes: [],
    fenceHistory: 1,
    onlyNode: undefined,
    onlyResource: undefined,
    byNode: false,
    inactive: false,
    timing: false,
    detail: false,
    brief: false,
    oneShot: false,
    daemonize: false,
    pidFile: '/tmp/ClusterMon.pid',
    externalAgent: undefined,
    externalRecipient: undefined,
    watchFencing: false,
    intervalMs: 5000,
    cibFile: undefined,
    hosts: [],
    engine: undefined,
    quiet: false,
    version: false,
    help: undefined,
    ignored: [],
  };
  const words = separateLetters(argv, VALUED_LETTERS);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') {
      options.ignored.push(...words.slice(i + 1));
      break;
    }
    if (word === '-' || !word.startsWith('-')) {
      options.ignored.push(word);
      continue;
    }
    const taken = word.startsWith('--') ? takeLong(options, words, i) : takeLetters(options, words, i);
    if (typeof taken === 'string') return { error: taken };
    i = taken;
  }
  return { options };
}

/** The options in groups as `--help` lists them: two columns, the second at `column`. */
export function describeOptions(group: NonNullable<Entry['group']>): string {
  const column = 36;
  const lines: string[] = [];
  for (const entry of ENTRIES) {
    if (entry.group !== group) continue;
    const placeholder = entry.placeholder ? `=${entry.placeholder}` : '';
    const left = `  ${entry.short ? `-${entry.short}, ` : ''}--${entry.long}${placeholder}`;
    const [first, ...rest] = (entry.description ?? '').split('\n');
    lines.push(left.padEnd(column - 1).concat(' ', first ?? ''));
    for (const line of rest) lines.push(' '.repeat(column) + line);
  }
  return `${lines.join('\n')}\n`;
}
