import type { Completion } from '../command.js';
import {
  accept,
  acceptWord,
  blankLeft,
  change,
  closed,
  done,
  insert,
  kill,
  lineEnd,
  lineStart,
  move,
  recall,
  recase,
  redo,
  replaceRange,
  snapshot,
  transpose,
  undo,
  vertical,
  wordLeft,
  wordRight,
  yankOlder,
} from './editing.js';
import type { Edited, Editor, Key, Menu, Search } from './editor-state.js';
import { nextBoundary, previousBoundary } from './graphemes.js';

export { suggestion } from './editing.js';
export { type Edited, type Editor, type EditorEffect, type Key, newEditor } from './editor-state.js';

/** A statement goes on in the next line while its last line ends in a backslash. */
export function isComplete(text: string): boolean {
  return !/(^|[^\\])(\\\\)*\\[ \t]*$/.test(text);
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
