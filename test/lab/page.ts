/**
 * The pages under docs/stories, held against what a test typed: a page and the story's test cannot say different things.
 *
 * A page's ` ```console ` blocks have what is typed and, below it, what is seen: `# COMMAND` is typed by root on any host,
 * `HOST# COMMAND` on that one, `crm(LIVE)LEVEL# WORDS` at the prompt; `\` at the end of a line continues it. `…` is any text within a
 * line, and a line of only `...` any number of lines that are seen. A block ` ```file PATH ` is that file, as it was written.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Lab, type LabObserver, PROJECT, type TypedCommand } from './lab.js';
import type { Terminal } from './terminal.js';

type Shown =
  | {
      readonly kind: 'command';
      readonly host: string | null;
      readonly text: string;
      readonly lines: string[];
    }
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'session'; readonly text: string };

const BLOCK = /^```(console|file)(?: (\S+))?\n([\s\S]*?)^```$/gm;
const PROMPT = /^crm\([^)]*\)\w*# /m;

/** The commands, files and sessions of a page, or of its section under this heading. */
function shownOn(page: string, heading?: string): Shown[] {
  const whole = readFileSync(join(PROJECT, 'docs/stories', `${page}.md`), 'utf8');
  const sections = whole.split(/^(?=## )/m);
  const text =
    heading === undefined ? whole : sections.find((section) => section.startsWith(`## ${heading}\n`));
  if (text === undefined) throw new Error(`docs/stories/${page}.md has no section '${heading}'`);
  return [...text.matchAll(BLOCK)].flatMap(([, kind, path = '', block = '']): Shown[] => {
    if (kind === 'file') return [{ kind, path, text: block }];
    return PROMPT.test(block) ? [{ kind: 'session', text: block }] : commandsIn(block);
  });
}

function commandsIn(block: string): Shown[] {
  const commands: Extract<Shown, { kind: 'command' }>[] = [];
  const joined = block.replaceAll(/^[\w-]*# (?:.*\\\n)+.*$/gm, (typed) => typed.replaceAll(/\\\n\s*/g, ''));
  for (const line of joined.split('\n')) {
    const typed = /^([\w-]*)# (.*)$/.exec(line);
    if (typed) commands.push({ kind: 'command', host: typed[1] || null, text: typed[2]!, lines: [] });
    else if (line.trim() !== '') commands.at(-1)?.lines.push(line);
  }
  return commands;
}

/** Without what a test adds to have both outputs in one, and with single blanks. */
const plain = (text: string): string =>
  text
    .replace(/ 2>&1$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Matches a line of the page, in which `…` is anything. */
const pattern = (line: string): string =>
  plain(line)
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');

const commandPattern = ({ text }: { readonly text: string }): RegExp => new RegExp(`^${pattern(text)}$`);

/** Whether the output has these lines in this order, next to each other but where `...` stands. */
function says(output: string, lines: readonly string[]): boolean {
  const seen = output
    .split('\n')
    .map(plain)
    .filter((line) => line !== '');
  const blocks: RegExp[][] = [[]];
  for (const line of lines) {
    if (line.trim() === '...') blocks.push([]);
    else blocks.at(-1)!.push(new RegExp(`^${pattern(line)}$`));
  }
  let from = 0;
  for (const block of blocks) {
    const at = seen.findIndex(
      (_, index) => index >= from && block.every((line, offset) => line.test(seen[index + offset] ?? '')),
    );
    if (at < 0 && block.length > 0) return false;
    from = at < 0 ? from : at + block.length;
  }
  return true;
}

const withoutBlanks = (text: string): string => text.replaceAll(/\s/g, '');

/** A page, or its section under a heading, which a test follows on a lab. */
export class Page implements LabObserver {
  readonly #shown: readonly Shown[];
  readonly #ran: TypedCommand[] = [];
  readonly #written: { readonly path: string; readonly text: string }[] = [];
  readonly #terminals: Terminal[] = [];
  readonly #commands: RegExp[];

  constructor(lab: Lab, page: string, heading?: string) {
    this.#shown = shownOn(page, heading);
    this.#commands = this.#shown.flatMap((shown) =>
      shown.kind === 'command' ? [commandPattern(shown)] : [],
    );
    lab.observer = this;
  }

  ran(typed: TypedCommand): void {
    if (this.#commands.some((command) => command.test(plain(typed.command)))) this.#ran.push(typed);
  }

  written(path: string, text: string): void {
    this.#written.push({ path, text });
  }

  opened(terminal: Terminal): void {
    this.#terminals.push(terminal);
  }

  /** Fails where the page has something that was not typed, written or seen. */
  expectAllDone(): void {
    expect(this.#shown.length, 'what the page shows').toBeGreaterThan(0);
    expect(this.#shown.map((shown) => this.#complaint(shown)).filter((text) => text !== null)).toEqual([]);
  }

  #complaint(shown: Shown): string | null {
    switch (shown.kind) {
      case 'file': {
        const written = this.#written.filter(({ path }) => path === shown.path);
        if (written.some(({ text }) => text.trim() === shown.text.trim())) return null;
        return `the file ${shown.path} is not the one that was written:\n${written.map(({ text }) => text).join('---\n')}`;
      }
      case 'session': {
        const screens = this.#terminals.map((terminal) => withoutBlanks(terminal.text()));
        const missing = shown.text
          .split('\n')
          .filter((line) => !screens.some((screen) => screen.includes(withoutBlanks(line))));
        return missing.length === 0 ? null : `not on any screen:\n${missing.join('\n')}`;
      }
      case 'command': {
        const command = commandPattern(shown);
        const same = this.#ran.filter(
          (ran) => command.test(plain(ran.command)) && (shown.host === null || shown.host === ran.host),
        );
        if (same.length === 0) return `was never typed: ${shown.host ?? ''}# ${shown.text}`;
        if (same.some(({ said }) => says(said, shown.lines))) return null;
        const seen = same.map(({ said }) => said).join('---\n');
        return `${shown.text}\ndoes not show\n${shown.lines.join('\n')}\nbut\n${seen}`;
      }
    }
  }
}
