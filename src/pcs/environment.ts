import { existsSync, writeFileSync } from 'node:fs';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { checkValidity, upgradeSchema } from '../cib/validity.js';
import { compareVersions } from '../cib/version.js';
import type { Connection } from '../connection/connection.js';
import { openConnection } from '../connection/open.js';
import { type Finding, Refusal, UNABLE } from './refusal.js';
import { plural, quotedList } from './words.js';

/** The process as pcs sees it; a test passes its own. */
export interface World {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  nowMs(): number;
  /** Somebody can be asked. */
  readonly interactive: boolean;
  /** A line from the terminal; null at its end. */
  question(text: string, echo: boolean): Promise<string | null>;
}

/** The schema of a CIB file that `-f` makes. */
const NEW_FILE = `<cib admin_epoch="0" epoch="1" num_updates="1" validate-with="pacemaker-3.1">
  <configuration>
    <crm_config/>
    <nodes/>
    <resources/>
    <constraints/>
  </configuration>
  <status/>
</cib>
`;

/** Pacemaker's text for a change that the schema does not allow. */
const NO_CONFORMITY = 'Call cib_replace failed (-203): Update does not conform to the configured schema';

/** How long `--wait` without a number waits, as Pacemaker does. */
const WAIT_DEFAULT_S = 3600;

/** One run of pcs: its options, the cluster or file it works on, and where it speaks. */
export class Environment {
  readonly world: World;
  readonly options: ReadonlyMap<string, string | true>;
  /** The words of the command as typed, for the cluster's log. */
  readonly command: string;
  #connection: Connection | null = null;
  #before: Element | null = null;
  #cib: Element | null = null;
  #errors = false;

  constructor(world: World, options: ReadonlyMap<string, string | true>, command: string) {
    this.world = world;
    this.options = options;
    this.command = command;
  }

  has(option: string): boolean {
    return this.options.has(option);
  }

  value(option: string): string | undefined {
    const value = this.options.get(option);
    return typeof value === 'string' ? value : undefined;
  }

  get forced(): boolean {
    return this.has('--force');
  }

  /** The CIB file that `-f` names. */
  get file(): string | undefined {
    return this.value('-f');
  }

  /** Refuses options that the command does not know. */
  allowOptions(allowed: readonly string[], hint: string | null = null): void {
    const wrong = [...this.options.keys()].filter(
      (name) => !allowed.includes(name) && name !== '--debug' && name !== '-H',
    );
    if (wrong.length === 0) return;
    throw new WrongUsage(
      `Specified ${plural(wrong, 'option')} ${quotedList(wrong)} ${plural(wrong, 'is')} not supported in this command`,
      hint,
    );
  }

  /** At most one of these. */
  exclude(...options: string[]): void {
    const given = options.filter((option) => this.has(option));
    if (given.length > 1) throw new WrongUsage(`Only one of ${quotedList(given)} can be used`);
  }

  outputFormat(formats: readonly string[] = ['cmd', 'json', 'text']): string {
    const format = this.value('--output-format') ?? 'text';
    if (formats.includes(format)) return format;
    throw new WrongUsage(
      `Unknown value '${format}' for '--output-format' option. Supported ${plural(formats, 'value')} ${plural(formats, 'is')}: ${quotedList(formats)}`,
    );
  }

  /** A result: standard output. */
  print(text: string): void {
    this.world.out(`${text}\n`);
  }

  /** Talk: standard error. */
  say(text: string): void {
    this.world.err(`${text}\n`);
  }

  warn(text: string): void {
    this.say(`Warning: ${text}`);
  }

  deprecated(text: string): void {
    this.say(`Deprecation Warning: ${text}`);
  }

  /** Ends the command with an error. */
  fail(text: string | null): never {
    throw new Refusal(text);
  }

  /** Says what was found; errors are remembered for `stopOnErrors`. */
  report(...findings: readonly Finding[]): void {
    for (const finding of findings) {
      switch (finding.severity) {
        case 'error':
          this.#errors = true;
          this.say(`Error: ${finding.text}${finding.force ? `, use ${finding.force} to override` : ''}`);
          break;
        case 'warning':
          this.warn(finding.text);
          break;
        case 'deprecation':
          this.deprecated(finding.text);
          break;
        case 'info':
          this.say(finding.text);
          break;
      }
    }
  }

  /** Ends the command where an error was reported. */
  stopOnErrors(): void {
    if (this.#errors) this.fail(UNABLE);
  }

  /** As `report` and `stopOnErrors`, but without the closing sentence. */
  stopOn(...findings: readonly Finding[]): void {
    this.report(...findings);
    if (this.#errors) this.fail(null);
  }

  /** The cluster that the command works on, or the file that stands for it. */
  async connection(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const { file } = this;
    if (file !== undefined && !existsSync(file)) {
      try {
        writeFileSync(file, NEW_FILE);
      } catch (failure) {
        this.fail(`Unable to write to file: '${file}': ${(failure as Error).message}`);
      }
    }
    const host = this.value('-H');
    const opened = await openConnection({
      program: 'pcs',
      environment: this.world.env as NodeJS.ProcessEnv,
      ...(host === undefined ? {} : { hosts: host.split(/[,\s]+/).filter((each) => each !== '') }),
      ...(file === undefined ? {} : { file }),
    });
    if (!opened.ok) this.fail(`unable to get cib\n${opened.error.message}`);
    this.#connection = opened.value;
    return opened.value;
  }

  /** Whether there is a running cluster behind the command, and not a file. */
  get live(): boolean {
    return this.file === undefined && !this.world.env.CIB_file;
  }

  /** The configuration; edits of it take effect with `push`. */
  async cib(): Promise<Element> {
    if (this.#cib) return this.#cib;
    const connection = await this.connection();
    const read = await connection.readCib();
    if (!read.ok) this.fail(`unable to get cib\n${read.error.message}`);
    this.#before = read.value.clone();
    this.#cib = read.value;
    return this.#cib;
  }

  /** The configuration as it is now, without what was edited and not sent. */
  async freshCib(): Promise<Element> {
    this.#before = null;
    this.#cib = null;
    return this.cib();
  }

  /** A section of the configuration, made where it is missing. */
  async section(name: string): Promise<Element> {
    return sectionOf(await this.cib(), name);
  }

  /** Brings the configuration to a newer schema where it is older than this one. */
  async requireSchema(version: string): Promise<void> {
    const cib = await this.cib();
    const named = /^pacemaker-(.+)$/.exec(cib.get('validate-with') ?? '')?.[1];
    if (named !== undefined && compareVersions(named, version) >= 0) return;
    const upgrade = upgradeSchema(cib);
    if (upgrade.cib === cib) return;
    cib.attributes = upgrade.cib.attributes;
    cib.children = upgrade.cib.children;
    this.say('CIB has been upgraded to the latest schema version.');
  }

  /** Puts another configuration in the place of the one that was read. */
  async replaceCib(cib: Element): Promise<void> {
    await this.cib();
    this.#cib = cib;
  }

  /** Sends what was edited; nothing where nothing was. */
  async push(): Promise<void> {
    const connection = await this.connection();
    const after = await this.cib();
    if (this.file !== undefined) {
      const validity = checkValidity(after);
      if (!validity.valid) this.fail(`Unable to update cib\n${NO_CONFORMITY}`);
    }
    const sent = await connection.commit(this.#before!, after, { command: `pcs ${this.command}` });
    if (!sent.ok) this.fail(`Unable to update cib\n${sent.error.message}`);
    this.#before = null;
    this.#cib = null;
  }

  /** Seconds that `--wait` asks for; null where it does not. On a file there is nothing to wait for. */
  waitSeconds(): number | null {
    if (!this.has('--wait')) return null;
    if (this.file !== undefined) this.fail("Cannot use '-f' together with '--wait'");
    const text = this.value('--wait');
    if (text === undefined) return 0;
    const seconds = timeoutSeconds(text);
    if (seconds === null) this.fail(`'${text}' is not a valid number of seconds to wait`);
    return seconds;
  }

  /** Waits until the cluster is idle; zero seconds is an hour. Fails the command where it is not idle then. */
  async waitForCluster(seconds: number | null, quiet = false): Promise<void> {
    if (seconds === null) return;
    const limit = seconds > 0 ? ` (timeout: ${seconds} ${plural(seconds, 'second')})` : '';
    if (!quiet) this.say(`Waiting for the cluster to apply configuration changes${limit}...`);
    const connection = await this.connection();
    this.#before = null;
    this.#cib = null;
    const waited = await connection.call('cluster.wait-idle', {
      timeoutMs: 1000 * (seconds > 0 ? seconds : WAIT_DEFAULT_S),
    });
    if (!waited.ok) this.fail(waited.error.message);
    if (!waited.value.idle) this.fail('waiting timeout');
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    this.#connection = null;
  }
}

/** A section of the configuration, made at its place where it is missing. */
export function sectionOf(cib: Element, name: string): Element {
  const configuration = cib.ensure('configuration');
  return configuration.first(name) ?? configuration.append(new Element(name));
}

/** Seconds of `30`, `30s`, `5min`, `1h`; null for anything else. */
export function timeoutSeconds(text: string): number | null {
  const match = /^(\d+)(s|sec|m|min|h|hr)?$/.exec(text.trim());
  if (!match) return null;
  const factor = { s: 1, m: 60, h: 3600 }[match[2]?.charAt(0) ?? 's'] ?? 1;
  return Number(match[1]) * factor;
}
