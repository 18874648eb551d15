import { EXIT } from '../command-line/exit-codes.js';
import { type GetoptOption, getopt } from '../command-line/getopt.js';
import type { Occurrence } from '../command-line/options.js';
import { type Surroundings, type Tool, versionText } from '../command-line/tool.js';
import { crmAttribute } from './crm-attribute.js';

/** What the three small front ends of crm_attribute know. */
export interface FrontEnd {
  readonly help: string;
  readonly options: readonly GetoptOption[];
  readonly usageExit: number;
  /** Shown in place of `help` after a complaint. */
  readonly usage?: string;
}

/** Options that crm_standby and crm_master share. */
export const ATTRIBUTE_OPTIONS: readonly GetoptOption[] = [
  { long: 'help' },
  { long: 'version' },
  { long: 'verbose', short: 'V' },
  { long: 'quiet', short: 'q' },
  { long: 'Quiet', short: 'Q' },
  { long: 'query', short: 'G' },
  { long: 'update', short: 'v', value: 'required' },
  { long: 'delete', short: 'D' },
  { long: 'node', short: 'N', value: 'required' },
  { long: 'Uname', short: 'U', value: 'required' },
  { long: 'lifetime', short: 'l', value: 'required' },
  { long: 'id', short: 'i', value: 'required' },
  { long: 'uname', value: 'required' },
  { long: 'get-value' },
  { long: 'delete-attr' },
  { long: 'attr-value', value: 'required' },
  { long: 'attr-id', value: 'required' },
];

/** Today's name of an option that has several. */
export const CURRENT_NAMES: Readonly<Record<string, string>> = {
  Quiet: 'quiet',
  Uname: 'node',
  uname: 'node',
  'get-value': 'query',
  'delete-attr': 'delete',
  'attr-value': 'update',
  'attr-id': 'id',
};

/**
 * Reads the words of a front end; a number is an exit status, where help, version or a complaint was all there
 * was to do.
 */
export function readFrontEnd(
  frontEnd: FrontEnd,
  surroundings: Surroundings,
): { readonly occurrences: readonly Occurrence[] } | number {
  const { name, words } = surroundings;
  const read = getopt(frontEnd.options, words);
  const misused = (complaint: string) => {
    surroundings.err(`${complaint}\n`);
    surroundings.out(`\n${frontEnd.usage ?? frontEnd.help}`);
    return frontEnd.usageExit;
  };
  if (!read.ok) return misused(`${name}: ${read.message}`);
  const occurrences = read.occurrences.map((occurrence) => ({
    ...occurrence,
    option: CURRENT_NAMES[occurrence.option] ?? occurrence.option,
  }));
  for (const { option } of occurrences) {
    if (option === 'help') {
      surroundings.out(frontEnd.help);
      return EXIT.OK;
    }
    if (option === 'version') {
      surroundings.out(versionText());
      return EXIT.OK;
    }
  }
  return { occurrences };
}

/** The words of crm_attribute that mean the same. */
export function attributeWords(occurrences: readonly Occurrence[]): string[] {
  return occurrences.flatMap(({ option, value }) =>
    value === undefined ? [`--${option}`] : [`--${option}`, value],
  );
}

/** Runs crm_attribute in this process. */
export async function attribute(
  surroundings: Surroundings,
  words: readonly string[],
  silent = false,
): Promise<number> {
  const inner = { ...surroundings, zoneOffset: surroundings.zoneOffset, name: 'crm_attribute', words };
  return crmAttribute(silent ? { ...inner, out: () => {}, err: () => {} } : inner);
}

const FRONT_END: FrontEnd = {
  options: ATTRIBUTE_OPTIONS,
  usageExit: EXIT.ERROR,
  help: `crm_standby - show, set or clear a node's standby mode, in which no resource may run on it

Usage: crm_standby <command> [options]

Commands:
 -G, --query            Show whether the node is in standby (default)
 -v, --update=VALUE     Set standby: on or off
 -D, --delete           Forget what was set

Options:
 -N, --node=NODE        The node (default: this one)
 -l, --lifetime=VALUE   How long it lasts: reboot or forever
 -i, --id=VALUE         (Advanced) XML id of the attribute
 -q, --quiet            Show only the value
 -V, --verbose          Say more (may be given several times)
 --help                 Show this text
 --version              Show the version
`,
};

/** Works as `crm_standby` of Pacemaker 2.1.5 does. */
export const crmStandby: Tool = async (surroundings) => {
  const read = readFrontEnd(FRONT_END, surroundings);
  if (typeof read === 'number') return read;
  const commands = ['query', 'update', 'delete'];
  let command = read.occurrences.findLast(({ option }) => commands.includes(option))?.option;
  const words = ['-n', 'standby', ...attributeWords(read.occurrences)];
  if (command === undefined) {
    command = 'query';
    words.push('--query');
  }
  const asked = read.occurrences.some(({ option }) => option === 'lifetime');
  if (asked) return attribute(surroundings, words);
  if (command === 'query') {
    const forever = await attribute(surroundings, [...words, '-l', 'forever'], true);
    const where = forever === EXIT.OK ? ['-l', 'forever'] : ['-l', 'reboot', '-d', 'off'];
    return attribute(surroundings, [...words, ...where]);
  }
  if (command === 'update') return attribute(surroundings, [...words, '-l', 'forever']);
  await attribute(surroundings, [...words, '-l', 'forever']);
  await attribute(surroundings, [...words, '-l', 'reboot']);
  return EXIT.OK;
};
