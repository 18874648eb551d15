import { render } from 'ink';
import { type Candidates, completeAt } from '../completion.js';
import type { Session } from '../session.js';
import { type Editor, type Key, newEditor, offer, pressKey } from './editor.js';
import type { Keyboard } from './keyboard.js';
import { Prompt } from './Prompt.js';
import type { Look } from './theme.js';
import { isPrepared, lookAtTyping, NOTHING, prepareTyping, type Typing } from './typing.js';

/** What the person did with the line. */
export type Statement =
  | { readonly kind: 'submit'; readonly text: string }
  /** Ctrl-C. */
  | { readonly kind: 'interrupt' }
  /** Ctrl-D on an empty line, or the terminal is gone. */
  | { readonly kind: 'end' };

export interface ReadOptions {
  readonly session: Session;
  readonly keyboard: Keyboard;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly prompt: string;
  readonly history: readonly string[];
  readonly colour: boolean;
  readonly look: (style: string) => Look;
  /** Opens `$EDITOR` on a text; null where it failed. */
  readonly editText: (text: string) => Promise<string | null>;
}

/** A look at what is typed may take this long before the key is shown without it. */
const TYPING_MS = 8;
/** Nobody has begun to type this long after a frame: time for what the first key would wait for. */
const IDLE_MS = 20;
/** Frames a second at most: a key is to be seen within 30 ms. */
const FRAMES = 120;

/**
 * Reads one statement. Ink draws while the line is edited and is gone while a command runs, so that commands, pagers
 * and editors write to the terminal as they are.
 */
export async function readStatement(options: ReadOptions): Promise<Statement> {
  const { session, keyboard, stdout, prompt, colour, look } = options;
  let editor = newEditor(options.history);
  let typing: Typing = NOTHING;
  let submitted = false;
  let generation = 0;
  const frame = () => (
    <Prompt
      prompt={prompt}
      editor={editor}
      styles={typing.styles}
      problems={typing.problems}
      columns={stdout.columns || 80}
      rows={stdout.rows || 24}
      colour={colour}
      look={look}
      submitted={submitted}
    />
  );
  const mount = () =>
    render(frame(), {
      stdout,
      stdin: options.stdin,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: FRAMES,
    });
  let app = mount();
  const draw = () => app.rerender(frame());
  const resized = () => draw();
  stdout.on('resize', resized);

  /** Looks at the text; draws when that is done, or without it when it takes long. */
  const show = async (): Promise<void> => {
    generation += 1;
    const mine = generation;
    const { text, cursor } = editor;
    const looking = lookAtTyping(session, text, cursor).then(
      (seen) => {
        if (mine !== generation) return;
        typing = seen;
        draw();
      },
      () => {},
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        typing = { styles: typing.styles.filter(({ end }) => end <= text.length), problems: [] };
        if (mine === generation) draw();
        resolve();
      }, TYPING_MS);
    });
    await Promise.race([looking.then(() => clearTimeout(timer)), late]);
  };

  const finish = (statement: Statement): Statement => {
    generation += 1;
    submitted = true;
    stdout.off('resize', resized);
    draw();
    app.unmount();
    return statement;
  };

  for (;;) {
    const idle = isPrepared(session)
      ? undefined
      : setTimeout(() => prepareTyping(session).catch(() => {}), IDLE_MS);
    const key: Key = await keyboard.next();
    clearTimeout(idle);
    if (key.name === 'end-of-input') return finish({ kind: 'end' });
    const { editor: next, effect } = pressKey(editor, key);
    editor = next;
    switch (effect) {
      case 'submit':
        typing = await lookAtTyping(session, editor.text, -1).catch(() => typing);
        typing = { ...typing, problems: [] };
        editor = { ...editor, menu: null, search: null };
        return finish({ kind: 'submit', text: editor.text });
      case 'interrupt':
        editor = { ...editor, menu: null, search: null };
        finish({ kind: 'interrupt' });
        return { kind: 'interrupt' };
      case 'end':
        return finish({ kind: 'end' });
      case 'complete':
        editor = offer(editor, await complete(session, editor));
        break;
      case 'clear-screen':
        app.clear();
        stdout.write('\u001b[H\u001b[2J\u001b[3J');
        break;
      case 'open-editor': {
        app.clear();
        app.unmount();
        const edited = await options.editText(editor.text);
        if (edited !== null) editor = { ...newEditor(options.history, edited), undo: editor.undo };
        app = mount();
        break;
      }
      case null:
        break;
    }
    // Of keys that came in one go (paste, type-ahead) only the last state is drawn.
    if (!keyboard.pending) await show();
  }
}

/** Candidates at the cursor; none where finding them failed: Tab never disturbs. */
async function complete(session: Session, editor: Editor): Promise<Candidates> {
  try {
    return await completeAt(session, editor.text, editor.cursor);
  } catch (error) {
    session.message('debug', `completion: ${error instanceof Error ? error.stack : String(error)}`);
    return { from: editor.cursor, to: editor.cursor, items: [] };
  }
}
