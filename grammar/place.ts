import type { IToken } from 'chevrotain';

/** Where a piece of text stands in a file; line and column count from 1, `length` is in characters on that line. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export function placeOf(token: IToken): Place {
  return { line: token.startLine ?? 1, column: token.startColumn ?? 1, length: token.image.length };
}

/** One mistake of the operator in a file. What comes of each severity is said by the language's `ast.ts`. */
export interface Mistake {
  readonly severity: 'error' | 'warning';
  /** Stable; tests go by it. */
  readonly code: string;
  readonly message: string;
  /** What to write instead, or to do. */
  readonly fix?: string;
  readonly place: Place;
}
