import { randomBytes } from 'node:crypto';
import {
  BOOTH_CONF,
  BOOTH_KEY,
  boothConfiguration,
  boothStatements,
  type GeoCluster,
  parseSites,
  sitesOf,
} from '../bootstrap/booth.js';
import { chosenNodes } from './cluster-commands.js';
import type { CommandStatus, Environment } from './command.js';
import { runOnNodes } from './fan-out.js';
import { loadStatements } from './load-statements.js';

function complain(env: Environment, text: string): CommandStatus {
  env.session.error(`${[...env.path, env.command].join('.')}: ${text}`);
  return 'failed';
}

const OPTIONS: Readonly<Record<string, string>> = {
  '-a': 'arbitrator',
  '--arbitrator': 'arbitrator',
  '-c': 'from',
  '--cluster-node': 'from',
  '-s': 'clusters',
  '--clusters': 'clusters',
  '-t': 'tickets',
  '--tickets': 'tickets',
};

/** The options by name, or null after a complaint. */
function readOptions(env: Environment, words: readonly string[], known: readonly string[]) {
  const options = new Map<string, string>();
  const rest = words.flatMap((word) => /^(--[a-z-]+)=(.*)$/s.exec(word)?.slice(1) ?? word);
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at]!;
    if (['-q', '--quiet', '-y', '--yes'].includes(word)) continue;
    const name = OPTIONS[word];
    const value = rest[at + 1];
    if (name === undefined || !known.includes(name) || value === undefined) {
      complain(
        env,
        `${word}: ${name === undefined || value !== undefined ? 'unknown option' : 'needs a value'}`,
      );
      return null;
    }
    options.set(name, value);
    at++;
  }
  return options;
}

/** Writes booth's files on hosts; false after a complaint. */
async function spread(
  env: Environment,
  nodes: readonly string[],
  text: string,
  key: string,
): Promise<boolean> {
  const { session } = env;
  const folder = BOOTH_CONF.replace(/\/[^/]*$/, '');
  const script = `umask 077 && mkdir -p ${folder} && chmod 755 ${folder} && IFS= read -r key && cat > ${BOOTH_CONF}.$$ && printf %s "$key" | base64 -d > ${BOOTH_KEY}.$$ && chmod 644 ${BOOTH_CONF}.$$ && mv ${BOOTH_CONF}.$$ ${BOOTH_CONF} && mv ${BOOTH_KEY}.$$ ${BOOTH_KEY}`;
  const runs = await runOnNodes(session, nodes, script, { stdin: `${key}\n${text}` });
  for (const { node, status, stderr } of runs) {
    if (status === 0) session.info(`${node}: ${BOOTH_CONF} and its key are written`);
    else complain(env, `[${node}]: ${stderr.trim()}`);
  }
  return runs.every(({ status }) => status === 0);
}

/** Has the cluster run booth under the address of its own; it must be one of the sites. */
async function enterGeo(env: Environment, sites: GeoCluster['sites'], files: { text: string; key: string }) {
  const connection = await env.session.connection();
  const state = await connection?.state();
  if (!state?.ok) return complain(env, 'the cluster must be running');
  const own = sites.find(({ cluster }) => cluster === state.value.clusterName);
  if (!own) {
    const names = sites.map(({ cluster }) => cluster).join(', ');
    return complain(env, `this cluster is called ${state.value.clusterName}, and is not among ${names}`);
  }
  const nodes = await chosenNodes(env, ['--all']);
  if (!nodes || !(await spread(env, nodes, files.text, files.key))) return 'failed';
  const loaded = await loadStatements(env, boothStatements(own.address));
  if (loaded === 'done') env.session.info(`booth runs in the group g-booth with the address ${own.address}`);
  return loaded;
}

/** Makes this cluster the first of a geo cluster. */
export async function geoInit(env: Environment, words: readonly string[]): Promise<CommandStatus> {
  const given = readOptions(env, words, ['arbitrator', 'clusters', 'tickets']);
  if (!given) return 'usage';
  const sites = parseSites(given.get('clusters') ?? '');
  if (!sites) return complain(env, 'expected --clusters "NAME=ADDRESS NAME=ADDRESS"');
  const tickets = (given.get('tickets') ?? '').split(/[\s,]+/).filter((ticket) => ticket !== '');
  const text = boothConfiguration({ sites, arbitrator: given.get('arbitrator'), tickets });
  // booth takes keys of 8 to 64 bytes.
  return enterGeo(env, sites, { text, key: randomBytes(64).toString('base64') });
}

/** booth's files of a host that is in the geo cluster already; null after a complaint. */
async function fetchFiles(env: Environment, host: string): Promise<{ text: string; key: string } | null> {
  const [run] = await runOnNodes(
    env.session,
    [host],
    `base64 ${BOOTH_KEY} | tr -d '\\n' && echo && cat ${BOOTH_CONF}`,
  );
  if (run?.status !== 0) {
    complain(env, `[${host}]: ${run?.stderr.trim() || 'no geo cluster is configured there'}`);
    return null;
  }
  const end = run.stdout.indexOf('\n');
  return { key: run.stdout.slice(0, end), text: run.stdout.slice(end + 1) };
}

/** Makes this cluster one of the geo cluster that another host is in. */
export async function geoJoin(env: Environment, words: readonly string[]): Promise<CommandStatus> {
  const given = readOptions(env, words, ['from', 'clusters']);
  if (!given) return 'usage';
  const from = given.get('from');
  if (from === undefined) return complain(env, 'expected -c HOST, a node of the geo cluster');
  const files = await fetchFiles(env, from);
  if (!files) return 'failed';
  const clusters = given.get('clusters');
  const sites = clusters === undefined ? sitesOf(files.text) : parseSites(clusters);
  if (!sites?.length) return complain(env, 'expected --clusters "NAME=ADDRESS NAME=ADDRESS"');
  return enterGeo(env, sites, files);
}

/** Makes this host the arbitrator of a geo cluster: booth runs there as a service, outside any cluster. */
export async function geoInitArbitrator(env: Environment, words: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const given = readOptions(env, words, ['from']);
  if (!given) return 'usage';
  const from = given.get('from');
  if (from === undefined) return complain(env, 'expected -c HOST, a node of the geo cluster');
  const files = await fetchFiles(env, from);
  if (!files || !(await spread(env, [session.nodeName], files.text, files.key))) return 'failed';
  const [run] = await runOnNodes(session, [session.nodeName], 'systemctl enable --now booth@booth.service');
  if (run?.status !== 0) return complain(env, `booth was not started: ${run?.stderr.trim()}`);
  session.info('this host is an arbitrator now');
  return 'done';
}
