import { type EmbeddedActionsParser, type IMultiModeLexerDefinition, Lexer } from 'chevrotain';

/**
 * A grammar that every text fits, for files of lines: what should not be there is found in what was read, line by line,
 * so that a wrong line does not hide the ones after it. Lexer and parser are made when first used.
 */
export class TotalGrammar<P extends EmbeddedActionsParser> {
  readonly #name: string;
  readonly #definition: IMultiModeLexerDefinition;
  readonly #make: (skipValidations: boolean) => P;
  #lexer: Lexer | undefined;
  #parser: P | undefined;

  /** @param name of the grammar's folder, for the message of a grammar that is wrong */
  constructor(name: string, definition: IMultiModeLexerDefinition, make: (skipValidations: boolean) => P) {
    this.#name = name;
    this.#definition = definition;
    this.#make = make;
  }

  /** Throws where the grammar itself is wrong; for the test of it (the product skips Chevrotain's validations). */
  validate(): void {
    new Lexer(this.#definition, { ensureOptimizations: false });
    this.#make(false);
  }

  /**
   * @param begin applies the parser's first rule
   * @param mode of the lexer, where its definition has several
   */
  parse<T>(text: string, begin: (parser: P) => T, mode?: string): T {
    this.#lexer ??= new Lexer(this.#definition, { skipValidations: true, positionTracking: 'full' });
    this.#parser ??= this.#make(true);
    const lexed = this.#lexer.tokenize(text, mode);
    this.#parser.input = lexed.tokens;
    const read = begin(this.#parser);
    // Every text fits, so an error of the parser is ours and not the operator's.
    const broken = this.#parser.errors[0] ?? lexed.errors[0];
    if (broken) throw new Error(`grammar/${this.#name} does not cover its input: ${broken.message}`);
    return read;
  }
}
