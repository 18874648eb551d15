import type { Surroundings, Tool } from '../../command-line/tool.js';
import type { Connection } from '../../connection/connection.js';
import { openConnection } from '../../connection/open.js';
import { agentSocketPath } from '../../connection/paths.js';
import type { Methods } from '../../protocol/messages.js';
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

const MAPS = ['default', 'icmap', 'stats'];
const CLEARABLE = ['knet', 'totem', 'ipc', 'schedmiss', 'all'];
const TYPES = /^([iu](8|16|32|64)|flt|dbl|str|bin)$/;
/** Those that need the name of a key. */
const WITH_KEY = ['g', 's', 'd', 'D', 't', 'T'];

/** What is wrong with the command line, in Corosync's words; null: nothing. */
function mistakeIn(given: ReadonlyMap<string, string>, operands: readonly string[]): string | null {
  const cleared = given.get('C');
  if (cleared !== undefined && !CLEARABLE.includes(cleared)) {
    return "argument to -C should be 'knet', 'totem', 'ipc', 'schedmiss' or 'all'";
  }
  if (!MAPS.includes(given.get('m') ?? 'icmap')) {
    return "invalid map name, must be 'default', 'icmap' or 'stats'";
  }
  if (operands.length === 0 && WITH_KEY.some((letter) => given.has(letter))) {
    return 'Expected key after options';
  }
  if (given.has('s') && operands.length < 3) return 'At least 3 parameters are expected for set';
  if (given.has('s') && !TYPES.test(operands[1]!)) return `Unknown type ${operands[1]}`;
  return null;
}

/** What Corosync says of keys that may not be changed; null where nothing is to be. */
function refusedChange(
  given: ReadonlyMap<string, string>,
  operands: readonly string[],
  entries: readonly CmapEntry[],
): readonly string[] | null {
  const undeletable = (key: string, error: string) => `Can't delete key ${key}. Error ${error}`;
  if (given.has('s')) return [`Failed to set key ${operands[0]}. Error CS_ERR_ACCESS`];
  if (given.has('d')) {
    const [key = ''] = operands;
    const there = entries.some((entry) => entry.key === key);
    return [undeletable(key, there ? 'CS_ERR_ACCESS' : 'CS_ERR_NOT_EXIST')];
  }
  if (given.has('D')) {
    const doomed = entries.filter(({ key }) => operands.some((prefix) => key.startsWith(prefix)));
    return doomed.map(({ key }) => undeletable(key, 'CS_ERR_ACCESS'));
  }
  if (given.has('p')) return ['Settings cannot be loaded. Error CS_ERR_ACCESS'];
  if (given.has('C')) return ['Statistics cannot be cleared. Error CS_ERR_ACCESS'];
  return null;
}

const line = ({ key, type, value }: CmapEntry): string => `${key} (${type}) = ${value}\n`;

/** What is typed while changes are shown, line by line, until nobody listens any more. */
export type TypedLines = (until: AbortSignal) => AsyncIterable<string>;

/** `corosync-cmapctl`: shows the configuration map of the local node. */
export function cmapctlWith(typed: TypedLines): Tool {
  return (surroundings) => cmapctl(surroundings, typed);
}

async function cmapctl(surroundings: Surroundings, typed: TypedLines): Promise<number> {
  const { words, out, err } = surroundings;
  const parsed = parseShortOptions({ letters: 'm:hqgsdDtTbp:C:' }, words);
  if (!parsed.ok) {
    err(`corosync-cmapctl: ${parsed.message}\n`);
    return 1;
  }
  const { given, operands } = parsed;
  if (given.has('h')) {
    out(USAGE);
    return 0;
  }
  const mistake = mistakeIn(given, operands);
  if (mistake !== null) {
    err(`${mistake}\n`);
    return 1;
  }
  const connection = await openLocalAgent(
    surroundings,
    'Failed to initialize the cmap API. Error CS_ERR_LIBRARY',
  );
  if (!connection) return 1;
  const statistics = given.get('m') === 'stats' || given.has('C');
  const readMap = async () => {
    const all = await readCmap(connection);
    return typeof all === 'string' ? all : all.filter(({ key }) => key.startsWith('stats.') === statistics);
  };
  try {
    if (given.has('t') || given.has('T')) {
      const isWanted = (key: string) =>
        operands.some((each) => (given.has('T') ? key.startsWith(each) : key === each));
      const everyMs = statistics ? STATISTICS_MS : null;
      return await track({ connection, readMap, isWanted, everyMs, typed }, surroundings);
    }
    const entries = await readMap();
    if (typeof entries === 'string') {
      err(`${entries}\n`);
      return 1;
    }
    const refused = refusedChange(given, operands, entries);
    if (refused === null) return show(entries, given, operands, surroundings);
    for (const text of refused) err(`${text}\n`);
    err(`${READ_ONLY}\n`);
    // Corosync's -D has done what it could.
    return given.has('D') ? 0 : 1;
  } finally {
    await connection.close();
  }
}

/** Prints keys by name, or all that begin so; exit 1 where a name, or all that prefixes name, is not there. */
function show(
  entries: readonly CmapEntry[],
  given: ReadonlyMap<string, string>,
  operands: readonly string[],
  { out, err }: Surroundings,
): number {
  const text = (entry: CmapEntry) => (given.has('q') ? `${entry.value}\n` : line(entry));
  if (given.has('g')) {
    for (const key of operands) {
      const entry = entries.find((each) => each.key === key);
      if (!entry) {
        err(`Can't get key ${key}. Error CS_ERR_NOT_EXIST\n`);
        return 1;
      }
      out(text(entry));
    }
    return 0;
  }
  let found = false;
  for (const prefix of operands.length === 0 ? [''] : operands) {
    for (const entry of entries.filter(({ key }) => key.startsWith(prefix))) {
      found = true;
      out(text(entry));
    }
  }
  return found ? 0 : 1;
}

/** The agent brings its numbers up to date so often. */
const STATISTICS_MS = 1000;

interface Tracking {
  readonly connection: Connection;
  readonly readMap: () => Promise<CmapEntry[] | string>;
  readonly isWanted: (key: string) => boolean;
  /** How often it is looked, beside whenever the cluster's state has changed; null: only then. */
  readonly everyMs: number | null;
  readonly typed: TypedLines;
}

/** Prints changes until the connection ends, or the user has enough: a line that begins with q, or the end of the input. */
async function track(
  { connection, readMap, isWanted, everyMs, typed }: Tracking,
  { out, err }: Surroundings,
): Promise<number> {
  const read = async (): Promise<Map<string, CmapEntry> | null> => {
    const entries = await readMap();
    if (typeof entries === 'string') return null;
    return new Map(entries.filter(({ key }) => isWanted(key)).map((entry) => [entry.key, entry]));
  };
  let before = (await read()) ?? new Map<string, CmapEntry>();
  const compare = async (): Promise<void> => {
    const now = await read();
    // The end of the connection is told elsewhere.
    if (!now) return;
    for (const [key, entry] of now) {
      const old = before.get(key);
      if (!old) out(`create> ${line(entry)}`);
      else if (old.value !== entry.value) out(`modify> ${line(entry)}`);
    }
    for (const [key, entry] of before) if (!now.has(key)) out(`delete> ${line(entry)}`);
    before = now;
  };
  let turn = Promise.resolve();
  const look = () => {
    turn = turn.then(compare);
  };
  const subscribed = await connection.subscribe(['state'], look);
  if (!subscribed.ok) {
    err(`${subscribed.error.message}\n`);
    return 1;
  }
  out('Type "q" to finish\n');
  // What has changed before the subscription.
  look();
  const timer = everyMs === null ? null : setInterval(look, everyMs);
  const over = new AbortController();
  const enough = (async () => {
    for await (const text of typed(over.signal)) if (text.startsWith('q')) break;
    return null;
  })();
  const lost = await Promise.race([connection.closed, enough]);
  if (timer) clearInterval(timer);
  over.abort();
  await turn;
  if (lost) err(`${lost.message}\n`);
  return lost ? 1 : 0;
}
