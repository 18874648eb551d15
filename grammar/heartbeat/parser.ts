import { EmbeddedActionsParser, type IToken } from 'chevrotain';
import { placeOf } from '../place.js';
import { TotalGrammar } from '../total-grammar.js';
import type { Line, Word as SourceWord } from './ast.js';
import { allTokens, type FileKind, lexerDefinition, Newline, Word } from './tokens.js';

/*
 * ha.cf(5), authkeys(5) and haresources of Heartbeat 1 to 3, all of the same shape:
 *
 *   file = { [ line ] newline } [ line ]
 *   line = word { word }                  keepalive 2
 *
 * Comments and blanks are between the tokens. What may stand where is said by each file's own table of words: a
 * misspelt directive is then a mistake of one line and not of the rest of the file.
 */

class HeartbeatParser extends EmbeddedActionsParser {
  constructor(skipValidations: boolean) {
    super(allTokens, { maxLookahead: 1, recoveryEnabled: false, skipValidations });
    this.performSelfAnalysis();
  }

  file = this.RULE('file', (): Line[] => {
    const lines: Line[] = [];
    this.MANY(() =>
      this.OR([
        { ALT: () => this.CONSUME(Newline) },
        {
          ALT: () => {
            const line = this.SUBRULE(this.line);
            this.ACTION(() => lines.push(line));
          },
        },
      ]),
    );
    return lines;
  });

  private line = this.RULE('line', (): Line => {
    const first = this.CONSUME(Word);
    const words: [SourceWord, ...SourceWord[]] = [wordOf(first)];
    this.MANY(() => {
      const next = this.CONSUME2(Word);
      this.ACTION(() => words.push(wordOf(next)));
    });
    return { words };
  });
}

const wordOf = (token: IToken): SourceWord => ({ text: token.image, place: placeOf(token) });

const grammar = new TotalGrammar(
  'heartbeat',
  lexerDefinition,
  (skipValidations) => new HeartbeatParser(skipValidations),
);

export const validateGrammar = (): void => grammar.validate();

/** The lines of a file that say something, in order. */
export function parseLines(text: string, kind: FileKind): Line[] {
  return grammar.parse(text, (parser) => parser.file(), kind);
}
