import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Options } from './options.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's configuration folder (`$XDG_CONFIG_HOME/crm`). */
export function configurationFolder(env: Environment): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'crm');
}

/** Where history and other things that may be lost are kept (`$XDG_CACHE_HOME/crm`). */
export function cacheFolder(env: Environment): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'crm');
}

/** The options of the system's file and the user's, which `save` writes. */
export function loadOptions(env: Environment): Options {
  const path = env.CRM_CONFIG_FILE || join(configurationFolder(env), 'crm.conf');
  return new Options(readText('/etc/crm/crm.conf'), {
    user: readText(path),
    save: (text) => {
      mkdirSync(dirname(path), { recursive: true });
      const temporary = `${path}.${process.pid}`;
      writeFileSync(temporary, text, { mode: 0o600 });
      renameSync(temporary, path);
    },
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
