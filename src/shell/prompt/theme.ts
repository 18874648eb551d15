/** How a style looks, in the sixteen colours that every terminal has. */
export interface Look {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
  readonly underline?: boolean;
}

/** crmsh's colours where it has one for the thing. */
const LOOKS: Readonly<Record<string, Look>> = {
  prompt: { color: 'green', bold: true },
  continuation: { dimColor: true },
  suggestion: { dimColor: true },
  keyword: { color: 'yellow' },
  command: { color: 'yellow' },
  level: { color: 'blue', bold: true },
  id: { bold: true },
  reference: { color: 'green' },
  agent: { color: 'cyan' },
  parameter: { color: 'cyan' },
  value: { color: 'red' },
  score: { color: 'magenta' },
  operator: { color: 'magenta' },
  string: { color: 'red' },
  comment: { dimColor: true },
  error: { color: 'red', underline: true },
  warning: { color: 'yellow', underline: true },
};

const COLOURS = new Set(['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white', 'gray']);

/** Options `color.*` that name a style's colours. */
const OPTION_OF: Readonly<Record<string, string>> = {
  keyword: 'color.keyword',
  command: 'color.keyword',
  id: 'color.identifier',
  parameter: 'color.attr_name',
  value: 'color.attr_value',
  reference: 'color.resource_reference',
  score: 'color.score',
};

/**
 * The look of a style; without colours only what underlining and weight can tell.
 *
 * @param option the value of a `color.*` option that the user has set, null where it is not set
 */
export function lookOf(style: string, colour: boolean, option: (key: string) => string | null): Look {
  const look = LOOKS[style] ?? {};
  if (!colour) return look.underline ? { underline: true } : {};
  const key = OPTION_OF[style];
  const set = key === undefined ? null : option(key);
  if (set === null) return look;
  const words = set.split(/\s+/);
  const color = words.find((word) => COLOURS.has(word));
  return {
    ...(color === undefined ? {} : { color }),
    ...(words.includes('bold') ? { bold: true } : {}),
    ...(words.includes('underline') || look.underline ? { underline: true } : {}),
  };
}
