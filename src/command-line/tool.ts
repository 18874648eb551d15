import { readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { EXIT } from './exit-codes.js';
import { type Arguments, type OptionTable, parseArguments } from './options.js';
import { element, type OutputNode, renderElement, resultDocument } from './output.js';
import { resultText } from './result-codes.js';

/** Everything outside that a tool may touch, so that tests can run it in their own process. */
export interface Surroundings {
  /** Name it was called by. */
  readonly name: string;
  /** Without the name. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that file names are relative to. */
  readonly folder: string;
  readonly nowMs: number;
  /** Seconds east of UTC, now. */
  readonly zoneOffset: number;
  out(text: string): void;
  err(text: string): void;
  /** All of standard input. */
  readInput(): string;
}

/** Does its work and says with which status to exit. */
export type Tool = (surroundings: Surroundings) => number | Promise<number>;

declare const __QUORATE_VERSION__: string;

/** What `--version` prints: the version whose behaviour the tools have, then our own. */
export function versionText(): string {
  const own = typeof __QUORATE_VERSION__ === 'string' ? __QUORATE_VERSION__ : 'from source';
  return `Pacemaker 2.1.5\nCompatible tools of quorate ${own}\n`;
}

/** Runs a tool as this process: the last thing an executable does. */
export async function runTool(tool: Tool): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.OK);
    throw error;
  });
  process.exitCode = await tool({
    name: basename(process.argv[1] ?? 'tool'),
    words: process.argv.slice(2),
    env: process.env,
    folder: process.cwd(),
    nowMs: Date.now(),
    get zoneOffset() {
      return -60 * new Date().getTimezoneOffset();
    },
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    readInput: () => readFileSync(0, 'utf8'),
  });
}

/** Ends a tool's work with a status and, mostly, a complaint. */
export class ToolFailure extends Error {
  readonly exit: number;
  /** The message needs the tool's name in front. */
  readonly named: boolean;

  constructor(exit: number, message = '', named = true) {
    super(message);
    this.name = 'ToolFailure';
    this.exit = exit;
    this.named = named;
  }
}

/** What a tool says, in the form that was asked for. */
export class Report {
  readonly form: string;
  readonly quiet: boolean;
  private readonly surroundings: Surroundings;
  private readonly content: OutputNode[] = [];
  private readonly errors: string[] = [];
  private text = '';

  constructor(form: string, quiet: boolean, surroundings: Surroundings) {
    this.form = form;
    this.quiet = quiet;
    this.surroundings = surroundings;
  }

  get isXml(): boolean {
    return this.form === 'xml';
  }

  /** What is collected is written as a document in the end. */
  private get isDocument(): boolean {
    return this.form === 'xml' || this.form === 'html';
  }

  /** A line for people; nothing in other forms. */
  line(text: string): void {
    if (!this.isDocument) this.text += `${text}\n`;
  }

  /** A line for people that --quiet leaves out. */
  info(text: string): void {
    if (!this.quiet) this.line(text);
  }

  /** Text as it is. */
  raw(text: string): void {
    if (!this.isDocument) this.text += text;
  }

  /** A complaint: on stderr, or among the document's errors. */
  error(text: string): void {
    if (this.isDocument) this.errors.push(text);
    else {
      this.flush();
      this.surroundings.err(`${text}\n`);
    }
  }

  /** Content of the document; nothing in other forms. */
  xml(...nodes: OutputNode[]): void {
    if (this.isXml) this.content.push(...nodes);
  }

  /** Content of the page's body; nothing in other forms. */
  html(...nodes: OutputNode[]): void {
    if (this.form === 'html') this.content.push(...nodes);
  }

  private flush(): void {
    if (this.text !== '') this.surroundings.out(this.text);
    this.text = '';
  }

  /** Writes what was said; for files, to the file. `page` makes one of what is on it. */
  finish(
    exit: number,
    destination: string | undefined,
    page: (content: readonly OutputNode[], request: string) => string,
  ): void {
    const { name, words, folder } = this.surroundings;
    let { text } = this;
    if (this.isXml) text = renderElement(resultDocument([name, ...words], this.content, exit, this.errors));
    else if (this.form === 'html') {
      const errors = this.errors.map((error) => element('li', {}, [error]));
      const listed = errors.length > 0 ? [element('ul', {}, errors)] : [];
      text = page([...this.content, ...listed], [name, ...words].join(' '));
    }
    if (destination !== undefined && destination !== '-') writeFileSync(resolve(folder, destination), text);
    else if (text !== '') this.surroundings.out(text);
  }
}

/**
 * The frame of a tool with an option table: help, version, forms of output, complaints.
 *
 * @param work does what was asked; its result is the exit status
 */
export function toolWith(
  table: OptionTable,
  work: (given: Arguments, report: Report, surroundings: Surroundings) => number | Promise<number>,
): Tool {
  return async (surroundings) => {
    const { name } = surroundings;
    const parsed = parseArguments(table, surroundings.words);
    if (parsed.kind === 'help') {
      surroundings.out(parsed.text);
      return EXIT.OK;
    }
    if (parsed.kind === 'error') {
      surroundings.err(`${name}: ${parsed.message}\n`);
      return EXIT.USAGE;
    }
    const given = parsed.arguments;
    const form = given.value('output-as') ?? 'text';
    if (form !== 'text' && !table.formats?.includes(form)) {
      const complaint = `Error creating output format ${form}: ${resultText('unknown_format')}\n`;
      surroundings.err(table.unknownFormatExit === undefined ? `${name}: ${complaint}` : complaint);
      return table.unknownFormatExit ?? EXIT.ERROR;
    }
    const report = new Report(form, given.has('quiet'), surroundings);
    if (given.has('version')) {
      surroundings.out(versionText());
      return EXIT.OK;
    }
    let exit: number;
    try {
      exit = await work(given, report, surroundings);
    } catch (error) {
      if (!(error instanceof ToolFailure)) throw error;
      if (error.message !== '') report.error(error.named ? `${name}: ${error.message}` : error.message);
      exit = error.exit;
    }
    report.finish(exit, given.value('output-to'), (content, request) =>
      table.page ? table.page(content, given, request) : '',
    );
    return exit;
  };
}
