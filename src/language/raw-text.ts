import type { Element } from '../cib/element.js';
import { writeXml } from '../cib/xml.js';

/** An object that the language cannot say, as `xml` and its element. */
export function rawText(element: Element, layout: 'lines' | 'line'): string {
  const lines = writeXml(element)
    .split('\n')
    .filter((line) => line !== '');
  // As crmsh prints it: the outermost element's own attributes in hexadecimal, everything below in decimal.
  const [head = '', ...rest] = lines;
  const ascii = [references(head, 16), ...rest.map((line) => references(line, 10))];
  return `xml ${ascii.join(layout === 'lines' ? ' \\\n' : ' ')}`;
}

/** Character references instead of everything that is not ASCII. */
function references(text: string, radix: 10 | 16): string {
  return text.replace(/[^\0-\x7f]/gu, (character) => {
    const code = character.codePointAt(0)!;
    return radix === 16 ? `&#x${code.toString(16).toUpperCase()};` : `&#${code};`;
  });
}
