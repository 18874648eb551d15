import type { CorosyncFile } from '../../grammar/corosync/ast.js';
import { byKeyword, readPairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { invalidValue, namesIn, type Options, valueIsPositive } from './checks.js';
import { confirmed } from './confirm.js';
import {
  confNodes,
  confText,
  ensureSection,
  readConf,
  section,
  settingsOf,
  setValue,
  writeConf,
} from './corosync-conf.js';
import type { Environment } from './environment.js';
import { onHosts } from './machines.js';
import { error, type Finding } from './refusal.js';
import { byCodePoint, quotedList } from './words.js';

/** `pcs quorum ...` */

export const QUORUM_OPTIONS = [
  'auto_tie_breaker',
  'last_man_standing',
  'last_man_standing_window',
  'wait_for_all',
];
const CONF = '/etc/corosync/corosync.conf';

/** What is wrong with quorum options. */
export function checkQuorumOptions(options: Options, update: boolean): Finding[] {
  const findings = namesIn(options, QUORUM_OPTIONS, { of: 'quorum' });
  for (const name of ['auto_tie_breaker', 'last_man_standing', 'wait_for_all']) {
    const value = options.get(name);
    if (value === undefined || (update && value === '') || value === '0' || value === '1') continue;
    findings.push(error(invalidValue(name, value, ['0', '1'])));
  }
  findings.push(...valueIsPositive(options, 'last_man_standing_window', { emptyIsFine: update }));
  return findings;
}

export function quorumLines(file: CorosyncFile): string[] {
  const quorum = section(file, 'quorum');
  const settings = settingsOf(quorum);
  const sorted = (pairs: Iterable<readonly [string, string]>, depth: number) =>
    [...pairs]
      .sort(([a], [b]) => byCodePoint(a, b))
      .map(([name, value]) => `${'  '.repeat(depth)}${name}: ${value}`);
  const lines = [
    'Options:',
    ...sorted(
      [...settings].filter(([name]) => QUORUM_OPTIONS.includes(name)),
      1,
    ),
  ];
  const device = quorum ? section(quorum, 'device') : undefined;
  if (!device) return lines;
  const generic = settingsOf(device);
  const model = generic.get('model') ?? '';
  generic.delete('model');
  lines.push(
    'Device:',
    ...sorted(generic, 1),
    `  Model: ${model}`,
    ...sorted(settingsOf(section(device, model)), 2),
  );
  const heuristics = settingsOf(section(device, 'heuristics'));
  if (heuristics.size > 0) lines.push('  Heuristics:', ...sorted(heuristics, 2));
  return lines;
}

export function showQuorum(environment: Environment, words: string[]): void {
  if (words.length > 0) throw new WrongUsage();
  environment.print(quorumLines(readConf(environment)).join('\n'));
}

/** Settings that two nodes need, and no other number may have. */
export function adjustTwoNode(file: CorosyncFile): void {
  const quorum = ensureSection(file, 'quorum');
  const tieBreaker = settingsOf(quorum).get('auto_tie_breaker') === '1';
  const two = confNodes(file).length === 2 && !tieBreaker && !section(quorum, 'device');
  setValue(quorum, 'two_node', two ? '1' : '');
}

export async function updateQuorum(environment: Environment, words: string[]): Promise<void> {
  const options = readPairs(words);
  if (options.size === 0) throw new WrongUsage();
  environment.report(...checkQuorumOptions(options, true));
  environment.stopOnErrors();
  const file = readConf(environment);
  const quorum = ensureSection(file, 'quorum');
  for (const [name, value] of [...options].sort(([a], [b]) => (a < b ? -1 : 1)))
    setValue(quorum, name, value);
  adjustTwoNode(file);
  await saveConf(environment, file, { mustBeStopped: true });
}

/** Writes the file that was named, or the cluster's on all its nodes. */
export async function saveConf(
  environment: Environment,
  file: CorosyncFile,
  options: { readonly mustBeStopped?: boolean } = {},
): Promise<void> {
  if (environment.has('--corosync_conf')) {
    writeConf(environment, file);
    return;
  }
  const names = confNodes(file).map(({ name }) => name);
  if (options.mustBeStopped) await requireStopped(environment, names);
  environment.say('Sending updated corosync.conf to nodes...');
  const text = confText(file);
  const problems = await onHosts(environment, names, async (machine, name) => {
    const written = await machine.writeFile(CONF, text, 0o644);
    if (!written.ok) return written.error.message;
    environment.say(`${name}: Succeeded`);
    return null;
  });
  report(environment, problems);
  await reloadRunning(environment);
}

/** Has all members read their files; what they complain of. */
export async function reloaded(environment: Environment): Promise<string[]> {
  const connection = await environment.connection();
  const answer = await connection.call('cluster.reload', {});
  if (!answer.ok) return [answer.error.message];
  return answer.value.complaints.map(({ node, message }) => `${node}: ${message}`);
}

async function reloadRunning(environment: Environment): Promise<void> {
  const { isRunning } = await import('../bootstrap/service.js');
  const { localMachine } = await import('../bootstrap/machine.js');
  if (!(await isRunning(localMachine()))) return;
  const complaints = await reloaded(environment);
  if (complaints.length > 0)
    environment.warn(`Unable to reload corosync configuration: ${complaints.join('; ')}`);
  else environment.say('Corosync configuration reloaded');
}

export function report(environment: Environment, problems: ReadonlyMap<string, string>): void {
  const skip = environment.has('--skip-offline');
  for (const [name, problem] of [...problems].sort(([a], [b]) => byCodePoint(a, b))) {
    environment.report(
      skip
        ? { severity: 'warning', text: `${name}: ${problem}` }
        : { severity: 'error', text: `${name}: ${problem}`, force: '--skip-offline' },
    );
  }
  environment.stopOnErrors();
}

/** The running agents read their file when they start. */
async function requireStopped(environment: Environment, names: readonly string[]): Promise<void> {
  environment.say('Checking corosync is not running on nodes...');
  const { isRunning } = await import('../bootstrap/service.js');
  const problems = await onHosts(environment, names, async (machine, name) => {
    if (await isRunning(machine)) return 'corosync is running';
    environment.say(`${name}: corosync is not running`);
    return null;
  });
  report(environment, problems);
}

export async function expectedVotes(environment: Environment, words: string[]): Promise<void> {
  const [votes, more] = words;
  if (votes === undefined || more !== undefined) throw new WrongUsage();
  if (!/^\d+$/.test(votes) || Number(votes) < 1) {
    environment.stopOn(error(`'${votes}' is not a valid expected votes value, use positive integer`));
  }
  environment.fail(
    `Unable to set expected votes in a live cluster to value '${votes}': the agent takes it from corosync.conf (nodes and quorum_votes)`,
  );
}

/** Vouches that the nodes which are away are down, so that the others may go on. */
export async function unblock(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const connection = await environment.connection();
  const state = await connection.state();
  if (!state.ok) environment.fail('unable to determine quorum status');
  const away = state.value.members.filter(({ online }) => !online).map(({ name }) => name);
  if (state.value.quorate) environment.fail('cluster is not waiting for nodes to establish quorum');
  if (away.length === 0) environment.fail('no unjoined nodes found');
  const text = `If node(s) ${quotedList(away)} are not powered off or they do have access to shared resources, data corruption and/or cluster failure may occur`;
  if (!(await confirmed(environment, text))) return;
  for (const node of away) {
    const told = await connection.call('node.confirm-down', { node });
    if (!told.ok) environment.fail(`unable to confirm fencing of node '${node}'\n${told.error.message}`);
  }
  environment.say('Quorum unblocked');
}

const NET_OPTIONS = [
  'algorithm',
  'connect_timeout',
  'force_ip_version',
  'host',
  'keep_active_partition_tie_breaker',
  'port',
  'tie_breaker',
];
const DEVICE_OPTIONS = ['sync_timeout', 'timeout'];

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

function checkDevice(given: DeviceWords, update: boolean): Finding[] {
  const findings = namesIn(given.generic, DEVICE_OPTIONS, { of: 'quorum device' });
  for (const name of DEVICE_OPTIONS)
    findings.push(...valueIsPositive(given.generic, name, { emptyIsFine: update }));
  findings.push(...namesIn(given.modelOptions, NET_OPTIONS, { of: 'quorum device model' }));
  if (!update) {
    const missing = ['algorithm', 'host'].filter((name) => !given.modelOptions.get(name));
    if (missing.length > 0) {
      const many = missing.length > 1;
      findings.push(
        error(
          `required quorum device model ${many ? 'options' : 'option'} ${quotedList(missing)} ${many ? 'are' : 'is'} missing`,
        ),
      );
    }
  }
  const algorithm = given.modelOptions.get('algorithm');
  if (algorithm !== undefined && !['ffsplit', 'lms'].includes(algorithm)) {
    findings.push(error(invalidValue('algorithm', algorithm, ['ffsplit', 'lms'])));
  }
  return findings;
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
  environment.report(...checkDevice(given, false));
  environment.stopOnErrors();
  for (const name of QUORUM_OPTIONS) if (name !== 'wait_for_all') setValue(quorum, name, '');
  const device = ensureSection(quorum, 'device');
  for (const [name, value] of given.generic) setValue(device, name, value);
  setValue(device, 'model', given.model);
  if (given.modelOptions.get('algorithm') === 'ffsplit') setValue(device, 'votes', '1');
  const model = ensureSection(device, given.model);
  for (const [name, value] of [...given.modelOptions].sort(([a], [b]) => byCodePoint(a, b)))
    setValue(model, name, value);
  if (given.heuristics.size > 0) {
    const heuristics = ensureSection(device, 'heuristics');
    for (const [name, value] of [...given.heuristics].sort(([a], [b]) => byCodePoint(a, b)))
      setValue(heuristics, name, value);
  }
  adjustTwoNode(file);
  await saveConf(environment, file);
}

export async function updateDevice(environment: Environment, words: string[]): Promise<void> {
  const given = readDevice(words, false);
  const { file, device } = deviceOf(environment);
  environment.report(...checkDevice(given, true));
  environment.stopOnErrors();
  for (const [name, value] of given.generic) setValue(device, name, value);
  const model = ensureSection(device, settingsOf(device).get('model') ?? 'net');
  for (const [name, value] of given.modelOptions) setValue(model, name, value);
  if (given.heuristics.size > 0) {
    const heuristics = ensureSection(device, 'heuristics');
    for (const [name, value] of given.heuristics) setValue(heuristics, name, value);
  }
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
