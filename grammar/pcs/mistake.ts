/**
 * Words that make no sense as a pcs command: `message` says why; where it is null, the command's usage is shown
 * instead.
 */
export class WrongUsage extends Error {
  /** One more sentence, shown as `Hint: ...`. */
  readonly hint: string | null;
  readonly showUsage: boolean;

  constructor(message: string | null = null, hint: string | null = null) {
    super(message ?? '');
    this.name = 'WrongUsage';
    this.hint = hint;
    this.showUsage = message === null;
  }
}
