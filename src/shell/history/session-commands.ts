import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommandStatus, Environment } from '../command.js';
import { configurationFolder } from '../option-files.js';
import type { Session } from '../session.js';
import { saveHistory } from './saved.js';
import { liveSource, savedSource } from './source.js';
import { chosenEvents, chosenTransitions, complain, viewOf } from './view.js';

function sessionsFolder(session: Session): string {
  return join(configurationFolder(session.world.environment), 'history');
}

/** Saved sessions; those of earlier versions are single files with the events alone. */
function sessionNames(session: Session): string[] {
  try {
    return readdirSync(sessionsFolder(session), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

export async function session(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const [verb, given] = args;
  const view = viewOf(env.session);
  switch (verb) {
    case undefined:
      env.session.print(`current session: ${view.sessionName ?? 'none'}`);
      return 'done';
    case 'list': {
      const names = sessionNames(env.session);
      if (names.length > 0) env.session.print(names.join('\n'));
      return 'done';
    }
    case 'save':
    case 'load':
    case 'delete':
    case 'pack':
    case 'update':
      break;
    default:
      return complain(env, `unknown history session subcmd: ${verb}`);
  }
  if (verb === 'update' && given !== undefined) return complain(env, `bad syntax: ${args.join(' ')}`);
  const name = given ?? (verb === 'pack' || verb === 'update' ? view.sessionName : null);
  if (name === null) {
    return complain(
      env,
      verb === 'pack' || verb === 'update'
        ? 'need to load a history session before update/pack'
        : `${verb} needs the name of a session`,
    );
  }
  if (!/^[\w.-]+$/.test(name) || name.startsWith('.'))
    return complain(env, `${name}: expected a name of letters, digits, - and _`);
  const path = join(sessionsFolder(env.session), name);
  if (verb === 'save') return save(env, path, name);
  if (!existsSync(path)) return complain(env, `there is no session ${name}`);
  if (verb === 'load') return load(env, path, name);
  if (verb === 'delete') {
    rmSync(path, { recursive: true });
    if (view.sessionName === name) {
      view.source = liveSource(env.session);
      view.sessionName = null;
      env.session.info('current history session deleted, setting source to live');
    }
    return 'done';
  }
  if (verb === 'pack') return pack(env, name);
  view.source = liveSource(env.session);
  return save(env, path, name);
}

async function save(env: Environment, path: string, name: string): Promise<CommandStatus> {
  const events = await chosenEvents(env);
  const transitions = events && (await chosenTransitions(env));
  if (!transitions) return 'failed';
  const inputs = await saveHistory(path, viewOf(env.session).source, events, transitions);
  env.session.info(`${events.length} events and ${inputs} scheduler inputs saved as ${name}`);
  return load(env, path, name);
}

async function load(env: Environment, path: string, name: string): Promise<CommandStatus> {
  const source = savedSource(env.session, path);
  if (!source) return complain(env, `${path} cannot be read`);
  const view = viewOf(env.session);
  view.source = source;
  view.sessionName = name;
  return 'done';
}

async function pack(env: Environment, name: string): Promise<CommandStatus> {
  const target = resolve(`${name}.tar.gz`);
  const ran = spawnSync('tar', ['-czf', target, '-C', sessionsFolder(env.session), name], {
    encoding: 'utf8',
  });
  if (ran.status !== 0) return complain(env, ran.error?.message ?? ran.stderr.trim());
  env.session.print(target);
  return 'done';
}
