/** What the language says about a statement; text for people is made where it is shown. */
export interface Report {
  readonly severity: 'error' | 'warning' | 'info';
  /** Stable; tests and JSON output go by it. */
  readonly code: string;
  readonly message: string;
  /** The word of the statement that it is about. */
  readonly near?: string;
  /** What would have been right in its place. */
  readonly expected?: readonly string[];
}

/** Where reports of one piece of work are gathered. */
export class Reports {
  readonly list: Report[] = [];

  error(code: string, message: string, near?: string, expected?: readonly string[]): false {
    this.list.push({
      severity: 'error',
      code,
      message,
      ...(near === undefined ? {} : { near }),
      ...(expected === undefined ? {} : { expected }),
    });
    return false;
  }

  warning(code: string, message: string): void {
    this.list.push({ severity: 'warning', code, message });
  }

  info(code: string, message: string): void {
    this.list.push({ severity: 'info', code, message });
  }

  get failed(): boolean {
    return this.list.some((report) => report.severity === 'error');
  }

  /** Reports that nobody reads. */
  silent(): Reports {
    return new Reports();
  }

  /** The reports since the last call. */
  take(): Report[] {
    return this.list.splice(0);
  }
}
