import { rename, rm, writeFile } from 'node:fs/promises';
import { RESULT_CODES } from '../command-line/result-codes.js';
import { openConnection, type Prompt } from '../connection/open.js';
import type { Surroundings } from './plan.js';
import { crmMon } from './program.js';

/** Why a file could not be written, in the system's words; scripts know them from Pacemaker's tools. */
function failureText(error: unknown): string {
  const known = RESULT_CODES.find(({ name }) => name === (error as NodeJS.ErrnoException).code);
  return known?.description ?? (error instanceof Error ? error.message : String(error));
}

/** Writes beside the file and renames, so that a reader never sees half a page. Devices and pipes are written to. */
async function replaceFile(path: string, text: string): Promise<string | undefined> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    if (path.startsWith('/dev/') || path === '') await writeFile(path, text);
    else {
      await writeFile(temporary, text);
      await rename(temporary, path);
    }
    return undefined;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    return failureText(error);
  }
}

/** crm_mon on this machine. */
export function surroundings(environment: NodeJS.ProcessEnv = process.env): Surroundings {
  return {
    environment,
    terminal: process.stdout.isTTY === true && process.stdin.isTTY === true && environment.TERM !== 'dumb',
    nowMs: Date.now,
    writeOut: (text) => {
      process.stdout.write(text);
    },
    writeError: (text) => {
      process.stderr.write(text);
    },
    writeFile: replaceFile,
    open: openConnection,
  };
}

export function main(argv: readonly string[], prompt?: Prompt): Promise<number> {
  // Pacemaker's manual tells people to link crm_mon.cgi to it for a web server.
  const words = process.argv[1]?.endsWith('.cgi') ? ['--web-cgi', ...argv] : argv;
  return crmMon(words, { ...surroundings(), ...(prompt ? { prompt } : {}) });
}
