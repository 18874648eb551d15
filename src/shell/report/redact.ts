import type { Element } from '../../cib/element.js';

/** Names whose values never leave the cluster. */
const SENSITIVE = /passw|token|secret|credential|api_?key|private_?key/i;

const HIDDEN = '******';

/** A copy of the CIB with the values of sensitive attributes hidden. */
export function redactCib(cib: Element, patterns: readonly RegExp[]): Element {
  const copy = cib.clone();
  for (const element of copy.descendants()) {
    if (element.name === 'nvpair' && isSensitive(element.get('name') ?? '', patterns))
      element.set('value', HIDDEN);
    // Parameters of operations as they were run.
    for (const name of element.attributes.keys()) {
      if (isSensitive(name, patterns)) element.set(name, HIDDEN);
    }
  }
  return copy;
}

/** The text with `NAME=VALUE`, `NAME: VALUE` and `"NAME":"VALUE"` hidden where the name is sensitive. */
export function redactText(text: string, patterns: readonly RegExp[]): string {
  return text.replace(
    /(["']?)([\w.-]+)\1(\s*[=:]\s*)("(?:\\.|[^"\\\n])*"|'[^'\n]*'|[^\s,;"'}]+)/g,
    (found, mark: string, name: string, sign: string) =>
      isSensitive(name, patterns) ? `${mark}${name}${mark}${sign}"${HIDDEN}"` : found,
  );
}

function isSensitive(name: string, patterns: readonly RegExp[]): boolean {
  return SENSITIVE.test(name) || patterns.some((pattern) => pattern.test(name));
}
