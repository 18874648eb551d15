import { convertCluster } from './cluster.js';
import { directiveNotes } from './directives.js';
import { convertResources } from './resources.js';
import type { Conversion, HeartbeatFiles, MachineFacts, Note, Outcome } from './types.js';

const DEFAULT_NAME = 'hacluster';

export interface ConvertOptions {
  /** Default: what a `cluster` line says, else `hacluster`. */
  readonly clusterName?: string;
}

/** Heartbeat's files as corosync.conf and configuration, with what was done said in words. */
export function convertHeartbeat(
  files: HeartbeatFiles,
  facts: MachineFacts,
  options: ConvertOptions = {},
): Conversion {
  const { haCf, groups, authKeys } = files;
  const obstacles: string[] = [];
  const notes: Note[] = [];
  const names = haCf.nodes.map(({ text }) => text);
  if (names.length === 0) {
    const guessed = [...new Set([...groups.map(({ node }) => node.text), ...facts.interfaces.keys()])];
    names.push(...guessed);
    if (guessed.length === 0) obstacles.push("ha.cf names no nodes: write 'node NAME' for each");
    else {
      notes.push({
        outcome: 'todo',
        what: `autojoin ${haCf.autojoin}`,
        text: `nodes are taken from haresources and this host: ${guessed.join(', ')}; name all in ha.cf if there are more`,
      });
    }
  }
  const named = haCf.directives.findLast(({ name }) => name === 'cluster')?.values[0]?.text;
  const cluster = convertCluster(haCf, names, facts, options.clusterName ?? named ?? DEFAULT_NAME);
  notes.push(...directiveNotes(haCf), ...cluster.notes);
  notes.push({
    outcome: 'changed',
    what: authKeys.active ? `authkeys, ${authKeys.active.method}` : 'authkeys',
    text: 'a new key of 256 random bytes, the same on all nodes; the old secret is not used, since it was for signing only',
  });
  if (haCf.crm) {
    notes.push({
      outcome: 'todo',
      what: 'crm on',
      text: 'Heartbeat did not use haresources; its configuration is in /var/lib/heartbeat/crm/cib.xml: load it with "crm configure load xml replace FILE"',
    });
  }
  const resources = convertResources(haCf, haCf.crm ? [] : groups, facts);
  return {
    corosync: cluster.corosync,
    nodes: cluster.nodes,
    statements: resources.statements,
    notes: [...notes, ...resources.notes],
    obstacles: [...obstacles, ...cluster.obstacles],
  };
}

const TITLES: readonly (readonly [Outcome, string])[] = [
  ['kept', 'Taken over:'],
  ['changed', 'Taken over, with a difference:'],
  ['dropped', 'Not needed any more:'],
  ['todo', 'Left to do:'],
];

/** The notes as text: what became of each thing, the most important last. */
export function notesText(notes: readonly Note[]): string {
  const lines: string[] = [];
  for (const [outcome, title] of TITLES) {
    const some = notes.filter((note) => note.outcome === outcome);
    if (some.length === 0) continue;
    lines.push(title);
    for (const { what, where, text } of some) {
      lines.push(`  ${where === undefined ? what : `${where}: ${what}`}`, `      ${text}`);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
