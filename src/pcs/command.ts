import type { Environment } from './environment.js';

/** Does a command's work. What goes wrong is thrown: `Refusal`, or `WrongUsage` of the grammar. */
export type Run = (environment: Environment, words: string[]) => Promise<void> | void;

/** A row of a group's table. */
export interface Command {
  readonly kind: 'command';
  /** Options it knows, besides `--debug` and `-H`. Null: it looks itself. */
  readonly options: readonly string[] | null;
  readonly run: Run;
  /** Behind `This command has been replaced ...` and the like: says so before it runs. */
  readonly note: string | null;
}

export interface Level {
  readonly kind: 'level';
  readonly rows: Readonly<Record<string, Row>>;
  /** The row that stands for the level alone. */
  readonly alone: string | null;
  /** Decides by the first word where the rows do not know it. */
  readonly otherwise: Command | null;
}

export type Row = Command | Level;

/** Options by name, separated by blanks. */
export function command(options: string | null, run: Run, note: string | null = null): Command {
  return {
    kind: 'command',
    options: options === null ? null : options.split(' ').filter((name) => name !== ''),
    run,
    note,
  };
}

export function level(
  rows: Readonly<Record<string, Row>>,
  alone: string | null = null,
  otherwise: Command | null = null,
): Level {
  return { kind: 'level', rows, alone, otherwise };
}

/** What a command that is going away says. */
export function insteadUse(replacement: string): string {
  return `This command is deprecated and will be removed. Please use '${replacement}' instead.`;
}
