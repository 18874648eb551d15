import type { Completion } from '../command.js';

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

export interface Snapshot {
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
