/** What ends a tool at once: its text for whoever called it, and the exit status. */
export class Refusal extends Error {
  readonly exit: number;

  constructor(exit: number, text: string) {
    super(text);
    this.exit = exit;
  }
}
