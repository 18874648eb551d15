const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  yes: true,
  y: true,
  '1': true,
  false: false,
  off: false,
  no: false,
  n: false,
  '0': false,
};

/** `true`, `on`, `yes`, `y`, `1` and their opposites, in any case; undefined for everything else. */
export function parseBoolean(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  const word = text.toLowerCase();
  return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
}

/** Whether the text says yes; what is absent or not understood says no. */
export function isTrue(text: string | undefined): boolean {
  return parseBoolean(text) === true;
}
