import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Statement } from '../../../grammar/crm/ast.js';
import { readText } from '../../../grammar/crm/read.js';
import type { Element } from '../../cib/element.js';
import { parseXml, XmlError } from '../../cib/xml.js';
import { keyOf } from '../../language/change-log.js';
import type { Configuration } from '../../language/configuration.js';
import { selectObjects } from '../../language/filter.js';
import { type LoadOptions, loadDocument, loadStatements } from '../../language/load.js';
import { type CibObject, objectsOf, STATEMENT_OF_ELEMENT } from '../../language/objects.js';
import type { Command, CommandStatus } from '../command.js';
import type { Session } from '../session.js';
import { checkObjects } from './configure-checks.js';
import { learn } from './configure-commands.js';
import { type ConfigureCopy, openCopy } from './configure-copy.js';
import { sayDiagnostics } from './configure-diagnostics.js';
import { type Format, formatObjects, formatOf } from './configure-view.js';

const METHODS = ['replace', 'update', 'push'];

export const load: Command['run'] = async (env, args) => {
  const { session } = env;
  const asked = formatOf(session, args);
  if (!asked) return 'failed';
  const { format, words } = asked;
  if (words.length !== 2) {
    const count = args.length - words.length + 2;
    session.error(`configure.load: Expected ${count} arguments (${args.length} given)`);
    return 'failed';
  }
  const [method, url] = words as [string, string];
  if (!METHODS.includes(method)) {
    session.error(`configure.load: Unknown method ${method}`);
    return 'failed';
  }
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  if (method === 'replace' && session.world.interactive && copy.changed) {
    if (!(await session.ask('This operation will erase all changes. Do you want to proceed')))
      return 'failed';
  }
  const text = await readUrl(session, url);
  if (text === null) return 'failed';
  const ok = await takeOver(session, copy, text, format, {
    file: url === '-' ? 'standard input' : url,
    fresh: method === 'replace',
    remove: method === 'push',
    method: method === 'replace' ? 'replace' : 'update',
  });
  return ok ? 'done' : 'failed';
};

interface TakeOver {
  /** Named in messages. */
  readonly file?: string;
  /** Everything but nodes goes first. */
  readonly fresh?: boolean;
  readonly remove: boolean;
  readonly method: LoadOptions['method'];
  readonly selection?: readonly CibObject[];
}

/** Understands a whole text and carries it out; a mistake anywhere changes nothing. */
async function takeOver(
  session: Session,
  copy: ConfigureCopy,
  text: string,
  format: Format,
  how: TakeOver,
): Promise<boolean> {
  const { configuration } = copy;
  if (how.remove || how.fresh) await copy.learnRunning();
  const given = await understand(session, copy, text, format, how.file ?? '');
  if (!given) return false;
  const fork = configuration.fork();
  if (how.fresh && !fork.erase()) {
    copy.say();
    return false;
  }
  const options: LoadOptions = {
    method: how.method,
    remove: how.remove,
    ...(how.selection ? { selection: how.selection.flatMap((object) => twin(fork.objects(), object)) } : {}),
  };
  const ok =
    'statements' in given
      ? loadStatements(fork, given.statements, fork.buildContext(), options)
      : loadDocument(fork, given.document, options);
  const names = new Set(namesIn(given));
  if (ok) {
    // Complaints about agents and references are heard now; they refuse the commit, not the text.
    await checkObjects(session, copy, fork, (object) => names.has(object.id));
    if (how.selection === undefined && (how.remove || how.fresh)) sayRemoved(copy, fork);
    configuration.adopt(fork);
  }
  copy.say();
  return ok;
}

/** Names the objects that are there no more because the new text lacks them. */
function sayRemoved({ configuration, reports }: ConfigureCopy, next: Configuration): void {
  const left = new Set(next.objects().map(keyOf));
  const gone = configuration
    .objects()
    .map(keyOf)
    .filter((key) => !left.has(key));
  if (gone.length > 0) reports.info('not-loaded', `deleted, not in the new text: ${gone.join(', ')}`);
}

/** Takes statements that were made elsewhere into the working copy. */
export async function takeOverText(
  session: Session,
  text: string,
  method: 'replace' | 'update',
  origin: string,
): Promise<CommandStatus> {
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  const fresh = method === 'replace';
  const ok = await takeOver(session, copy, text, 'crm', { file: origin, fresh, remove: false, method });
  return ok ? 'done' : 'failed';
}

type Given = { readonly statements: readonly Statement[] } | { readonly document: Element };

/** Ids of the objects that a text is about. */
function namesIn(given: Given): string[] {
  if ('document' in given) return [...objectsOf(wrapped(given.document))].map(({ id }) => id);
  return given.statements.flatMap((statement) => {
    if (statement.kind === 'fencing_topology' || statement.kind === 'xml') return [statement.kind];
    if (statement.kind === 'monitor') return [statement.resource];
    if (statement.kind === 'node') return [statement.id ?? statement.uname];
    return statement.id === undefined ? [] : [statement.id];
  });
}

function wrapped(document: Element): Element {
  return document;
}

async function understand(
  session: Session,
  copy: ConfigureCopy,
  text: string,
  format: Format,
  file: string,
): Promise<Given | null> {
  if (format === 'crm') {
    const read = readText(text);
    if (read.diagnostics.length > 0) {
      sayDiagnostics(session, read.diagnostics, text, file);
      return null;
    }
    for (const { statement } of read.statements) await learn(copy, statement);
    return { statements: read.statements.map(({ statement }) => statement) };
  }
  const document = await readDocument(session, text, format, file);
  return document && { document };
}

async function readDocument(
  session: Session,
  text: string,
  format: Format,
  file: string,
): Promise<Element | null> {
  const place = file === '' ? '' : `${file}:`;
  let document: Element;
  if (format === 'json') {
    const { parseCibJson } = await import('../../cib/json.js');
    const read = parseCibJson(text);
    if (!read.ok) {
      session.error(`${place}${read.message}`);
      return null;
    }
    document = read.cib;
  } else {
    try {
      document = parseXml(text);
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      const { line, column } = error.position;
      session.error(`${place}${line}:${column}: ${error.message}`);
      return null;
    }
  }
  const configuration = document.name === 'configuration' ? document : document.first('configuration');
  if (!configuration) {
    session.error(`${place} the document has no configuration element`);
    return null;
  }
  const unknown = configuration
    .elements()
    .filter(({ name }) => !['rsc_defaults', 'op_defaults', 'fencing-topology'].includes(name))
    .flatMap((section) => section.elements())
    .filter(({ name }) => STATEMENT_OF_ELEMENT[name] === undefined);
  for (const { name } of unknown) session.error(`${place} unrecognized CIB element ${name}`);
  return unknown.length > 0 ? null : document;
}

/** The same object in a fork. */
function twin(objects: readonly CibObject[], object: CibObject): CibObject[] {
  return objects.filter((other) => other.type === object.type && other.id === object.id).slice(0, 1);
}

async function readUrl(session: Session, url: string): Promise<string | null> {
  try {
    if (url === '-') {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    }
    if (/^(https?|ftp):/.test(url)) {
      const answer = await fetch(url);
      if (answer.ok) return await answer.text();
      session.error(`could not open ${url}: ${answer.status} ${answer.statusText}`);
      return null;
    }
    return await readFile(url.startsWith('file:') ? fileURLToPath(url) : url, 'utf8');
  } catch (error) {
    session.error(`could not open ${url}: ${(error as Error).message}`);
    return null;
  }
}

export const save: Command['run'] = async (env, args) => {
  const { session } = env;
  const file = args.at(-1);
  if (file === undefined) {
    session.error('configure.save: Expected 1 argument (0 given)');
    return 'failed';
  }
  const chosen = await choose(session, args.slice(0, -1));
  if (!chosen) return 'failed';
  const text = formatObjects(chosen.copy, chosen.objects, chosen.format);
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  if (file === '-') {
    session.print(whole);
    return 'done';
  }
  try {
    await writeFile(file, whole, { mode: 0o600 });
  } catch (error) {
    session.error(`${file}: ${(error as Error).message}`);
    return 'failed';
  }
  return 'done';
};

interface Chosen {
  readonly copy: ConfigureCopy;
  readonly format: Format;
  readonly objects: readonly CibObject[];
}

async function choose(session: Session, args: readonly string[]): Promise<Chosen | null> {
  const copy = await openCopy(session);
  if (!copy) return null;
  const asked = formatOf(session, args);
  if (!asked) return null;
  const { format, words } = asked;
  const objects = selectObjects(copy.configuration, words);
  copy.say();
  if (!objects) return null;
  await copy.learnShownTypes();
  return { copy, format, objects };
}

/** A line that tells vi how to show the text; it is no part of it. */
const MODELINE = '# vim: set filetype=pcmk:\n';

export const edit: Command['run'] = async (env, args) => {
  const { session } = env;
  const chosen = await choose(session, args);
  if (!chosen) return 'failed';
  const { world } = session;
  if (!world.interactive) {
    session.info('edit not allowed in batch mode');
    return 'failed';
  }
  const editor = session.options.get('core.editor') || world.environment.EDITOR || 'vi';
  const isVi = editor.startsWith('vi') && chosen.format === 'crm';
  const text = formatObjects(chosen.copy, chosen.objects, chosen.format);
  const { writeTemporary } = await import('../temporary.js');
  const before = isVi ? `${text}\n${MODELINE}` : text;
  const file = writeTemporary(`cib.${chosen.format}`, before);
  try {
    for (;;) {
      const status = await world.runOnTerminal('/bin/sh', ['-c', `${editor} "$1"`, 'edit', file.path]);
      if (status !== 0) {
        session.error(`the editor "${editor}" ended with status ${status}`);
        return 'failed';
      }
      const after = await readFile(file.path, 'utf8');
      if (after === before) return 'done';
      const ok = await takeOver(session, chosen.copy, after.replace(MODELINE, ''), chosen.format, {
        remove: true,
        method: 'replace',
        selection: chosen.objects,
      });
      if (ok) return 'done';
      if (
        session.flags.force ||
        !(await session.ask('Edit or discard changes (yes to edit, no to discard)'))
      ) {
        return 'failed';
      }
    }
  } finally {
    file.remove();
  }
};

export const filter: Command['run'] = async (env, args): Promise<CommandStatus> => {
  const { session } = env;
  const [program, ...selection] = args;
  const chosen = await choose(session, selection);
  if (!chosen) return 'failed';
  const { copy, format, objects } = chosen;
  const text =
    format === 'crm'
      ? copy.configuration.show(objects, { layout: 'line' })
      : formatObjects(copy, objects, format);
  const piped = await pipe(program!, text);
  if (piped.status !== 0) {
    session.error(
      `${program} ended with status ${piped.status}${piped.errors === '' ? '' : `: ${piped.errors}`}`,
    );
    return 'failed';
  }
  if (piped.output === text) return 'done';
  const ok = await takeOver(session, copy, piped.output, format, {
    remove: true,
    method: 'replace',
    selection: objects,
  });
  return ok ? 'done' : 'failed';
};

function pipe(program: string, input: string): Promise<{ status: number; output: string; errors: string }> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', program], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors += chunk;
    });
    child.on('error', (error) => resolve({ status: 127, output, errors: error.message }));
    child.on('close', (status) => resolve({ status: status ?? 1, output, errors: errors.trim() }));
    // A program that does not read its input is no failure.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
