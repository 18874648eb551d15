import type { Level, Row } from './command.js';
import { GROUPS, isGroup } from './groups.js';
import { SYNOPSES } from './synopses.js';

/** `pcs help`, `pcs GROUP help`, `pcs GROUP COMMAND --help`. */

const GENERAL = `
Usage: pcs [-H host] [-f file] [-h] [commands]...
Control and configure a quorate cluster in the words of pcs.

Options:
    -h, --help           Show usage and exit.
    -f file              Work on a file with a CIB instead of the cluster.
    -H host[,host...]    Work on the cluster of another host, over SSH.
    --debug              Accepted for compatibility.
    --version            Show the version of pcs whose behaviour this is.
    --request-timeout=s  Seconds until another host must have answered.
    --force              Override checks that allow it.

Commands:
`;

const ABOUT: Readonly<Record<string, string>> = {
  cluster: 'The cluster and its nodes.',
  resource: 'Resources.',
  stonith: 'Fence devices and fencing.',
  property: 'Properties of the cluster.',
  constraint: 'Constraints between resources and nodes.',
  acl: 'Who may read and change what.',
  quorum: 'Quorum settings.',
  status: 'What runs where.',
  config: 'The whole configuration.',
  host: 'Hosts known by name.',
  pcsd: 'Whether hosts can be reached.',
  node: 'Attributes and modes of nodes.',
  alert: 'Programs that are told what happens.',
  tag: 'Names for sets of resources.',
};

function* commandsOf(row: Row, path: readonly string[]): Generator<string> {
  if (row.kind === 'command') {
    yield path.join(' ');
    return;
  }
  for (const [word, each] of Object.entries(row.rows)) yield* commandsOf(each, [...path, word]);
  if (row.otherwise) yield path.join(' ');
}

/** The help for the commands that begin with these words; the longest part of them that there is. */
export async function usage(path: readonly string[]): Promise<string> {
  const [group, ...rest] = path;
  if (group === undefined || !isGroup(group)) {
    const lines = Object.keys(GROUPS).map((name) => `    ${name.padEnd(12)}${ABOUT[name] ?? ''}`);
    return `${GENERAL}${lines.join('\n')}\n\n`;
  }
  const top: Level = await GROUPS[group].load();
  const all = [...commandsOf(top, [])];
  const fits = (words: readonly string[]) =>
    all.filter((name) => name === words.join(' ') || name.startsWith(`${words.join(' ')} `));
  let words = rest;
  while (words.length > 0 && fits(words).length === 0) words = words.slice(0, -1);
  const shown = words.length === 0 ? all : fits(words);
  const lines = shown.flatMap((name) => {
    const synopsis = SYNOPSES[group]?.[name];
    const [form, about] = synopsis ?? ['', ''];
    return [
      `    ${[name, form].filter((part) => part !== '').join(' ')}`,
      ...(about === '' ? [] : [`        ${about}`]),
    ];
  });
  return `\nUsage: pcs ${[group, ...words].join(' ')}...\n${lines.join('\n')}\n\n`;
}
