import { createToken, type IMultiModeLexerDefinition, Lexer } from 'chevrotain';

export const Newline = createToken({
  name: 'Newline',
  label: 'end of line',
  pattern: /\r?\n/,
  line_breaks: true,
});

/** In a value the end of the line ends the value, too. */
export const ValueEnd = createToken({
  name: 'ValueEnd',
  label: 'end of line',
  pattern: /\r?\n/,
  line_breaks: true,
  pop_mode: true,
  categories: [Newline],
});

const Blanks = createToken({ name: 'Blanks', pattern: /[ \t\r]+/, group: Lexer.SKIPPED, line_breaks: false });

/** `#` begins a comment only where it is the first character of its line (exec/coroparse.c, parse_section). */
export const Comment = createToken({
  name: 'Comment',
  label: 'comment',
  pattern: (text, offset) => {
    if (text[offset] !== '#') return null;
    for (let before = offset - 1; before >= 0 && text[before] !== '\n'; before--) {
      if (text[before] !== ' ' && text[before] !== '\t') return null;
    }
    const end = text.indexOf('\n', offset);
    const line = text.slice(offset, end < 0 ? undefined : end).replace(/\r$/, '');
    return [line] as unknown as RegExpExecArray;
  },
  start_chars_hint: ['#'],
  line_breaks: false,
});

/** A section's name or a setting's key; blanks inside are part of it. */
export const Name = createToken({
  name: 'Name',
  label: 'name',
  pattern: /[^\s:{}](?:[^:{}\r\n]*[^\s:{}])?/,
  line_breaks: false,
});

export const Colon = createToken({ name: 'Colon', label: ':', pattern: ':', push_mode: 'value' });
export const LeftBrace = createToken({ name: 'LeftBrace', label: '{', pattern: '{' });
export const RightBrace = createToken({ name: 'RightBrace', label: '}', pattern: '}' });

/** From the first to the last character that is not blank, up to the end of the line or a `{`. */
export const Value = createToken({
  name: 'Value',
  label: 'value',
  pattern: /[^\s{](?:[^{\r\n]*[^\s{])?/,
  line_breaks: false,
});

export const allTokens = [Newline, ValueEnd, Blanks, Comment, Colon, LeftBrace, RightBrace, Name, Value];

export const lexerDefinition: IMultiModeLexerDefinition = {
  defaultMode: 'line',
  modes: {
    line: [Newline, Blanks, Comment, Colon, LeftBrace, RightBrace, Name],
    value: [ValueEnd, Blanks, LeftBrace, Value],
  },
};
