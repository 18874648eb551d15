import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Element } from '../../cib/element.js';
import { parseXml } from '../../cib/xml.js';
import type { ClusterEvent, SchedulerInput } from '../../protocol/messages.js';
import type { Session } from '../session.js';

/** Events asked of the cluster at once. */
const EVENTS_MAX = 20_000;

/** Where history comes from: the running cluster, or what was saved of it. What fails is reported to the session. */
export interface HistorySource {
  /** `live`, or the path that it was read from. */
  readonly name: string;
  /** The oldest first; null after a complaint. */
  events(sinceMs: number): Promise<readonly ClusterEvent[] | null>;
  inputs(): Promise<readonly SchedulerInput[]>;
  /** The document that the scheduler was given; null after a complaint. */
  input(which: SchedulerInput): Promise<Element | null>;
}

export function liveSource(session: Session): HistorySource {
  return {
    name: 'live',
    async events(sinceMs) {
      const connection = await session.connection();
      if (!connection) return null;
      const answer = await connection.call('history.events', { sinceMs, limit: EVENTS_MAX, all: true });
      if (answer.ok) return [...answer.value.events].sort((a, b) => a.atMs - b.atMs);
      session.failure(answer.error);
      return null;
    },
    async inputs() {
      const connection = await session.connection();
      const answer = await connection?.call('history.inputs', { all: true });
      // An older agent keeps none.
      return answer?.ok ? answer.value.inputs : [];
    },
    async input({ name, node }) {
      const connection = await session.connection();
      if (!connection) return null;
      const answer = await connection.call('history.input', { name, node });
      if (answer.ok) return parseXml(answer.value.cib);
      session.failure(answer.error);
      return null;
    },
  };
}

/**
 * What was saved: a folder with `events.json` and `scheduler/NODE/NAME.xml`, as sessions and `crm report` write it, or
 * a packed one. Null where the path holds no such thing.
 */
export function savedSource(session: Session, path: string): HistorySource | null {
  const folder = existsSync(path) && statSync(path).isFile() ? unpack(path) : path;
  const place = folder && folderOfEvents(folder);
  if (!place) return null;
  let events: ClusterEvent[];
  try {
    events = JSON.parse(readFileSync(join(place, 'events.json'), 'utf8')) as ClusterEvent[];
  } catch {
    return null;
  }
  if (!Array.isArray(events)) return null;
  return {
    name: path,
    events: async (sinceMs) => events.filter(({ atMs }) => atMs >= sinceMs),
    inputs: async () => savedInputs(join(place, 'scheduler')),
    async input({ node, name }) {
      try {
        return parseXml(readFileSync(join(place, 'scheduler', node, `${name}.xml`), 'utf8'));
      } catch (error) {
        session.error(`${name} of ${node}: ${error instanceof Error ? error.message : String(error)}`);
        return null;
      }
    },
  };
}

function folderOfEvents(folder: string): string | null {
  if (existsSync(join(folder, 'events.json'))) return folder;
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    return null;
  }
  const below = names.find((name) => existsSync(join(folder, name, 'events.json')));
  return below === undefined ? null : join(folder, below);
}

/** Unpacks an archive until the process ends. */
function unpack(archive: string): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'crm-history-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const ran = spawnSync('tar', ['-xf', archive, '-C', folder], { stdio: 'ignore' });
  return ran.status === 0 ? folder : null;
}

function savedInputs(folder: string): SchedulerInput[] {
  const names = (path: string): string[] => {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  };
  return names(folder).flatMap((node) =>
    names(join(folder, node)).flatMap((file): SchedulerInput[] => {
      const name = /^(pe-.*)\.xml$/.exec(file)?.[1];
      if (name === undefined) return [];
      const text = readFileSync(join(folder, node, file), 'utf8');
      const seconds = Number(/execution-date="(\d+)"/.exec(text)?.[1] ?? 0);
      return [{ node, name, atMs: seconds * 1000 + 999, bytes: text.length }];
    }),
  );
}
