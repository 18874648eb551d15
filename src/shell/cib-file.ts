import { readFileSync } from 'node:fs';
import type { Element } from '../cib/element.js';
import { parseXml, XmlError } from '../cib/xml.js';
import type { Session } from './session.js';

/** A CIB from a file; null, after an error with the place, where it cannot be read. */
export function readCibFile(session: Session, path: string): Element | null {
  try {
    return parseXml(readFileSync(path, 'utf8'));
  } catch (error) {
    const at = error instanceof XmlError ? `:${error.position.line}:${error.position.column}` : '';
    session.error(`${path}${at}: ${(error as Error).message}`);
    return null;
  }
}
