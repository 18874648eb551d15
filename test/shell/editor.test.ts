import { describe, expect, it } from 'vitest';
import type { Completion } from '../../src/shell/command.js';
import {
  type Editor,
  type EditorEffect,
  isComplete,
  type Key,
  newEditor,
  offer,
  pressKey,
  suggestion,
} from '../../src/shell/prompt/editor.js';
import { textWidth } from '../../src/shell/prompt/graphemes.js';
import { layOut } from '../../src/shell/prompt/layout.js';

/** `C-a`, `M-b`, `<left>`, `S-<tab>`; anything else is typed character by character. */
function keys(script: string): Key[] {
  const found: Key[] = [];
  for (const part of script.split(' ')) {
    const named = /^(C-|M-|S-)*(?:<(.+)>|(.))$/.exec(part);
    if (part === '␣') found.push({ name: 'space', sequence: ' ' });
    else if (named && (part.length > 1 || named[2])) {
      const name = named[2] ?? named[3]!;
      found.push({
        name,
        sequence: '',
        ctrl: part.includes('C-'),
        meta: part.includes('M-'),
        shift: part.includes('S-'),
      });
    } else for (const c of part) found.push({ name: c, sequence: c });
  }
  return found;
}

/** A line with `|` where the cursor is. */
function at(marked: string, history: readonly string[] = []): Editor {
  const cursor = marked.indexOf('|');
  return { ...newEditor(history, marked.replace('|', '')), cursor };
}

function shown({ text, cursor }: Editor): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

function press(editor: Editor, script: string): { editor: Editor; effects: EditorEffect[] } {
  const effects: EditorEffect[] = [];
  let now = editor;
  for (const key of keys(script)) {
    const edited = pressKey(now, key);
    now = edited.editor;
    if (edited.effect) effects.push(edited.effect);
  }
  return { editor: now, effects };
}

const HISTORY = ['resource status', 'node standby n1', 'resource stop web'];

describe('editing', () => {
  it.each([
    // [before, keys, after]
    ['|', 'abc', 'abc|'],
    ['ac|', '<left> b', 'ab|c'],
    ['abc|', '<backspace>', 'ab|'],
    ['|abc', '<backspace>', '|abc'],
    ['|abc', '<delete>', '|bc'],
    ['a|bc', 'C-d', 'a|c'],
    ['abc|', 'C-h C-h', 'a|'],
    ['ab cd|', 'C-a', '|ab cd'],
    ['|ab cd', 'C-e', 'ab cd|'],
    ['ab cd|', 'M-b', 'ab |cd'],
    ['|ab cd', 'M-f', 'ab| cd'],
    ['ab cd|', 'C-<left>', 'ab |cd'],
    ['|ab cd', 'C-<right>', 'ab| cd'],
    ['|ab', 'C-f C-b C-f', 'a|b'],
    ['ab |cd', 'C-k', 'ab |'],
    ['ab |cd', 'C-u', '|cd'],
    ['a=b c=d|', 'C-w', 'a=b |'],
    ['a=b c=d|', 'M-<backspace>', 'a=b c=|'],
    ['|ab cd', 'M-d', '| cd'],
    ['ab|', 'C-t', 'ba|'],
    ['|hello world', 'M-u', 'HELLO| world'],
    ['|HELLO', 'M-l', 'hello|'],
    ['|hello', 'M-c', 'Hello|'],
    ['ab cd|', 'C-w C-y C-y', 'ab cdcd|'],
    // cuts in a row are one
    ['a b c|', 'C-w C-w C-y', 'a b c|'],
    // M-y takes an older cut instead
    ['one two|', 'C-w <left> C-k <end> C-y', 'one |'],
    ['日本語|', '<left> <backspace>', '日|語'],
    ['a👩‍👩‍👧b|', '<left> <left>', 'a|👩‍👩‍👧b'],
    ['e\u0301x|', '<left> <backspace>', '|x'],
  ])('%s  %s', (before, script, after) => {
    expect(shown(press(at(before), script).editor)).toBe(after);
  });

  it.each([
    ['|', 'abc C-_', '|'],
    ['|', 'ab ␣ cd C-w C-_', 'ab cd|'],
    ['ab|', 'C-u C-_ M-_', '|'],
    ['ab|', 'C-_', 'ab|'],
  ])('undo: %s  %s', (before, script, after) => {
    expect(shown(press(at(before), script).editor)).toBe(after);
  });

  it.each<[string, string, EditorEffect[]]>([
    ['status|', '<return>', ['submit']],
    ['primitive a Dummy \\|', '<return>', []],
    ['|', 'C-d', ['end']],
    ['a|', 'C-d', []],
    ['abc|', 'C-c', ['interrupt']],
    ['a|', '<tab>', ['complete']],
    ['a|', 'C-l', ['clear-screen']],
    ['a|', 'C-o', ['open-editor']],
  ])('%s  %s asks for %j', (before, script, effects) => {
    expect(press(at(before), script).effects).toEqual(effects);
  });

  it('a trailing backslash begins a new line, which is edited like one text', () => {
    const { editor } = press(at('primitive a Dummy \\|'), '<return> op');
    expect(shown(editor)).toBe('primitive a Dummy \\\nop|');
    expect(shown(press(editor, '<up>').editor)).toBe('pr|imitive a Dummy \\\nop');
    expect(shown(press(editor, 'C-a <backspace>').editor)).toBe('primitive a Dummy \\|op');
  });

  it.each([
    ['a', true],
    ['a \\', false],
    ['a \\  ', false],
    ['a \\\\', true],
    ['a \\\nb', true],
  ])('isComplete(%j) is %s', (text, complete) => {
    expect(isComplete(text)).toBe(complete);
  });

  it('what is pasted is text: lines and tabs too, and nothing runs', () => {
    const { editor, effects } = press(at('|'), '<paste-start> ab <return> <tab> cd <return> <paste-end>');
    expect(editor.text).toBe('ab\n    cd\n');
    expect(effects).toEqual([]);
    expect(press(editor, 'C-_').editor.text).toBe('');
  });
});

describe('history', () => {
  it.each([
    ['<up>', 'resource stop web|'],
    ['<up> <up>', 'node standby n1|'],
    ['<up> <up> <up> <up>', 'resource status|'],
    ['C-p C-p C-n', 'resource stop web|'],
    ['<up> <down>', 'dra|'],
    ['<pageup>', 'resource status|'],
  ])('%s', (script, after) => {
    expect(shown(press(at('dra|', HISTORY), script).editor)).toBe(after);
  });

  it('suggests the newest entry that begins so, and takes it on request', () => {
    const editor = at('res|', HISTORY);
    expect(suggestion(editor)).toBe('ource stop web');
    expect(shown(press(editor, '<right>').editor)).toBe('resource stop web|');
    expect(shown(press(editor, 'M-f').editor)).toBe('resource|');
    expect(suggestion(at('re|s', HISTORY))).toBe('');
    expect(suggestion(at('|', HISTORY))).toBe('');
  });

  it('Ctrl-R searches backwards, again finds older ones', () => {
    const found = press(at('dra|', HISTORY), 'C-r res').editor;
    expect(shown(found)).toBe('|resource stop web');
    expect(shown(press(found, 'C-r').editor)).toBe('|resource status');
    expect(press(found, 'C-r C-r').editor.search?.failing).toBe(true);
    expect(shown(press(found, 'C-g').editor)).toBe('dra|');
    expect(press(found, '<return>').effects).toEqual(['submit']);
    expect(shown(press(found, '<end>').editor)).toBe('resource stop web|');
    expect(press(found, '<backspace>').editor.search?.query).toBe('re');
  });
});

describe('completion', () => {
  const words = (...texts: string[]): Completion[] => texts.map((text) => ({ text }));

  it('takes the only candidate, with a blank unless more follows in the word', () => {
    const editor = at('resource sta|');
    expect(shown(offer(editor, { from: 9, to: 12, items: words('start') }))).toBe('resource start |');
    const open = offer(at('p oc|'), { from: 2, to: 4, items: [{ text: 'ocf:', open: true }] });
    expect(shown(open)).toBe('p ocf:|');
  });

  it('does not double a blank that is there', () => {
    expect(shown(offer(at('sta| web'), { from: 0, to: 3, items: words('start') }))).toBe('start |web');
  });

  it('types what all begin with, and opens the menu', () => {
    const editor = offer(at('st|'), { from: 0, to: 2, items: words('standby', 'status') });
    expect(shown(editor)).toBe('sta|');
    expect(editor.menu?.selected).toBe(-1);
    expect(shown(press(editor, '<tab>').editor)).toBe('standby|');
    expect(shown(press(editor, '<tab> <tab>').editor)).toBe('status|');
    expect(shown(press(editor, '<tab> <tab> <tab>').editor)).toBe('standby|');
    expect(shown(press(editor, 'S-<tab>').editor)).toBe('standby|');
    expect(shown(press(editor, '<up>').editor)).toBe('status|');
    expect(shown(press(editor, '<down> <return>').editor)).toBe('standby |');
    expect(shown(press(editor, '<tab> <escape>').editor)).toBe('sta|');
  });

  it('typing on closes the menu and keeps the choice', () => {
    const editor = offer(at('st|'), { from: 0, to: 2, items: words('standby', 'status') });
    const typed = press(editor, '<tab> ␣ n').editor;
    expect(shown(typed)).toBe('standby n|');
    expect(typed.menu).toBeNull();
  });

  it('Return without a choice runs the line', () => {
    const editor = offer(at('st|'), { from: 0, to: 2, items: words('standby', 'status') });
    expect(press(editor, '<return>').effects).toEqual(['submit']);
  });
});

describe('layout', () => {
  const lay = (text: string, cursor: number, columns: number) =>
    layOut({ prompt: '$ ', continuation: '> ', text, cursor, styles: [], columns });
  const rows = (text: string, cursor: number, columns: number) =>
    lay(text, cursor, columns).rows.map((row) => row.map((segment) => segment.text).join(''));

  it.each([
    ['abc', 6, ['$ abc']],
    ['abcdef', 6, ['$ abcd', 'ef']],
    ['ab\ncd', 6, ['$ ab', '> cd']],
    ['日本語', 6, ['$ 日本', '語']],
    ['日本語', 7, ['$ 日本', '語']],
    ['', 6, ['$ ']],
  ])('%j in %d columns', (text, columns, expected) => {
    expect(rows(text, 0, columns)).toEqual(expected);
  });

  it.each([
    ['abc', 0, { row: 0, column: 2 }],
    ['abc', 3, { row: 0, column: 5 }],
    ['abcd', 4, { row: 1, column: 0 }],
    ['日本', 1, { row: 0, column: 4 }],
    ['ab\ncd', 5, { row: 1, column: 4 }],
    ['ab\n', 3, { row: 1, column: 2 }],
  ])('the cursor in %j at %d', (text, cursor, place) => {
    expect(lay(text, cursor, 6).cursor).toEqual(place);
  });

  it('styles cut the row into segments', () => {
    const layout = layOut({
      prompt: '$ ',
      continuation: '> ',
      text: 'show xml',
      cursor: 8,
      styles: [{ start: 0, end: 4, style: 'command' }],
      columns: 80,
    });
    expect(layout.rows[0]).toEqual([
      { text: '$ ', style: 'prompt' },
      { text: 'show', style: 'command' },
      { text: ' xml', style: '' },
    ]);
  });

  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['●', 1],
  ])('width of %s is %d', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});
