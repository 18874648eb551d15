import type { ConfigurationRemark } from './messages.js';

/** `FILE:LINE:COLUMN: MESSAGE`, as compilers write it and editors read it. */
export function remarkText(file: string, { line, column, message }: ConfigurationRemark): string {
  return `${file}:${line}:${column}: ${message}`;
}
