import { Element } from '../cib/element.js';
import type { CommandStatus, Environment } from './command.js';
import { appendPair, ensureSet, findPairs, removePairs } from './edits/nvpairs.js';
import { findResource, isPromotable } from './edits/resources.js';

/** Where agents write their traces unless told otherwise. */
const TRACE_FOLDER = '/var/lib/heartbeat/trace_ra';

interface TraceRequest {
  readonly operation: string | null;
  readonly interval: string | null;
  readonly folder: string | null;
}

/** `[OPERATION] [INTERVAL] [/FOLDER]` in any order; `probe` is a monitor with interval 0. */
function readRequest(env: Environment, words: readonly string[]): TraceRequest | null {
  let operation: string | null = null;
  let interval: string | null = null;
  let folder: string | null = null;
  for (const word of words) {
    if (word === 'force') continue;
    if (word.startsWith('/') && folder === null) folder = word;
    else if (/^\d+$/.test(word) && interval === null) interval = word;
    else if (/^[a-z]/.test(word) && operation === null) operation = word;
    else {
      env.session.error(
        `${[...env.path, env.command].join('.')}: ${word}: expected [OPERATION] [INTERVAL] [/DIRECTORY]`,
      );
      return null;
    }
  }
  if (operation === 'probe') {
    operation = 'monitor';
    interval ??= '0';
  }
  return { operation, interval, folder };
}

export async function trace(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [id = ''] = args;
  const request = readRequest(env, args.slice(1));
  if (!request) return 'usage';
  const { operation, interval, folder } = request;
  let type = '';
  const done = await session.changeCib(`crm resource ${env.line}`, (cib) => {
    const found = findPrimitive(env, cib, id);
    if (!found) return false;
    const { element } = found;
    type = element.get('type') ?? '';
    const operations = element.first('operations') ?? element.append(new Element('operations'));
    const present = operations.elements('op');
    const chosen = present.filter(
      (op) =>
        (operation === null || op.get('name') === operation) &&
        (interval === null || seconds(op.get('interval')) === Number(interval)),
    );
    const wanted =
      operation !== null
        ? chosen.length > 0
          ? []
          : [operation]
        : ['start', 'stop', ...(isPromotable(found) ? ['promote', 'demote'] : [])].filter(
            (name) => !present.some((op) => op.get('name') === name),
          );
    if (operation === 'monitor' && interval === null && chosen.length === 0) {
      session.error(`resource.trace: No monitor operation configured for ${id}`);
      return false;
    }
    if (operation !== null && chosen.length === 0 && interval !== null && Number(interval) !== 0) {
      session.error(`resource.trace: Operation ${operation} with interval ${interval} not found in ${id}`);
      return false;
    }
    const made = wanted.map((name) => new Element('op', { id: `${id}-${name}-0`, name, interval: '0' }));
    // As crmsh leaves them: all operations traced, the new ones come first; one operation, it comes last.
    if (operation === null) operations.children.unshift(...made);
    else operations.children.push(...made);
    for (const op of [...made, ...(operation === null ? present : chosen)]) {
      setParameter(op, 'trace_ra', '1');
      if (folder !== null) setParameter(op, 'trace_dir', folder);
    }
    return true;
  });
  if (!done) return 'failed';
  const what = operation === null ? id : `${id}:${operation}`;
  session.info(`Trace for ${what} is written to ${folder ?? `${TRACE_FOLDER}/${type}`}`);
  session.info(
    operation !== null && operation !== 'monitor'
      ? `Trace set, restart ${id} to trace the ${operation} operation`
      : `Trace set, restart ${id} to trace non-monitor operations`,
  );
  return 'done';
}

export async function untrace(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [id = ''] = args;
  const request = readRequest(env, args.slice(1));
  if (!request) return 'usage';
  const done = await session.changeCib(`crm resource ${env.line}`, (cib) => {
    const found = findPrimitive(env, cib, id);
    if (!found) return false;
    const operations = found.element.first('operations');
    for (const op of operations?.elements('op') ?? []) {
      if (request.operation !== null && op.get('name') !== request.operation) continue;
      if (request.interval !== null && seconds(op.get('interval')) !== Number(request.interval)) continue;
      if (findPairs(op, 'instance_attributes', 'trace_ra').length === 0) continue;
      removePairs(op, 'instance_attributes', 'trace_ra');
      removePairs(op, 'instance_attributes', 'trace_dir');
      const bare = op.elements().length === 0 && [...op.attributes.keys()].length === 3;
      if (bare && seconds(op.get('interval')) === 0) operations!.remove(op);
    }
    if (operations && operations.elements().length === 0) found.element.remove(operations);
    return true;
  });
  if (done)
    session.info(
      `Stop tracing ${id}${request.operation === null ? '' : ` for operation ${request.operation}`}`,
    );
  return done ? 'done' : 'failed';
}

function findPrimitive(env: Environment, cib: Element, id: string): ReturnType<typeof findResource> {
  const found = findResource(cib, id);
  if (!found) env.session.error(`resource ${id} does not exist`);
  else if (found.element.name !== 'primitive') env.session.error(`element ${id} is not a primitive resource`);
  else return found;
  return undefined;
}

function seconds(interval: string | undefined): number {
  const match = /^(\d+)\s*(ms|s|sec|m|min|h|hr)?$/.exec(interval ?? '0');
  if (!match) return -1;
  const factor = { ms: 0.001, m: 60, min: 60, h: 3600, hr: 3600 }[match[2] ?? 's'] ?? 1;
  return Number(match[1]) * factor;
}

function setParameter(op: Element, name: string, value: string): void {
  const [found] = findPairs(op, 'instance_attributes', name);
  if (found) found.pair.set('value', value);
  else appendPair(ensureSet(op, 'instance_attributes', `${op.id}-instance_attributes`), name, value);
}
