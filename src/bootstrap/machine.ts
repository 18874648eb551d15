import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { SshOutcome } from '../ssh/errors.js';
import type { ExecOptions, ExecResult, SessionOptions } from '../ssh/session.js';
import { shellQuote } from '../ssh/shell-quote.js';

/** A machine that can be worked on: this one, or another over SSH. */
export interface Machine {
  /** As the operator named it; this machine's own name where it is this one. */
  readonly name: string;
  readonly local: boolean;
  /** Runs a POSIX shell script; its output is collected. */
  run(script: string, options?: ExecOptions): Promise<SshOutcome<ExecResult>>;
  /** Whether somebody listens on a unix socket there. */
  answers(socketPath: string): Promise<boolean>;
  /** Writes a file whole or not at all. Its directory is made where it is not there. */
  writeFile(path: string, content: string | Buffer, mode: number): Promise<SshOutcome<null>>;
  close(): Promise<void>;
}

export function localMachine(): Machine {
  const name = hostname();
  return {
    name,
    local: true,
    run: (script, options = {}) => runLocally(name, script, options),
    answers: (socketPath) =>
      new Promise((resolve) => {
        const socket = connect(socketPath);
        socket.once('connect', () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', () => resolve(false));
      }),
    async writeFile(path, content, mode) {
      const temporary = `${path}.${randomBytes(6).toString('hex')}`;
      try {
        await mkdir(dirname(path), { recursive: true });
        const file = await open(temporary, 'wx', 0o600);
        try {
          await file.writeFile(content);
          await file.sync();
        } finally {
          await file.close();
        }
        await chmod(temporary, mode);
        await rename(temporary, path);
        return { ok: true, value: null };
      } catch (error) {
        await rm(temporary, { force: true });
        const why = error instanceof Error ? error.message : String(error);
        return {
          ok: false,
          error: { kind: 'not-found', message: `cannot write ${path}: ${why}`, host: name },
        };
      }
    },
    close: async () => {},
  };
}

function runLocally(name: string, script: string, options: ExecOptions): Promise<SshOutcome<ExecResult>> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', script], {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin);
    child.on('error', (error) =>
      resolve({ ok: false, error: { kind: 'not-found', message: error.message, host: name } }),
    );
    child.on('close', (code, signal) =>
      resolve({
        ok: true,
        value: {
          code,
          signal,
          stdout: Buffer.concat(out).toString('utf8'),
          stderr: Buffer.concat(err).toString('utf8'),
        },
      }),
    );
  });
}

/** The machine that a name means: this one where it is its own name, else another over SSH. */
export async function openMachine(
  destination: string,
  options: SessionOptions,
): Promise<SshOutcome<Machine>> {
  const own = hostname();
  if (destination === own || destination === own.split('.')[0] || destination === 'localhost')
    return { ok: true, value: localMachine() };
  return remoteMachine(destination, options);
}

/** Logs in to another machine; what is run there runs as the user that ssh_config says. */
export async function remoteMachine(
  destination: string,
  options: SessionOptions,
): Promise<SshOutcome<Machine>> {
  const { connectSsh } = await import('../ssh/session.js');
  const session = await connectSsh(destination, options);
  if (!session.ok) return session;
  const ssh = session.value;
  return {
    ok: true,
    value: {
      name: destination,
      local: false,
      // The login shell need not be a POSIX one.
      run: (script, runOptions) => ssh.exec(`/bin/sh -c ${shellQuote(script)}`, runOptions),
      async answers(socketPath) {
        const stream = await ssh.openUnixSocket(socketPath);
        if (stream.ok) stream.value.destroy();
        return stream.ok;
      },
      async writeFile(path, content, mode) {
        const made = await ssh.exec(`mkdir -p -- ${shellQuote(dirname(path))}`);
        if (!made.ok) return made;
        return ssh.writeFile(path, content, mode);
      },
      close: () => ssh.close(),
    },
  };
}
