import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { executablesFolder } from '../command-line/installation.js';

/** What a program has said and how it ended. */
export interface ToolRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One of our own executables (`crm_simulate`, ...), which stand together in one folder; null where it is not built. */
export function siblingPath(name: string): string | null {
  const path = join(executablesFolder() ?? '/', name);
  return existsSync(path) ? path : null;
}

/** Runs one of our own executables; 127 where it cannot be started. */
export function runSibling(
  name: string,
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<ToolRun> {
  const path = siblingPath(name);
  if (path === null) {
    return Promise.resolve({ status: 127, stdout: '', stderr: `${name} is not installed beside crm\n` });
  }
  return new Promise((resolve) => {
    const env = (options.env ?? process.env) as NodeJS.ProcessEnv;
    const child = spawn(process.execPath, [path, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', (error) => resolve({ status: 127, stdout, stderr: `${name}: ${error.message}\n` }));
    child.once('close', (code) => resolve({ status: code ?? 1, stdout, stderr }));
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin ?? '');
  });
}
