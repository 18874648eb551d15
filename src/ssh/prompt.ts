/** A question to the person at the terminal; what is typed is shown only where `echo` is true. */
export interface Question {
  readonly text: string;
  readonly echo: boolean;
  /** What the answer opens, where it may open the same elsewhere: a key, the account of a user. */
  readonly about?: string;
  /** Answers to `about` that have not opened it. */
  readonly refused?: readonly string[];
}

/** Asks for a passphrase, a password, a one-time code or a yes. Null where there is no answer. */
export type Prompt = (question: Question) => Promise<string | null>;

/**
 * Asks one question after the other, whichever host it is about, and nothing twice: what has been answered about the same
 * is tried first, for as long as this lives. Who does not want to answer is not asked by those that wait for the same.
 */
export function remembering(ask: Prompt): Prompt {
  const known = new Map<string, string>();
  const asking = new Map<string, Promise<string | null>>();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn: Prompt = (question) => {
    const answer = last.then(() => ask(question));
    last = answer.catch(() => null);
    return answer;
  };
  const prompt: Prompt = async (question) => {
    const { about, refused = [] } = question;
    if (about === undefined) return inTurn(question);
    const answer = known.get(about);
    if (answer !== undefined && !refused.includes(answer)) return answer;
    const other = asking.get(about);
    if (other) return (await other) === null ? null : prompt(question);
    const asked = inTurn(question);
    asking.set(about, asked);
    try {
      const given = await asked;
      if (given !== null) known.set(about, given);
      return given;
    } finally {
      asking.delete(about);
    }
  };
  return prompt;
}
