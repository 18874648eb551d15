import { Box, Text, useCursor } from 'ink';
import type { TypingProblem } from '../command.js';
import { CompletionMenu } from './CompletionMenu.js';
import { type Editor, suggestion } from './editor.js';
import { textWidth } from './graphemes.js';
import { layOut, type Styled } from './layout.js';
import { PromptLine } from './PromptLine.js';
import type { Look } from './theme.js';

export interface PromptProps {
  /** `crm(live/n1)configure# ` */
  readonly prompt: string;
  readonly editor: Editor;
  readonly styles: readonly Styled[];
  readonly problems: readonly TypingProblem[];
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
  readonly look: (style: string) => Look;
  /** The line was handed in: nothing but it is shown any more. */
  readonly submitted: boolean;
}

/** Before each further line of a statement, as crmsh has it. */
export const CONTINUATION = '   > ';

/** The line being edited, with what belongs below it: the menu, or what is wrong. */
export function Prompt(props: PromptProps) {
  const { prompt, editor, styles, problems, columns, rows, colour, look, submitted } = props;
  const { setCursorPosition } = useCursor();
  const { search, menu } = editor;
  const shownPrompt = search
    ? `(${search.failing ? 'failed ' : ''}reverse-i-search)\`${search.query}': `
    : prompt;
  const ghost = submitted ? '' : suggestion(editor);
  const text = editor.text + ghost;
  const shownStyles =
    ghost === '' ? styles : [...styles, { start: editor.text.length, end: text.length, style: 'suggestion' }];
  const layout = layOut({
    prompt: shownPrompt,
    continuation: CONTINUATION,
    text,
    cursor: editor.cursor,
    styles: shownStyles,
    columns,
  });
  // A frame as high as the screen makes Ink clear the whole terminal: show the part around the cursor.
  const lineRowsMax = Math.max(1, rows - (menu ? 6 : 3));
  const first = submitted
    ? 0
    : Math.max(0, Math.min(layout.cursor.row - lineRowsMax + 1, layout.rows.length - lineRowsMax));
  const visible = submitted ? layout.rows : layout.rows.slice(first, first + lineRowsMax);
  setCursorPosition(submitted ? undefined : { x: layout.cursor.column, y: layout.cursor.row - first });
  const room = rows - visible.length - 2;
  const [problem] = problems;
  return (
    <Box flexDirection="column">
      <PromptLine rows={visible} look={look} />
      {!submitted && menu && room >= 2 ? (
        <CompletionMenu
          items={menu.items}
          selected={menu.selected}
          columns={columns}
          rowsMax={Math.min(room, 16)}
          colour={colour}
        />
      ) : null}
      {!submitted && !menu && !search && problem && room >= 1 ? (
        <Text wrap="truncate" {...(colour ? { color: problem.severity === 'error' ? 'red' : 'yellow' } : {})}>
          {' '.repeat(problemColumn(props, problem))}
          {`^ ${problem.message}`}
        </Text>
      ) : null}
    </Box>
  );
}

/** Under what is wrong, where the text has one row; further left where the complaint would not fit. */
function problemColumn({ prompt, editor, columns }: PromptProps, problem: TypingProblem): number {
  const room = Math.max(0, columns - textWidth(problem.message) - 3);
  const { row, column } = layOut({
    prompt,
    continuation: CONTINUATION,
    text: editor.text,
    cursor: Math.min(problem.start, editor.text.length),
    styles: [],
    columns,
  }).cursor;
  return Math.min(row === 0 && !editor.text.includes('\n') ? column : textWidth(CONTINUATION), room);
}
