import { sections } from '../../grammar/corosync/ast.js';
import { byKeyword, readPairs, readRepeatablePairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { joinCluster } from '../bootstrap/join.js';
import { removeFromCluster } from '../bootstrap/remove.js';
import { checkLink, linkItems } from './cluster-plan.js';
import { clusterNodes, enableOn, waitStarted } from './cluster-services.js';
import {
  confNodes,
  ensureSection,
  readConf,
  section,
  settingIn,
  settingsOf,
  setValue,
} from './corosync-conf.js';
import type { Environment } from './environment.js';
import { sectionOf } from './environment.js';
import { destination, ownName, sshOptions } from './machines.js';
import { saveConf } from './quorum.js';
import { error } from './refusal.js';
import { runTool } from './tools.js';
import { byCodePoint, quotedList } from './words.js';

/** `pcs cluster node add|remove|clear`, `pcs cluster link ...` */

/**
 * `cluster node add NODE [addr=ADDRESS]`. An agent knows the nodes that were in its file when it started: the newcomer
 * is started and the others are restarted, one after the other.
 */
export async function addNode(environment: Environment, words: string[]): Promise<void> {
  const [given, ...rest] = words;
  if (given === undefined) throw new WrongUsage();
  const [name = '', alternative] = given.split(',');
  const { single, repeated } = readRepeatablePairs(rest, ['addr', 'device']);
  const unknown = [...single.keys()].filter((key) => key !== 'watchdog').sort(byCodePoint);
  if (unknown.length > 0) throw new WrongUsage(`Unknown options ${quotedList(unknown)} for node '${name}'`);
  if (single.has('watchdog') || repeated.has('device'))
    environment.warn('SBD is not used: watchdog and devices are ignored');
  const addresses = repeated.get('addr') ?? [];
  if (addresses.length > 1 || alternative !== undefined) {
    environment.fail("a node is added with one address: add the others with 'pcs cluster link add'");
  }
  if (clusterNodes(environment).includes(name))
    environment.stopOn(
      error(`Node name '${name}' is already used by existing nodes; please, use other name`),
    );
  const joined = await joinCluster(addresses[0] ?? destination(environment, name), ownName(), {
    ...sshOptions(environment),
    force: environment.forced,
    progress: (host, text) => environment.say(`${host}: ${text}`),
  });
  if (!joined.ok) {
    environment.report(...joined.findings.map((text) => error(text)));
    environment.stopOnErrors();
  }
  if (environment.has('--enable')) await enableOn(environment, [name], true);
  if (environment.has('--wait')) await waitStarted(environment, [name]);
}

/** `cluster node remove NODE...` */
export async function removeNodes(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const all = clusterNodes(environment);
  const missing = words.filter((name) => !all.includes(name));
  environment.stopOn(
    ...missing.map((name) => error(`Node '${name}' does not appear to exist in configuration`)),
  );
  if (all.every((name) => words.includes(name))) {
    environment.stopOn(
      error(
        "No nodes would be left in the cluster, if you intend to destroy the whole cluster, run 'pcs cluster destroy --all' instead",
      ),
    );
  }
  environment.say(`Destroying cluster on hosts: ${quotedList(words)}...`);
  const member =
    all.find((name) => !words.includes(name) && name === ownName()) ??
    all.find((name) => !words.includes(name))!;
  for (const name of words) {
    const removed = await removeFromCluster(name, member, {
      ...sshOptions(environment),
      force: environment.has('--skip-offline'),
      progress: (host, text) => environment.say(`${host}: ${text}`),
    });
    if (!removed.ok) {
      environment.report(...removed.findings.map((text) => error(text)));
      environment.stopOnErrors();
    }
    environment.say(`${name}: Successfully destroyed cluster`);
    await forget(environment, name);
  }
}

/** Takes a node that is no member any more out of the configuration and its status. */
async function forget(environment: Environment, name: string): Promise<void> {
  const { crmNode } = await import('../cluster-tools/crm-node.js');
  const run = await runTool(environment, 'crm_node', crmNode, ['--force', '--remove', name]);
  if (run.status === 0) return;
  environment.report(error(`Unable to remove node(s) '${name}' from pacemaker: ${run.err.trim()}`));
  environment.stopOnErrors();
}

/** `cluster node clear NODE`: nothing of a node that is gone is left in the configuration. */
export async function clearNode(environment: Environment, words: string[]): Promise<void> {
  const [name, more] = words;
  if (name === undefined || more !== undefined) throw new WrongUsage();
  if (environment.live && clusterNodes(environment).includes(name) && !environment.forced) {
    environment.report({
      severity: 'error',
      text: `node '${name}' seems to be still existing; this command should be used only after the node is removed from the cluster`,
      force: '--force',
    });
    environment.stopOnErrors();
  }
  const cib = await environment.cib();
  const nodes = sectionOf(cib, 'nodes');
  const node = nodes.elements('node').find((each) => each.get('uname') === name);
  if (!node) return;
  nodes.remove(node);
  await environment.push();
}

/** `NODE=ADDRESS... [options OPTION=VALUE...]` */
function readLink(words: readonly string[]) {
  const groups = byKeyword(words, ['options'], { first: 'nodes', once: true });
  return { addresses: readPairs(wordsOf(groups, 'nodes')), options: readPairs(wordsOf(groups, 'options')) };
}

export async function addLink(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const { addresses, options } = readLink(words);
  const file = readConf(environment);
  const nodes = confNodes(file);
  const transport = settingIn(section(file, 'totem'), 'transport') ?? 'knet';
  if (transport !== 'knet')
    environment.stopOn(error(`Cluster is using ${transport} transport which does not support adding links`));
  environment.report(...checkLink(options, true, false));
  const used = new Set(nodes.flatMap((node) => node.addresses.map(([link]) => link)));
  let number = options.get('linknumber');
  if (number !== undefined && used.has(number)) {
    environment.report(error(`Cannot add link '${number}', it already exists`));
  }
  for (let free = 0; number === undefined; free++) if (!used.has(String(free))) number = String(free);
  environment.report(
    ...nodeMistakes(
      nodes.map(({ name }) => name),
      addresses,
    ),
  );
  environment.stopOnErrors();
  for (const node of sections(ensureSection(file, 'nodelist').items, 'node')) {
    const name = settingsOf(node).get('name') ?? '';
    const at = node.items.findIndex((item) => item.kind === 'setting' && item.key === 'name');
    node.items.splice(at < 0 ? node.items.length : at, 0, {
      kind: 'setting',
      key: `ring${number}_addr`,
      value: addresses.get(name)!,
    });
  }
  const given = new Map(options);
  given.delete('linknumber');
  if (given.size > 0) {
    ensureSection(file, 'totem').items.push({
      kind: 'section',
      name: 'interface',
      items: linkItems(given.set('linknumber', number)),
    });
  }
  await saveConf(environment, file);
}

function nodeMistakes(names: readonly string[], addresses: ReadonlyMap<string, string>) {
  const findings = [];
  const missing = names.filter((name) => !addresses.has(name)).sort(byCodePoint);
  for (const name of missing)
    findings.push(error(`1 address must be specified for a node, 0 addresses specified for node '${name}'`));
  const unknown = [...addresses.keys()].filter((name) => !names.includes(name)).sort(byCodePoint);
  for (const name of unknown)
    findings.push(error(`Node '${name}' does not appear to exist in configuration`));
  return findings;
}

export async function removeLinks(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const file = readConf(environment);
  const used = new Set(confNodes(file).flatMap((node) => node.addresses.map(([link]) => link)));
  const missing = words.filter((number) => !used.has(number));
  if (missing.length > 0) {
    environment.stopOn(
      error(
        `Cannot remove non-existent ${missing.length > 1 ? 'links' : 'link'} ${quotedList(missing)}, existing links: ${quotedList([...used])}`,
      ),
    );
  }
  if ([...used].every((number) => words.includes(number))) {
    environment.stopOn(error('Cannot remove all links, there must be at least one link left'));
  }
  for (const node of sections(ensureSection(file, 'nodelist').items, 'node')) {
    for (const number of words) setValue(node, `ring${number}_addr`, '');
  }
  const totem = ensureSection(file, 'totem');
  totem.items = totem.items.filter(
    (item) =>
      item.kind !== 'section' ||
      item.name !== 'interface' ||
      !words.includes(settingsOf(item).get('linknumber') ?? '0'),
  );
  await saveConf(environment, file);
}

export async function updateLink(environment: Environment, words: string[]): Promise<void> {
  const [number, ...rest] = words;
  if (number === undefined || rest.length === 0) throw new WrongUsage();
  const { addresses, options } = readLink(rest);
  const file = readConf(environment);
  const nodes = confNodes(file);
  if (!nodes.some((node) => node.addresses.some(([link]) => link === number))) {
    const used = [...new Set(nodes.flatMap((node) => node.addresses.map(([link]) => link)))];
    environment.stopOn(
      error(`Cannot set options for non-existent link '${number}', existing links: ${quotedList(used)}`),
    );
  }
  const knet = (settingIn(section(file, 'totem'), 'transport') ?? 'knet') === 'knet';
  environment.report(...checkLink(options, knet, true));
  const unknown = [...addresses.keys()].filter((name) => !nodes.some((node) => node.name === name));
  environment.report(
    ...unknown.map((name) => error(`Node '${name}' does not appear to exist in configuration`)),
  );
  environment.stopOnErrors();
  for (const node of sections(ensureSection(file, 'nodelist').items, 'node')) {
    const address = addresses.get(settingsOf(node).get('name') ?? '');
    if (address !== undefined) setValue(node, `ring${number}_addr`, address);
  }
  const totem = ensureSection(file, 'totem');
  let link = sections(totem.items, 'interface').find(
    (item) => (settingsOf(item).get('linknumber') ?? '0') === number,
  );
  if (!link && options.size > 0) {
    link = { kind: 'section', name: 'interface', items: linkItems(new Map([['linknumber', number]])) };
    totem.items.push(link);
  }
  if (link) for (const item of linkItemsWithEmpty(options)) setValue(link, item[0], item[1]);
  await saveConf(environment, file, { mustBeStopped: true });
}

function linkItemsWithEmpty(options: ReadonlyMap<string, string>): [string, string][] {
  return [...options].map(([key, value]) => {
    const [item] = linkItems(new Map([[key, value === '' ? '0' : value]]));
    return [item?.kind === 'setting' ? item.key : key, value];
  });
}
