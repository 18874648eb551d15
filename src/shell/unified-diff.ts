/** Lines of context around a change. */
const CONTEXT = 3;

interface Edit {
  readonly kind: ' ' | '-' | '+';
  readonly line: string;
}

/** The difference of two texts as `diff -u` writes it; empty where there is none. */
export function unifiedDiff(oldName: string, oldText: string, newName: string, newText: string): string {
  if (oldText === newText) return '';
  const edits = diffLines(lines(oldText), lines(newText));
  const out = [`--- ${oldName}`, `+++ ${newName}`];
  let at = 0;
  let oldLine = 1;
  let newLine = 1;
  while (at < edits.length) {
    if (edits[at]!.kind === ' ') {
      at += 1;
      oldLine += 1;
      newLine += 1;
      continue;
    }
    const start = Math.max(0, at - CONTEXT);
    let end = at;
    let quiet = 0;
    for (let next = at; next < edits.length && quiet <= CONTEXT * 2; next++) {
      quiet = edits[next]!.kind === ' ' ? quiet + 1 : 0;
      if (quiet === 0) end = next + 1;
    }
    const stop = Math.min(edits.length, end + CONTEXT);
    const hunk = edits.slice(start, stop);
    const before = at - start;
    const oldCount = hunk.filter(({ kind }) => kind !== '+').length;
    const newCount = hunk.filter(({ kind }) => kind !== '-').length;
    out.push(`@@ -${oldLine - before},${oldCount} +${newLine - before},${newCount} @@`);
    for (const { kind, line } of hunk) out.push(kind + line);
    oldLine += oldCount - before;
    newLine += newCount - before;
    at = stop;
  }
  return `${out.join('\n')}\n`;
}

function lines(text: string): string[] {
  const all = text.split('\n');
  if (all.at(-1) === '') all.pop();
  return all;
}

/** The shortest script of lines to remove and add (Myers 1986), with equal ends taken off first. */
function diffLines(a: readonly string[], b: readonly string[]): Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  ) {
    tail += 1;
  }
  const same = (part: readonly string[]): Edit[] => part.map((line) => ({ kind: ' ', line }));
  const middle = shortest(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return [...same(a.slice(0, head)), ...middle, ...same(a.slice(a.length - tail))];
}

function shortest(a: readonly string[], b: readonly string[]): Edit[] {
  const most = a.length + b.length;
  const offset = most + 1;
  const furthest = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(furthest.slice());
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && furthest[offset + k - 1]! < furthest[offset + k + 1]!);
      let x = down ? furthest[offset + k + 1]! : furthest[offset + k - 1]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a, b, d, offset);
    }
  }
  return [];
}

function walkBack(
  trace: readonly Int32Array[],
  a: readonly string[],
  b: readonly string[],
  steps: number,
  offset: number,
): Edit[] {
  const edits: Edit[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = steps; d > 0; d--) {
    const furthest = trace[d]!;
    const k = x - y;
    const down = k === -d || (k !== d && furthest[offset + k - 1]! < furthest[offset + k + 1]!);
    const before = down ? k + 1 : k - 1;
    const beforeX = furthest[offset + before]!;
    const beforeY = beforeX - before;
    while (x > beforeX && y > beforeY) {
      edits.push({ kind: ' ', line: a[x - 1]! });
      x -= 1;
      y -= 1;
    }
    if (down) edits.push({ kind: '+', line: b[y - 1]! });
    else edits.push({ kind: '-', line: a[x - 1]! });
    x = beforeX;
    y = beforeY;
  }
  while (x > 0) {
    edits.push({ kind: ' ', line: a[x - 1]! });
    x -= 1;
  }
  return edits.reverse();
}
