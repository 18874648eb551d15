import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { generate, instantiate, parseTemplates } from '../../language/template.js';
import { columns } from '../columns.js';
import type { Command, CommandStatus } from '../command.js';
import type { Session } from '../session.js';
import { takeOverText } from './configure-files.js';
import { TEMPLATES } from './configure-template-texts.js';

/** The configuration that was loaded or made last. */
const current = new WeakMap<Session, string>();

function folder(session: Session): string {
  const { environment } = session.world;
  return join(
    environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config'),
    'crm',
    'crmconf',
  );
}

export function configurationNames(session: Session): string[] {
  try {
    return readdirSync(folder(session)).sort();
  } catch {
    // No folder, no configurations.
    return [];
  }
}

function fail(session: Session, text: string): CommandStatus {
  session.error(text);
  return 'failed';
}

function isName(name: string): boolean {
  return /^[\w.-]+$/.test(name) && !name.startsWith('.');
}

function pathOf(session: Session, name: string | undefined): { name: string; path: string } | null {
  const chosen = name ?? current.get(session);
  if (chosen === undefined) {
    session.error('no configuration is loaded; name one');
    return null;
  }
  const path = join(folder(session), chosen);
  if (!isName(chosen) || !existsSync(path)) {
    session.error(`${chosen}: no such configuration`);
    return null;
  }
  return { name: chosen, path };
}

export const create: Command['run'] = async ({ session }, args) => {
  const split = args.indexOf('params');
  const words = split < 0 ? [...args] : args.slice(0, split);
  const given = Object.fromEntries(
    (split < 0 ? [] : args.slice(split + 1)).map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  ) as Record<string, string>;
  let [name = '', ...templates] = words;
  if (templates.length === 0 && TEMPLATES.has(name)) {
    templates = [name];
    let number = 0;
    while (existsSync(join(folder(session), `${name}-${number}`))) number += 1;
    name = `${name}-${number}`;
  }
  if (!isName(name)) return fail(session, `${name} is no name for a configuration`);
  if (templates.length === 0)
    return fail(session, `which templates? There are ${[...TEMPLATES.keys()].join(', ')}`);
  const path = join(folder(session), name);
  if (existsSync(path)) return fail(session, `config ${name} already exists`);
  const queue = [...templates];
  const used: string[] = [];
  while (queue.length > 0) {
    const one = queue.shift()!;
    if (used.includes(one)) continue;
    const text = TEMPLATES.get(one);
    if (text === undefined) return fail(session, `${one}: no such template`);
    session.info(`pulling in template ${one}`);
    used.push(one);
    queue.push(...(parseTemplates(text)[0]?.dependsOn ?? []));
  }
  const alone = used.length === 1;
  const text = used.map((one) => instantiate(TEMPLATES.get(one)!, alone ? name : one, given)).join('\n');
  mkdirSync(folder(session), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
  current.set(session, name);
  return 'done';
};

export const load: Command['run'] = async ({ session }, [name]) => {
  const found = pathOf(session, name);
  if (!found) return 'failed';
  current.set(session, found.name);
  return 'done';
};

export const edit: Command['run'] = async ({ session }, [name]) => {
  const found = pathOf(session, name);
  if (!found) return 'failed';
  if (!session.world.interactive) {
    session.info('edit not allowed in batch mode');
    return 'failed';
  }
  const editor = session.options.get('core.editor') || session.world.environment.EDITOR || 'vi';
  const status = await session.world.runOnTerminal('/bin/sh', ['-c', `${editor} "$1"`, 'edit', found.path]);
  current.set(session, found.name);
  return status === 0 ? 'done' : fail(session, `the editor "${editor}" ended with status ${status}`);
};

/** The statements of a configuration; null after what it lacks was reported. */
function statements(session: Session, path: string): string | null {
  const { text, missing } = generate(parseTemplates(readFileSync(path, 'utf8')));
  for (const { line, name } of missing) session.error(`${line}: required parameter ${name} not set`);
  return missing.length > 0 ? null : text;
}

export const show: Command['run'] = async ({ session }, [name]) => {
  const found = pathOf(session, name);
  if (!found) return 'failed';
  const text = statements(session, found.path);
  if (text === null) return 'failed';
  session.print(text);
  return 'done';
};

export const apply: Command['run'] = async ({ session }, args) => {
  const [first, second] = args;
  const method = first === 'replace' || first === 'update' ? first : 'update';
  const found = pathOf(session, first === 'replace' || first === 'update' ? second : first);
  if (!found) return 'failed';
  const text = statements(session, found.path);
  if (text === null) return 'failed';
  return takeOverText(session, text, method, found.name);
};

export const remove: Command['run'] = async ({ session }, [name, force]) => {
  const found = pathOf(session, name);
  if (!found) return 'failed';
  if (current.get(session) === found.name && force !== 'force' && !session.flags.force) {
    return fail(session, `${found.name} is in use; "force" deletes it`);
  }
  rmSync(found.path);
  if (current.get(session) === found.name) current.delete(session);
  return 'done';
};

export const list: Command['run'] = async ({ session }, [what]) => {
  const sections: [string, string[]][] = [];
  if (what !== 'configs') sections.push(['Templates:', [...TEMPLATES.keys()].sort()]);
  if (what !== 'templates') sections.push(['Configurations:', configurationNames(session)]);
  for (const [title, names] of sections) {
    if (names.length === 0) continue;
    if (what === undefined) session.print(title);
    session.print(session.flags.regression ? names.join('\n') : columns(names, 3));
  }
  return 'done';
};
