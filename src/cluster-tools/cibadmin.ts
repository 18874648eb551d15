import { cibDigest, onDiskDigest } from '../cib/digest.js';
import { emptyCib } from '../cib/document.js';
import type { Element } from '../cib/element.js';
import type { Request } from '../cib/operations.js';
import { remarkLine, upgradeSchema } from '../cib/validity.js';
import { writeXml } from '../cib/xml.js';
import { EXIT } from '../command-line/exit-codes.js';
import { type GetoptOption, getopt } from '../command-line/getopt.js';
import { Arguments } from '../command-line/options.js';
import { exitOf, resultText } from '../command-line/result-codes.js';
import { type Surroundings, type Tool, versionText } from '../command-line/tool.js';
import { openCib, readXmlFile, readXmlText } from './access.js';

interface CibadminOption extends GetoptOption {
  readonly help: string;
}

const COMMANDS: readonly CibadminOption[] = [
  { long: 'upgrade', short: 'u', help: 'Bring the configuration to the newest schema' },
  { long: 'query', short: 'Q', help: 'Show the CIB, or a part of it' },
  { long: 'erase', short: 'E', help: 'Remove everything from the CIB' },
  { long: 'bump', short: 'B', help: "Raise the CIB's epoch by 1" },
  { long: 'create', short: 'C', help: 'Add an object (that is not there yet)' },
  { long: 'modify', short: 'M', help: 'Find an object and change it (with -c: make it where it is missing)' },
  { long: 'patch', short: 'P', help: 'Apply a patch as crm_diff makes it' },
  { long: 'replace', short: 'R', help: 'Put an object in the place of the one that is there' },
  { long: 'delete', short: 'D', help: 'Remove the first object with this name and all these attributes' },
  { long: 'delete-all', short: 'd', help: 'With --xpath, remove all matching objects' },
  { long: 'empty', short: 'a', help: 'Show an empty CIB' },
  { long: 'md5-sum', short: '5', help: 'Show the digest that a CIB has on disk' },
  { long: 'md5-sum-versioned', short: '6', help: 'Show the digest that a CIB has in patches' },
  {
    long: 'show-access',
    short: 'S',
    value: 'optional',
    help: 'With -Q and -U, show what the user may do: color, text, namespace or auto',
  },
];

const MODIFIERS: readonly CibadminOption[] = [
  { long: 'force', short: 'f', help: 'Do it although it is dangerous' },
  { long: 'timeout', short: 't', value: 'required', help: 'Seconds to wait for the cluster' },
  { long: 'user', short: 'U', value: 'required', help: 'Run as this user (for root and hacluster only)' },
  { long: 'sync-call', short: 's', help: 'Wait for the result (always done)' },
  { long: 'local', short: 'l', help: 'Use this node only' },
  { long: 'allow-create', short: 'c', help: 'Let --modify make what is missing' },
  { long: 'no-children', short: 'n', help: 'Leave out the children of what is shown' },
];

const DATA: readonly CibadminOption[] = [
  { long: 'xml-text', short: 'X', value: 'required', help: 'Take XML from this text' },
  { long: 'xml-file', short: 'x', value: 'required', help: 'Take XML from this file' },
  { long: 'xml-pipe', short: 'p', help: 'Take XML from standard input' },
  { long: 'scope', short: 'o', value: 'required', help: 'Work on this section only' },
  { long: 'xpath', short: 'A', value: 'required', help: 'Work on what this XPath selects' },
  { long: 'node-path', short: 'e', help: 'With --xpath, show paths of what is found' },
  { long: 'node', short: 'N', value: 'required', help: 'Ask this node' },
];

const GENERAL: readonly CibadminOption[] = [
  { long: 'help', short: '?', help: 'Show this text' },
  { long: 'version', short: '$', help: 'Show the version' },
  { long: 'verbose', short: 'V', help: 'Say more' },
];

/** Understood for the sake of old scripts. */
const HIDDEN: readonly GetoptOption[] = [
  { long: 'host', short: 'h', value: 'required' },
  { long: 'local-only', short: 'b' },
];

const OPERATIONS: Readonly<Record<string, Request['operation']>> = {
  upgrade: 'upgrade',
  query: 'query',
  erase: 'erase',
  bump: 'bump',
  create: 'create',
  modify: 'modify',
  patch: 'patch',
  replace: 'replace',
  delete: 'delete',
  'delete-all': 'delete',
};

const DANGEROUS = ['upgrade', 'erase', 'delete-all', 'local-only'];

function help(): string {
  const line = (option: CibadminOption) =>
    ` ${`-${option.short}, --${option.long}${option.value ? (option.value === 'optional' ? '[=value]' : '=value') : ''}`.padEnd(28)}${option.help}`;
  return [
    'cibadmin - query and edit the cluster configuration',
    'Usage: cibadmin <command> [options]',
    'Options:',
    ...GENERAL.map(line),
    '',
    'Commands:',
    ...COMMANDS.map(line),
    '',
    'Additional options:',
    ...MODIFIERS.map(line),
    '',
    'Data:',
    ...DATA.map(line),
    '',
    'Examples:',
    '',
    '  cibadmin --query --scope crm_config',
    '  cibadmin --query --xpath "//nvpair[@name=\'target-role\']"',
    '  cibadmin --modify --xml-text \'<nvpair id="opt-x" value="1"/>\'',
    '',
  ].join('\n');
}

/** Works as `cibadmin` of Pacemaker 2.1.5 does. */
export const cibadmin: Tool = async (surroundings) => {
  const { name, words, out, err } = surroundings;
  const parsed = getopt([...GENERAL, ...COMMANDS, ...MODIFIERS, ...DATA, ...HIDDEN], words);
  const usage = () => {
    out(help());
    return EXIT.USAGE;
  };
  if (words.length === 0) return usage();
  if (!parsed.ok) {
    err(`${name}: ${parsed.message}\n`);
    return EXIT.USAGE;
  }
  const given = new Arguments(parsed.occurrences, parsed.operands);
  for (const { option, value } of given.occurrences) {
    if (option === 'help') {
      out(help());
      return EXIT.OK;
    }
    if (option === 'version') {
      out(versionText());
      return EXIT.OK;
    }
    if (option === 'empty') {
      const empty = emptyCib();
      const schema = given.operands[0];
      if (schema !== undefined) empty.set('validate-with', schema);
      out(writeXml(empty));
      return EXIT.OK;
    }
    if (option === 'show-access' && value !== undefined && !ACCESS_FORMS.includes(value)) {
      err(`Unrecognized value for --show-access: "${value}"\n`);
      return usage();
    }
  }
  if (given.operands.length > 0) {
    out(`non-option ARGV-elements: ${given.operands.join(' ')} \n`);
    return usage();
  }
  return work(given, surroundings, usage);
};

const ACCESS_FORMS = ['auto', 'namespace', 'text', 'color'];

async function work(given: Arguments, surroundings: Surroundings, usage: () => number): Promise<number> {
  const { err } = surroundings;
  const command = given.occurrences.findLast(
    ({ option }) => Object.hasOwn(OPERATIONS, option) || option.startsWith('md5-sum'),
  )?.option;
  if (command === undefined) return usage();
  if (DANGEROUS.some((option) => given.has(option)) && !given.has('force')) {
    err(
      'The supplied command is considered dangerous.  To prevent accidental destruction of the cluster, the --force flag is required in order to proceed.\n',
    );
    return EXIT.UNSAFE;
  }
  const source = input(given, surroundings);
  if (source && !source.element) {
    err(`Couldn't parse input from ${source.name}.\n`);
    return EXIT.CONFIG;
  }
  if (command.startsWith('md5-sum')) return digest(command, source?.element, surroundings);
  const showAccess = given.has('show-access') && !source;
  if (showAccess && given.value('user') === undefined) {
    err('The supplied command requires -U user specified.\n');
    return EXIT.USAGE;
  }
  return operate(given, command, source?.element, showAccess, surroundings);
}

function input(
  given: Arguments,
  surroundings: Surroundings,
): { readonly name: string; readonly element: Element | undefined } | undefined {
  const file = given.value('xml-file');
  if (file !== undefined) return { name: file, element: readXmlFile(file, surroundings, true) };
  const text = given.value('xml-text');
  if (text !== undefined) {
    return { name: 'input string', element: readXmlText(text, 'input string', surroundings, true) };
  }
  if (!given.has('xml-pipe')) return undefined;
  return { name: 'STDIN', element: readXmlText(surroundings.readInput(), 'STDIN', surroundings, true) };
}

function digest(command: string, element: Element | undefined, { out, err }: Surroundings): number {
  if (!element) {
    err('Please supply XML to process with -X, -x or -p\n');
    return EXIT.USAGE;
  }
  if (command === 'md5-sum') {
    err('Digest: ');
    out(`${onDiskDigest(element)}\n`);
  } else {
    const featureSet = element.get('crm_feature_set');
    err(`Versioned (${featureSet ?? '(null)'}) digest: `);
    out(`${cibDigest(element, featureSet)}\n`);
  }
  return EXIT.OK;
}

async function operate(
  given: Arguments,
  command: string,
  element: Element | undefined,
  showAccess: boolean,
  surroundings: Surroundings,
): Promise<number> {
  const { out, err } = surroundings;
  const user = showAccess ? undefined : given.value('user');
  const opened = await openCib(surroundings, user);
  if (!opened.ok) {
    err(`Could not connect to the CIB: ${opened.message ?? resultText(opened.failure)}\n`);
    err('Init failed, could not perform requested operations\n');
    return exitOf(opened.failure);
  }
  const access = opened.value;
  const scope = given.occurrences.findLast(({ option }) => option === 'scope' || option === 'xpath')?.value;
  const result = await access.perform({
    operation: OPERATIONS[command]!,
    scope,
    xpath: given.has('xpath'),
    input: element,
    all: given.has('delete-all'),
    allowCreate: given.has('allow-create'),
    noChildren: given.has('no-children'),
    paths: given.has('node-path'),
  });
  let exit = EXIT.OK;
  if (!result.ok && result.failure === 'schema_unchanged') {
    // Says so on a running cluster only, as theirs does: a file is left as it is without a word.
    if (access.kind === 'agent') out('Upgrade unnecessary: Schema is already the latest available\n');
  } else if (!result.ok) {
    err(`Call failed: ${result.message ?? resultText(result.failure)}\n`);
    if (result.failure !== 'schema_validation' && result.output) out(writeXml(result.output));
    exit = exitOf(result.failure);
  } else if (result.value && showAccess) {
    const { annotate } = await import('./access-view.js');
    exit = annotate(result.value, given.value('user')!, given.value('show-access') ?? 'auto', surroundings);
  } else if (result.value) {
    out(shown(result.value));
  }
  if (result.ok && command === 'upgrade' && given.has('verbose')) {
    await remarks(surroundings);
  }
  const closed = await access.close();
  if (!closed.ok && exit === EXIT.OK) exit = exitOf(closed.failure);
  return exit;
}

/** What the upgrade did, again from the file as it still is. */
async function remarks(surroundings: Surroundings): Promise<void> {
  const before = await openCib(surroundings);
  if (!before.ok) return;
  const cib = await before.value.read();
  if (!cib.ok) return;
  for (const remark of upgradeSchema(cib.value).remarks) surroundings.err(`${remarkLine(remark)}\n`);
}

function shown(element: Element): string {
  const paths = element.elements('xpath-query-path');
  return element.name === 'xpath-query' && paths.length > 0
    ? paths.map((path) => `${path.id}\n`).join('')
    : writeXml(element);
}
