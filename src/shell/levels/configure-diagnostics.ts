import type { Diagnostic } from '../../../grammar/crm/ast.js';
import { formatDiagnostic } from '../../../grammar/crm/read.js';
import type { Session } from '../session.js';

/** Shows what is wrong with a text: each mistake with its line, a caret, what was expected. */
export function sayDiagnostics(
  session: Session,
  diagnostics: readonly Diagnostic[],
  text: string,
  file?: string,
): void {
  for (const diagnostic of diagnostics) {
    const [head, ...rest] = formatDiagnostic(diagnostic, text, file).split('\n');
    session.error(`syntax: ${head}`);
    for (const line of rest) session.world.output.message('error', line);
  }
}
