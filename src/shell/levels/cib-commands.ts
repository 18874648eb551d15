import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { emptyCib } from '../../cib/document.js';
import type { Element } from '../../cib/element.js';
import { parseXml, XmlError } from '../../cib/xml.js';
import { Configuration } from '../../language/configuration.js';
import { Reports } from '../../language/report.js';
import { readCibFile } from '../cib-file.js';
import { fitColumns } from '../columns.js';
import type { Command, CommandStatus } from '../command.js';
import { showPaged } from '../pager.js';
import type { CibSource, Session } from '../session.js';
import { isShadowName, shadowNames, shadowPath, writeShadow } from './cib-shadows.js';
import { forgetStatus, loadStatus } from './cibstatus-commands.js';

/** Shadows without a name of their own: they go when they are committed or left. */
const temporary = new WeakMap<Session, string>();

function fail(session: Session, text: string): CommandStatus {
  session.error(text);
  return 'failed';
}

/** The cluster's CIB, whatever the session works on. */
async function readLive(session: Session): Promise<Element | null> {
  if (session.source.kind === 'live') return session.readCib();
  const opened = await session.world.connect({ kind: 'live' }, session.hosts);
  if (!opened.ok) {
    session.failure(opened.error);
    return null;
  }
  const read = await opened.value.readCib();
  await opened.value.close();
  if (read.ok) return read.value;
  session.failure(read.error);
  return null;
}

export const create: Command['run'] = async (env, args) => {
  const { session } = env;
  const words = ['withstatus', 'force', '--force', 'empty'];
  const [first] = args;
  const named = first !== undefined && !words.includes(first);
  const options = args.slice(named ? 1 : 0);
  const wrong = options.find((word) => !words.includes(word));
  if (wrong !== undefined)
    return fail(session, `cib.new: Expected withstatus, force or empty (found ${wrong})`);
  const name = named ? first : `crmsh_${randomBytes(4).toString('hex')}`;
  if (!isShadowName(name)) return fail(session, `cib.new: Bad filename: ${name}`);
  const force = session.flags.force || options.includes('force') || options.includes('--force');
  if (!force && existsSync(shadowPath(session, name))) {
    return fail(session, `cib.new: A shadow CIB ${name} exists already; "force" overwrites it`);
  }
  const cib = options.includes('empty') ? emptyCib() : await readLive(session);
  if (!cib || !writeShadow(session, name, cib)) return 'failed';
  session.info(`cib.new: ${name} shadow CIB created`);
  if (!named) temporary.set(session, name);
  return switchTo(session, name, options.includes('withstatus'));
};

async function switchTo(session: Session, name: string, withStatus: boolean): Promise<CommandStatus> {
  const live = name === '' || name === 'live';
  const source: CibSource = live
    ? { kind: 'live' }
    : {
        kind: 'shadow',
        name: temporary.get(session) === name ? '@tmp@' : name,
        path: shadowPath(session, name),
      };
  const draft = temporary.get(session);
  if (draft !== undefined && draft !== name) {
    rmSync(shadowPath(session, draft), { force: true });
    temporary.delete(session);
  }
  await session.use(source);
  forgetStatus(session);
  if (!withStatus) return 'done';
  return (await loadStatus(session, live ? 'live' : `shadow:${name}`)) ? 'done' : 'failed';
}

export const use: Command['run'] = async (env, [name = '', withStatus]) => {
  const { session } = env;
  if (name !== '' && !isShadowName(name)) return fail(session, `cib.use: Bad filename: ${name}`);
  if (name !== '' && name !== 'live' && !existsSync(shadowPath(session, name))) {
    return fail(session, `cib.use: ${name}: no such shadow CIB`);
  }
  if (withStatus !== undefined && withStatus !== 'withstatus') {
    return fail(session, `cib.use: Expected 'withstatus', got '${withStatus}'`);
  }
  if (session.workingCopy?.changed) {
    session.error('the requested CIB is different from the current one');
    if (session.flags.force) session.info('CIB overwrite forced');
    else if (!(await session.ask('All changes will be dropped. Do you want to proceed'))) return 'failed';
  }
  return switchTo(session, name, withStatus !== undefined);
};

/** The name of the shadow in use, or undefined on the live CIB. */
function inUse(session: Session): string | undefined {
  return session.source.kind === 'live' ? undefined : basename(session.source.path).replace(/^shadow\./, '');
}

export const remove: Command['run'] = async (env, [name]) => {
  const { session } = env;
  if (!isShadowName(name!)) return fail(session, `cib.delete: Bad filename: ${name}`);
  if (inUse(session) === name) return fail(session, `cib.delete: ${name} shadow CIB is in use`);
  if (!existsSync(shadowPath(session, name!)))
    return fail(session, `cib.delete: ${name}: no such shadow CIB`);
  rmSync(shadowPath(session, name!), { force: true });
  session.info(`cib.delete: ${name} shadow CIB deleted`);
  return 'done';
};

export const reset: Command['run'] = async (env, [name]) => {
  const { session } = env;
  if (!isShadowName(name!)) return fail(session, `cib.reset: Bad filename: ${name}`);
  if (!existsSync(shadowPath(session, name!))) return fail(session, `cib.reset: ${name}: no such shadow CIB`);
  const cib = await readLive(session);
  if (!cib || !writeShadow(session, name!, cib)) return 'failed';
  if (inUse(session) === name) await session.use(session.source);
  session.info(`cib.reset: copied live CIB to ${name}`);
  return 'done';
};

export const commit: Command['run'] = async (env, [given]) => {
  const { session } = env;
  const name = given ?? inUse(session);
  if (name === undefined) return fail(session, 'cib.commit: There is nothing to commit');
  if (!isShadowName(name)) return fail(session, `cib.commit: Bad filename: ${name}`);
  const draft = readCibFile(session, shadowPath(session, name));
  if (!draft) return 'failed';
  const opened = await session.world.connect({ kind: 'live' }, session.hosts);
  if (!opened.ok) {
    session.failure(opened.error);
    return 'failed';
  }
  const connection = opened.value;
  const now = await connection.readCib();
  const after = now.ok ? now.value.clone() : undefined;
  const configuration = draft.first('configuration');
  if (!now.ok || !after || !configuration) {
    if (!now.ok) session.failure(now.error);
    else session.error(`${shadowPath(session, name)}: no configuration element`);
    await connection.close();
    return 'failed';
  }
  after.children = after.children.map((child) =>
    child.kind === 'element' && child.name === 'configuration' ? configuration.clone() : child,
  );
  for (const attribute of ['validate-with', 'crm_feature_set']) {
    const value = draft.get(attribute);
    if (value !== undefined) after.set(attribute, value);
  }
  const sent = await connection.commit(now.value, after, { force: true, command: `cib commit ${name}` });
  await connection.close();
  if (!sent.ok) {
    session.failure(sent.error);
    return fail(session, `cib.commit: failed to commit the ${name} shadow CIB`);
  }
  session.changedCluster = true;
  session.info(`cib.commit: committed '${name}' shadow CIB to the cluster`);
  if (temporary.get(session) === name) return switchTo(session, '', false);
  return 'done';
};

/** The configuration as text, for comparing. */
function textOf(cib: Element): string {
  const reports = new Reports();
  return `${new Configuration(cib, { reports }).show()}\n`;
}

export const diff: Command['run'] = async (env) => {
  const { session } = env;
  const name = inUse(session);
  if (name === undefined) return fail(session, 'cib.diff: no shadow CIB is in use');
  const [live, draft] = [await readLive(session), readCibFile(session, shadowPath(session, name))];
  if (!live || !draft) return 'failed';
  const { unifiedDiff } = await import('../unified-diff.js');
  await showPaged(session, unifiedDiff('live', textOf(live), name, textOf(draft)));
  return 'done';
};

export const list: Command['run'] = async (env) => {
  const names = shadowNames(env.session);
  if (names.length === 0) return 'done';
  env.session.print(
    env.session.flags.regression ? names.join('\n') : fitColumns(names, env.session.world.output.columns),
  );
  return 'done';
};

/** Where the scheduler's inputs are kept. */
function findInput(session: Session, word: string): string | null {
  if (existsSync(word)) return word;
  if (word.includes('/')) {
    session.error(`cib.import: ${word}: no such file`);
    return null;
  }
  const own = join(session.world.environment.QUORATE_ROOT || '/', 'var/lib/quorate/scheduler');
  const option = session.options.get('path.pe_state_dir');
  const folder = option || (existsSync(own) ? own : '/var/lib/pacemaker/pengine');
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // Reported below: there is no such input.
  }
  const found = names.filter(
    (name) => name === word || new RegExp(`^(${word}|pe-.*-${word})(\\.bz2|\\.gz)?$`).test(name),
  );
  if (found.length === 1) return join(folder, found[0]!);
  session.error(
    found.length === 0
      ? `cib.import: no ${word} pe input file`
      : `cib.import: more than one ${word} pe input file: ${found.join(' ')}`,
  );
  return null;
}

export const importFile: Command['run'] = async (env, [word, given]) => {
  const { session } = env;
  const path = findInput(session, word!);
  if (path === null) return 'failed';
  const name = given ?? basename(path).replace(/\.(bz2|gz)$/, '');
  if (!isShadowName(name)) return fail(session, `cib.import: Bad filename: ${name}`);
  let text: string;
  try {
    if (path.endsWith('.bz2')) {
      const { execFileSync } = await import('node:child_process');
      text = execFileSync('bzip2', ['-dc', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
    } else if (path.endsWith('.gz')) {
      const { gunzipSync } = await import('node:zlib');
      text = gunzipSync(readFileSync(path)).toString('utf8');
    } else text = readFileSync(path, 'utf8');
    const cib = parseXml(text);
    if (!writeShadow(session, name, cib)) return 'failed';
  } catch (error) {
    if (error instanceof XmlError) {
      return fail(session, `${path}:${error.position.line}:${error.position.column}: ${error.message}`);
    }
    return fail(session, `Error copying PE file to shadow: ${path} -> ${name}: ${(error as Error).message}`);
  }
  return switchTo(session, name, true);
};
