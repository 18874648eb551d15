import { formatMessage, type Output, type Severity } from './messages.js';

interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Results to stdout, messages and progress to stderr, each coloured only where a terminal shows it. */
export class StreamOutput implements Output {
  readonly colour: boolean;
  readonly #style: readonly string[];
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #stdout: NodeJS.WriteStream;
  readonly #streams: Streams;
  /** Opened by the first message: most commands say nothing there. */
  #stderr: NodeJS.WriteStream | undefined;
  #progressShown = false;

  /** @param style option `color.style`: `plain`, `color`, `color-always`, with or without `uppercase` */
  constructor(
    streams: Streams,
    style: readonly string[],
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#streams = streams;
    this.#style = style;
    this.#environment = environment;
    this.#stdout = streams.stdout;
    this.#stdout.on('error', ignoreClosedPipe);
    this.colour = mayColour(this.#stdout.isTTY === true, style, environment);
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
    const stderr = this.#openStderr();
    const colour = mayColour(stderr.isTTY === true, this.#style, this.#environment);
    stderr.write(formatMessage(severity, text, colour));
  }

  progress(text: string | null): void {
    if (text === null) {
      if (this.#progressShown) this.#openStderr().write('\r\u001b[K');
      this.#progressShown = false;
      return;
    }
    const stderr = this.#openStderr();
    if (!stderr.isTTY) return;
    stderr.write(`\r\u001b[K${text.slice(0, (stderr.columns ?? 80) - 1)}`);
    this.#progressShown = true;
  }

  async flush(): Promise<void> {
    for (const stream of [this.#stdout, this.#stderr]) {
      if (stream && stream.writableLength > 0 && !stream.destroyed)
        await new Promise((resolve) => stream.write('', resolve));
    }
  }

  #openStderr(): NodeJS.WriteStream {
    if (this.#stderr === undefined) {
      this.#stderr = this.#streams.stderr;
      this.#stderr.on('error', ignoreClosedPipe);
    }
    return this.#stderr;
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
