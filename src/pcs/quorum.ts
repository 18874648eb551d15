import type { CorosyncFile, Section } from '../../grammar/corosync/ast.js';
import { readPairs } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { namesIn, type Options, valueIn, valueIsPositive } from './checks.js';
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
import { sortedByName } from './tree.js';
import { byCodePoint, quotedList } from './words.js';

/** `pcs quorum ...` */

export const QUORUM_OPTIONS = [
  'auto_tie_breaker',
  'last_man_standing',
  'last_man_standing_window',
  'wait_for_all',
];
const CONF = '/etc/corosync/corosync.conf';

/** Those that a device decides instead. */
export const OPTIONS_WITHOUT_DEVICE = QUORUM_OPTIONS.filter((name) => name !== 'wait_for_all');

/** What is wrong with quorum options. */
export function checkQuorumOptions(options: Options, update: boolean): Finding[] {
  const findings = namesIn(options, QUORUM_OPTIONS, { of: 'quorum' });
  for (const name of ['auto_tie_breaker', 'last_man_standing', 'wait_for_all'])
    findings.push(...valueIn(options, name, ['0', '1'], { emptyIsFine: update }));
  findings.push(...valueIsPositive(options, 'last_man_standing_window', { emptyIsFine: update }));
  return findings;
}

/** What speaks against these changes in the cluster that has this `quorum` section. */
function checkUpdate(options: Options, quorum: Section): Finding[] {
  const findings: Finding[] = [];
  const decided = [...options.keys()].filter((name) => OPTIONS_WITHOUT_DEVICE.includes(name));
  if (section(quorum, 'device') && decided.length > 0) {
    const text = `These options cannot be set when the cluster uses a quorum device: ${quotedList(decided)}`;
    findings.push(error(text));
  }
  const window = options.get('last_man_standing_window') ?? '0';
  const standing = options.get('last_man_standing') ?? settingsOf(quorum).get('last_man_standing') ?? '0';
  if (window !== '0' && standing === '0') {
    findings.push(
      error(
        "If quorum option 'last_man_standing_window' is enabled, quorum option 'last_man_standing' must be enabled as well",
      ),
    );
  }
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
  const file = readConf(environment);
  const quorum = ensureSection(file, 'quorum');
  environment.report(...checkQuorumOptions(options, true), ...checkUpdate(options, quorum));
  environment.stopOnErrors();
  for (const [name, value] of sortedByName(options)) setValue(quorum, name, value);
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
