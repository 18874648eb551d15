import { emitKeypressEvents } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { Key } from './editor.js';

const PASTE_ON = '\u001b[?2004h';
const PASTE_OFF = '\u001b[?2004l';

/**
 * The terminal's keys, one by one. Chunks of input are taken apart by Node's own decoder: `status⏎` in one read is
 * seven keys. Keys that nobody waits for are kept (type-ahead); Ctrl-C goes to `onInterrupt` while a command runs.
 */
export class Keyboard {
  readonly #stdin: NodeJS.ReadStream;
  readonly #stdout: NodeJS.WriteStream;
  readonly #decoder = new PassThrough();
  readonly #queue: Key[] = [];
  readonly #feed = (chunk: Buffer) => this.#decoder.write(chunk);
  readonly #ended = () => this.#push({ name: 'end-of-input', sequence: '' });
  #waiting: ((key: Key) => void) | null = null;
  /** Called for Ctrl-C while no one reads keys. */
  onInterrupt: (() => void) | null = null;

  constructor(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    emitKeypressEvents(this.#decoder);
    this.#decoder.on('keypress', (text: string | undefined, key: Key) => {
      this.#push({ ...key, sequence: key.sequence ?? text ?? '' });
    });
  }

  /** Takes the terminal. */
  start(): void {
    this.#stdin.setRawMode(true);
    this.#stdin.on('data', this.#feed);
    this.#stdin.on('end', this.#ended);
    this.#stdin.resume();
    this.#stdout.write(PASTE_ON);
  }

  /** Gives the terminal to someone else, until `start`. */
  stop(): void {
    this.#stdin.off('data', this.#feed);
    this.#stdin.off('end', this.#ended);
    this.#stdin.pause();
    this.#stdin.setRawMode(false);
    this.#stdout.write(PASTE_OFF);
  }

  /** The next key. Only one caller at a time. */
  next(): Promise<Key> {
    const key = this.#queue.shift();
    if (key) return Promise.resolve(key);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Whether keys have come that nobody has read. */
  get pending(): boolean {
    return this.#queue.length > 0;
  }

  /**
   * Reads a line for a question. Null for Ctrl-C, Ctrl-D on an empty line, and the end of input.
   *
   * @param echo false for secrets: nothing is shown
   */
  async readLine(question: string, echo = true): Promise<string | null> {
    this.#stdout.write(question);
    let answer = '';
    for (;;) {
      const key = await this.next();
      if (key.name === 'return' || key.name === 'enter') break;
      if (
        key.name === 'end-of-input' ||
        (key.ctrl && (key.name === 'c' || (key.name === 'd' && answer === '')))
      ) {
        this.#stdout.write('\n');
        return null;
      }
      if (key.name === 'backspace') {
        if (answer !== '' && echo) this.#stdout.write('\b \b');
        answer = [...answer].slice(0, -1).join('');
      } else if (key.ctrl && key.name === 'u') {
        if (echo) this.#stdout.write('\b \b'.repeat([...answer].length));
        answer = '';
      } else if (!key.ctrl && !key.meta && /^[^\u0000-\u001f\u007f]+$/.test(key.sequence)) {
        answer += key.sequence;
        if (echo) this.#stdout.write(key.sequence);
      }
    }
    this.#stdout.write('\n');
    return answer;
  }

  #push(key: Key): void {
    const waiting = this.#waiting;
    if (waiting) {
      this.#waiting = null;
      waiting(key);
      return;
    }
    if (key.ctrl && key.name === 'c' && this.onInterrupt) {
      this.#queue.length = 0;
      this.onInterrupt();
      return;
    }
    this.#queue.push(key);
  }
}
