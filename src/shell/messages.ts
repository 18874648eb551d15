/**
 * What the shell says about its work, apart from the results that were asked for: crmsh's `ERROR: `, `WARNING: ` and
 * `INFO: ` lines. They go to stderr, so that `crm ... > file` keeps only results. (crmsh 4.4.1 writes INFO and WARNING
 * to stdout, coloured even in a pipe.)
 */
export type Severity =
  | 'error'
  | 'warning'
  | 'info'
  | 'debug'
  /** What a tool of the cluster says in its own words; written as it is. */
  | 'tool';

const WORD: Record<Exclude<Severity, 'tool'>, string> = {
  error: 'ERROR',
  warning: 'WARNING',
  info: 'INFO',
  debug: 'DEBUG',
};

/** SGR colours of the severity word on a colour terminal, as crmsh has them. */
const COLOUR: Record<Exclude<Severity, 'tool'>, string> = {
  error: '\u001b[31m',
  warning: '\u001b[33m',
  info: '\u001b[32m',
  debug: '\u001b[34m',
};

/** One line per line of text: every line of a message carries its severity, so that `grep ^ERROR` finds all. */
export function formatMessage(severity: Severity, text: string, colour: boolean): string {
  if (severity === 'tool') return text.replace(/\n*$/, '\n');
  const word = colour ? `${COLOUR[severity]}${WORD[severity]}\u001b[0m` : WORD[severity];
  return text
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => `${word}: ${line}\n`)
    .join('');
}

/** Where results and messages go: the process's streams, the prompt's scrollback, or a test's arrays. */
export interface Output {
  /** A result, written as it is (with its newlines). */
  result(text: string): void;
  message(severity: Severity, text: string): void;
  /**
   * A line that replaces the one before it while something is being waited for; null ends it. Shown only on a
   * terminal.
   */
  progress(text: string | null): void;
  /** Results may be coloured. */
  readonly colour: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  /** Lines of the terminal; null where there is none. */
  readonly rows: number | null;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
}
