/** Questions that are under way: each is answered once, by who was asked or by the end of its time. */
export class Questions<Answer> {
  readonly #prefix: string;
  readonly #open = new Map<string, (answer: Answer) => void>();
  #asked = 0;

  /** @param prefix tells the questions of this run of this agent from all others */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /**
   * @param send takes the question's id to where it is answered
   * @param late the answer when none has come in time
   */
  ask(timeoutMs: number, send: (id: string) => void, late: () => Answer): Promise<Answer> {
    const id = `${this.#prefix}-${++this.#asked}`;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#open.delete(id);
        resolve(late());
      }, timeoutMs);
      this.#open.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      send(id);
    });
  }

  /** An answer that nobody waits for any more is dropped. */
  answer(id: string, answer: Answer): void {
    const resolve = this.#open.get(id);
    this.#open.delete(id);
    resolve?.(answer);
  }
}
