import { EmbeddedActionsParser, type IToken } from 'chevrotain';
import { placeOf } from '../place.js';
import { TotalGrammar } from '../total-grammar.js';
import type { CorosyncFile, Item, Mistake, MistakeCode } from './ast.js';
import {
  allTokens,
  Colon,
  Comment,
  LeftBrace,
  lexerDefinition,
  Name,
  Newline,
  RightBrace,
  Value,
} from './tokens.js';

/*
 * corosync.conf(5), as exec/coroparse.c of Corosync 3.1 reads it: line by line.
 *
 *   file    = { line }
 *   line    = [ comment | section | setting ] newline
 *   comment = "#" text                            # only blanks may stand before the sign
 *   section = name [":"] "{" newline { line } "}" totem {
 *   setting = name ":" [ value ]                  token: 1000
 *
 * A "{" makes its line the start of a section, wherever it stands, before a ":" makes it a setting. Everything else
 * a line can hold is a mistake with a rule of its own, so the parser goes through any text and tells all mistakes.
 */

/** fgets with a buffer of 512 bytes: the newline and the terminating zero need two of them. */
const LINE_BYTES_MAX = 510;

const NOTHING_TO_CLOSE = "'}' without a section that it could close";
const BRACE_IN_VALUE = "a value may not hold '{': Corosync takes the line for the start of a section";
const NOTHING_AFTER_BRACE =
  "nothing may follow '{' on its line: each setting and '}' stands on a line of its own";

export interface ParseResult {
  /** What could be understood, also where there are mistakes. */
  readonly file: CorosyncFile;
  /** In the order of the text; none means that Corosync can read the file. */
  readonly mistakes: readonly Mistake[];
}

/** A section whose `}` is still to come; the outermost is the file. */
interface Open {
  readonly items: Item[];
  closed: boolean;
}

class CorosyncParser extends EmbeddedActionsParser {
  mistakes: Mistake[] = [];
  open: Open[] = [{ items: [], closed: false }];

  constructor(skipValidations: boolean) {
    super(allTokens, { maxLookahead: 1, recoveryEnabled: false, skipValidations });
    this.performSelfAnalysis();
  }

  private report(code: MistakeCode, token: IToken, message: string): void {
    this.mistakes.push({ severity: 'error', code, message, place: placeOf(token) });
  }

  private add(item: Item): void {
    this.open.at(-1)!.items.push(item);
  }

  private begin(name: IToken): void {
    const items: Item[] = [];
    this.add({ kind: 'section', name: name.image, items, place: placeOf(name) });
    this.open.push({ items, closed: false });
  }

  file = this.RULE('file', (): void => {
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.line) },
        {
          ALT: () => {
            const brace = this.CONSUME(RightBrace);
            this.ACTION(() => this.report('unexpected-closing-brace', brace, NOTHING_TO_CLOSE));
            this.SUBRULE(this.rest);
          },
        },
      ]),
    );
  });

  private line = this.RULE('line', (): void => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(Newline);
          this.ACTION(() => this.add({ kind: 'blank' }));
        },
      },
      {
        ALT: () => {
          const comment = this.CONSUME(Comment);
          this.OPTION(() => this.CONSUME2(Newline));
          this.ACTION(() => this.add({ kind: 'comment', text: comment.image.slice(1) }));
        },
      },
      { ALT: () => this.SUBRULE(this.named) },
      {
        ALT: () => {
          const colon = this.CONSUME(Colon);
          this.ACTION(() => this.report('missing-key', colon, "a key is missing before ':'"));
          this.SUBRULE(this.rest);
        },
      },
      {
        ALT: () => {
          const brace = this.CONSUME(LeftBrace);
          this.ACTION(() => {
            this.report('missing-section-name', brace, "the section's name is missing before '{'");
            this.open.push({ items: [], closed: false });
          });
          this.SUBRULE(this.body);
          this.ACTION(() => this.end(brace, 'the section that begins here'));
        },
      },
    ]);
  });

  /** A line that starts with a name: a section, a setting or a mistake. */
  private named = this.RULE('named', (): void => {
    const name = this.CONSUME(Name);
    this.OR([
      {
        ALT: () => {
          const colon = this.CONSUME(Colon);
          const value = this.OPTION(() => this.CONSUME(Value));
          this.OR2([
            {
              ALT: () => {
                const brace = this.CONSUME(LeftBrace);
                this.ACTION(() => {
                  if (value) this.report('brace-in-value', brace, BRACE_IN_VALUE);
                  this.begin(name);
                });
                this.SUBRULE(this.body);
                this.ACTION(() => this.end(name, `the section '${name.image}'`));
              },
            },
            {
              ALT: () => {
                this.OPTION2(() => this.CONSUME(Newline));
                this.ACTION(() =>
                  this.add({
                    kind: 'setting',
                    key: name.image,
                    value: value?.image ?? '',
                    place: placeOf(name),
                    valuePlace: placeOf(value ?? colon),
                  }),
                );
              },
            },
          ]);
        },
      },
      {
        ALT: () => {
          this.CONSUME2(LeftBrace);
          this.ACTION(() => this.begin(name));
          this.SUBRULE2(this.body);
          this.ACTION(() => this.end(name, `the section '${name.image}'`));
        },
      },
      {
        ALT: () => {
          const brace = this.CONSUME(RightBrace);
          this.SUBRULE(this.rest);
          this.ACTION(() => {
            this.report(
              'extra-characters-around-closing-brace',
              name,
              `'${name.image}' before '}': the closing brace stands on a line of its own`,
            );
            if (this.open.length > 1) this.open.at(-1)!.closed = true;
            else this.report('unexpected-closing-brace', brace, NOTHING_TO_CLOSE);
          });
        },
      },
      {
        ALT: () => {
          this.OPTION3(() => this.CONSUME2(Newline));
          this.ACTION(() =>
            this.report(
              'line-not-understood',
              name,
              `'${name.image}' is neither 'key: value' nor the start ('name {') or end ('}') of a section`,
            ),
          );
        },
      },
    ]);
  });

  /** What follows the `{` of the innermost open section, with its `}` where that comes. */
  private body = this.RULE('body', (): void => {
    const extra = this.SUBRULE(this.rest);
    this.ACTION(() => {
      if (!extra) return;
      this.report('extra-characters-after-opening-brace', extra.first, NOTHING_AFTER_BRACE);
      if (extra.last.image.endsWith('}')) this.open.at(-1)!.closed = true;
    });
    this.MANY({
      GATE: () => !this.open.at(-1)!.closed,
      DEF: () => this.SUBRULE(this.line),
    });
    this.OPTION({
      GATE: () => !this.open.at(-1)!.closed,
      DEF: () => {
        this.CONSUME(RightBrace);
        const after = this.SUBRULE2(this.rest);
        this.ACTION(() => {
          this.open.at(-1)!.closed = true;
          if (!after) return;
          this.report(
            'extra-characters-around-closing-brace',
            after.first,
            `'${after.first.image}' after '}': the closing brace stands on a line of its own`,
          );
        });
      },
    });
  });

  private end(start: IToken, what: string): void {
    if (this.open.pop()!.closed) return;
    this.report('missing-closing-brace', start, `${what} has no closing '}'`);
  }

  /** All that is left of a line, and its end. */
  private rest = this.RULE('rest', (): { first: IToken; last: IToken } | undefined => {
    const found: IToken[] = [];
    this.MANY(() => {
      const token = this.OR([
        { ALT: () => this.CONSUME(Name) },
        { ALT: () => this.CONSUME(Colon) },
        { ALT: () => this.CONSUME(Value) },
        { ALT: () => this.CONSUME(LeftBrace) },
        { ALT: () => this.CONSUME(RightBrace) },
      ]);
      this.ACTION(() => found.push(token));
    });
    this.OPTION(() => this.CONSUME(Newline));
    return found.length === 0 ? undefined : { first: found[0]!, last: found.at(-1)! };
  });
}

function bytesOf(line: string): number {
  let bytes = 0;
  for (const character of line) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

const grammar = new TotalGrammar(
  'corosync',
  lexerDefinition,
  (skipValidations) => new CorosyncParser(skipValidations),
);

export const validateGrammar = (): void => grammar.validate();

/** Reads the text of a corosync.conf. Never throws: mistakes are collected, each with its place. */
export function parseCorosync(text: string): ParseResult {
  const items: Item[] = [];
  const mistakes = grammar.parse(text, (parser) => {
    parser.mistakes = [];
    parser.open = [{ items, closed: false }];
    parser.file();
    return [...parser.mistakes];
  });
  text.split('\n').forEach((line, index) => {
    if (bytesOf(line) > LINE_BYTES_MAX) {
      mistakes.push({
        severity: 'error',
        code: 'line-too-long',
        message: `the line is longer than ${LINE_BYTES_MAX} bytes`,
        place: { line: index + 1, column: 1, length: line.length },
      });
    }
  });
  mistakes.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  return { file: { items }, mistakes };
}
