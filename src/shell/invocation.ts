import { OPTIONS, Options } from './options.js';

/** What the command line of `crm` says. */
export interface Invocation {
  readonly files: readonly string[];
  /** `-H`: hosts to reach the cluster through, each `[user@]host[:port]`; empty for this node. */
  readonly hosts: readonly string[];
  /** `--engine`: what is meant to run there; null: what is found. */
  readonly engine: 'agent' | 'pacemaker' | null;
  readonly shadow: string | null;
  readonly force: boolean;
  readonly no: boolean;
  readonly wait: boolean;
  readonly debug: boolean;
  readonly regression: boolean;
  readonly scriptFolders: readonly string[];
  /** `-o section.option=value`, and `-D` as `color.style`; their values are valid. */
  readonly settings: readonly (readonly [string, string])[];
  /** `--compgen POINT LINE`: answer candidates for the calling shell. */
  readonly compgen: { readonly point: number; readonly line: string } | null;
  readonly words: readonly string[];
}

export type Parsed =
  | { readonly kind: 'run'; readonly invocation: Invocation }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly message: string };

const VALUED: Readonly<Record<string, string>> = {
  '-f': 'file',
  '--file': 'file',
  '-H': 'host',
  '--host': 'host',
  '--engine': 'engine',
  '-c': 'cib',
  '--cib': 'cib',
  '-D': 'display',
  '--display': 'display',
  '--scriptdir': 'scriptdir',
  '-o': 'opt',
  '--opt': 'opt',
};

const SWITCHES: Readonly<Record<string, string>> = {
  '-F': 'force',
  '--force': 'force',
  '-n': 'no',
  '--no': 'no',
  '-w': 'wait',
  '--wait': 'wait',
  '-d': 'debug',
  '--debug': 'debug',
  '-R': 'regression',
  '--regression-tests': 'regression',
};

export const SYNOPSIS = `usage: crm [-h|--help] [OPTIONS] [SUBCOMMAND ARGS...]
or crm help SUBCOMMAND

For a list of available subcommands, use crm help.

Use crm without arguments for an interactive session.
Call a subcommand directly for a "single-shot" use.
Call crm with a level name as argument to start an interactive
session from that level.

See "crm help CommandLine" for the options.
`;

/** Reads the arguments; options end at the first word that is none (`crm status -r` hands `-r` to `status`). */
export function parseInvocation(argv: readonly string[]): Parsed {
  const values: Record<string, string[]> = {};
  const switches = new Set<string>();
  let at = 0;
  for (; at < argv.length; at++) {
    const arg = argv[at]!;
    if (arg === '--') {
      at += 1;
      break;
    }
    if (arg === '-h' || arg === '--help') return { kind: 'help' };
    if (arg === '--version') return { kind: 'version' };
    if (arg === '--compgen') {
      const point = Number(argv[at + 1]);
      const line = argv[at + 2] ?? '';
      if (!Number.isInteger(point))
        return { kind: 'wrong', message: '--compgen needs a position and a line' };
      values.compgen = [String(point), line];
      at = argv.length;
      break;
    }
    if (!arg.startsWith('-') || arg === '-') break;
    const [name, inline] = splitOption(arg);
    if (SWITCHES[name] !== undefined && inline === null) {
      switches.add(SWITCHES[name]);
    } else if (VALUED[name] !== undefined) {
      const value = inline ?? argv[++at];
      if (value === undefined) return { kind: 'wrong', message: `option ${name} needs a value` };
      const list = values[VALUED[name]] ?? [];
      list.push(value);
      values[VALUED[name]] = list;
    } else if (/^-[A-Za-z]{2,}$/.test(arg) && [...arg.slice(1)].every((c) => SWITCHES[`-${c}`])) {
      for (const c of arg.slice(1)) switches.add(SWITCHES[`-${c}`]!);
    } else {
      return { kind: 'wrong', message: `no such option: ${arg}` };
    }
  }
  const engine = values.engine?.at(-1) ?? null;
  if (engine !== null && engine !== 'agent' && engine !== 'pacemaker') {
    return { kind: 'wrong', message: `--engine ${engine}: expected agent or pacemaker` };
  }
  const settings: [string, string][] = [];
  for (const setting of values.opt ?? []) {
    const equals = setting.indexOf('=');
    const key = setting.slice(0, equals);
    if (equals < 0 || !OPTIONS.some((option) => option.key === key)) {
      return { kind: 'wrong', message: `-o ${setting}: expected SECTION.NAME=VALUE of a known option` };
    }
    settings.push([key, setting.slice(equals + 1)]);
  }
  const display = (values.display ?? []).flatMap((list) => list.split(','));
  if (display.length > 0) settings.push(['color.style', display.join(',')]);
  const check = new Options();
  for (const [key, value] of settings) {
    const complaint = check.set(key, value);
    if (complaint !== null) return { kind: 'wrong', message: complaint };
  }
  const compgen = values.compgen ? { point: Number(values.compgen[0]), line: values.compgen[1]! } : null;
  return {
    kind: 'run',
    invocation: {
      files: values.file ?? [],
      hosts: (values.host ?? []).flatMap((list) => list.split(',')).filter((host) => host !== ''),
      engine,
      shadow: values.cib?.at(-1) ?? null,
      force: switches.has('force'),
      no: switches.has('no'),
      wait: switches.has('wait'),
      debug: switches.has('debug'),
      regression: switches.has('regression'),
      scriptFolders: (values.scriptdir ?? []).flatMap((list) => list.split(';')).filter((dir) => dir !== ''),
      settings,
      compgen,
      words: argv.slice(at),
    },
  };
}

/** `--file=x` and `-fx` carry their value with them. */
function splitOption(arg: string): [name: string, inline: string | null] {
  if (arg.startsWith('--')) {
    const equals = arg.indexOf('=');
    return equals < 0 ? [arg, null] : [arg.slice(0, equals), arg.slice(equals + 1)];
  }
  const name = arg.slice(0, 2);
  return arg.length > 2 && VALUED[name] !== undefined ? [name, arg.slice(2)] : [arg, null];
}
