import { Box, Text } from 'ink';
import type { Layout } from './layout.js';
import type { Look } from './theme.js';

export interface PromptLineProps {
  /** The rows to draw, as laid out for the terminal's width. */
  readonly rows: Layout['rows'];
  readonly look: (style: string) => Look;
}

/** The prompt and the line being edited. */
export function PromptLine({ rows, look }: PromptLineProps) {
  return (
    <Box flexDirection="column">
      {rows.map((row, index) => (
        // Rows have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Text key={index} wrap="truncate">
          {row.length === 0 ? ' ' : null}
          {row.map((segment, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <Text key={at} {...look(segment.style)}>
              {segment.text}
            </Text>
          ))}
        </Text>
      ))}
    </Box>
  );
}
