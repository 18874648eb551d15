/** Shell wildcards as in file names: `*`, `?`, `[abc]`, `[!abc]`. The whole text must match. */
export function globMatch(pattern: string, text: string): boolean {
  return globExpression(pattern).test(text);
}

const compiled = new Map<string, RegExp>();
const COMPILED_MAX = 200;

function globExpression(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '*') {
      if (!source.endsWith('.*')) source += '.*';
    } else if (c === '?') source += '.';
    else if (c === '[') {
      const close = pattern.indexOf(']', i + (pattern[i + 1] === '!' ? 3 : 2));
      if (close < 0) source += '\\[';
      else {
        const set = pattern.slice(i + 1, close).replace(/[\\[\]^]/g, '\\$&');
        source += `[${set.startsWith('!') ? `^${set.slice(1)}` : set}]`;
        i = close;
      }
    } else source += c.replace(/[.+^${}()|\\\]]/g, '\\$&');
  }
  const expression = new RegExp(`^${source}$`, 's');
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  compiled.set(pattern, expression);
  return expression;
}
