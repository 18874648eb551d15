import { statementKeywords } from '../../../grammar/crm/read.js';
import { completeStatement as candidates } from '../../language/completion.js';
import { agentsOf } from '../agents/agents.js';
import type { Completion, CompletionRequest } from '../command.js';
import { splitAtCursor } from '../words.js';
import { openCopy } from './configure-copy.js';

/** Candidates for the word at the cursor of a statement. */
export async function completeStatement(request: CompletionRequest): Promise<readonly Completion[]> {
  const { session, words, word, line } = request;
  const copy = await openCopy(session);
  if (!copy) return [];
  const typed = splitAtCursor(line).words;
  const head = fullName(typed[typed.length - words.length - 1] ?? '');
  const agents = agentsOf(session);
  return candidates(
    [head, ...words].map((text) => ({ text, start: 0, end: 0 })),
    word,
    {
      configuration: copy.configuration,
      classes: () => agents.classes(),
      providers: () => agents.providers(),
      types: (agentClass, provider) => agents.list(agentClass, provider),
      metadata: async (spec) => agents.metadata(await agents.resolve(spec)),
    },
  );
}

/** The statement's keyword, whose beginning may be typed. */
export function fullName(typed: string): string {
  const keywords = statementKeywords();
  const lower = typed.toLowerCase();
  if (keywords.includes(lower)) return lower;
  const beginning = keywords.filter((keyword) => keyword.startsWith(lower));
  return beginning.length === 1 ? beginning[0]! : lower;
}
