/**
 * The outermost layer of pcs's language:
 *
 *     pcs { OPTION | WORD } [ -- { WORD } ]
 *     OPTION := -h | -f FILE | -u USER | -p PASSWORD | -H HOST | --NAME | --NAME=VALUE | --NAME VALUE
 *
 * Options may stand anywhere. Before `--`, words such as `-INFINITY` and `-5` are values and no options (pcs 0.11
 * warns of that). Long options may be shortened as far as they stay unique.
 */

/** Option → whether it has a value. `--wait` may have one, only behind `=`. */
export const OPTIONS: Readonly<Record<string, 'flag' | 'value' | 'optional'>> = {
  '-h': 'flag',
  '-f': 'value',
  '-p': 'value',
  '-u': 'value',
  '-H': 'value',
  '--debug': 'flag',
  '--version': 'flag',
  '--help': 'flag',
  '--fullhelp': 'flag',
  '--force': 'flag',
  '--skip-offline': 'flag',
  '--autodelete': 'flag',
  '--simulate': 'flag',
  '--all': 'flag',
  '--full': 'flag',
  '--local': 'flag',
  '--wait': 'optional',
  '--config': 'flag',
  '--start': 'flag',
  '--enable': 'flag',
  '--disabled': 'flag',
  '--off': 'flag',
  '--request-timeout': 'value',
  '--brief': 'flag',
  '--safe': 'flag',
  '--no-strict': 'flag',
  '--strict': 'flag',
  '--pacemaker': 'flag',
  '--corosync': 'flag',
  '--no-default-ops': 'flag',
  '--defaults': 'flag',
  '--nodesc': 'flag',
  '--master': 'flag',
  '--promoted': 'flag',
  '--name': 'value',
  '--group': 'value',
  '--node': 'value',
  '--from': 'value',
  '--to': 'value',
  '--after': 'value',
  '--before': 'value',
  '--corosync_conf': 'value',
  '--booth-conf': 'value',
  '--booth-key': 'value',
  '--no-watchdog-validation': 'flag',
  '--no-cluster-uuid': 'flag',
  '--no-keys-sync': 'flag',
  '--hide-inactive': 'flag',
  '--monitor': 'flag',
  '--groups': 'flag',
  '--expired': 'flag',
  '--no-expire-check': 'flag',
  '--overwrite': 'flag',
  '--output-format': 'value',
  '--token': 'value',
  '--agent-validation': 'flag',
  // Options of `cluster setup` that pcs 0.9 had.
  '--transport': 'value',
  '--rrpmode': 'value',
  '--addr0': 'value',
  '--addr1': 'value',
  '--mcast0': 'value',
  '--mcast1': 'value',
  '--mcastport0': 'value',
  '--mcastport1': 'value',
  '--ttl0': 'value',
  '--ttl1': 'value',
  '--broadcast0': 'flag',
  '--broadcast1': 'flag',
  '--wait_for_all': 'value',
  '--auto_tie_breaker': 'value',
  '--last_man_standing': 'value',
  '--last_man_standing_window': 'value',
  '--ipv6': 'flag',
  '--token_coefficient': 'value',
  '--join': 'value',
  '--consensus': 'value',
  '--netmtu': 'value',
  '--miss_count_const': 'value',
  '--fail_recv_const': 'value',
  '--encryption': 'value',
  '--clone': 'flag',
  // pcs 0.12's word for answering questions.
  '--yes': 'flag',
};

export interface CommandLine {
  readonly words: readonly string[];
  /** Option by its full name → value; `true` where it has none. */
  readonly options: ReadonlyMap<string, string | true>;
  /** Negative numbers that stood before `--`. */
  readonly negative: readonly string[];
}

export type CommandLineOutcome =
  | { readonly ok: true; readonly value: CommandLine }
  | { readonly ok: false; readonly message: string; readonly usage: boolean };

/** Reads the arguments of `pcs`, without the program's name. */
export function readCommandLine(argv: readonly string[]): CommandLineOutcome {
  const wrong = (message: string, usage = true) => ({ ok: false as const, message, usage });
  const words: string[] = [];
  const negative: string[] = [];
  const options = new Map<string, string | true>();
  const dashes = argv.includes('--');
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--') {
      words.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    if (!dashes && isNegativeNumber(word)) {
      words.push(word);
      negative.push(word);
      continue;
    }
    const read = word.startsWith('--') ? readLong(word) : readShort(word);
    if (typeof read === 'string') return wrong(read);
    for (const { name, value } of read) {
      let given: string | true = value ?? true;
      if (OPTIONS[name] === 'value' && value === undefined) {
        const next = argv[++at];
        if (next === undefined) return wrong(`option ${name} requires argument`.replace(' -', ' -'));
        given = next;
      }
      if (options.has(name)) return wrong(`${name} can only be used once`, false);
      options.set(name, given);
    }
  }
  return { ok: true, value: { words, options, negative } };
}

function readLong(word: string): { name: string; value: string | undefined }[] | string {
  const equals = word.indexOf('=');
  const typed = equals < 0 ? word : word.slice(0, equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  const exact = Object.hasOwn(OPTIONS, typed);
  const candidates = exact ? [typed] : Object.keys(OPTIONS).filter((name) => name.startsWith(typed));
  if (candidates.length === 0) return `option ${typed} not recognized`;
  if (candidates.length > 1) return `option ${typed} not a unique prefix`;
  const name = candidates[0]!;
  if (value !== undefined && OPTIONS[name] === 'flag') return `option ${name} must not have an argument`;
  return [{ name, value: value === '' && OPTIONS[name] === 'optional' ? undefined : value }];
}

/** Short options may stand together (`-hf FILE`); what is left behind one with a value is its value. */
function readShort(word: string): { name: string; value: string | undefined }[] | string {
  const read: { name: string; value: string | undefined }[] = [];
  for (let at = 1; at < word.length; at++) {
    const name = `-${word[at]}`;
    const kind = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (kind === undefined) return `option ${name} not recognized`;
    if (kind === 'flag') read.push({ name, value: undefined });
    else {
      const rest = word.slice(at + 1);
      read.push({ name, value: rest === '' ? undefined : rest });
      break;
    }
  }
  return read;
}

function isNegativeNumber(word: string): boolean {
  return /^-(\d+|infinity|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)$/i.test(word);
}
