import type { Completion } from '../command.js';
import { nextBoundary, previousBoundary } from './graphemes.js';

/** A key as `readline.emitKeypressEvents` reports it. */
export interface Key {
  /** `a`, `return`, `left`, `paste-start`, ...; absent for characters that have no name. */
  readonly name?: string | undefined;
  /** The characters that came in. */
  readonly sequence: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
  readonly shift?: boolean;
}

interface Snapshot {
  readonly text: string;
  readonly cursor: number;
}

/** What Tab has offered. `selected` is -1 until a candidate is chosen. */
export interface Menu {
  readonly items: readonly Completion[];
  readonly selected: number;
  /** The stretch of the text that a candidate replaces. */
  readonly from: number;
  readonly to: number;
  /** The text as it was typed, to come back to. */
  readonly typed: Snapshot;
}

/** Ctrl-R: the newest history entry before `at` that contains the query. */
export interface Search {
  readonly query: string;
  readonly at: number;
  readonly failing: boolean;
  readonly origin: Snapshot;
}

/** The line being edited. May hold several lines: a statement with continuation, or a pasted configuration. */
export interface Editor {
  readonly text: string;
  /** Offset (UTF-16) at a grapheme's beginning, or the end. */
  readonly cursor: number;
  readonly undo: readonly Snapshot[];
  readonly redo: readonly Snapshot[];
  /** What was cut, newest last. */
  readonly kills: readonly string[];
  /** The last key's kind, for kills that join and undo steps that a word of typing shares. */
  readonly last: 'type' | 'kill' | 'yank' | 'other';
  /** Earlier statements, oldest first. */
  readonly history: readonly string[];
  /** Which of them is shown; `history.length` is the line being written. */
  readonly at: number;
  /** What was being written when the history was entered. */
  readonly draft: string;
  readonly search: Search | null;
  readonly menu: Menu | null;
  readonly pasting: boolean;
}

/** What the prompt has to do after a key. */
export type EditorEffect =
  /** Run the text. */
  | 'submit'
  /** Ask for what may stand at the cursor. */
  | 'complete'
  /** Ctrl-C: drop the line. */
  | 'interrupt'
  /** Ctrl-D on an empty line. */
  | 'end'
  /** Ctrl-L. */
  | 'clear-screen'
  /** Ctrl-X Ctrl-E and Ctrl-O: the line in `$EDITOR`. */
  | 'open-editor'
  | null;

export interface Edited {
  readonly editor: Editor;
  readonly effect: EditorEffect;
}

const UNDO_MAX = 500;
const KILLS_MAX = 30;

export function newEditor(history: readonly string[], text = ''): Editor {
  return {
    text,
    cursor: text.length,
    undo: [],
    redo: [],
    kills: [],
    last: 'other',
    history,
    at: history.length,
    draft: '',
    search: null,
    menu: null,
    pasting: false,
  };
}

/** A statement goes on in the next line while its last line ends in a backslash. */
export function isComplete(text: string): boolean {
  return !/(^|[^\\])(\\\\)*\\[ \t]*$/.test(text);
}

/** The end of the newest history entry that begins with the text; empty where there is none. */
export function suggestion(editor: Editor): string {
  const { text, cursor, history, menu, search, pasting } = editor;
  if (text === '' || cursor !== text.length || menu || search || pasting || text.includes('\n')) return '';
  for (let at = history.length - 1; at >= 0; at--) {
    const entry = history[at]!;
    if (entry.length > text.length && entry.startsWith(text)) return entry.slice(text.length);
  }
  return '';
}

/** What a key makes of the line. */
export function pressKey(editor: Editor, key: Key): Edited {
  if (key.name === 'paste-start') return done({ ...closed(editor), pasting: true, last: 'other' });
  if (key.name === 'paste-end') return done({ ...editor, pasting: false, last: 'other' });
  if (editor.pasting) return done(paste(editor, key));
  if (editor.search) return searchKey(editor, editor.search, key);
  if (editor.menu) {
    const edited = menuKey(editor, editor.menu, key);
    if (edited) return edited;
  }
  return lineKey(closed(editor), key);
}

/** Puts candidates to the line: one is taken, a common beginning is typed, several open the menu. */
export function offer(
  editor: Editor,
  candidates: { readonly from: number; readonly to: number; readonly items: readonly Completion[] },
): Editor {
  const { items, from, to } = candidates;
  if (items.length === 0) return editor;
  if (items.length === 1) return replaceRange(editor, from, to, finished(items[0]!));
  const typed = editor.text.slice(from, to);
  const common = commonBeginning(items.map(({ text }) => text));
  const grown =
    common.length > typed.length && common.startsWith(typed)
      ? replaceRange(editor, from, to, common)
      : editor;
  const end = grown === editor ? to : from + common.length;
  return {
    ...grown,
    menu: { items, selected: -1, from, to: end, typed: { text: grown.text, cursor: grown.cursor } },
  };
}

function finished({ text, open }: Completion): string {
  return open ? text : `${text} `;
}

export function commonBeginning(words: readonly string[]): string {
  let common = words[0] ?? '';
  for (const word of words) {
    let at = 0;
    while (at < common.length && common[at] === word[at]) at += 1;
    common = common.slice(0, at);
  }
  return common;
}

function done(editor: Editor, effect: EditorEffect = null): Edited {
  return { editor, effect };
}

function closed(editor: Editor): Editor {
  return editor.menu ? { ...editor, menu: null } : editor;
}

function snapshot({ text, cursor }: Editor): Snapshot {
  return { text, cursor };
}

/** A change of the text that undo takes back as one step; typing on joins the step before. */
function change(editor: Editor, text: string, cursor: number, kind: Editor['last']): Editor {
  if (text === editor.text) return { ...editor, cursor, last: kind };
  const joins = kind === 'type' && editor.last === 'type';
  const undo = joins ? editor.undo : [...editor.undo.slice(-UNDO_MAX + 1), snapshot(editor)];
  return { ...editor, text, cursor, undo, redo: [], last: kind };
}

function move(editor: Editor, cursor: number): Editor {
  return { ...editor, cursor, last: 'other' };
}

function insert(editor: Editor, characters: string, kind: Editor['last'] = 'type'): Editor {
  const { text, cursor } = editor;
  const next = text.slice(0, cursor) + characters + text.slice(cursor);
  return change(editor, next, cursor + characters.length, kind);
}

function replaceRange(editor: Editor, from: number, to: number, characters: string): Editor {
  const text = editor.text.slice(0, from) + characters + editor.text.slice(to);
  // A blank that stands behind the word already is not doubled.
  const doubled = characters.endsWith(' ') && text[from + characters.length] === ' ';
  const tidy = doubled
    ? text.slice(0, from + characters.length) + text.slice(from + characters.length + 1)
    : text;
  return change({ ...editor, menu: null }, tidy, from + characters.length, 'other');
}

function kill(editor: Editor, from: number, to: number): Editor {
  const cut = editor.text.slice(from, to);
  if (cut === '') return { ...editor, last: 'kill' };
  const before = to <= editor.cursor;
  const kills =
    editor.last === 'kill' && editor.kills.length > 0
      ? [...editor.kills.slice(0, -1), before ? cut + editor.kills.at(-1)! : editor.kills.at(-1)! + cut]
      : [...editor.kills.slice(-KILLS_MAX + 1), cut];
  const text = editor.text.slice(0, from) + editor.text.slice(to);
  return { ...change(editor, text, from, 'kill'), kills };
}

function wordLeft(text: string, cursor: number): number {
  let at = cursor;
  while (at > 0 && !/[\p{L}\p{N}_]/u.test(text[at - 1]!)) at -= 1;
  while (at > 0 && /[\p{L}\p{N}_]/u.test(text[at - 1]!)) at -= 1;
  return at;
}

function wordRight(text: string, cursor: number): number {
  let at = cursor;
  while (at < text.length && !/[\p{L}\p{N}_]/u.test(text[at]!)) at += 1;
  while (at < text.length && /[\p{L}\p{N}_]/u.test(text[at]!)) at += 1;
  return at;
}

/** Ctrl-W's word: up to the blank before. */
function blankLeft(text: string, cursor: number): number {
  let at = cursor;
  while (at > 0 && /\s/.test(text[at - 1]!)) at -= 1;
  while (at > 0 && !/\s/.test(text[at - 1]!)) at -= 1;
  return at;
}

function lineStart(text: string, cursor: number): number {
  return text.lastIndexOf('\n', cursor - 1) + 1;
}

function lineEnd(text: string, cursor: number): number {
  const end = text.indexOf('\n', cursor);
  return end < 0 ? text.length : end;
}

/** The same column one line up or down; null at the edge. */
function vertical(editor: Editor, direction: -1 | 1): number | null {
  const { text, cursor } = editor;
  const start = lineStart(text, cursor);
  const column = cursor - start;
  if (direction < 0) {
    if (start === 0) return null;
    const above = lineStart(text, start - 1);
    return Math.min(above + column, start - 1);
  }
  const end = lineEnd(text, cursor);
  if (end === text.length) return null;
  return Math.min(end + 1 + column, lineEnd(text, end + 1));
}

function paste(editor: Editor, key: Key): Editor {
  if (key.name === 'return' || key.name === 'enter') return insert(editor, '\n');
  if (key.name === 'tab') {
    const atStart = editor.cursor === lineStart(editor.text, editor.cursor);
    return insert(editor, atStart ? '    ' : ' ');
  }
  const text = printable(key.sequence);
  return text === '' ? editor : insert(editor, text);
}

/** What of a key's characters is text. */
function printable(sequence: string): string {
  return sequence.replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, '');
}

function searchFrom(editor: Editor, search: Search, query: string, start: number): Editor {
  if (query === '') {
    return { ...editor, ...search.origin, search: { ...search, query, failing: false } };
  }
  for (let at = Math.min(start, editor.history.length - 1); at >= 0; at--) {
    const entry = editor.history[at]!;
    const found = entry.lastIndexOf(query);
    if (found < 0) continue;
    return { ...editor, text: entry, cursor: found, at, search: { ...search, query, at, failing: false } };
  }
  return { ...editor, search: { ...search, query, failing: true } };
}

function searchKey(editor: Editor, search: Search, key: Key): Edited {
  if (key.ctrl && key.name === 'r') {
    return done(searchFrom(editor, search, search.query, search.at - 1));
  }
  if (key.ctrl && (key.name === 'g' || key.name === 'c')) {
    return done({ ...editor, ...search.origin, at: editor.history.length, search: null });
  }
  if (key.name === 'backspace') {
    const shorter = search.query.slice(0, previousBoundary(search.query, search.query.length));
    return done(searchFrom(editor, search, shorter, editor.history.length - 1));
  }
  const text = key.ctrl || key.meta ? '' : printable(key.sequence);
  if (text !== '' && text !== '\n') {
    return done(searchFrom(editor, search, search.query + text, search.at));
  }
  const found = { ...editor, search: null, last: 'other' as const };
  if (key.name === 'escape') return done(found);
  return pressKey(found, key);
}

function menuKey(editor: Editor, menu: Menu, key: Key): Edited | null {
  const { items, selected } = menu;
  const choose = (index: number): Edited => {
    const at = (index + items.length) % items.length;
    const chosen = items[at]!.text;
    const text = menu.typed.text.slice(0, menu.from) + chosen + menu.typed.text.slice(menu.to);
    const cursor = menu.from + chosen.length;
    return done({ ...editor, text, cursor, menu: { ...menu, selected: at } });
  };
  switch (key.name) {
    case 'tab':
      return choose(key.shift ? selected - 1 : selected + 1);
    case 'down':
      return choose(selected + 1);
    case 'up':
      return choose(selected < 0 ? items.length - 1 : selected - 1);
    case 'return':
    case 'enter': {
      if (selected < 0) return null;
      const typed = { ...editor, ...menu.typed, menu: null };
      return done(replaceRange(typed, menu.from, menu.to, finished(items[selected]!)));
    }
    case 'escape':
      return done({ ...editor, ...menu.typed, menu: null });
    default:
      if (key.ctrl && key.name === 'g') return done({ ...editor, ...menu.typed, menu: null });
      return null;
  }
}

function lineKey(editor: Editor, key: Key): Edited {
  const { text, cursor } = editor;
  // Ctrl-_ arrives without a name.
  if (key.sequence === '\u001f') return done(undo(editor));
  if (key.ctrl && !key.meta) {
    const edited = controlKey(editor, key);
    if (edited) return edited;
  }
  if (key.meta) {
    const edited = metaKey(editor, key);
    if (edited) return edited;
  }
  switch (key.name) {
    case 'return':
    case 'enter':
      if (!isComplete(text)) return done(insert(move(editor, text.length), '\n', 'other'));
      return done({ ...editor, cursor: text.length }, 'submit');
    case 'tab':
      return done(editor, key.shift ? null : 'complete');
    case 'backspace':
      return done(
        change(
          editor,
          text.slice(0, previousBoundary(text, cursor)) + text.slice(cursor),
          previousBoundary(text, cursor),
          'other',
        ),
      );
    case 'delete':
      return done(
        change(editor, text.slice(0, cursor) + text.slice(nextBoundary(text, cursor)), cursor, 'other'),
      );
    case 'left':
      return done(move(editor, previousBoundary(text, cursor)));
    case 'right':
      return done(cursor === text.length ? accept(editor) : move(editor, nextBoundary(text, cursor)));
    case 'home':
      return done(move(editor, lineStart(text, cursor)));
    case 'end':
      return done(cursor === text.length ? accept(editor) : move(editor, lineEnd(text, cursor)));
    case 'up': {
      const above = vertical(editor, -1);
      return done(above === null ? recall(editor, editor.at - 1) : move(editor, above));
    }
    case 'down': {
      const below = vertical(editor, 1);
      return done(below === null ? recall(editor, editor.at + 1) : move(editor, below));
    }
    case 'pageup':
      return done(recall(editor, 0));
    case 'pagedown':
      return done(recall(editor, editor.history.length));
    case 'escape':
      return done(editor);
    default: {
      if (key.ctrl || key.meta) return done(editor);
      const typed = printable(key.sequence);
      return done(typed === '' ? editor : insert(editor, typed));
    }
  }
}

function controlKey(editor: Editor, key: Key): Edited | null {
  const { text, cursor } = editor;
  switch (key.name) {
    case 'a':
      return done(move(editor, lineStart(text, cursor)));
    case 'e':
      return done(cursor === text.length ? accept(editor) : move(editor, lineEnd(text, cursor)));
    case 'b':
      return done(move(editor, previousBoundary(text, cursor)));
    case 'f':
      return done(cursor === text.length ? accept(editor) : move(editor, nextBoundary(text, cursor)));
    case 'left':
      return done(move(editor, wordLeft(text, cursor)));
    case 'right':
      return done(cursor === text.length ? acceptWord(editor) : move(editor, wordRight(text, cursor)));
    case 'p':
      return lineKey(editor, { name: 'up', sequence: '' });
    case 'n':
      return lineKey(editor, { name: 'down', sequence: '' });
    case 'd':
      if (text === '') return done(editor, 'end');
      return lineKey(editor, { name: 'delete', sequence: '' });
    case 'h':
      return lineKey(editor, { name: 'backspace', sequence: '' });
    case 'j':
      return lineKey(editor, { name: 'return', sequence: '' });
    case 'k': {
      const end = lineEnd(text, cursor);
      return done(kill(editor, cursor, end === cursor ? nextBoundary(text, cursor) : end));
    }
    case 'u':
      return done(kill(editor, lineStart(text, cursor), cursor));
    case 'w':
      return done(kill(editor, blankLeft(text, cursor), cursor));
    case 'y': {
      const cut = editor.kills.at(-1);
      return done(cut === undefined ? editor : insert(editor, cut, 'yank'));
    }
    case 't':
      return done(transpose(editor));
    case 'l':
      return done(editor, 'clear-screen');
    case 'o':
      return done(editor, 'open-editor');
    case 'c':
      return done(editor, 'interrupt');
    case 'g':
      return done(editor);
    case 'r': {
      const search = { query: '', at: editor.history.length - 1, failing: false, origin: snapshot(editor) };
      return done({ ...editor, search, last: 'other' });
    }
    case '_':
    case 'z':
      return done(undo(editor));
    default:
      return null;
  }
}

function metaKey(editor: Editor, key: Key): Edited | null {
  const { text, cursor } = editor;
  switch (key.name) {
    case 'b':
    case 'left':
      return done(move(editor, wordLeft(text, cursor)));
    case 'f':
    case 'right':
      return done(cursor === text.length ? acceptWord(editor) : move(editor, wordRight(text, cursor)));
    case 'd':
      return done(kill(editor, cursor, wordRight(text, cursor)));
    case 'backspace':
      return done(kill(editor, wordLeft(text, cursor), cursor));
    case 'return':
    case 'enter':
      return done(insert(editor, '\n', 'other'));
    case 'y':
      return done(yankOlder(editor));
    case 'u':
      return done(recase(editor, (word) => word.toUpperCase()));
    case 'l':
      return done(recase(editor, (word) => word.toLowerCase()));
    case 'c':
      return done(recase(editor, (word) => word.replace(/[\p{L}]/u, (c) => c.toUpperCase())));
    case 'z':
    case '_':
      return done(redo(editor));
    default:
      if (key.sequence === '\u001b<') return done(recall(editor, 0));
      if (key.sequence === '\u001b>') return done(recall(editor, editor.history.length));
      return null;
  }
}

function accept(editor: Editor): Editor {
  const more = suggestion(editor);
  return more === '' ? editor : insert(editor, more, 'other');
}

function acceptWord(editor: Editor): Editor {
  const more = suggestion(editor);
  const word = /^\s*\S+/.exec(more)?.[0] ?? '';
  return word === '' ? editor : insert(editor, word, 'other');
}

function recall(editor: Editor, at: number): Editor {
  if (at < 0 || at > editor.history.length || at === editor.at) return editor;
  const draft = editor.at === editor.history.length ? editor.text : editor.draft;
  const text = at === editor.history.length ? draft : editor.history[at]!;
  return { ...editor, text, cursor: text.length, at, draft, last: 'other' };
}

function undo(editor: Editor): Editor {
  const before = editor.undo.at(-1);
  if (!before) return editor;
  const redo = [...editor.redo, snapshot(editor)];
  return { ...editor, ...before, undo: editor.undo.slice(0, -1), redo, last: 'other' };
}

function redo(editor: Editor): Editor {
  const after = editor.redo.at(-1);
  if (!after) return editor;
  const undone = [...editor.undo, snapshot(editor)];
  return { ...editor, ...after, redo: editor.redo.slice(0, -1), undo: undone, last: 'other' };
}

/** Puts an older cut in the place of the one just put in. */
function yankOlder(editor: Editor): Editor {
  const cut = editor.kills.at(-1);
  if (editor.last !== 'yank' || cut === undefined || editor.kills.length < 2) return editor;
  const start = editor.cursor - cut.length;
  const kills = [cut, ...editor.kills.slice(0, -1)];
  const next = kills.at(-1)!;
  const text = editor.text.slice(0, start) + next + editor.text.slice(editor.cursor);
  return { ...change(editor, text, start + next.length, 'yank'), kills };
}

function transpose(editor: Editor): Editor {
  const { text, cursor } = editor;
  if (cursor === 0 || text.length < 2) return editor;
  const right = cursor === text.length ? text.length : nextBoundary(text, cursor);
  const middle = previousBoundary(text, right);
  const left = previousBoundary(text, middle);
  const swapped =
    text.slice(0, left) + text.slice(middle, right) + text.slice(left, middle) + text.slice(right);
  return change(editor, swapped, right, 'other');
}

function recase(editor: Editor, alter: (word: string) => string): Editor {
  const end = wordRight(editor.text, editor.cursor);
  const word = alter(editor.text.slice(editor.cursor, end));
  return change(editor, editor.text.slice(0, editor.cursor) + word + editor.text.slice(end), end, 'other');
}
