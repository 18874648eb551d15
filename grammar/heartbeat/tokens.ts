import { createToken, type IMultiModeLexerDefinition, Lexer } from 'chevrotain';

export const Newline = createToken({
  name: 'Newline',
  label: 'end of line',
  pattern: /\r?\n/,
  line_breaks: true,
});

const Blanks = createToken({
  name: 'Blanks',
  pattern: /[ \t\r\f\v]+/,
  group: Lexer.SKIPPED,
  line_breaks: false,
});

/** From `#` to the end of the line: behind values too, and even behind a word without a blank between. */
const Comment = createToken({
  name: 'Comment',
  pattern: /#[^\n]*/,
  group: Lexer.SKIPPED,
  line_breaks: false,
});

/** A backslash as the last character of a line of haresources. */
const Continuation = createToken({
  name: 'Continuation',
  pattern: /\\\r?\n/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});

export const Word = createToken({ name: 'Word', label: 'word', pattern: /[^\s#]+/, line_breaks: false });

/** In haresources a backslash at the end of a line is not part of the word. */
const ResourceWord = createToken({
  name: 'ResourceWord',
  label: 'resource',
  pattern: /(?:[^\s#\\]|\\(?!\r?\n))+/,
  line_breaks: false,
  categories: [Word],
});

/** In authkeys a secret may hold `#`; a comment begins where a word would. */
const KeyWord = createToken({
  name: 'KeyWord',
  label: 'word',
  pattern: /[^\s#]\S*/,
  line_breaks: false,
  categories: [Word],
});

export const allTokens = [Newline, Blanks, Comment, Continuation, ResourceWord, KeyWord, Word];

/** A mode for each file, which say differently what a word is. */
export type FileKind = 'ha.cf' | 'haresources' | 'authkeys';

export const lexerDefinition: IMultiModeLexerDefinition = {
  defaultMode: 'ha.cf',
  modes: {
    'ha.cf': [Newline, Blanks, Comment, Word],
    haresources: [Continuation, Newline, Blanks, Comment, ResourceWord],
    authkeys: [Newline, Blanks, Comment, KeyWord],
  },
};
