import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { parseBoolean } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { unpackStatus } from '../status/unpack.js';
import { clusterNameOf, confNodes, hasConf, readConf } from './corosync-conf.js';
import type { Environment } from './environment.js';
import { configuredProperties } from './property.js';
import { runMonitor, runTool } from './tools.js';
import { nvpairValue, places, resourcesOf } from './tree.js';
import { byCodePoint, quotedList } from './words.js';

/** `pcs status ...` */

async function monitorText(environment: Environment, words: readonly string[]): Promise<string> {
  const run = await runMonitor(environment, words);
  if (run.status !== 0) {
    environment.fail(
      `error running crm_mon, is pacemaker running?\n${indented(`${run.out}${run.err}`.trimEnd())}`,
    );
  }
  return run.out.trim();
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** Where pcs may have been meant to say more: no fencing, moves that still bind. */
function warnings(cib: Element): string[] {
  const lines: string[] = [];
  const devices = [...places(resourcesOf(cib))]
    .map(({ element }) => element)
    .filter((element) => element.name === 'primitive' && element.get('class') === 'stonith');
  const enabled = parseBoolean(configuredProperties(cib).get('stonith-enabled')) !== false;

  if (enabled && devices.length === 0) lines.push('No stonith devices and stonith-enabled is not false');
  const withAction = devices.filter(
    (device) => nvpairValue(device, 'instance_attributes', 'action') !== undefined,
  );
  if (withAction.length > 0) {
    lines.push(
      `Following stonith devices have the 'action' option set, it is recommended to set 'pcmk_off_action', 'pcmk_reboot_action' instead: ${quotedList(withAction.map(({ id }) => id))}`,
    );
  }
  const cycling = devices.filter(
    (device) => nvpairValue(device, 'instance_attributes', 'method') === 'cycle',
  );
  if (cycling.length > 0) {
    lines.push(
      `Following stonith devices have the 'method' option set to 'cycle' which is potentially dangerous, please consider using 'onoff': ${quotedList(cycling.map(({ id }) => id))}`,
    );
  }
  const moved = (cib.at('configuration', 'constraints')?.elements('rsc_location') ?? [])
    .filter(({ id }) => id.startsWith('cli-'))
    .map((constraint) => constraint.get('rsc') ?? '');
  if (moved.length > 0) {
    lines.push(
      `Following resources have been moved and their move constraints are still in place: ${quotedList(new Set(moved))}`,
      "Run 'pcs constraint location' or 'pcs resource clear <resource id>' to view or remove the constraints, respectively",
    );
  }
  return lines;
}

export async function fullStatus(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const file = environment.file !== undefined;
  const conf = environment.has('--corosync_conf');
  if (file !== conf) {
    const [given, missing] = file ? ['-f', '--corosync_conf'] : ['--corosync_conf', '-f'];
    environment.fail(`When '${given}' is specified, '${missing}' must be specified as well`);
  }
  const full = environment.has('--full');
  const text = await monitorText(environment, [
    '--one-shot',
    ...(environment.has('--hide-inactive') ? [] : ['--inactive']),
    ...(full ? ['--show-detail', '--show-node-attributes', '--failcounts', '--fence-history=3'] : []),
  ]);
  const cib = await environment.cib();
  const name = hasConf(environment)
    ? clusterNameOf(readConf(environment))
    : (configuredProperties(cib).get('cluster-name') ?? '');
  const lines = [`Cluster name: ${name}`];
  const alarming = warnings(cib);
  if (alarming.length > 0) lines.push('', 'WARNINGS:', ...alarming, '');
  lines.push(text);
  if (full) {
    const { crmTicket } = await import('../cluster-tools/crm-ticket.js');
    const tickets = await runTool(environment, 'crm_ticket', crmTicket, ['--details']);
    const said = tickets.out.split('\n').filter((line) => line.trim() !== '');
    lines.push('', 'Tickets:', ...said.map((line) => `  ${line}`));
  }
  if (!file) {
    if (full && hasConf(environment))
      lines.push('', 'PCSD Status:', ...(await hostLines(environment)).map((line) => `  ${line}`));
    lines.push('', 'Daemon Status:', ...(await daemonLines(environment)).map((line) => `  ${line}`));
  }
  environment.print(lines.join('\n'));
}

/** Which nodes can be logged in to: what pcsd's answer is elsewhere. */
async function hostLines(environment: Environment): Promise<string[]> {
  const names = confNodes(readConf(environment)).map(({ name }) => name);
  const problems = await unreachable(environment, names);
  return names.sort(byCodePoint).map((name) => {
    const problem = problems.get(name);
    const state =
      problem === undefined
        ? 'Online'
        : /authenticat|denied|key/i.test(problem)
          ? 'Unable to authenticate'
          : 'Offline';
    return `${name}: ${state}`;
  });
}

/** The agent in the places of corosync, pacemaker and pcsd. It is active: it has answered before this is asked. */
async function daemonLines(environment: Environment): Promise<string[]> {
  if (environment.has('-H')) return [];
  const enabled =
    existsSync('/run/systemd/system') &&
    spawnSync('systemctl', ['is-enabled', 'quorated.service'], { encoding: 'utf8' }).stdout?.trim() ===
      'enabled';
  return [`quorated: active/${enabled ? 'enabled' : 'disabled'}`];
}

export async function nodesStatus(environment: Environment, words: string[]): Promise<void> {
  const [which, more] = words;
  if (more !== undefined) throw new WrongUsage();
  const print = (lines: readonly string[]) => environment.print(lines.join('\n'));
  const row = (label: string, names: readonly string[]) => [` ${label}:`, ...names].join(' ');
  if (which === 'config') {
    const corosync = hasConf(environment) ? confNodes(readConf(environment)).map(({ name }) => name) : [];
    const cib = await environment.cib();
    const nodes = unpackStatus(cib, { nowMs: environment.world.nowMs() })
      .nodes.filter((node) => !node.isGuestOrRemote)
      .map(({ name }) => name)
      .sort(byCodePoint);
    print([
      'Corosync Nodes:',
      ...(corosync.length > 0 ? [` ${corosync.join(' ')}`] : []),
      'Pacemaker Nodes:',
      ...(nodes.length > 0 ? [` ${nodes.join(' ')}`] : []),
    ]);
    return;
  }
  if (which === 'corosync' || which === 'both') {
    environment.allowOptions([]);
    const connection = await environment.connection();
    const state = await connection.state();
    if (!state.ok) environment.fail(`unable to get list of pacemaker nodes\n${state.error.message}`);
    const names = (online: boolean) =>
      state.value.members
        .filter((member) => member.online === online)
        .map(({ name }) => name)
        .sort(byCodePoint);
    print(['Corosync Nodes:', row('Online', names(true)), row('Offline', names(false))]);
    if (which === 'corosync') return;
  } else if (which !== undefined) throw new WrongUsage();
  const cib = await environment.cib();
  const { nodes } = unpackStatus(cib, { nowMs: environment.world.nowMs() });
  const sorted = [...nodes].sort((a, b) => byCodePoint(a.name, b.name));
  for (const remote of [false, true]) {
    const own = sorted.filter((node) => node.isGuestOrRemote === remote);
    const online = own.filter((node) => node.online);
    const pick = (test: (node: (typeof own)[number]) => boolean) =>
      online.filter(test).map(({ name }) => name);
    print([
      remote ? 'Pacemaker Remote Nodes:' : 'Pacemaker Nodes:',
      row(
        'Online',
        pick((node) => !node.standby && !node.maintenance),
      ),
      row(
        'Standby',
        pick((node) => node.standby && node.running.length === 0),
      ),
      row(
        'Standby with resource(s) running',
        pick((node) => node.standby && node.running.length > 0),
      ),
      row(
        'Maintenance',
        pick((node) => node.maintenance),
      ),
      row(
        'Offline',
        own.filter((node) => !node.online).map(({ name }) => name),
      ),
    ]);
  }
}

export async function clusterStatus(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const run = await runMonitor(environment, ['-1', '-r']);
  if (run.status !== 0) environment.fail('cluster is not currently running on this node');
  environment.print('Cluster Status:');
  let blanks = 0;
  for (const line of run.out.split('\n')) {
    if (line === '') {
      blanks += 1;
      if (blanks > 1) break;
      continue;
    }
    environment.print(` ${line}`);
  }
  if (environment.file === undefined && hasConf(environment)) {
    environment.print('');
    environment.print('PCSD Status:');
    for (const line of await hostLines(environment)) environment.print(`  ${line}`);
  }
}

export async function corosyncStatus(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const { corosyncQuorumtool: tool } = await import('../cluster-tools/corosync/quorumtool.js');
  const run = await runTool(environment, 'corosync-quorumtool', tool, ['-l']);
  if (run.status !== 0 && run.out === '') environment.fail('corosync not running');
  environment.print(run.out.trimEnd());
}

export async function xmlStatus(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  environment.print(await monitorText(environment, ['--one-shot', '--inactive', '--output-as', 'xml']));
}

export async function hostsStatus(environment: Environment, words: string[]): Promise<void> {
  const names = words.length > 0 ? words : confNodes(readConf(environment)).map(({ name }) => name);
  const problems = await unreachable(environment, names);
  for (const name of names) environment.print(`  ${name}: ${problems.has(name) ? 'Offline' : 'Online'}`);
}

/** Hosts that SSH does not log in on, with the reason. It is not loaded before: other reads shall be quick. */
async function unreachable(environment: Environment, names: readonly string[]): Promise<Map<string, string>> {
  const { onHosts } = await import('./machines.js');
  return onHosts(environment, names, async () => null);
}
