import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import type { TypingProblem } from '../../src/shell/command.js';
import { CompletionMenu } from '../../src/shell/prompt/CompletionMenu.js';
import { type Editor, newEditor, offer } from '../../src/shell/prompt/editor.js';
import { Prompt } from '../../src/shell/prompt/Prompt.js';
import { lookOf } from '../../src/shell/prompt/theme.js';

const items = [
  {
    text: 'start',
    summary: 'Start resources',
    documentation: 'Sets the meta attribute target-role to Started.',
  },
  { text: 'status', summary: 'Show status of resources' },
  { text: 'stop', summary: 'Stop resources' },
];

function draw(
  editor: Editor,
  more: { problems?: readonly TypingProblem[]; submitted?: boolean; rows?: number } = {},
) {
  return renderToString(
    <Prompt
      prompt="crm(live/n1)# "
      editor={editor}
      styles={[]}
      problems={more.problems ?? []}
      columns={60}
      rows={more.rows ?? 20}
      colour={false}
      look={() => ({})}
      submitted={more.submitted ?? false}
    />,
    { columns: 60 },
  ).split('\n');
}

describe('the prompt', () => {
  it('shows the line, with the rest of a suggestion', () => {
    expect(draw(newEditor(['node show n1'], 'node'))).toEqual(['crm(live/n1)# node show n1']);
    expect(draw(newEditor(['node show n1'], 'node'), { submitted: true })).toEqual(['crm(live/n1)# node']);
  });

  it('shows further lines behind the continuation mark', () => {
    expect(draw(newEditor([], 'primitive a Dummy \\\n  op monitor'))).toEqual([
      'crm(live/n1)# primitive a Dummy \\',
      '   >   op monitor',
    ]);
  });

  it('shows what is wrong below the line, and nothing of it when the line is handed in', () => {
    const problems = [{ start: 0, end: 4, severity: 'error' as const, message: 'no command "nods"' }];
    expect(draw(newEditor([], 'nods'), { problems })).toEqual([
      'crm(live/n1)# nods',
      '              ^ no command "nods"',
    ]);
    expect(draw(newEditor([], 'nods'), { problems, submitted: true })).toEqual(['crm(live/n1)# nods']);
  });

  it('puts the complaint under its place, further left where it is long', () => {
    const problem = (message: string) => [{ start: 5, end: 9, severity: 'error' as const, message }];
    expect(draw(newEditor([], 'node shwo'), { problems: problem('what?') })[1]).toBe(
      `${' '.repeat(19)}^ what?`,
    );
    const long = 'x'.repeat(50);
    expect(draw(newEditor([], 'node shwo'), { problems: problem(long) })[1]).toBe(
      `${' '.repeat(7)}^ ${long}`,
    );
  });

  it('shows the menu below the line', () => {
    const editor = offer(newEditor([], 'st'), { from: 0, to: 2, items });
    expect(draw(editor)).toEqual([
      'crm(live/n1)# st',
      ' start   Start resources',
      ' status  Show status of resources',
      ' stop    Stop resources',
    ]);
  });

  it('shows the part of a long text around the cursor, never more than the terminal is high', () => {
    const text = Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n');
    const rows = draw(newEditor([], text), { rows: 10 });
    expect(rows.length).toBeLessThan(10);
    expect(rows.at(-1)).toBe('   > line 49');
  });

  it('shows the search instead of the prompt', () => {
    const editor = {
      ...newEditor(['a'], 'found'),
      search: { query: 'ou', at: 0, failing: false, origin: { text: '', cursor: 0 } },
    };
    expect(draw(editor)).toEqual(["(reverse-i-search)`ou': found"]);
  });
});

describe('the menu', () => {
  const menu = (selected: number, rowsMax: number) =>
    renderToString(
      <CompletionMenu items={items} selected={selected} columns={60} rowsMax={rowsMax} colour={false} />,
      { columns: 60 },
    ).split('\n');

  it('marks the chosen candidate and shows its documentation', () => {
    expect(menu(0, 10)).toEqual([
      '>start   Start resources',
      ' status  Show status of resources',
      ' stop    Stop resources',
      '  Sets the meta attribute target-role to Started.',
    ]);
  });

  it('scrolls where there is not enough room, and says how many there are', () => {
    expect(menu(2, 3)).toEqual(['>stop  Stop resources', ' 3-3 of 3']);
  });
});

describe('the theme', () => {
  it.each([
    ['keyword', true, null, { color: 'yellow' }],
    ['keyword', true, 'red bold', { color: 'red', bold: true }],
    ['keyword', false, 'red', {}],
    ['error', false, null, { underline: true }],
    ['unknown', true, null, {}],
  ])('%s, colour %s, option %s', (style, colour, option, look) => {
    expect(lookOf(style, colour, () => option)).toEqual(look);
  });
});
