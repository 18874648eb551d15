import type { Duplex } from 'node:stream';
import type { ConfigOptions, HostConfig } from './config.js';
import type { SshError, SshOutcome } from './errors.js';
import type { Prompt } from './prompt.js';

export interface SessionOptions extends ConfigOptions {
  /** Without it nobody is asked: unknown hosts, passphrases and passwords are then errors. */
  readonly prompt?: Prompt;
  /** Until the host has shown its key; default is ConnectTimeout, else 10 s. */
  readonly connectTimeoutMs?: number;
  /** Of an idle session; default is ServerAliveInterval, else 3 s. */
  readonly keepaliveMs?: number;
  /** Aborted when nobody waits for the login any more; a session that is open is not touched by it. */
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  /** Exit code, or null where a signal ended the command. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly stdin?: string | Buffer;
  readonly timeoutMs?: number;
}

/** A logged-in session. Nothing here throws for the world's failures. */
export interface SshSession {
  readonly config: HostConfig;
  readonly host: string;
  /** Resolves when the session has ended: null when we closed it, else why. */
  readonly closed: Promise<SshError | null>;
  /** Why the session was lost, where it was. */
  readonly lost: SshError | null;
  /** Runs a command in the user's shell there, and collects what it says. */
  exec(command: string, options?: ExecOptions): Promise<SshOutcome<ExecResult>>;
  /** Runs a command with its standard input and output as a stream; what it complains about is not seen. */
  openCommand(command: string): Promise<SshOutcome<Duplex>>;
  /** A stream to a unix socket there. Send first: a first word from the other side costs a delayed ACK. */
  openUnixSocket(path: string): Promise<SshOutcome<Duplex>>;
  /** A stream to a TCP port as that host reaches it. */
  openTcp(host: string, port: number): Promise<SshOutcome<Duplex>>;
  /** Writes a file there, whole or not at all: into a temporary file beside it, then renamed. */
  writeFile(path: string, content: string | Buffer, mode: number): Promise<SshOutcome<null>>;
  close(): Promise<void>;
}
