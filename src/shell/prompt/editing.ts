/** What keys do to the text: moving, cutting, undoing. */
import type { Edited, Editor, EditorEffect, Snapshot } from './editor-state.js';
import { nextBoundary, previousBoundary } from './graphemes.js';

const UNDO_MAX = 500;

const KILLS_MAX = 30;

export function done(editor: Editor, effect: EditorEffect = null): Edited {
  return { editor, effect };
}

export function closed(editor: Editor): Editor {
  return editor.menu ? { ...editor, menu: null } : editor;
}

export function snapshot({ text, cursor }: Editor): Snapshot {
  return { text, cursor };
}

/** A change of the text that undo takes back as one step; typing on joins the step before. */
export function change(editor: Editor, text: string, cursor: number, kind: Editor['last']): Editor {
  if (text === editor.text) return { ...editor, cursor, last: kind };
  const joins = kind === 'type' && editor.last === 'type';
  const undo = joins ? editor.undo : [...editor.undo.slice(-UNDO_MAX + 1), snapshot(editor)];
  return { ...editor, text, cursor, undo, redo: [], last: kind };
}

export function move(editor: Editor, cursor: number): Editor {
  return { ...editor, cursor, last: 'other' };
}

export function insert(editor: Editor, characters: string, kind: Editor['last'] = 'type'): Editor {
  const { text, cursor } = editor;
  const next = text.slice(0, cursor) + characters + text.slice(cursor);
  return change(editor, next, cursor + characters.length, kind);
}

export function replaceRange(editor: Editor, from: number, to: number, characters: string): Editor {
  const text = editor.text.slice(0, from) + characters + editor.text.slice(to);
  // A blank that stands behind the word already is not doubled.
  const doubled = characters.endsWith(' ') && text[from + characters.length] === ' ';
  const tidy = doubled
    ? text.slice(0, from + characters.length) + text.slice(from + characters.length + 1)
    : text;
  return change({ ...editor, menu: null }, tidy, from + characters.length, 'other');
}

export function kill(editor: Editor, from: number, to: number): Editor {
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

export function wordLeft(text: string, cursor: number): number {
  let at = cursor;
  while (at > 0 && !/[\p{L}\p{N}_]/u.test(text[at - 1]!)) at -= 1;
  while (at > 0 && /[\p{L}\p{N}_]/u.test(text[at - 1]!)) at -= 1;
  return at;
}

export function wordRight(text: string, cursor: number): number {
  let at = cursor;
  while (at < text.length && !/[\p{L}\p{N}_]/u.test(text[at]!)) at += 1;
  while (at < text.length && /[\p{L}\p{N}_]/u.test(text[at]!)) at += 1;
  return at;
}

/** Ctrl-W's word: up to the blank before. */
export function blankLeft(text: string, cursor: number): number {
  let at = cursor;
  while (at > 0 && /\s/.test(text[at - 1]!)) at -= 1;
  while (at > 0 && !/\s/.test(text[at - 1]!)) at -= 1;
  return at;
}

export function lineStart(text: string, cursor: number): number {
  return text.lastIndexOf('\n', cursor - 1) + 1;
}

export function lineEnd(text: string, cursor: number): number {
  const end = text.indexOf('\n', cursor);
  return end < 0 ? text.length : end;
}

/** The same column one line up or down; null at the edge. */
export function vertical(editor: Editor, direction: -1 | 1): number | null {
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

export function accept(editor: Editor): Editor {
  const more = suggestion(editor);
  return more === '' ? editor : insert(editor, more, 'other');
}

export function acceptWord(editor: Editor): Editor {
  const more = suggestion(editor);
  const word = /^\s*\S+/.exec(more)?.[0] ?? '';
  return word === '' ? editor : insert(editor, word, 'other');
}

export function recall(editor: Editor, at: number): Editor {
  if (at < 0 || at > editor.history.length || at === editor.at) return editor;
  const draft = editor.at === editor.history.length ? editor.text : editor.draft;
  const text = at === editor.history.length ? draft : editor.history[at]!;
  return { ...editor, text, cursor: text.length, at, draft, last: 'other' };
}

export function undo(editor: Editor): Editor {
  const before = editor.undo.at(-1);
  if (!before) return editor;
  const redo = [...editor.redo, snapshot(editor)];
  return { ...editor, ...before, undo: editor.undo.slice(0, -1), redo, last: 'other' };
}

export function redo(editor: Editor): Editor {
  const after = editor.redo.at(-1);
  if (!after) return editor;
  const undone = [...editor.undo, snapshot(editor)];
  return { ...editor, ...after, redo: editor.redo.slice(0, -1), undo: undone, last: 'other' };
}

/** Puts an older cut in the place of the one just put in. */
export function yankOlder(editor: Editor): Editor {
  const cut = editor.kills.at(-1);
  if (editor.last !== 'yank' || cut === undefined || editor.kills.length < 2) return editor;
  const start = editor.cursor - cut.length;
  const kills = [cut, ...editor.kills.slice(0, -1)];
  const next = kills.at(-1)!;
  const text = editor.text.slice(0, start) + next + editor.text.slice(editor.cursor);
  return { ...change(editor, text, start + next.length, 'yank'), kills };
}

export function transpose(editor: Editor): Editor {
  const { text, cursor } = editor;
  if (cursor === 0 || text.length < 2) return editor;
  const right = cursor === text.length ? text.length : nextBoundary(text, cursor);
  const middle = previousBoundary(text, right);
  const left = previousBoundary(text, middle);
  const swapped =
    text.slice(0, left) + text.slice(middle, right) + text.slice(left, middle) + text.slice(right);
  return change(editor, swapped, right, 'other');
}

export function recase(editor: Editor, alter: (word: string) => string): Editor {
  const end = wordRight(editor.text, editor.cursor);
  const word = alter(editor.text.slice(editor.cursor, end));
  return change(editor, editor.text.slice(0, editor.cursor) + word + editor.text.slice(end), end, 'other');
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
