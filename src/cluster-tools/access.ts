import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fromEpoch } from '../cib/civil-time.js';
import type { Element } from '../cib/element.js';
import {
  type OperationOutcome,
  type OperationSurroundings,
  perform,
  type Request,
} from '../cib/operations.js';
import { checkValidity, upgradeSchema } from '../cib/validity.js';
import { parseXml, recoverXml, writeXml, XmlError } from '../cib/xml.js';
import { exitOf, type ResultName, resultText } from '../command-line/result-codes.js';
import { shadowFile, shadowFolderOf } from '../command-line/shadows.js';
import { type Surroundings, ToolFailure } from '../command-line/tool.js';
import type { ErrorAnswer, Method, Params, Result } from '../protocol/messages.js';

/** What became of something that a tool asked of a CIB: names of Pacemaker's return codes for failures. */
export type AccessOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly failure: ResultName;
      readonly message?: string;
      readonly output?: Element;
    };

/** The CIB that a tool works on, wherever it is. */
export interface CibAccess {
  readonly kind: 'file' | 'agent';
  /** Carries out an operation of `cibadmin` as the user whom the tool runs for. */
  perform(request: Request): Promise<AccessOutcome<Element | undefined>>;
  /** The whole CIB, as far as the user may see it. */
  read(): Promise<AccessOutcome<Element>>;
  /** Asks the agent; `ENOTCONN` on a file. */
  call<M extends Method>(method: M, params: Params<M>): Promise<AccessOutcome<Result<M>>>;
  /** Ends the access; a file is written now, where anything was changed. */
  close(): Promise<AccessOutcome<undefined>>;
}

/** Whether the tool is asked to work on a file rather than on the running cluster. */
export function worksOnFile({ env }: Surroundings): boolean {
  return Boolean(env.CIB_file) || Boolean(env.CIB_shadow);
}

function fileName({ env, folder }: Surroundings): string {
  if (env.CIB_shadow) return shadowFile(shadowFolderOf(env), env.CIB_shadow);
  return resolve(folder, env.CIB_file!);
}

/** Groups of a user, from the system's group file. */
export function groupsOf(user: string): string[] {
  let text: string;
  try {
    text = readFileSync('/etc/group', 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [name, , , members = ''] = line.split(':');
    return name && (name === user || members.split(',').includes(user)) ? [name] : [];
  });
}

/** What operations need to know of the world. */
export function operationSurroundings(
  surroundings: Surroundings,
  user: string | undefined = surroundings.env.CIB_user,
): OperationSurroundings {
  const base = {
    now: fromEpoch(Math.floor(surroundings.nowMs / 1000), surroundings.zoneOffset),
    validate: (cib: Element) => checkValidity(cib).valid,
    upgrade: (cib: Element) => {
      const before = cib.get('validate-with');
      const upgraded = upgradeSchema(cib);
      if (upgraded.schema === undefined && before !== undefined) {
        return { ok: false as const, failure: 'schema_validation' as const };
      }
      if (upgraded.schema === before) {
        return { ok: false as const, failure: 'schema_unchanged' as const };
      }
      return { ok: true as const, cib: upgraded.cib };
    },
  };
  return user ? { ...base, subject: { user, groups: groupsOf(user) } } : base;
}

function fromOperation(outcome: OperationOutcome): AccessOutcome<Element | undefined> {
  if (outcome.ok) return { ok: true, value: outcome.output };
  const { failure, output } = outcome;
  return output ? { ok: false, failure, output } : { ok: false, failure };
}

/**
 * Opens the CIB that the environment names: `CIB_file`, `CIB_shadow`, or else the running cluster's.
 *
 * @param user for whom; default `CIB_user`
 */
export async function openCib(surroundings: Surroundings, user?: string): Promise<AccessOutcome<CibAccess>> {
  if (worksOnFile(surroundings)) return openFile(surroundings, user);
  const { openAgent } = await import('./agent-access.js');
  return openAgent(surroundings, user);
}

/** Works on the CIB that the environment names. Throws ToolFailure where it cannot be opened. */
export async function withCib<T>(
  surroundings: Surroundings,
  work: (access: CibAccess) => Promise<T>,
): Promise<T> {
  const opened = await openCib(surroundings);
  if (!opened.ok) {
    const why = opened.message ?? resultText(opened.failure);
    throw new ToolFailure(exitOf(opened.failure), `Could not connect to the CIB: ${why}`);
  }
  try {
    return await work(opened.value);
  } finally {
    await opened.value.close();
  }
}

/**
 * Reads an XML file; undefined, with a complaint on stderr, where it is not well formed.
 *
 * @param lenient take what can be made out of a text that is not well formed
 */
export function readXmlFile(name: string, surroundings: Surroundings, lenient = false): Element | undefined {
  let text: string;
  try {
    text = readFileSync(resolve(surroundings.folder, name), 'utf8');
  } catch (error) {
    // A missing file speaks for itself in what the caller says.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') surroundings.err(`I/O warning : failed to load "${name}": ${code}\n`);
    return undefined;
  }
  return readXmlText(text, name, surroundings, lenient);
}

/** As `readXmlFile`, for a text that came from elsewhere. */
export function readXmlText(
  text: string,
  source: string,
  surroundings: Surroundings,
  lenient = false,
): Element | undefined {
  try {
    return withoutText(lenient ? parseLeniently(text, source, surroundings) : parseXml(text));
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const { line, column } = error.position;
    surroundings.err(`${source}:${line}:${column}: parser error : ${error.message}\n`);
    return undefined;
  }
}

function parseLeniently(text: string, source: string, surroundings: Surroundings): Element {
  const { root, mistakes } = recoverXml(text);
  for (const { message, position } of mistakes) {
    surroundings.err(`${source}:${position.line}:${position.column}: parser error : ${message}\n`);
  }
  return root;
}

/** Text between elements means nothing in any of our documents; Pacemaker drops it on reading. */
function withoutText(root: Element): Element {
  for (const element of root.descendants()) {
    if (element.children.some(({ kind }) => kind === 'text')) {
      const kept = element.children.filter(({ kind }) => kind !== 'text');
      element.children.splice(0, element.children.length, ...kept);
    }
  }
  return root;
}

function openFile(surroundings: Surroundings, user: string | undefined): AccessOutcome<CibAccess> {
  const piped = surroundings.env.CIB_file === '-' && !surroundings.env.CIB_shadow;
  const name = piped ? '-' : fileName(surroundings);
  try {
    if (!piped) readFileSync(name);
  } catch {
    return { ok: false, failure: 'ENXIO' };
  }
  const read = piped
    ? readXmlText(surroundings.readInput(), 'Entity', surroundings)
    : readXmlFile(name, surroundings);
  if (!read) return { ok: false, failure: 'schema_validation' };
  read.ensure('status');
  const validity = checkValidity(read);
  if (!validity.valid) {
    for (const { message, position } of validity.known ? validity.complaints : []) {
      surroundings.err(`(checkValidity) \terror: ${position?.line ?? 0}: ${message}\n`);
    }
    surroundings.err(`(openFile) \terror: CIB does not validate against ${validity.schema}\n`);
    return { ok: false, failure: 'schema_validation' };
  }
  if (validity.schema === undefined) read.set('validate-with', 'none');
  const operation = operationSurroundings(surroundings, user);
  let cib = read;
  let changed = false;
  const run = (request: Request) => {
    const outcome = perform(cib, request, operation);
    if (!outcome.ok && outcome.failure === 'schema_validation' && outcome.output) {
      surroundings.err(numbered(writeXml(outcome.output)));
    }
    if (outcome.ok && request.operation !== 'query') {
      cib = outcome.cib;
      changed = true;
    }
    return fromOperation(outcome);
  };
  const access: CibAccess = {
    kind: 'file',
    perform: async (request) => run(request),
    read: async () => run({ operation: 'query' }) as AccessOutcome<Element>,
    call: async () => ({ ok: false, failure: 'ENOTCONN' }),
    close: async () => {
      if (!changed || piped) return { ok: true, value: undefined };
      try {
        writeFileSync(name, writeXml(cib));
      } catch {
        return { ok: false, failure: 'error', message: `Could not write CIB to ${name}` };
      }
      return { ok: true, value: undefined };
    },
  };
  return { ok: true, value: access };
}

/** A refused document with numbers before its lines, so that complaints can be found in it. */
function numbered(text: string): string {
  return text
    .split('\n')
    .map((line, index) => `${String(index + 1).padStart(4)} ${line.replaceAll("'", '&apos;')}\n`)
    .join('');
}

/** The return code that an agent's answer means. */
export function failureOf(answer: ErrorAnswer): ResultName {
  switch (answer.code) {
    case 'permission-denied':
      return 'EACCES';
    case 'conflict':
      return 'old_data';
    case 'invalid-cib':
      return 'schema_validation';
    case 'not-found':
      return 'ENXIO';
    case 'no-quorum':
      return 'no_quorum';
    case 'no-dc':
      return 'EAGAIN';
    case 'timeout':
      return 'ETIME';
    case 'unknown-method':
      return 'EOPNOTSUPP';
    case 'invalid-request':
      return 'EINVAL';
    case 'failed':
      return 'error';
  }
}
