/**
 * Asks the person at the terminal for a passphrase, a password, a one-time code or a yes. Null where there is no
 * answer. What is typed is shown only where `echo` is true.
 */
export type Prompt = (question: { readonly text: string; readonly echo: boolean }) => Promise<string | null>;
