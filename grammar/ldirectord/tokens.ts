import { createToken, type IMultiModeLexerDefinition, Lexer } from 'chevrotain';

const atLineStart = (text: string, offset: number): boolean => offset === 0 || text[offset - 1] === '\n';

export const Newline = createToken({
  name: 'Newline',
  label: 'end of line',
  pattern: /\r?\n/,
  line_breaks: true,
});

/** In a value the end of the line ends the value, too. */
export const ValueEnd = createToken({
  name: 'ValueEnd',
  pattern: /\r?\n/,
  line_breaks: true,
  pop_mode: true,
  categories: [Newline],
});

/** What makes a line part of a virtual service: four blanks or a tab at its start (read_config of ldirectord). */
export const Indentation = createToken({
  name: 'Indentation',
  label: 'four blanks or a tab',
  pattern: (text, offset) => {
    if (!atLineStart(text, offset)) return null;
    const found = /^(?: {4}|\t)[ \t]*(?=[^\s#])/.exec(text.slice(offset, offset + 200));
    return found as RegExpExecArray | null;
  },
  start_chars_hint: [' ', '\t'],
  line_breaks: false,
});

/** Blanks at the start of a line that are too few to make it part of a service. */
export const ShortIndentation = createToken({
  name: 'ShortIndentation',
  pattern: (text, offset) => {
    if (!atLineStart(text, offset)) return null;
    return /^ {1,3}(?=[^\s#])/.exec(text.slice(offset, offset + 8)) as RegExpExecArray | null;
  },
  start_chars_hint: [' '],
  line_breaks: false,
});

const Blanks = createToken({ name: 'Blanks', pattern: /[ \t\r]+/, group: Lexer.SKIPPED, line_breaks: false });
/** Only a line of its own: in a value `#` is a character like others. */
const Comment = createToken({
  name: 'Comment',
  pattern: /#[^\n]*/,
  group: Lexer.SKIPPED,
  line_breaks: false,
});

export const Name = createToken({
  name: 'Name',
  label: 'setting',
  pattern: /[^\s=#][^\s=]*/,
  line_breaks: false,
});
export const Equals = createToken({ name: 'Equals', label: '=', pattern: '=', push_mode: 'value' });
/** From the first to the last character that is not blank. */
export const Value = createToken({
  name: 'Value',
  label: 'value',
  pattern: /[^\s](?:[^\r\n]*[^\s])?/,
  line_breaks: false,
});

export const allTokens = [
  Newline,
  ValueEnd,
  Indentation,
  ShortIndentation,
  Blanks,
  Comment,
  Equals,
  Name,
  Value,
];

export const lexerDefinition: IMultiModeLexerDefinition = {
  defaultMode: 'line',
  modes: {
    line: [Newline, Indentation, ShortIndentation, Blanks, Comment, Equals, Name],
    value: [ValueEnd, Blanks, Value],
  },
};
