import { completeAt } from './completion.js';
import type { Interpreter } from './interpreter.js';
import type { Session } from './session.js';

/**
 * Prints what may complete a shell's command line, one candidate a line; behind a `:` only the part after it, as
 * bash breaks words there.
 *
 * @param request the whole line beginning with `crm`, and the cursor's position in it
 */
export async function completeForShell(
  session: Session,
  interpreter: Interpreter,
  request: { readonly point: number; readonly line: string },
): Promise<void> {
  const typed = request.line.slice(0, request.point);
  const program = /^\s*\S+\s*/.exec(typed)?.[0] ?? '';
  const rest = typed
    .slice(program.length)
    .replace(/^(?:-[FnwdR]\s+|--(?:force|no|wait|debug)\s+|-[HDco]\s+\S+\s+)*/, '');
  const { from, items } = await completeAt(interpreter.session, rest, rest.length);
  const word = rest.slice(from);
  const cut = word.lastIndexOf(':') + 1;
  session.print(items.map(({ text }) => `${text.slice(cut)}\n`).join(''));
}
