import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readText } from '../../../grammar/crm/read.js';
import type { Element } from '../../cib/element.js';
import { parseXml, XmlError } from '../../cib/xml.js';
import { selectObjects } from '../../language/filter.js';
import { type LoadOptions, loadDocument, loadStatements } from '../../language/load.js';
import type { CibObject } from '../../language/objects.js';
import { isLoadable } from '../../language/semantics.js';
import type { Command } from '../command.js';
import type { Session } from '../session.js';
import { learn } from './configure-commands.js';
import { type ConfigureCopy, openCopy } from './configure-copy.js';
import { sayDiagnostics } from './configure-diagnostics.js';
import { type Format, formatObjects, formatOf } from './configure-view.js';

const METHODS = ['replace', 'update', 'push'];

export const load: Command['run'] = async (env, args) => {
  const { session } = env;
  const { format, words } = formatOf(args);
  const count = format === 'crm' ? 2 : 3;
  if (args.length < 2 || args.length !== count) {
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
    if (!(await session.ask('This operation will erase all changes. Do you want to proceed?'))) return 'failed';
  }
  const text = await readUrl(session, url);
  if (text === null) return 'failed';
  const file = url === '-' ? 'standard input' : url;
  const ok = await takeOver(session, copy, text, format, {
    file,
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
  const fork = configuration.fork();
  const options: LoadOptions = {
    method: how.method,
    remove: how.remove,
    ...(how.selection ? { selection: how.selection.flatMap((object) => twin(fork.objects(), object)) } : {}),
    check: (object, whole) => isLoadable(object, whole, (element) => copy.metadataOf(element), checkOptions(session)),
  };
  let ok: boolean;
  if (format === 'crm') {
    const read = readText(text);
    if (read.diagnostics.length > 0) {
      sayDiagnostics(session, read.diagnostics, text, how.file);
      return false;
    }
    for (const { statement } of read.statements) await learn(copy, statement);
    const statements = read.statements.map(({ statement }) => statement);
    if (how.fresh && !fork.erase()) return copy.say();
    await learnLoaded(session, copy, statements.flatMap((one) => agentOf(copy, one)));
    ok = loadStatements(fork, statements, fork.buildContext(), options);
  } else {
    const document = await readDocument(session, text, format, how.file ?? 'the text');
    if (!document) return false;
    if (how.fresh && !fork.erase()) return copy.say();
    await learnLoaded(
      session,
      copy,
      [...document.descendants()].filter(({ name }) => name === 'primitive' || name === 'template'),
    );
    ok = loadDocument(fork, document, options);
  }
  if (ok) configuration.adopt(fork);
  copy.say();
  return ok;
}
