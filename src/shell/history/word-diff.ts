/** The second text with what differs word by word marked as GNU wdiff does: `[-removed-]`, `{+added+}`. */
export function wordDiff(oldText: string, newText: string): string {
  const old = wordsOf(oldText);
  const now = wordsOf(newText);
  let head = 0;
  while (head < old.length && head < now.length && same(old[head]!, now[head]!)) head++;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    same(old[old.length - 1 - tail]!, now[now.length - 1 - tail]!)
  ) {
    tail++;
  }
  const middle = differing(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  return now.slice(0, head).join('') + middle + now.slice(now.length - tail).join('');
}

/** Words, each with the blanks behind it. */
function wordsOf(text: string): string[] {
  return text.split(/(?<=\s)(?=\S)/);
}

function same(a: string, b: string): boolean {
  return a.trimEnd() === b.trimEnd();
}

/** By the longest common subsequence: configurations differ in few words once their ends are taken off. */
function differing(old: readonly string[], now: readonly string[]): string {
  const width = now.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i * width + j] = same(old[i]!, now[j]!)
        ? lengths[(i + 1) * width + j + 1]! + 1
        : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  let text = '';
  let removed = '';
  let added = '';
  const flush = (): void => {
    text += mark('[-', removed, '-]') + mark('{+', added, '+}');
    removed = '';
    added = '';
  };
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && same(old[i]!, now[j]!)) {
      flush();
      text += now[j];
      i++;
      j++;
    } else if (
      i < old.length &&
      (j === now.length || lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)
    ) {
      removed += old[i++];
    } else added += now[j++];
  }
  flush();
  return text;
}

/** Blanks behind what is marked stay outside. */
function mark(open: string, text: string, close: string): string {
  const words = text.trimEnd();
  return words === '' ? text : `${open}${words}${close}${text.slice(words.length)}`;
}
