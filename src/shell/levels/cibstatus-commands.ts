import { readFileSync, writeFileSync } from 'node:fs';
import type { Element } from '../../cib/element.js';
import { parseXml, writeXml } from '../../cib/xml.js';
import { readCibFile } from '../cib-file.js';
import type { Command, CommandStatus } from '../command.js';
import { showPaged } from '../pager.js';
import type { Session } from '../session.js';
import { runSibling } from '../sibling-tool.js';
import { writeTemporary } from '../temporary.js';
import { shadowPath } from './cib-shadows.js';

/** The copy of a status section that is being played with. */
interface StatusCopy {
  readonly origin: string;
  status: Element;
  quorum: string | undefined;
  /** One line a change, as `show changed` prints them. */
  readonly changes: string[];
}

const copies = new WeakMap<Session, StatusCopy>();

export function forgetStatus(session: Session): void {
  copies.delete(session);
}

function fail(session: Session, text: string): CommandStatus {
  session.error(text);
  return 'failed';
}

async function readOrigin(session: Session, origin: string): Promise<Element | null> {
  if (origin === 'live') return session.readCib();
  const path = origin.startsWith('shadow:') ? shadowPath(session, origin.slice('shadow:'.length)) : origin;
  return readCibFile(session, path);
}

/** Takes the status of a file, a shadow or the cluster for what follows. */
export async function loadStatus(session: Session, origin: string): Promise<boolean> {
  const cib = await readOrigin(session, origin);
  const status = cib?.first('status');
  if (!cib) return false;
  if (!status) {
    session.error('the cib contains no status');
    return false;
  }
  copies.set(session, { origin, status: status.clone(), quorum: cib.get('have-quorum'), changes: [] });
  return true;
}

async function copyOf(session: Session): Promise<StatusCopy | null> {
  if (!copies.has(session) && !(await loadStatus(session, 'live'))) return null;
  return copies.get(session) ?? null;
}

/** The status that simulations are to start from: the changed copy where there is one. */
export function playedStatus(session: Session): Element | undefined {
  return copies.get(session)?.status;
}

export const load: Command['run'] = async ({ session }, [origin]) =>
  (await loadStatus(session, origin!)) ? 'done' : 'failed';

export const origin: Command['run'] = async ({ session }) => {
  const copy = await copyOf(session);
  if (!copy) return 'failed';
  session.print(`${copy.origin}${copy.changes.length > 0 ? ' (modified)' : ''}`);
  return 'done';
};

export const show: Command['run'] = async ({ session }, [what]) => {
  const copy = await copyOf(session);
  if (!copy) return 'failed';
  if (what === undefined) await showPaged(session, writeXml(copy.status));
  else if (what === 'changed') for (const line of copy.changes) session.print(line);
  else return fail(session, `cibstatus.show: Expected 'changed', got '${what}'`);
  return 'done';
};

export const save: Command['run'] = async ({ session }, [target]) => {
  const copy = await copyOf(session);
  if (!copy) return 'failed';
  const destination = target ?? copy.origin;
  if (copy.changes.length === 0 && target === undefined) {
    session.info("apparently you didn't modify status");
    return 'failed';
  }
  if (destination === 'live') return fail(session, 'cannot save status to the live CIB');
  const shadow = destination.startsWith('shadow:');
  const path = shadow ? shadowPath(session, destination.slice('shadow:'.length)) : destination;
  let cib: Element | null;
  try {
    cib = parseXml(readFileSync(path, 'utf8'));
  } catch {
    cib = shadow ? null : ((await session.currentCib())?.clone() ?? null);
  }
  if (!cib) return fail(session, `${path}: no such CIB`);
  const old = cib.first('status');
  if (old) cib.children.splice(cib.children.indexOf(old), 1, copy.status.clone());
  else cib.append(copy.status.clone());
  try {
    writeFileSync(path, writeXml(cib), { mode: 0o600 });
  } catch (error) {
    return fail(session, `${path}: ${(error as Error).message}`);
  }
  return 'done';
};

/** The configuration with the status played with. */
async function played(session: Session): Promise<Element | null> {
  const copy = await copyOf(session);
  const cib = (await session.currentCib())?.clone();
  if (!copy || !cib) return null;
  cib.children = cib.children.filter((child) => child.kind !== 'element' || child.name !== 'status');
  cib.append(copy.status.clone());
  if (copy.quorum !== undefined) cib.set('have-quorum', copy.quorum);
  return cib;
}

/** Runs crm_simulate on the state; with `keep` the state it leads to is taken over. */
async function simulator(
  session: Session,
  args: readonly string[],
  keep: boolean,
): Promise<{ status: number; text: string } | null> {
  const cib = await played(session);
  if (!cib) return null;
  const input = writeTemporary('cib.xml', writeXml(cib));
  const output = writeTemporary('after.xml', '');
  try {
    const env = { ...session.world.environment, CIB_file: undefined };
    const saving = keep ? ['--save-output', output.path] : [];
    const ran = await runSibling('crm_simulate', ['--xml-file', input.path, ...args, ...saving], { env });
    if (ran.status === 0 && keep) {
      const status = parseXml(readFileSync(output.path, 'utf8')).first('status');
      const copy = copies.get(session);
      if (status && copy) copy.status = status;
    }
    return { status: ran.status, text: ran.stdout + ran.stderr };
  } finally {
    input.remove();
    output.remove();
  }
}

async function inject(session: Session, args: readonly string[], change: string): Promise<CommandStatus> {
  const ran = await simulator(session, [...args, '--quiet'], true);
  if (!ran) return 'failed';
  if (ran.status !== 0) return fail(session, ran.text.trim() || 'the change was refused');
  copies.get(session)?.changes.push(change);
  return 'done';
}

const NODE_OPTIONS: Readonly<Record<string, string>> = {
  online: '--node-up',
  offline: '--node-down',
  unclean: '--node-fail',
};

export const node: Command['run'] = async ({ session }, [name, state]) => {
  const option = NODE_OPTIONS[state!];
  if (!option) return fail(session, `unknown state ${state}`);
  return inject(session, [option, name!], `${name} ${state}`);
};

const EXIT_CODES: Readonly<Record<string, number>> = {
  success: 0,
  unknown: 1,
  args: 2,
  unimplemented: 3,
  perm: 4,
  installed: 5,
  configured: 6,
  not_running: 7,
  master: 8,
  promoted: 8,
  failed_master: 9,
  failed_promoted: 9,
};
const OPERATION_STATES: Readonly<Record<string, number>> = {
  pending: -1,
  done: 0,
  cancelled: 1,
  timeout: 2,
  notsupported: 3,
  error: 4,
};

export const op: Command['run'] = async ({ session }, [operation, resource, code, state, nodeName]) => {
  const rc = EXIT_CODES[code!] ?? (/^\d$/.test(code!) ? Number(code) : undefined);
  if (rc === undefined) return fail(session, `unknown exit code ${code}`);
  const status = state === undefined ? undefined : (OPERATION_STATES[state] ?? Number(state));
  if (Number.isNaN(status)) return fail(session, `unknown operation status ${state}`);
  const copy = await copyOf(session);
  if (!copy) return 'failed';
  const [name, given] = operation!.split(':') as [string, string?];
  let interval = given;
  if (name === 'probe') interval = '0';
  else if (name === 'monitor' && interval === undefined) {
    const configured = await recurringMonitors(session, resource!);
    if (configured.length !== 1) return fail(session, 'need interval for the monitor op');
    interval = configured[0]!;
  }
  const where = nodeName ?? firstNode(copy.status);
  if (where === undefined) return fail(session, 'the status names no node');
  const words = [resource, name === 'probe' ? 'monitor' : name, interval ?? '0'].join('_');
  const spec = `${words}@${where}=${rc}`;
  const change = `${where}:${resource}:${operation} rc=${code}${status === undefined ? '' : `,op-status=${state}`}`;
  return inject(session, ['--op-inject', spec], change);
};

async function recurringMonitors(session: Session, id: string): Promise<string[]> {
  const cib = await session.currentCib();
  const resource = [...(cib?.descendants() ?? [])].find(
    (element) => element.name === 'primitive' && element.id === id,
  );
  return [...(resource?.descendants() ?? [])]
    .filter((element) => element.name === 'op' && element.get('name') === 'monitor')
    .flatMap((element) => element.get('interval') ?? [])
    .filter((interval) => !/^0/.test(interval));
}

function firstNode(status: Element): string | undefined {
  return status
    .elements('node_state')
    .find((state) => state.get('crmd') === 'online')
    ?.get('uname');
}

export const quorum: Command['run'] = async ({ session }, [word]) => {
  const copy = await copyOf(session);
  if (!copy) return 'failed';
  if (!/^(true|false|yes|no|on|off|1|0)$/i.test(word!)) return fail(session, `Not a boolean: ${word}`);
  const value = /^(true|yes|on|1)$/i.test(word!);
  copy.quorum = value ? '1' : '0';
  copy.changes.push(`quorum: ${value}`);
  return 'done';
};

const TICKET_OPTIONS: Readonly<Record<string, string>> = {
  grant: '--ticket-grant',
  revoke: '--ticket-revoke',
  activate: '--ticket-activate',
  standby: '--ticket-standby',
};

export const ticket: Command['run'] = async ({ session }, [name, action]) => {
  const option = TICKET_OPTIONS[action!];
  if (!option) return fail(session, `unknown ticket action ${action}`);
  return inject(session, [option, name!], `ticket ${name} ${action}`);
};

function simulateWords(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    if (word === 'scores') return ['--show-scores'];
    if (word === 'utilization') return ['--show-utilization'];
    return /^v+$/.test(word) ? Array<string>(word.length).fill('-V') : [];
  });
}

async function showRun(session: Session, args: readonly string[]): Promise<CommandStatus> {
  const ran = await simulator(session, args, false);
  if (!ran) return 'failed';
  if (ran.text !== '') await showPaged(session, ran.text);
  return ran.status === 0 ? 'done' : 'failed';
}

export const run: Command['run'] = async ({ session }, args) =>
  showRun(session, ['--run', ...simulateWords(args)]);

export const simulate: Command['run'] = async ({ session }, args) =>
  showRun(session, ['--simulate', ...simulateWords(args)]);
