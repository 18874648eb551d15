/** A seeded source of chance (sfc32), so that a run can be repeated from its seed. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = (seed / 2 ** 32) | 0;
    this.#c = 0x9e3779b9 | 0;
    for (let i = 0; i < 15; i++) this.#next();
  }

  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** 0 <= x < 1 */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** low <= n <= high */
  integer(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(0, from.length - 1)]!;
  }

  /** Any part of them; as often as not just half. */
  some<T>(from: readonly T[]): T[] {
    if (this.chance(0.5)) return from.filter(() => this.chance(0.5));
    const left = [...from];
    while (left.length > from.length / 2) left.splice(this.integer(0, left.length - 1), 1);
    return left;
  }

  /** Each with a probability in proportion to its weight. */
  weighted<T>(from: readonly (readonly [weight: number, what: T])[]): T {
    let left = this.fraction() * from.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, what] of from) {
      left -= weight;
      if (left < 0) return what;
    }
    return from.at(-1)![1];
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.#next().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }
}
