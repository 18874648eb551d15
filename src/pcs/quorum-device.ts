import type { CorosyncFile, Section } from '../../grammar/corosync/ast.js';
import { byKeyword, readPairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import {
  namesIn,
  requiredAll,
  type ValueCheck,
  valueIn,
  valueInRange,
  valueIsPort,
  valueIsPositive,
  valueNotEmpty,
} from './checks.js';
import { confNodes, ensureSection, readConf, section, settingsOf, setValue } from './corosync-conf.js';
import type { Environment } from './environment.js';
import { adjustTwoNode, OPTIONS_WITHOUT_DEVICE, saveConf } from './quorum.js';
import { error, type Finding, forceable } from './refusal.js';
import { sortedByName } from './tree.js';
import { quotedList } from './words.js';

/** `pcs quorum device ...` */

const REQUIRED = ['algorithm', 'host'];
const NET_OPTIONS = [...REQUIRED, 'connect_timeout', 'force_ip_version', 'port', 'tie_breaker'].sort();
const ALGORITHMS = ['ffsplit', 'lms'];
const GENERIC_OPTIONS = ['sync_timeout', 'timeout'];
const HEURISTICS_OPTIONS = ['interval', 'mode', 'sync_timeout', 'timeout'];
const CONNECT_TIMEOUT_MS = [1000, 120_000] as const;

interface DeviceWords {
  readonly generic: Map<string, string>;
  readonly model: string | null;
  readonly modelOptions: Map<string, string>;
  readonly heuristics: Map<string, string>;
}

/** `[OPTION=VALUE...] model net OPTION=VALUE... [heuristics OPTION=VALUE...]` */
function readDevice(words: readonly string[], withModel: boolean): DeviceWords {
  const groups = byKeyword(words, ['model', 'heuristics'], { first: 'generic', once: true });
  const rest = wordsOf(groups, 'model');
  const model = withModel ? (rest.shift() ?? null) : null;
  return {
    generic: readPairs(wordsOf(groups, 'generic')),
    model,
    modelOptions: readPairs(rest),
    heuristics: readPairs(wordsOf(groups, 'heuristics')),
  };
}

/** What is wrong; an option with an empty value is removed by an update, and is no value for a new device. */
function checkDevice(given: DeviceWords, file: CorosyncFile, forced: boolean, update: boolean): Finding[] {
  const how: ValueCheck = { forced, emptyIsFine: update };
  const { generic, modelOptions, heuristics } = given;
  return [
    ...(update ? [] : requiredAll(modelOptions, REQUIRED, { of: 'quorum device model' })),
    ...checkModel(modelOptions, file, how),
    ...namesIn(generic, GENERIC_OPTIONS, { of: 'quorum device', forced }),
    ...GENERIC_OPTIONS.flatMap((name) => valueIsPositive(generic, name, how)),
    ...checkHeuristics(heuristics, how, update),
  ];
}

function checkModel(options: ReadonlyMap<string, string>, file: CorosyncFile, how: ValueCheck): Finding[] {
  const { forced } = how;
  const ids = confNodes(file).map(({ nodeId }) => nodeId);
  return [
    ...namesIn(options, NET_OPTIONS, { of: 'quorum device model', forced }),
    ...(options.get('algorithm') === ''
      ? valueNotEmpty(options, 'algorithm', quotedList(ALGORITHMS))
      : valueIn(options, 'algorithm', ALGORITHMS, { forced })),
    ...valueNotEmpty(options, 'host', 'a qdevice host address'),
    ...valueInRange(options, 'connect_timeout', ...CONNECT_TIMEOUT_MS, how),
    ...valueIn(options, 'force_ip_version', ['0', '4', '6'], how),
    ...valueIsPort(options, 'port', how),
    ...valueIn(options, 'tie_breaker', ['lowest', 'highest', ...ids.sort()], how),
  ];
}

function checkHeuristics(options: ReadonlyMap<string, string>, how: ValueCheck, update: boolean): Finding[] {
  const commands = [...options.keys()].filter((name) => name.startsWith('exec_'));
  const plain = new Map([...options].filter(([name]) => !commands.includes(name)));
  const unknown = [...plain.keys()].filter((name) => !HEURISTICS_OPTIONS.includes(name));
  const names =
    unknown.length === 0
      ? []
      : [
          forceable(
            `invalid heuristics option${unknown.length > 1 ? 's:' : ''} ${quotedList(unknown)}, allowed options are: ${quotedList(HEURISTICS_OPTIONS)} and options matching patterns: 'exec_NAME'`,
            how.forced ?? false,
          ),
        ];
  return [
    ...names,
    ...valueIn(plain, 'mode', ['off', 'on', 'sync'], how),
    ...['interval', 'sync_timeout', 'timeout'].flatMap((name) => valueIsPositive(plain, name, how)),
    ...(update ? [] : commands.flatMap((name) => valueNotEmpty(options, name, 'a command to be run'))),
  ];
}

function setAll(owner: Section, options: ReadonlyMap<string, string>): void {
  for (const [name, value] of sortedByName(options)) setValue(owner, name, value);
}

export async function addDevice(environment: Environment, words: string[]): Promise<void> {
  const given = readDevice(words, true);
  if (given.model === null) throw new WrongUsage();
  const file = readConf(environment);
  const quorum = ensureSection(file, 'quorum');
  if (section(quorum, 'device')) environment.stopOn(error('quorum device is already defined'));
  if (given.model !== 'net') {
    environment.report(error(`'${given.model}' is not a valid model value, use 'net'`));
  }
  environment.report(...checkDevice(given, file, environment.forced, false));
  environment.stopOnErrors();
  for (const name of OPTIONS_WITHOUT_DEVICE) setValue(quorum, name, '');
  const device = ensureSection(quorum, 'device');
  setAll(device, given.generic);
  setValue(device, 'model', given.model);
  if (given.modelOptions.get('algorithm') === 'ffsplit') setValue(device, 'votes', '1');
  setAll(ensureSection(device, given.model), given.modelOptions);
  if (given.heuristics.size > 0) setAll(ensureSection(device, 'heuristics'), given.heuristics);
  adjustTwoNode(file);
  await saveConf(environment, file);
}

export async function updateDevice(environment: Environment, words: string[]): Promise<void> {
  const given = readDevice(words, false);
  const { file, device } = deviceOf(environment);
  environment.report(...checkDevice(given, file, environment.forced, true));
  environment.stopOnErrors();
  setAll(device, given.generic);
  setAll(ensureSection(device, settingsOf(device).get('model') ?? 'net'), given.modelOptions);
  if (given.heuristics.size > 0) setAll(ensureSection(device, 'heuristics'), given.heuristics);
  await saveConf(environment, file);
}

function deviceOf(environment: Environment) {
  const file = readConf(environment);
  const quorum = ensureSection(file, 'quorum');
  const device = section(quorum, 'device');
  if (!device) {
    environment.report(error('no quorum device is defined in this cluster'));
    environment.fail(null);
  }
  return { file, quorum, device };
}

export async function removeDevice(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 1) throw new WrongUsage();
  const { file, quorum, device } = deviceOf(environment);
  quorum.items.splice(quorum.items.indexOf(device), 1);
  adjustTwoNode(file);
  await saveConf(environment, file);
}

export async function removeHeuristics(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const { file, device } = deviceOf(environment);
  const heuristics = section(device, 'heuristics');
  if (heuristics) device.items.splice(device.items.indexOf(heuristics), 1);
  await saveConf(environment, file);
}
