import { formatMessage, type Output, type Severity } from './messages.js';

/** Results to stdout, messages and progress to stderr, each coloured only where a terminal shows it. */
export class StreamOutput implements Output {
  readonly colour: boolean;
  readonly #messageColour: boolean;
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;
  #progressShown = false;

  /** @param style option `color.style`: `plain`, `color`, `color-always`, with or without `uppercase` */
  constructor(
    stdout: NodeJS.WriteStream,
    stderr: NodeJS.WriteStream,
    style: readonly string[],
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe);
    this.colour = mayColour(stdout.isTTY === true, style, environment);
    this.#messageColour = mayColour(stderr.isTTY === true, style, environment);
  }

  get columns(): number {
    return this.#stdout.columns ?? 80;
  }

  get rows(): number | null {
    return this.#stdout.isTTY ? (this.#stdout.rows ?? null) : null;
  }

  result(text: string): void {
    this.progress(null);
    this.#stdout.write(text);
  }

  message(severity: Severity, text: string): void {
    this.progress(null);
    this.#stderr.write(formatMessage(severity, text, this.#messageColour));
  }

  progress(text: string | null): void {
    if (!this.#stderr.isTTY) return;
    if (text === null) {
      if (this.#progressShown) this.#stderr.write('\r\u001b[K');
      this.#progressShown = false;
      return;
    }
    this.#stderr.write(`\r\u001b[K${text.slice(0, (this.#stderr.columns ?? 80) - 1)}`);
    this.#progressShown = true;
  }

  async flush(): Promise<void> {
    for (const stream of [this.#stdout, this.#stderr]) {
      if (stream.writableLength > 0 && !stream.destroyed)
        await new Promise((resolve) => stream.write('', resolve));
    }
  }
}

/** Whoever reads has had enough (`crm ... | head`): the work goes on, what it says is lost. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function mayColour(
  terminal: boolean,
  style: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (style.includes('color-always')) return true;
  if (style.includes('plain') || !terminal) return false;
  return !environment.NO_COLOR && environment.TERM !== 'dumb';
}
