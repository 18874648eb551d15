import { randomNumbers } from '../../../scripts/random-numbers.mjs';

/** Words with their quotes, and the blanks between them. */
const PIECES = /\s+|(?:[^\s'"]|'[^']*'|"(?:[^"\\]|\\.)*"|['"])+/g;

/** What a word looks like, so that it is replaced by one that may stand in its place. */
function shape(word: string): string {
  if (/^[()[\]{}]$/.test(word)) return 'bracket';
  if (word.includes('=')) return 'pair';
  if (word.endsWith(':')) return 'score';
  if (word.includes(':')) return 'qualified';
  return 'word';
}

/** The words of many statements, by their shape. */
export class WordPool {
  readonly #words = new Map<string, string[]>();

  constructor(texts: Iterable<string>) {
    for (const text of texts) {
      for (const [piece] of text.matchAll(PIECES)) {
        if (piece.trim() === '') continue;
        const list = this.#words.get(shape(piece));
        if (list) list.push(piece);
        else this.#words.set(shape(piece), [piece]);
      }
    }
  }

  like(word: string, random: () => number): string {
    const list = this.#words.get(shape(word)) ?? [word];
    return list[Math.floor(random() * list.length)] ?? word;
  }
}

/** The text with one to three words changed: another word of the same shape, left out, doubled, moved, quoted, in capitals. */
export function mutated(text: string, pool: WordPool, seed: number): string {
  const random = randomNumbers(seed);
  const pieces = [...text.matchAll(PIECES)].map(([piece]) => piece);
  const places = () => pieces.flatMap((piece, i) => (piece.trim() === '' ? [] : [i]));
  for (let left = 1 + Math.floor(random() * 2); left > 0; left--) {
    const at = places();
    const i = at[Math.floor(random() * at.length)];
    if (i === undefined) break;
    const word = pieces[i]!;
    const changes = [
      () => pieces.splice(i, 1, pool.like(word, random)),
      () => pieces.splice(i, 1, pool.like(word, random)),
      () => pieces.splice(i, 1, pool.like(word, random)),
      () => pieces.splice(i, 0, pool.like(word, random), ' '),
      () => pieces.splice(i, 0, pool.like('a=b', random), ' '),
      () => pieces.splice(i, 1),
      () => pieces.splice(i, 0, word, ' '),
      () => pieces.splice(i, 1, word.includes('"') ? word : `"${word}"`),
      () => pieces.splice(i, 1, word.toUpperCase()),
      () => {
        const other = at[Math.floor(random() * at.length)]!;
        [pieces[i], pieces[other]] = [pieces[other]!, pieces[i]!];
      },
      () => pieces.splice(i, 1, word.replace(/[:=].*/s, '')),
      () => pieces.splice(i, 0, '  '),
    ];
    changes[Math.floor(random() * changes.length)]!();
  }
  return pieces.join('');
}
