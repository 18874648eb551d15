import type { Surroundings, Tool } from '../../command-line/tool.js';
import type { Connection } from '../../connection/connection.js';
import { openConnection } from '../../connection/open.js';
import { agentSocketPath } from '../../connection/paths.js';
import type { Methods } from '../../protocol/messages.js';
import { followState } from './follow-state.js';
import { parseShortOptions } from './short-options.js';

export type CmapEntry = Methods['cluster.cmap']['result']['entries'][number];

const READ_ONLY = "The map is read-only here: change corosync.conf and run 'corosync-cfgtool -R'";

const USAGE = `
usage:  corosync-cmapctl [-b] [-ghqtT] [-m map] [params...]

    -b show binary values

    -m select map to use
          The default map is 'icmap', which contains configuration information and some runtime variables.
          A 'stats' map is also available, with statistics of the links and of what was dropped.

Get key:
    corosync-cmapctl [-b] -g key_name...

Quiet mode:
    corosync-cmapctl [-b] -q -g key_name...

Display all keys:
    corosync-cmapctl [-b]

Display keys with prefix key_name:
    corosync-cmapctl [-b] key_name...

Track changes on keys with key_name:
    corosync-cmapctl [-b] -t key_name

Track changes on keys with key prefix:
    corosync-cmapctl [-b] -T key_prefix

The map is read-only: change corosync.conf and run 'corosync-cfgtool -R'.

`;

/** The local agent, or null after a word about why there is none. */
export async function openLocalAgent(
  { name, env, err }: Surroundings,
  complaint: string,
): Promise<Connection | null> {
  const outcome = await openConnection({
    program: name,
    file: null,
    socketPath: agentSocketPath(env.QUORATE_ROOT),
  });
  if (outcome.ok) return outcome.value;
  err(`${complaint}\n${outcome.error.message}\n`);
  return null;
}

/** Keys of the configuration map, sorted as Corosync's map is. */
export async function readCmap(connection: Connection, prefix?: string): Promise<CmapEntry[] | string> {
  const answer = await connection.call('cluster.cmap', prefix === undefined ? {} : { prefix });
  if (!answer.ok) return answer.error.message;
  return answer.value.entries.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** What Corosync says of a key that may not be changed; null where nothing is to be. */
function refusedChange(given: ReadonlyMap<string, string>, operands: readonly string[]): string | null {
  const [key = ''] = operands;
  const none = operands.length === 0 ? 'Expected key after options' : null;
  if (given.has('s')) {
    if (operands.length < 3) return 'At least 3 parameters are expected for set';
    return `Failed to set key ${key}. Error CS_ERR_ACCESS`;
  }
  if (given.has('d')) return none ?? `Can't delete key ${key}. Error CS_ERR_ACCESS`;
  if (given.has('D')) return none ?? `Can't delete keys with prefix ${key}. Error CS_ERR_ACCESS`;
  if (given.has('p')) return 'Settings cannot be loaded. Error CS_ERR_ACCESS';
  if (given.has('C')) return 'Statistics cannot be cleared. Error CS_ERR_ACCESS';
  return null;
}

const line = ({ key, type, value }: CmapEntry): string => `${key} (${type}) = ${value}\n`;

/** `corosync-cmapctl`: shows the configuration map of the local node. */
export const corosyncCmapctl: Tool = async (surroundings) => {
  const { words, out, err } = surroundings;
  const parsed = parseShortOptions({ letters: 'm:hqgsdDtTbpC' }, words);
  if (!parsed.ok) {
    err(`corosync-cmapctl: ${parsed.message}\n`);
    return 1;
  }
  const { given, operands } = parsed;
  if (given.has('h')) {
    out(USAGE);
    return 0;
  }
  const refused = refusedChange(given, operands);
  if (refused !== null) {
    err(`${refused}\n${READ_ONLY}\n`);
    return 1;
  }
  const map = given.get('m') ?? 'icmap';
  if (!['default', 'icmap', 'stats'].includes(map)) {
    err("invalid map name, must be 'default', 'icmap' or 'stats'\n");
    return 1;
  }
  if (operands.length === 0 && ['g', 't', 'T'].some((letter) => given.has(letter))) {
    err('Expected key after options\n');
    return 1;
  }
  const connection = await openLocalAgent(
    surroundings,
    'Failed to initialize the cmap API. Error CS_ERR_LIBRARY',
  );
  if (!connection) return 1;
  try {
    if (given.has('t') || given.has('T'))
      return await track(connection, operands, given.has('T'), surroundings);
    const all = await readCmap(connection);
    if (typeof all === 'string') {
      err(`${all}\n`);
      return 1;
    }
    const entries = all.filter(({ key }) => key.startsWith('stats.') === (map === 'stats'));
    if (!given.has('g')) {
      let exit = 0;
      for (const prefix of operands.length === 0 ? [''] : operands) {
        const found = entries.filter(({ key }) => key.startsWith(prefix));
        for (const entry of found) out(line(entry));
        if (found.length === 0) exit = 1;
      }
      return exit;
    }
    let exit = 0;
    for (const key of operands) {
      const entry = entries.find((each) => each.key === key);
      if (entry) out(given.has('q') ? `${entry.value}\n` : line(entry));
      else {
        err(`Can't get key ${key}. Error CS_ERR_NOT_EXIST\n`);
        exit = 1;
      }
    }
    return exit;
  } finally {
    await connection.close();
  }
};

/** Prints changes until the connection ends or the user has enough. */
async function track(
  connection: Connection,
  keys: readonly string[],
  prefixes: boolean,
  { out, err }: Surroundings,
): Promise<number> {
  const wanted = (key: string): boolean =>
    keys.some((each) => (prefixes ? key.startsWith(each) : key === each));
  const read = async (): Promise<Map<string, CmapEntry>> => {
    const entries = await readCmap(connection);
    const list = typeof entries === 'string' ? [] : entries.filter((entry) => wanted(entry.key));
    return new Map(list.map((entry) => [entry.key, entry]));
  };
  let before = await read();
  const compare = async (): Promise<void> => {
    const now = await read();
    for (const [key, entry] of now) {
      const old = before.get(key);
      if (!old) out(`create> ${line(entry)}`);
      else if (old.value !== entry.value) out(`modify> ${line(entry)}was> ${line(old)}`);
    }
    for (const [key, entry] of before) if (!now.has(key)) out(`delete> ${line(entry)}`);
    before = now;
  };
  return followState(connection, compare, err);
}
