import { EmbeddedActionsParser, type IToken, Lexer } from 'chevrotain';
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

function wordOf(token: IToken): SourceWord {
  return {
    text: token.image,
    place: { line: token.startLine ?? 1, column: token.startColumn ?? 1, length: token.image.length },
  };
}

let lexer: Lexer | undefined;
let parser: HeartbeatParser | undefined;

/** Throws where the grammar itself is wrong; for the test of it (the product skips Chevrotain's validations). */
export function validateGrammar(): void {
  new Lexer(lexerDefinition, { ensureOptimizations: false });
  new HeartbeatParser(false);
}

/** The lines of a file that say something, in order. */
export function parseLines(text: string, kind: FileKind): Line[] {
  lexer ??= new Lexer(lexerDefinition, { skipValidations: true, positionTracking: 'full' });
  parser ??= new HeartbeatParser(true);
  const lexed = lexer.tokenize(text, kind);
  parser.input = lexed.tokens;
  const lines = parser.file();
  const broken = parser.errors[0] ?? lexed.errors[0];
  // Every text is lines of words, so an error of the parser is ours and not the operator's.
  if (broken) throw new Error(`grammar/heartbeat does not cover its input: ${broken.message}`);
  return lines;
}
