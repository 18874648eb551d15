import type { Subject } from '../panels/table.js';

/** Something that can be done to what is selected: always one crm command, shown before it is run. */
export interface Action {
  readonly key: string;
  readonly description: string;
  /** Words after `crm`. */
  readonly command: readonly string[];
  /** May interrupt a service. */
  readonly dangerous: boolean;
}

function nodeActions(name: string): Action[] {
  return [
    {
      key: 's',
      description: 'standby: move everything away',
      command: ['node', 'standby', name],
      dangerous: true,
    },
    { key: 'o', description: 'online: end standby', command: ['node', 'online', name], dangerous: false },
    {
      key: 'm',
      description: 'maintenance: leave its resources alone',
      command: ['node', 'maintenance', name],
      dangerous: false,
    },
    { key: 'r', description: 'ready: end maintenance', command: ['node', 'ready', name], dangerous: false },
    { key: 'f', description: 'fence: power-cycle it now', command: ['node', 'fence', name], dangerous: true },
  ];
}

function resourceActions(id: string, node: string | undefined, nodes: readonly string[]): Action[] {
  const elsewhere = nodes.filter((name) => name !== node);
  return [
    { key: 's', description: 'start', command: ['resource', 'start', id], dangerous: false },
    { key: 't', description: 'stop', command: ['resource', 'stop', id], dangerous: true },
    { key: 'R', description: 'restart', command: ['resource', 'restart', id], dangerous: true },
    {
      key: 'c',
      description: 'cleanup: forget failures and look again',
      command: ['resource', 'cleanup', id],
      dangerous: false,
    },
    { key: 'm', description: 'manage', command: ['resource', 'manage', id], dangerous: false },
    {
      key: 'u',
      description: 'unmanage: leave it alone',
      command: ['resource', 'unmanage', id],
      dangerous: false,
    },
    ...elsewhere.slice(0, 9).map(
      (name, index): Action => ({
        key: String(index + 1),
        description: `move to ${name}`,
        command: ['resource', 'move', id, name],
        dangerous: true,
      }),
    ),
    { key: 'x', description: 'clear: undo a move', command: ['resource', 'clear', id], dangerous: false },
  ];
}

/** What can be done with a row; `nodes` are the online ones, to move to. */
export function actionsFor(subject: Subject | undefined, nodes: readonly string[]): readonly Action[] {
  if (subject?.kind === 'node') return nodeActions(subject.name);
  if (subject?.kind === 'resource') return resourceActions(subject.id, subject.node, nodes);
  return [];
}

/** The command as one would type it; `hosts` is how the cluster is reached. */
export function commandLine(action: Action, hosts: readonly string[]): string {
  return ['crm', ...hostWords(hosts), ...action.command].join(' ');
}

export function hostWords(hosts: readonly string[]): string[] {
  return hosts.length > 0 ? ['-H', hosts[0]!] : [];
}
