import type { Session } from './session.js';

/**
 * The tables from which `crm` is built: what a level offers, what a command takes. Dispatch, help, completion,
 * `ls`, permission (`skill`) and "wait for the transition" all read these rows; nothing about a command is said twice.
 */

/** How a command ended; the exit status of a one-shot run is 0, 1 or 2. */
export type CommandStatus =
  | 'done'
  /** Refused or failed; the reason has been reported. */
  | 'failed'
  /** Not typed as the command wants it; the complaint has been reported. */
  | 'usage';

/** `operator` may look and switch, `administrator` may change, `expert` may do everything. */
export type Skill = 'operator' | 'administrator' | 'expert';

/** One thing that may be typed next. */
export interface Completion {
  /** The whole word, as it would stand in the line. */
  readonly text: string;
  /** A few words for the menu. */
  readonly summary?: string;
  /** A paragraph for the menu's side: an agent parameter's description, a command's help. */
  readonly documentation?: string;
  /** What kind of thing it is, for its colour in the menu. */
  readonly kind?: 'command' | 'level' | 'keyword' | 'id' | 'agent' | 'parameter' | 'value' | 'node' | 'file';
  /** More follows within the same word (`ocf:`, `params=`): no blank is typed after it. */
  readonly open?: boolean;
}

/** What a completer is given. */
export interface CompletionRequest {
  readonly session: Session;
  /** The command's words before the one being typed (without the command's own name), quotes resolved. */
  readonly words: readonly string[];
  /** The word being typed, up to the cursor; may be empty. */
  readonly word: string;
  /** The statement as typed, up to the cursor, for completers that parse. */
  readonly line: string;
}

/** Answers candidates; those that do not begin with the word are dropped by the caller. */
export type Completer = (
  request: CompletionRequest,
) => readonly Completion[] | Promise<readonly Completion[]>;

/** One place in a command's arguments. */
export interface Argument {
  /** As `help` shows it: `RSC`, `NODE`, or the words themselves (`on|off`). */
  readonly label: string;
  readonly optional?: boolean;
  /** Takes every further word. Only the last argument may. */
  readonly repeated?: boolean;
  readonly complete?: Completer;
}

export interface Command {
  readonly name: string;
  /** Other names that crmsh answers to; they run, with the note that they are deprecated. */
  readonly aliases: readonly string[];
  /** Other names that are as good as the first: no note (`?`, `bye`). */
  readonly synonyms: readonly string[];
  readonly args: readonly Argument[];
  /** Completes the whole rest of the line instead of `args`, as statements do through the grammar. */
  readonly complete?: Completer;
  readonly skill: Skill;
  /** With `-w` (or option `core.wait`) the shell waits until the cluster is idle after this command. */
  readonly waits: boolean;
  /** Callable but shown nowhere (crmsh's `_test`, `_objects`). */
  readonly hidden: boolean;
  /** One line, without a full stop. */
  readonly summary: string;
  /** What `help COMMAND` shows below summary and usage: sentences, then examples. May be empty for the simplest. */
  readonly help: string;
  /** How it is written, line by line, where that says more than `args` can. */
  readonly usage?: () => Promise<readonly string[]>;
  readonly run: (env: Environment, args: readonly string[]) => Promise<CommandStatus>;
}

/** A stretch of a statement that looks alike; offsets are UTF-16 units, end exclusive. */
export interface Highlight {
  readonly start: number;
  readonly end: number;
  readonly style:
    | 'keyword'
    | 'command'
    | 'level'
    | 'id'
    | 'reference'
    | 'agent'
    | 'parameter'
    | 'value'
    | 'score'
    | 'operator'
    | 'string'
    | 'comment'
    | 'error'
    | 'warning';
}

/** Something wrong with a statement, found while it is typed. */
export interface TypingProblem {
  readonly start: number;
  readonly end: number;
  readonly severity: 'error' | 'warning';
  /** One line: what is wrong, what was expected, what was probably meant. */
  readonly message: string;
}

/** What the prompt can do with a level's statements beyond the tables: the grammar's part. All offsets count from the statement's start. */
export interface LevelAssist {
  /** Makes what the first look at a statement would have to wait for. */
  readonly prepare?: (session: Session) => Promise<void>;
  readonly highlight?: (statement: string) => readonly Highlight[];
  /** `cursor` is where the person is typing: what is merely unfinished there is no problem. */
  readonly check?: (
    session: Session,
    statement: string,
    cursor: number,
  ) => readonly TypingProblem[] | Promise<readonly TypingProblem[]>;
}

/** A level as its parent lists it; `load` imports the level's table only when it is entered or asked about. */
export interface LevelReference {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly skill: Skill;
  readonly load: () => Promise<Level>;
}

export interface Level {
  readonly name: string;
  readonly summary: string;
  /** What `help LEVEL` shows below the summary. */
  readonly help: string;
  readonly levels: readonly LevelReference[];
  readonly commands: readonly Command[];
  /** Loaded by the prompt only, when the level is entered. */
  readonly assist?: () => Promise<LevelAssist>;
  /** Called when the level is entered, also for one command (`crm configure show`). */
  readonly enter?: (env: Environment) => Promise<CommandStatus>;
  /**
   * Called before the level is left. `prompt`: a person left it and can be asked; `end`: the end of a one-shot
   * command, of a file or of piped input, where pending changes are committed. Anything but `done` keeps a person in
   * the level, and makes the exit status 1 at the end of input.
   */
  readonly leave?: (env: Environment, how: 'prompt' | 'end') => Promise<CommandStatus>;
}

/** What a running command may use. It never writes to the process's streams itself. */
export interface Environment {
  readonly session: Session;
  /** The level the command belongs to, as typed in error messages: `configure.show`. */
  readonly path: readonly string[];
  /**
   * The command as it was typed, from its own name on, before its words were split and unquoted. For `leave`: the
   * statement that led to it, as the cluster's log may have it.
   */
  readonly line: string;
  /** The command's canonical name; useful where one function serves several rows. */
  readonly command: string;
}

/** Everything of a row that has a default. */
type CommandOptions = Partial<Omit<Command, 'name' | 'summary' | 'run'>>;

/** A row of a level's table. */
export function command(
  name: string,
  summary: string,
  options: CommandOptions & { readonly run: Command['run'] },
): Command {
  return {
    name,
    summary,
    aliases: [],
    synonyms: [],
    args: [],
    skill: 'operator',
    waits: false,
    hidden: false,
    help: '',
    ...options,
  };
}

/** A level's table. */
export function level(
  name: string,
  summary: string,
  options: Partial<Omit<Level, 'name' | 'summary'>> & { readonly commands: readonly Command[] },
): Level {
  return { name, summary, help: '', levels: [], ...options };
}

/** A sublevel's row in its parent's table. */
export function sublevel(
  name: string,
  summary: string,
  load: () => Promise<Level>,
  options: { readonly aliases?: readonly string[]; readonly skill?: Skill } = {},
): LevelReference {
  return { name, summary, load, aliases: options.aliases ?? [], skill: options.skill ?? 'operator' };
}

/** `[NODE]` instead of `NODE`. */
export function optional(argument: Argument): Argument {
  return { ...argument, optional: true };
}

/** `RSC...`: one or more. */
export function many(argument: Argument): Argument {
  return { ...argument, repeated: true };
}

/** One of these words. */
export function oneOf(...words: readonly string[]): Argument {
  return {
    label: words.join('|'),
    complete: () => words.map((text) => ({ text, kind: 'keyword' as const })),
  };
}

/** A word that nobody can foresee: a value, a name to be. */
export function word(label: string): Argument {
  return { label };
}

/** `start RSC [RSC...]`, as `help` and complaints show it. */
export function usage(row: Command): string {
  const shown = row.args.map((argument) => {
    const text = argument.repeated ? `${argument.label}...` : argument.label;
    return argument.optional ? `[${text}]` : text;
  });
  return [row.name, ...shown].join(' ');
}
