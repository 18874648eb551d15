/**
 * Sessions of the system's `ssh`, for what ssh2 cannot do. One master connection holds the login (ControlMaster); commands
 * and streams are channels of it.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { type HostConfig, hostConfig, parseDestination } from './config.js';
import { placeText, type SshError, type SshOutcome } from './errors.js';
import { readIdentity } from './identities.js';
import { shellQuote } from './shell-quote.js';
import type { ExecOptions, ExecResult, SessionOptions, SshSession } from './types.js';
import { writeRemoteFile } from './write-file.js';

/** How long a login may take where nobody is asked for anything. */
const LOGIN_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

/**
 * Why OpenSSH may succeed where ssh2 has not, in words; null where it would fail the same way. What known_hosts
 * speaks against is never tried again.
 */
export async function couldOpenSsh(
  destination: string,
  options: SessionOptions,
  error: SshError,
): Promise<string | null> {
  if (error.kind === 'host-key-unknown')
    return /certificate/.test(error.message) ? 'the host certificate' : null;
  if (error.kind === 'protocol') return /no matching/i.test(error.message) ? 'its algorithms' : null;
  if (error.kind !== 'authentication') return null;
  const config = await hostConfig(destination, options);
  if (!config.ok) return null;
  const { certificateFiles, identityFiles, identityAgent, identitiesOnly } = config.value;
  if (certificateFiles.some(exists)) return 'a certificate';
  for (const path of identityFiles) {
    if (exists(`${path}-cert.pub`)) return 'a certificate';
    if (isTokenKey(path) || isTokenKey(`${path}.pub`)) return 'a key on a security token';
    const identity = await readIdentity(path);
    if (identity?.kind === 'unusable') return `the key ${path}`;
  }
  if (identityAgent === null || identitiesOnly) return null;
  const listed = await output('ssh-add', ['-L'], { ...process.env, SSH_AUTH_SOCK: identityAgent });
  if (/^sk-/m.test(listed)) return 'a key on a security token';
  return /^\S+-cert-v01@/m.test(listed) ? 'a certificate of the agent' : null;
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

/** `sk-ssh-ed25519@openssh.com`, `sk-ecdsa-...`: its private half is on a token, only a handle in the file. */
function isTokenKey(path: string): boolean {
  try {
    const text = readFileSync(path, 'latin1');
    if (path.endsWith('.pub')) return text.startsWith('sk-');
    const body = text.replace(/-----[^-]*-----/g, '').replace(/\s/g, '');
    return Buffer.from(body, 'base64').includes('sk-');
  } catch {
    return false;
  }
}

function output(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: 5000 }, (_error, stdout) => resolve(stdout));
  });
}

/** Logs in with the system's `ssh`; it asks on the terminal by itself, where `options.prompt` says that a person is there. */
export async function connectOpenSsh(
  destination: string,
  options: SessionOptions = {},
): Promise<SshOutcome<SshSession>> {
  const read = await hostConfig(destination, options);
  if (!read.ok) return read;
  const config = read.value;
  const folder = mkdtempSync(join(tmpdir(), 'crm-ssh-'));
  const socket = join(folder, 'master');
  const program = options.sshProgram ?? 'ssh';
  const { host, user, port } = parseDestination(destination);
  const common = [
    ...(options.configFile === undefined ? [] : ['-F', options.configFile]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '-o',
    `ControlPath=${socket}`,
  ];
  const login = [
    ...common,
    ...['-o', 'ControlMaster=yes', '-o', 'ControlPersist=no', '-o', 'ExitOnForwardFailure=no'],
    ...(options.prompt ? [] : ['-o', 'BatchMode=yes']),
    ...['-o', `ServerAliveInterval=${Math.ceil((options.keepaliveMs ?? 3000) / 1000)}`],
    ...[
      '-o',
      `ConnectTimeout=${Math.ceil((options.connectTimeoutMs ?? config.connectTimeoutMs ?? 10_000) / 1000)}`,
    ],
    ...['-N', '--', host],
  ];
  const master = spawn(program, login, { stdio: [options.prompt ? 'inherit' : 'ignore', 'ignore', 'pipe'] });
  let errors = '';
  master.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let ended = false;
  const end = new Promise<void>((resolve) => {
    master.once('error', (error) => {
      errors ||= error.message;
      ended = true;
      resolve();
    });
    master.once('close', () => {
      ended = true;
      resolve();
    });
  });
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const startedAt = Date.now();
  const place = placeText(config.host, config.hostName, config.port);
  const giveUp = (): void => void master.kill();
  if (options.signal?.aborted) giveUp();
  options.signal?.addEventListener('abort', giveUp);
  while (!ended && !(await listening(socket))) {
    if (!options.prompt && Date.now() - startedAt > LOGIN_TIMEOUT_MS) master.kill();
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, POLL_MS))]);
  }
  options.signal?.removeEventListener('abort', giveUp);
  if (ended) {
    remove();
    process.off('exit', remove);
    return {
      ok: false,
      error: { kind: 'authentication', message: reasonOf(errors, place), host: config.host },
    };
  }
  const closed = end.then(() => {
    remove();
    process.off('exit', remove);
    return reasonOf(errors, place);
  });
  return {
    ok: true,
    value: new OpenSshSession(config, program, [...common, '--', host], folder, closed, () => master.kill()),
  };
}

/** The last thing that ssh said, which is why it failed; warnings come before it. */
function reasonOf(errors: string, place: string): string {
  const lines = errors
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.at(-1) ?? `${place} ended the connection`;
}

function listening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

class OpenSshSession implements SshSession {
  readonly config: HostConfig;
  readonly closed: Promise<SshError | null>;
  lost: SshError | null = null;
  readonly #program: string;
  /** Options and the host: `ssh OPTIONS -- HOST`. */
  readonly #words: readonly string[];
  readonly #folder: string;
  readonly #end: () => void;
  #open = true;
  #closing = false;
  #sockets = 0;

  constructor(
    config: HostConfig,
    program: string,
    words: readonly string[],
    folder: string,
    closed: Promise<string>,
    end: () => void,
  ) {
    this.config = config;
    this.#program = program;
    this.#words = words;
    this.#folder = folder;
    this.#end = end;
    this.closed = closed.then((why) => {
      this.#open = false;
      if (!this.#closing)
        this.lost = this.#failure('closed', `the connection to ${this.#place} was lost: ${why}`);
      return this.lost;
    });
  }

  get host(): string {
    return this.config.host;
  }

  get #place(): string {
    return placeText(this.config.host, this.config.hostName, this.config.port);
  }

  #failure(kind: SshError['kind'], message: string): SshError {
    return { kind, message, host: this.host };
  }

  #gone(): { ok: false; error: SshError } {
    return {
      ok: false,
      error: this.lost ?? this.#failure('closed', `the connection to ${this.#place} was lost: it is closed`),
    };
  }

  exec(command: string, options: ExecOptions = {}): Promise<SshOutcome<ExecResult>> {
    if (!this.#open) return Promise.resolve(this.#gone());
    return new Promise((resolve) => {
      const child = spawn(this.#program, [...this.#words, command], { stdio: ['pipe', 'pipe', 'pipe'] });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
      // The master has the child's output too, so that the child's end does not close it.
      const timer =
        options.timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              child.kill();
              child.stdout.destroy();
              child.stderr.destroy();
              const message = `${this.#place}: '${command}' took longer than ${options.timeoutMs} ms`;
              resolve({ ok: false, error: this.#failure('timeout', message) });
            }, options.timeoutMs);
      child.once('error', (error) =>
        resolve({ ok: false, error: this.#failure('protocol', `${this.#program}: ${error.message}`) }),
      );
      child.once('close', (code) => {
        clearTimeout(timer);
        // ssh's own status for a lost connection, and for a command that a signal ended.
        if (code === 255 && !this.#open) return resolve(this.#gone());
        const stdout = Buffer.concat(out).toString('utf8');
        resolve({
          ok: true,
          value: { code, signal: null, stdout, stderr: Buffer.concat(err).toString('utf8') },
        });
      });
      child.stdin.on('error', () => {});
      child.stdin.end(options.stdin);
    });
  }

  /** Forwarded through a socket of our own here: `ssh -W` knows only ports. */
  async openUnixSocket(path: string): Promise<SshOutcome<Duplex>> {
    const there = await this.exec(`test -S ${shellQuote(path)}`);
    if (!there.ok) return there;
    const cannot = (why: string): SshOutcome<Duplex> => ({
      ok: false,
      error: this.#failure('not-found', `${this.#place} cannot connect to ${path}: ${why}`),
    });
    if (there.value.code !== 0) return cannot('there is no such socket');
    const own = join(this.#folder, `forward${this.#sockets++}`);
    const options = this.#words.slice(0, -2);
    const ran = await run(this.#program, [
      ...options,
      '-O',
      'forward',
      '-L',
      `${own}:${path}`,
      ...this.#words.slice(-2),
    ]);
    if (ran !== '') return cannot(ran);
    return new Promise((resolve) => {
      const socket = connectSocket(own);
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        resolve({ ok: true, value: socket });
      });
      socket.once('error', (error) => resolve(cannot(error.message)));
    });
  }

  async openCommand(command: string): Promise<SshOutcome<Duplex>> {
    return this.#open ? this.#streamOf([...this.#words, command]) : this.#gone();
  }

  async openTcp(host: string, port: number): Promise<SshOutcome<Duplex>> {
    if (!this.#open) return this.#gone();
    const options = this.#words.slice(0, -2);
    const place = host.includes(':') ? `[${host}]` : host;
    return this.#streamOf([...options, '-W', `${place}:${port}`, ...this.#words.slice(-2)]);
  }

  #streamOf(words: readonly string[]): SshOutcome<Duplex> {
    const child = spawn(this.#program, words, { stdio: ['pipe', 'pipe', 'ignore'] });
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
    child.on('error', (error) => stream.destroy(error));
    // A joined stream that is destroyed calls that an error.
    stream.on('error', () => {});
    stream.on('close', () => child.kill());
    return { ok: true, value: stream };
  }

  writeFile(path: string, content: string | Buffer, mode: number): Promise<SshOutcome<null>> {
    return writeRemoteFile(this, path, content, mode);
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#end();
    await this.closed;
  }
}

/** Runs a program; what went wrong, or nothing. */
function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { encoding: 'utf8', timeout: 10_000 }, (error, _stdout, stderr) =>
      resolve(error ? stderr.trim().split('\n').at(-1) || error.message : ''),
    );
  });
}
