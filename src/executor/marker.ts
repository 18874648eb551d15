/**
 * What the environment of every process that the executor starts says about it (`QUORATE_OPERATION`), so that it and
 * all that it starts are found again: by this executor, and by the next.
 */
import { isAlive, listPids, readEnvironment, readProcess } from './process-table.js';

/** Environment variable. Its value is `DIRECTORY|RESOURCE|OPERATION|NUMBER`. */
export const MARKER = 'QUORATE_OPERATION';

export interface Marked {
  /** Empty for what belongs to no resource: meta-data, fence and alert agents. */
  readonly resource: string;
  readonly operation: string;
}

/** `directory` names the executor; `id` tells the runs of an operation apart. */
export function formatMarker(directory: string, { resource, operation }: Marked, id: string): string {
  return `${directory}|${resource}|${operation}|${id}`;
}

/** Null where the process is another executor's. */
export function parseMarker(directory: string, marker: string): Marked | null {
  if (!marker.startsWith(`${directory}|`)) return null;
  const [resource = '', operation = ''] = marker.slice(directory.length + 1).split('|');
  return { resource, operation };
}

/**
 * Processes of operations that an executor which was killed has left under way, except those that change a resource
 * (the history knows them). An operation is under way while the leader of its session, the agent itself, is there:
 * what an agent has started and left alone is the service.
 */
export function findAbandoned(directory: string, changing: (operation: string) => boolean): number[] {
  const abandoned: number[] = [];
  const marks = new Map<number, string>();
  for (const pid of listPids()) {
    if (pid === process.pid) continue;
    const marker = readEnvironment(pid, MARKER);
    const marked = marker === undefined ? null : parseMarker(directory, marker);
    if (marked && !changing(marked.operation)) marks.set(pid, marker!);
  }
  for (const [pid, marker] of marks) {
    const entry = readProcess(pid);
    if (!isAlive(entry) || marks.get(entry.session) !== marker) continue;
    if (isAlive(readProcess(entry.session))) abandoned.push(pid);
  }
  return abandoned;
}
