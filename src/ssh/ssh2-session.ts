import type { Duplex } from 'node:stream';
import type { Client as SshClient } from 'ssh2';
import type { HostConfig } from './config.js';
import { placeText, type SshError, type SshOutcome } from './errors.js';
import type { ExecOptions, ExecResult, SshSession } from './types.js';
import { writeRemoteFile } from './write-file.js';

/** A host that says nothing is not waited for any longer when a session is closed. */
const CLOSE_MS = 1000;

/** A session of ssh2: everything runs over its one connection. */
export class Ssh2Session implements SshSession {
  readonly config: HostConfig;
  readonly closed: Promise<SshError | null>;
  readonly #client: SshClient;
  readonly #stream: Duplex;
  readonly #place: string;
  #below: SshSession | undefined;
  #lost: SshError | null = null;
  #open = true;
  #closing = false;

  /** @param stream what carries the session */
  constructor(client: SshClient, config: HostConfig, stream: Duplex) {
    this.#client = client;
    this.#stream = stream;
    this.config = config;
    this.#place = placeText(config.host, config.hostName, config.port);
    client.on('error', (error: Error & { level?: string }) => {
      const silent = error.level === 'client-timeout';
      this.#lost ??= this.#closedError(silent ? 'it does not answer any more' : error.message);
    });
    this.closed = new Promise((resolve) => {
      client.on('close', () => {
        this.#open = false;
        this.#lost ??= this.#closing ? null : this.#closedError('the other side has ended it');
        void this.#below?.close();
        resolve(this.#closing ? null : this.#lost);
      });
    });
  }

  get host(): string {
    return this.config.host;
  }

  get lost(): SshError | null {
    return this.#lost;
  }

  /** The session that carries this one ends with it. */
  owns(below: SshSession): void {
    this.#below = below;
  }

  async exec(command: string, options: ExecOptions = {}): Promise<SshOutcome<ExecResult>> {
    if (!this.#open) return this.#gone();
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const lost = (): void => resolve(this.#gone());
      this.#client.exec(command, (error, channel) => {
        if (error) return resolve(this.#channelFailure(error, 'run a command'));
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        let code: number | null = null;
        let signal: string | null = null;
        channel.on('data', (chunk: Buffer) => out.push(chunk));
        channel.stderr.on('data', (chunk: Buffer) => err.push(chunk));
        channel.on('exit', (status: number | null, name?: string) => {
          code = status;
          signal = name ?? null;
        });
        channel.on('close', () => {
          clearTimeout(timer);
          if (code === null && signal === null) return lost();
          const stdout = Buffer.concat(out).toString('utf8');
          resolve({ ok: true, value: { code, signal, stdout, stderr: Buffer.concat(err).toString('utf8') } });
        });
        if (options.timeoutMs !== undefined) {
          timer = setTimeout(() => {
            channel.close();
            const message = `${this.#place}: '${command}' took longer than ${options.timeoutMs} ms`;
            resolve({ ok: false, error: { kind: 'timeout', message, host: this.host } });
          }, options.timeoutMs);
        }
        channel.end(options.stdin);
      });
    });
  }

  openCommand(command: string): Promise<SshOutcome<Duplex>> {
    return this.#openChannel('run a command', (callback) =>
      this.#client.exec(command, (error, channel) => {
        channel?.stderr.resume();
        callback(error, channel);
      }),
    );
  }

  openUnixSocket(path: string): Promise<SshOutcome<Duplex>> {
    return this.#openChannel(`connect to ${path}`, (callback) =>
      this.#client.openssh_forwardOutStreamLocal(path, callback),
    );
  }

  openTcp(host: string, port: number): Promise<SshOutcome<Duplex>> {
    return this.#openChannel(`connect to ${host} port ${port}`, (callback) =>
      this.#client.forwardOut('127.0.0.1', 0, host, port, callback),
    );
  }

  writeFile(path: string, content: string | Buffer, mode: number): Promise<SshOutcome<null>> {
    return writeRemoteFile(this, path, content, mode);
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#client.end();
      const timer = setTimeout(() => {
        this.#stream.destroy();
        void this.#below?.close();
      }, CLOSE_MS);
      void this.closed.then(() => clearTimeout(timer));
    }
    await this.closed;
  }

  #openChannel(
    what: string,
    open: (callback: (error: Error | undefined, channel: Duplex) => void) => void,
  ): Promise<SshOutcome<Duplex>> {
    if (!this.#open) return Promise.resolve(this.#gone());
    return new Promise((resolve) => {
      open((error, channel) => {
        if (error) resolve(this.#channelFailure(error, what));
        else resolve({ ok: true, value: channel });
      });
    });
  }

  #closedError(why: string): SshError {
    return { kind: 'closed', host: this.host, message: `the connection to ${this.#place} was lost: ${why}` };
  }

  #gone(): { ok: false; error: SshError } {
    return { ok: false, error: this.#lost ?? this.#closedError('it is closed') };
  }

  #channelFailure(error: Error, what: string): { ok: false; error: SshError } {
    if (!this.#open) return this.#gone();
    const why = error.message.replace(/^\(SSH\) Channel open failure: /, '');
    const message = `${this.#place} cannot ${what}: ${why}`;
    return { ok: false, error: { kind: 'not-found', message, host: this.host } };
  }
}
