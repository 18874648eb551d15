/** `cibsecret`: values of resource parameters that are kept in files of each node instead of the CIB (cibsecret(8)). */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT } from '../command-line/exit-codes.js';
import { executablesFolder } from '../command-line/installation.js';
import type { Surroundings, Tool } from '../command-line/tool.js';

const MARK = 'lrm://';
const FOLDER = '/var/lib/pacemaker/lrm/secrets';
const SSH = ['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'ConnectTimeout=5'];

const USAGE = `cibsecret - keep sensitive values of resource parameters out of the CIB

Usage:
    cibsecret [-C] <command> [<parameters>]

Commands:
    set <resource> <parameter> [<value>]   keep this value (or what is read from standard input)
    get <resource> <parameter>             show the value that is kept here
    check <resource> <parameter>           compare the value that is kept here with its MD5
    stash <resource> <parameter>           keep the value that the CIB has
    unstash <resource> <parameter>         put the value that is kept back into the CIB
    delete <resource> <parameter>          forget the value, here and in the CIB
    sync                                   copy all that is kept here to the other nodes

    -C  neither read nor write the CIB
`;

interface Command {
  /** Words after it, at least and at most. */
  readonly words: readonly [least: number, most: number];
  readonly run: (secret: Secret, value: string | undefined) => unknown;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  set: { words: [2, 3], run: (secret, value) => secret.set(value) },
  get: { words: [2, 2], run: (secret) => secret.show() },
  check: { words: [2, 2], run: (secret) => secret.check() },
  stash: { words: [2, 2], run: (secret) => secret.stash() },
  unstash: { words: [2, 2], run: (secret) => secret.unstash() },
  delete: { words: [2, 2], run: (secret) => secret.delete() },
  sync: { words: [0, 0], run: (secret) => secret.copy([FOLDER]) },
};

/** Ends the command; the text goes to standard output, as cibsecret's does. */
class Fatal extends Error {
  readonly exit: number;

  constructor(exit: number, text: string) {
    super(text);
    this.exit = exit;
  }
}

export const cibsecret: Tool = async (surroundings) => {
  const withoutCib = surroundings.words[0] === '-C';
  const [command = '', ...words] = withoutCib ? surroundings.words.slice(1) : surroundings.words;
  if (command === '--help') {
    surroundings.out(USAGE);
    return EXIT.OK;
  }
  const found = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (!found || words.length < found.words[0] || words.length > found.words[1]) {
    surroundings.out(USAGE);
    return found ? EXIT.ERROR : EXIT.USAGE;
  }
  try {
    found.run(new Secret(surroundings, words[0] ?? '', words[1] ?? '', withoutCib), words[2]);
    return EXIT.OK;
  } catch (error) {
    if (!(error instanceof Fatal)) throw error;
    surroundings.out(`ERROR: ${error.message}\n`);
    return error.exit;
  }
};

/** One parameter of one resource. */
class Secret {
  readonly #surroundings: Surroundings;
  readonly #resource: string;
  readonly #parameter: string;
  readonly #withoutCib: boolean;
  /** On every node; below `$QUORATE_ROOT` on this one. */
  readonly #file: string;

  constructor(surroundings: Surroundings, resource: string, parameter: string, withoutCib: boolean) {
    this.#surroundings = surroundings;
    this.#resource = resource;
    this.#parameter = parameter;
    this.#withoutCib = withoutCib;
    for (const name of [resource, parameter]) {
      if (name.includes('/') || name.startsWith('.')) throw new Fatal(EXIT.USAGE, `${name} is no name`);
    }
    this.#file = join(FOLDER, resource, parameter);
  }

  set(given: string | undefined): void {
    const value = given ?? this.#surroundings.readInput().replace(/\n$/, '');
    const known = this.#inCib();
    if (known !== '' && known !== MARK && known !== value) {
      throw new Fatal(
        EXIT.CONFIG,
        `CIB value <${known}> different for ${this.#named}; please delete it first`,
      );
    }
    this.#keep(value);
    this.#toCib(MARK);
  }

  show(): void {
    this.#surroundings.out(`${this.check()}\n`);
  }

  /** Returns the value. */
  check(): string {
    if (!this.#withoutCib && this.#inCib() !== MARK) {
      throw new Fatal(EXIT.CONFIG, `resource ${this.#named} not set as secret, nothing to check`);
    }
    const sum = this.#read('.sign');
    if (sum === '') throw new Fatal(EXIT.OSFILE, `no MD5 hash for resource ${this.#named}`);
    const value = this.#read('');
    if (md5(value) !== sum) throw new Fatal(EXIT.DIGEST, `MD5 hash mismatch for resource ${this.#named}`);
    return value;
  }

  stash(): void {
    this.#needCib('stash');
    const value = this.#inCib();
    if (value === '') throw new Fatal(EXIT.NOSUCH, `nothing to stash for resource ${this.#named}`);
    if (value === MARK) {
      throw new Fatal(EXIT.EXISTS, `resource ${this.#named} already set as secret, nothing to stash`);
    }
    this.set(value);
  }

  unstash(): void {
    this.#needCib('unstash');
    const value = this.#read('');
    if (value === '') throw new Fatal(EXIT.NOSUCH, `nothing to unstash for resource ${this.#named}`);
    if (this.#inCib() !== MARK) {
      this.#surroundings.out(
        `WARNING: resource ${this.#named} not set as secret, but we have local value so proceeding anyway\n`,
      );
    }
    // The CIB first: the resource needs the value from one place or the other.
    this.#toCib(value);
    this.#forget();
  }

  delete(): void {
    this.#inCib();
    if (!this.#withoutCib) this.#resourceTool('-d', this.#parameter);
    this.#forget();
  }

  /** Makes the other nodes' files the same; nodes that cannot be reached are named. */
  copy(paths: readonly string[]): void {
    const root = this.#surroundings.env.QUORATE_ROOT ?? '';
    for (const node of this.#otherNodes()) {
      const done = paths.every((path) => {
        const made = this.#run(
          'ssh',
          ...SSH,
          node,
          '--',
          `umask 077; rm -rf '${path}'; mkdir -p '${dirname(path)}'`,
        );
        return made === 0 && this.#run('scp', '-pqr', ...SSH, join(root, path), `${node}:${path}`) === 0;
      });
      if (!done) this.#missed(node);
    }
  }

  get #named(): string {
    return `${this.#resource} parameter ${this.#parameter}`;
  }

  #needCib(command: string): void {
    if (this.#withoutCib) throw new Fatal(EXIT.USAGE, `no access to Pacemaker, ${command} not supported`);
  }

  #path(suffix: string): string {
    return join(this.#surroundings.env.QUORATE_ROOT ?? '', `${this.#file}${suffix}`);
  }

  #read(suffix: string): string {
    try {
      return readFileSync(this.#path(suffix), 'utf8').trimEnd();
    } catch {
      return '';
    }
  }

  #keep(value: string): void {
    mkdirSync(dirname(this.#path('')), { recursive: true, mode: 0o700 });
    for (const [suffix, text] of [
      ['', value],
      ['.sign', md5(value)],
    ] as const) {
      writeFileSync(this.#path(suffix), `${text}\n`, { mode: 0o600 });
    }
    this.copy([this.#file, `${this.#file}.sign`]);
  }

  #forget(): void {
    for (const suffix of ['', '.sign']) rmSync(this.#path(suffix), { force: true });
    for (const node of this.#otherNodes()) {
      if (this.#run('ssh', ...SSH, node, '--', `rm -f '${this.#file}' '${this.#file}.sign'`) !== 0)
        this.#missed(node);
    }
  }

  #missed(node: string): void {
    this.#surroundings.out(
      `WARNING: node ${node} is down\nWARNING: you'll need to update it using "cibsecret sync" later\n`,
    );
  }

  #otherNodes(): string[] {
    const own = this.#tool('crm_node', '-n').stdout.trim();
    const { status, stdout } = this.#tool('crmadmin', '-N', '-q');
    if (own === '' || status !== 0) {
      this.#surroundings.out("WARNING: couldn't determine cluster nodes: nothing is copied to others\n");
      return [];
    }
    return stdout.split('\n').filter((node) => node !== '' && node !== own);
  }

  /** The parameter as the CIB has it, empty where it has not; fails where there is no such resource. */
  #inCib(): string {
    if (this.#withoutCib) return '';
    const found = this.#tool('crm_resource', '-r', this.#resource, '-W');
    if (found.status !== 0) throw new Fatal(EXIT.NOSUCH, (found.stdout + found.stderr).trim());
    const { status, stdout } = this.#tool('crm_resource', '-r', this.#resource, '-g', this.#parameter);
    return status === 0 ? stdout.trimEnd() : '';
  }

  #toCib(value: string): void {
    if (!this.#withoutCib) this.#resourceTool('-p', this.#parameter, '-v', value);
  }

  #resourceTool(...words: string[]): void {
    const { status, stderr } = this.#tool('crm_resource', '-r', this.#resource, ...words);
    if (status !== 0) throw new Fatal(EXIT.ERROR, stderr.trim());
  }

  #tool(name: string, ...words: string[]): { status: number | null; stdout: string; stderr: string } {
    const program = join(executablesFolder() ?? '', name);
    const env = { ...this.#surroundings.env };
    return spawnSync(process.execPath, [program, ...words], { env, encoding: 'utf8' });
  }

  #run(program: string, ...words: string[]): number | null {
    return spawnSync(program, words, { env: { ...this.#surroundings.env }, stdio: 'ignore' }).status;
  }
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
