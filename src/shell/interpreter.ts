import type { Command, CommandStatus, Environment, Level, Skill } from './command.js';
import { usage } from './command.js';
import { loggable } from './loggable.js';
import { type Found, lookUp, type Row, rowsOf } from './lookup.js';
import { everywhere } from './navigation.js';
import type { Session } from './session.js';
import { QuoteError, splitWords, type Word } from './words.js';

const SKILLS: readonly Skill[] = ['operator', 'administrator', 'expert'];

/** What became of a line. */
export interface Executed {
  readonly status: CommandStatus;
  /** The person or script asked to leave. */
  readonly quit: boolean;
}

/** Walks the levels as a line says and runs its command. One interpreter a session. */
export class Interpreter {
  readonly session: Session;
  /** The commands of every level. */
  readonly everywhere = everywhere;
  /** The statement being run, as the cluster's log may have it. */
  #statement = '';

  constructor(session: Session, root: Level) {
    this.session = session;
    session.levels.splice(0, session.levels.length, root);
  }

  get level(): Level {
    return this.session.levels.at(-1)!;
  }

  /** `crm(live/n1)configure# `: what is worked on, where, and the levels entered. */
  prompt(): string {
    const { source, levels } = this.session;
    const cib = source.kind === 'live' ? 'live' : source.name;
    const path = levels.slice(1).map(({ name }) => name);
    return `crm(${cib}/${this.session.nodeName})${path.join(' ')}# `;
  }

  /**
   * Runs one statement (continuation lines already joined). A line of level names only enters them and stays; a
   * command reached through level names runs there, and the levels are left again, committing what it changed.
   */
  async execute(line: string): Promise<Executed> {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return { status: 'done', quit: false };
    if (this.session.flags.regression) this.session.print(`.INP: ${text}`);
    this.session.beginStatement();
    this.#statement = loggable(`crm ${text}`);
    const depth = this.session.levels.length;
    let words: Word[];
    try {
      words = splitWords(text);
    } catch (error) {
      if (!(error instanceof QuoteError)) throw error;
      const path = this.#path(text.split(/\s/)[0] ?? '');
      this.session.error(
        `${path}: ${error.message}: the quote at column ${error.offset + 1} is never closed`,
      );
      return { status: 'usage', quit: false };
    }
    const walked = await this.#walk(text, words);
    if (walked.kind === 'entered') return { status: 'done', quit: false };
    if (walked.kind === 'refused') {
      await this.leaveTo(depth, 'end');
      return { status: walked.status, quit: false };
    }
    const { row, rest, name } = walked;
    const env: Environment = {
      session: this.session,
      path: this.session.levels.slice(1).map((level) => level.name),
      line: text.slice(words[words.length - rest.length - 1]!.start),
      command: row.name,
    };
    if (row.name === 'quit' && everywhere.includes(row)) {
      if (rest.length > 0) return { status: this.#badUsage(row, env, rest.length), quit: false };
      return { status: 'done', quit: true };
    }
    this.session.changedCluster = false;
    let status = await this.#run(row, env, rest, name);
    // A command that navigates (`cd`, `up`) has moved on purpose; anything else goes back to where the line began.
    if (!everywhere.includes(row)) {
      const left = await this.leaveTo(depth, 'end');
      if (status === 'done') status = left;
    }
    if (status === 'done' && row.waits) await this.#wait();
    return { status, quit: false };
  }

  /** Leaves levels until `depth` are left. `end` never asks; the levels are left whatever their answer. */
  async leaveTo(depth: number, how: 'prompt' | 'end'): Promise<CommandStatus> {
    const { levels } = this.session;
    let worst: CommandStatus = 'done';
    while (levels.length > depth) {
      const level = this.level;
      const path = levels.slice(1).map(({ name }) => name);
      const before = this.session.changedCluster;
      this.session.changedCluster = false;
      const status = level.leave
        ? await level.leave({ session: this.session, path, line: this.#statement, command: '' }, how)
        : 'done';
      if (status !== 'done') {
        if (how === 'prompt') return status;
        worst = status;
      }
      levels.pop();
      if (this.session.changedCluster) await this.#wait();
      this.session.changedCluster = before;
    }
    return worst;
  }

  async #wait(): Promise<void> {
    const { session } = this;
    if (!session.changedCluster || !(session.flags.wait || session.options.is('core.wait'))) return;
    await session.waitIdle();
  }

  async #walk(
    text: string,
    words: readonly Word[],
  ): Promise<
    | { kind: 'entered' }
    | { kind: 'refused'; status: CommandStatus }
    | { kind: 'command'; row: Command; rest: string[]; name: string }
  > {
    for (const [index, { text: typed }] of words.entries()) {
      const found = lookUp(rowsOf(this.level, everywhere), typed);
      const row = await this.#accept(typed, found);
      if (!row) return { kind: 'refused', status: 'usage' };
      if (row.kind === 'command') {
        const rest = words.slice(index + 1).map((word) => word.text);
        return { kind: 'command', row: row.command, rest, name: typed };
      }
      if (!this.#allowed(row.reference.skill)) return { kind: 'refused', status: 'failed' };
      const status = await this.enter(await row.reference.load(), text);
      if (status !== 'done') return { kind: 'refused', status };
    }
    return { kind: 'entered' };
  }

  /** Enters a level, unless it refuses. */
  async enter(level: Level, line: string): Promise<CommandStatus> {
    const { session } = this;
    const path = [...session.levels.slice(1), level].map(({ name }) => name);
    const status = level.enter
      ? await level.enter({ session, path, line, command: '' })
      : ('done' as CommandStatus);
    if (status === 'done') session.levels.push(level);
    return status;
  }

  /** The row to go on with, after saying or asking what has to be said or asked; null where it is refused. */
  async #accept(typed: string, found: Found): Promise<Row | null> {
    const { session } = this;
    if (found.kind === 'found') {
      if (found.deprecated) {
        session.warning(`This command '${typed}' is deprecated, please use '${found.name}'`);
      }
      if (found.accepted) session.info(`"${typed}" is accepted as "${found.name}"`);
      return found.row;
    }
    const path = this.#path(typed);
    if (found.kind === 'ambiguous') {
      session.error(`${path}: No such command`);
      session.info(`"${typed}" is short for several commands: ${found.names.join(', ')}`);
      return null;
    }
    const [guess] = found.guesses;
    if (guess === undefined) {
      session.error(`${path}: No such command`);
      const above = lookUp(rowsOf(session.levels[0]!, everywhere), typed);
      if (session.levels.length > 1 && above.kind === 'found') {
        session.info(`"${above.name}" is at the top level: go there with "cd /", or leave it out here`);
      }
      return null;
    }
    const canAsk = session.world.interactive && !session.flags.no && !session.flags.force;
    if (canAsk && found.guesses.length === 1) {
      if (!(await session.ask(`No command "${typed}" here. Do you mean "${guess}"`))) return null;
      const again = lookUp(rowsOf(this.level, everywhere), guess);
      return again.kind === 'found' ? again.row : null;
    }
    session.error(`${path}: No such command`);
    session.info(`did you mean ${found.guesses.map((name) => `"${name}"`).join(' or ')}?`);
    return null;
  }

  #path(name: string): string {
    return [...this.session.levels.slice(1).map((level) => level.name), name].join('.');
  }

  #allowed(skill: Skill): boolean {
    const have = this.session.options.get('core.skill_level') as Skill;
    if (SKILLS.indexOf(have) >= SKILLS.indexOf(skill)) return true;
    this.session.error(`ACL ${skill} skill level required`);
    return false;
  }

  async #run(row: Command, env: Environment, args: readonly string[], typed: string): Promise<CommandStatus> {
    if (!this.#allowed(row.skill)) return 'failed';
    const last = args.at(-1);
    if ((last === '--help' || last === '-h') && args.length === 1 && row.name !== 'help') {
      const { helpFor } = await import('./help.js');
      return helpFor(this.session, this, [...env.path, row.name]);
    }
    const least = row.args.filter(({ optional }) => !optional).length;
    const most = row.args.at(-1)?.repeated ? Number.POSITIVE_INFINITY : row.args.length;
    if (!row.complete && (args.length < least || args.length > most)) {
      return this.#badUsage(row, env, args.length);
    }
    this.session.message('debug', `running ${this.#path(typed)}`);
    return row.run(env, args);
  }

  #badUsage(row: Command, env: Environment, given: number): CommandStatus {
    const least = row.args.filter(({ optional }) => !optional).length;
    const exact = least === row.args.length && !row.args.at(-1)?.repeated;
    const limit = exact || given > least ? `${exact ? 'exactly' : 'at most'} ` : 'at least ';
    const count = exact || given < least ? least : row.args.length;
    const path = [...env.path, row.name].join('.');
    this.session.error(
      `${path}: Expected (${usage(row).slice(row.name.length).trim()}), takes ${limit}${count} ` +
        `argument${count === 1 ? '' : 's'} (${given} given)`,
    );
    return 'usage';
  }
}
