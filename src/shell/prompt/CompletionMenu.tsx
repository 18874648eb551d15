import { Box, Text } from 'ink';
import type { Completion } from '../command.js';
import { textWidth } from './graphemes.js';

export interface CompletionMenuProps {
  readonly items: readonly Completion[];
  /** -1: none. */
  readonly selected: number;
  readonly columns: number;
  /** Rows that the menu may take, documentation included; at least 2. */
  readonly rowsMax: number;
  readonly colour: boolean;
}

/** Rows of documentation below the list. */
const DOCUMENTATION_ROWS = 5;
/** Cells of the widest name shown whole. */
const NAME_COLUMNS_MAX = 40;

/** Candidates with a word on each, the chosen one's description below. */
export function CompletionMenu({ items, selected, columns, rowsMax, colour }: CompletionMenuProps) {
  const documentation = documentationLines(
    items[selected],
    columns,
    Math.min(DOCUMENTATION_ROWS, rowsMax - 3),
  );
  const room = Math.max(1, rowsMax - documentation.length - 1);
  const many = items.length > room;
  const height = Math.min(items.length, many ? Math.max(1, room - 1) : room);
  const first = Math.max(0, Math.min(selected - Math.floor(height / 2), items.length - height));
  const shown = items.slice(first, first + height);
  const nameWidth = Math.min(NAME_COLUMNS_MAX, Math.max(...shown.map(({ text }) => textWidth(text))));
  return (
    <Box flexDirection="column">
      {shown.map((item, index) => {
        const chosen = first + index === selected;
        const name = item.text + ' '.repeat(Math.max(0, nameWidth - textWidth(item.text)));
        const mark = chosen && !colour ? '>' : ' ';
        return (
          <Text key={item.text} wrap="truncate">
            <Text inverse={chosen && colour}>
              {mark}
              {name}{' '}
            </Text>
            <Text dimColor={colour && !chosen}> {item.summary?.split('\n')[0] ?? ''}</Text>
          </Text>
        );
      })}
      {many ? <Text dimColor={colour}>{` ${first + 1}-${first + height} of ${items.length}`}</Text> : null}
      {documentation.map((line, index) => (
        // Lines of one text have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Text key={index} wrap="truncate" {...(colour ? { color: 'cyan' } : {})}>
          {`  ${line}`}
        </Text>
      ))}
    </Box>
  );
}

function documentationLines(item: Completion | undefined, columns: number, rows: number): string[] {
  if (!item?.documentation || rows < 1) return [];
  const lines: string[] = [];
  for (const paragraph of item.documentation.trim().split('\n')) {
    let line = '';
    for (const word of paragraph.trim().split(/\s+/)) {
      if (textWidth(line) + textWidth(word) + 1 > columns - 4 && line !== '') {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    if (line !== '') lines.push(line);
  }
  return lines.length > rows ? [...lines.slice(0, rows - 1), `${lines[rows - 1]} ...`] : lines;
}
