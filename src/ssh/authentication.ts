import type { AnyAuthMethod, AuthenticationType, ParsedKey } from 'ssh2';
import type { HostConfig } from './config.js';
import { agentKeys, decryptIdentity, publicBlob, readIdentity } from './identities.js';
import type { Prompt } from './prompt.js';

const PASSPHRASE_PROMPTS = 3;

/**
 * The ways to log in, one after the other, in OpenSSH's order: the agent's keys, the identity files (asking for a
 * passphrase only when its turn has come), keyboard-interactive, password.
 */
export class Authentication {
  /** What has been tried, for the message when nothing helped. */
  readonly tried: string[] = [];
  /** What was not tried, and why. */
  readonly passedOver: string[] = [];
  readonly #config: HostConfig;
  readonly #prompt: Prompt | undefined;
  readonly #attempts: AsyncGenerator<AnyAuthMethod, void, readonly AuthenticationType[]>;
  /** Secrets that have not helped. */
  readonly #refused: string[] = [];
  /** The person does not want to answer. */
  #declined = false;
  /** Methods that the host would still take; empty until it has said so. */
  #left: readonly AuthenticationType[] = [];

  constructor(config: HostConfig, prompt: Prompt | undefined) {
    this.#config = config;
    this.#prompt = config.batchMode ? undefined : prompt;
    this.#attempts = this.#run();
  }

  /** For ssh2's `authHandler`. */
  async next(left: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | false> {
    if (left) this.#left = left;
    const step = await this.#attempts.next(this.#left);
    return step.done ? false : step.value;
  }

  #accepts(method: AuthenticationType): boolean {
    return this.#left.length === 0 || this.#left.includes(method);
  }

  async *#run(): AsyncGenerator<AnyAuthMethod, void, readonly AuthenticationType[]> {
    const username = this.#config.user;
    if (this.#config.publicKey) yield* this.#publicKeys(username);
    const { keyboardInteractive, password, passwordPrompts } = this.#config;
    if (!this.#prompt || (!keyboardInteractive && !password)) return;
    if (this.#left.length === 0) yield { type: 'none', username };
    for (
      let turn = 0;
      keyboardInteractive && turn < passwordPrompts && this.#accepts('keyboard-interactive');
      turn++
    ) {
      if (this.#declined) return;
      if (turn === 0) this.tried.push('keyboard-interactive');
      yield { type: 'keyboard-interactive', username, prompt: (...args) => void this.#answer(...args) };
    }
    for (let turn = 0; password && turn < passwordPrompts && this.#accepts('password'); turn++) {
      const typed = await this.#secret(`${username}@${this.#config.host}'s password: `, this.#account);
      if (typed === null) return;
      if (turn === 0) this.tried.push('password');
      yield { type: 'password', username, password: typed };
    }
  }

  async *#publicKeys(username: string): AsyncGenerator<AnyAuthMethod> {
    const { identityFiles, identitiesOnly, identityAgent } = this.#config;
    let offered: readonly Buffer[] = [];
    if (identityAgent) {
      const only = identitiesOnly
        ? (await Promise.all(identityFiles.map(publicBlob))).filter((blob) => blob !== undefined)
        : null;
      const keys = await agentKeys(identityAgent, only);
      if (keys) {
        offered = keys.blobs;
        this.tried.push(`${keys.blobs.length} key${keys.blobs.length === 1 ? '' : 's'} of the agent`);
        yield { type: 'agent', username, agent: keys.agent };
      }
    }
    for (const path of identityFiles) {
      if (!this.#accepts('publickey')) return;
      const identity = await readIdentity(path);
      if (!identity) continue;
      if (identity.kind === 'unusable') {
        this.passedOver.push(`${path}: ${identity.reason}`);
        continue;
      }
      let key: ParsedKey | undefined;
      if (identity.kind === 'key') key = identity.key;
      else {
        const blob = await publicBlob(path);
        if (blob && offered.some((other) => other.equals(blob))) continue;
        key = await this.#decrypt(path, identity.text);
      }
      if (!key || offered.some((other) => other.equals(key.getPublicSSH()))) continue;
      this.tried.push(path);
      yield { type: 'publickey', username, key };
    }
  }

  async #decrypt(path: string, text: Buffer): Promise<ParsedKey | undefined> {
    if (!this.#prompt) {
      this.passedOver.push(`${path}: it has a passphrase and nobody can be asked (ssh-add it)`);
      return undefined;
    }
    for (let turn = 0; turn < PASSPHRASE_PROMPTS; turn++) {
      const passphrase = await this.#secret(`Enter passphrase for key '${path}': `, `key ${path}`);
      if (!passphrase) break;
      const key = decryptIdentity(text, passphrase);
      if (key) return key;
    }
    this.passedOver.push(`${path}: wrong passphrase`);
    return undefined;
  }

  /** Of whom the password is. */
  get #account(): string {
    return `password of ${this.#config.user}`;
  }

  /** An answer that is given has not helped if there is another question about the same. */
  async #secret(text: string, about: string): Promise<string | null> {
    const answer = await this.#prompt!({ text, echo: false, about, refused: [...this.#refused] });
    if (answer !== null) this.#refused.push(answer);
    return answer;
  }

  async #answer(
    name: string,
    instructions: string,
    _language: string,
    prompts: readonly { readonly prompt: string; readonly echo?: boolean }[],
    finish: (answers: string[]) => void,
  ): Promise<void> {
    const heading = [name, instructions].filter((text) => text !== '').map((text) => `${text}\n`);
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      const text = `${heading.splice(0).join('')}(${this.#config.user}@${this.#config.host}) ${prompt}`;
      const secret = echo !== true && /password/i.test(prompt);
      const answer = secret
        ? await this.#secret(text, this.#account)
        : await this.#prompt?.({ text, echo: echo ?? false });
      if (answer === null) this.#declined = true;
      answers.push(answer ?? '');
    }
    finish(answers);
  }
}
