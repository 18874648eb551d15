/** How pcs words lists and plurals in its messages. */

/** `'a', 'b'`, sorted; with `or` before the last one: `'a', 'b' or 'c'`. */
export function quotedList(items: Iterable<string>, last = ', '): string {
  const quoted = [...items].sort(byCodePoint).map((item) => `'${item}'`);
  if (quoted.length < 2) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')}${last}${quoted.at(-1)}`;
}

/** Order of code points, whatever the locale. */
export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const IRREGULAR: Readonly<Record<string, string>> = {
  is: 'are',
  has: 'have',
  does: 'do',
  it: 'they',
  property: 'properties',
};

/** The word's plural unless there is exactly one. */
export function plural(count: number | { readonly length: number }, singular: string, many?: string): string {
  if ((typeof count === 'number' ? count : count.length) === 1) return singular;
  if (many !== undefined) return many;
  const irregular = IRREGULAR[singular];
  if (irregular !== undefined) return irregular;
  return /(s|x|o|ss|sh|ch)$/.test(singular) ? `${singular}es` : `${singular}s`;
}

/** `name=value` with quotes around what has one of the characters in it. */
export function pairText(name: string, value: string): string {
  return `${quoteWhere(name, '= ')}=${quoteWhere(value, '= ')}`;
}

/** Quotes a text that has one of the characters. */
export function quoteWhere(text: string, characters: string): string {
  if (![...characters].some((character) => text.includes(character))) return text;
  if (!text.includes('"')) return `"${text}"`;
  if (!text.includes("'")) return `'${text}'`;
  return `"${text.replaceAll('"', '\\"')}"`;
}

/** Pairs as words, sorted. */
export function sortedPairs(pairs: Iterable<readonly [string, string]>): string[] {
  return [...pairs]
    .sort(([a, v], [b, w]) => byCodePoint(a, b) || byCodePoint(v, w))
    .map(([name, value]) => pairText(name, value));
}

/** Lines two blanks (or more) further to the right; empty ones stay empty. */
export function indent(lines: readonly string[], by = 2): string[] {
  const pad = ' '.repeat(by);
  return lines.map((line) => (line === '' ? line : `${pad}${line}`));
}

/** What people call the elements of the configuration. */
const KINDS: Readonly<Record<string, string>> = {
  acl_group: 'ACL group',
  acl_permission: 'ACL permission',
  acl_role: 'ACL role',
  acl_target: 'ACL user',
  master: 'clone',
  primitive: 'resource',
};

export function kindName(tag: string): string {
  return KINDS[tag] ?? tag;
}

/** `clone/group/resource`; with an article in front where asked for. */
export function kindNames(tags: readonly string[], article = false): string {
  const names = [...new Set(tags.map(kindName))].sort(byCodePoint);
  const text = names.join('/');
  if (!article) return text;
  return `${/^(ACL|options set)/.test(names[0] ?? '') ? 'an' : 'a'} ${text}`;
}

/** A word as a shell takes it. */
export function shellWord(text: string): string {
  if (text !== '' && /^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
