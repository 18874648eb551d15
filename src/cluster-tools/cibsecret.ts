/** `cibsecret`: values of resource parameters that are kept in files of each node instead of the CIB (cibsecret(8)). */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  isSecretName,
  SECRET_MARK,
  SECRETS_FOLDER,
  type SecretCommand,
  type SecretCommands,
  SIGN_SUFFIX,
  secretCommands,
  verifySecret,
} from '../cib/secrets.js';
import { EXIT } from '../command-line/exit-codes.js';
import { executablesFolder } from '../command-line/installation.js';
import type { Surroundings, Tool } from '../command-line/tool.js';
import { Refusal } from './refusal.js';

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
  sync: { words: [0, 0], run: (secret) => secret.sync() },
};

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
    if (!(error instanceof Refusal)) throw error;
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

  constructor(surroundings: Surroundings, resource: string, parameter: string, withoutCib: boolean) {
    this.#surroundings = surroundings;
    this.#resource = resource;
    this.#parameter = parameter;
    this.#withoutCib = withoutCib;
    for (const name of [resource, parameter]) {
      if (name !== '' && !isSecretName(name)) throw new Refusal(EXIT.USAGE, `${name} is no name`);
    }
  }

  set(given: string | undefined): void {
    const value = given ?? this.#surroundings.readInput().replace(/\n$/, '');
    const known = this.#inCib();
    if (known !== '' && known !== SECRET_MARK && known !== value) {
      throw new Refusal(
        EXIT.CONFIG,
        `CIB value <${known}> different for ${this.#named}; please delete it first`,
      );
    }
    this.#keep(value);
    this.#toCib(SECRET_MARK);
  }

  show(): void {
    this.#surroundings.out(`${this.check()}\n`);
  }

  /** Returns the value. */
  check(): string {
    if (!this.#withoutCib && this.#inCib() !== SECRET_MARK) {
      throw new Refusal(EXIT.CONFIG, `resource ${this.#named} not set as secret, nothing to check`);
    }
    const sum = this.#read(SIGN_SUFFIX);
    if (sum === '') throw new Refusal(EXIT.OSFILE, `no MD5 hash for resource ${this.#named}`);
    const value = verifySecret(this.#read(''), sum);
    if (value === null) throw new Refusal(EXIT.DIGEST, `MD5 hash mismatch for resource ${this.#named}`);
    return value;
  }

  stash(): void {
    this.#needCib('stash');
    const value = this.#inCib();
    if (value === '') throw new Refusal(EXIT.NOSUCH, `nothing to stash for resource ${this.#named}`);
    if (value === SECRET_MARK) {
      throw new Refusal(EXIT.EXISTS, `resource ${this.#named} already set as secret, nothing to stash`);
    }
    this.set(value);
  }

  unstash(): void {
    this.#needCib('unstash');
    const value = this.#read('');
    if (value === '') throw new Refusal(EXIT.NOSUCH, `nothing to unstash for resource ${this.#named}`);
    if (this.#inCib() !== SECRET_MARK) {
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

  /** Makes the other nodes' folders the same; nodes that cannot be reached are named. */
  sync(): void {
    const folder = SECRETS_FOLDER;
    for (const node of this.#otherNodes()) {
      const command = `umask 077; rm -rf '${folder}'; mkdir -p '${dirname(folder)}'`;
      const done =
        this.#onNode(node, command) &&
        this.#run('scp', ['-pqr', ...SSH, this.#own(folder), `${node}:${folder}`]);
      if (!done) this.#missed(node);
    }
  }

  get #named(): string {
    return `${this.#resource} parameter ${this.#parameter}`;
  }

  #needCib(command: string): void {
    if (this.#withoutCib) throw new Refusal(EXIT.USAGE, `no access to Pacemaker, ${command} not supported`);
  }

  #own(path: string): string {
    return join(this.#surroundings.env.QUORATE_ROOT ?? '', path);
  }

  #read(suffix: string): string {
    try {
      const file = `${join(SECRETS_FOLDER, this.#resource, this.#parameter)}${suffix}`;
      return readFileSync(this.#own(file), 'utf8').trimEnd();
    } catch {
      return '';
    }
  }

  #keep(value: string): void {
    this.#everywhere(({ keep }) => keep(value));
  }

  #forget(): void {
    this.#everywhere(({ forget }) => ({ command: forget, stdin: '' }));
  }

  /** Here it must succeed; other nodes that it could not be done on are named. */
  #everywhere(choose: (commands: SecretCommands) => SecretCommand): void {
    const commands = (root: string) => choose(secretCommands(root, this.#resource, this.#parameter));
    const here = commands(this.#surroundings.env.QUORATE_ROOT ?? '');
    if (!this.#run('/bin/sh', ['-c', here.command], here.stdin)) {
      throw new Refusal(EXIT.ERROR, `the files of resource ${this.#named} could not be written`);
    }
    const { command, stdin } = commands('');
    for (const node of this.#otherNodes()) {
      if (!this.#onNode(node, command, stdin)) this.#missed(node);
    }
  }

  #onNode(node: string, command: string, stdin = ''): boolean {
    return this.#run('ssh', [...SSH, node, '--', command], stdin);
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
    if (found.status !== 0) throw new Refusal(EXIT.NOSUCH, (found.stdout + found.stderr).trim());
    const { status, stdout } = this.#tool('crm_resource', '-r', this.#resource, '-g', this.#parameter);
    return status === 0 ? stdout.trimEnd() : '';
  }

  #toCib(value: string): void {
    if (!this.#withoutCib) this.#resourceTool('-p', this.#parameter, '-v', value);
  }

  #resourceTool(...words: string[]): void {
    const { status, stderr } = this.#tool('crm_resource', '-r', this.#resource, ...words);
    if (status !== 0) throw new Refusal(EXIT.ERROR, stderr.trim());
  }

  #tool(name: string, ...words: string[]): { status: number | null; stdout: string; stderr: string } {
    const program = join(executablesFolder() ?? '', name);
    const env = { ...this.#surroundings.env };
    return spawnSync(process.execPath, [program, ...words], { env, encoding: 'utf8' });
  }

  /** Whether it succeeded. */
  #run(program: string, words: readonly string[], input = ''): boolean {
    const env = { ...this.#surroundings.env };
    const stdio = ['pipe', 'ignore', 'ignore'] as const;
    return spawnSync(program, words, { env, input, stdio: [...stdio] }).status === 0;
  }
}
