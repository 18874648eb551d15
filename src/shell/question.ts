import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import type { Process } from './open-session.js';

/** Asks a line of the person at the terminal; null at the end of input. */
export async function askOnTerminal(process: Process, text: string): Promise<string | null> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string | null>((resolve) => {
      lines.once('close', () => resolve(null));
      lines.question(text).then(resolve, () => resolve(null));
    });
  } finally {
    lines.close();
    process.stdin.pause();
  }
}

/** Runs a program with the process's own terminal; 127 where it cannot be started. */
export function runOnTerminal(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    // Ctrl-C is for the program that has the terminal.
    const ignore = () => {};
    globalThis.process.on('SIGINT', ignore);
    const end = (status: number) => {
      globalThis.process.off('SIGINT', ignore);
      resolve(status);
    };
    child.once('error', () => end(127));
    child.once('close', (code, signal) => end(code ?? (signal ? 1 : 0)));
  });
}
