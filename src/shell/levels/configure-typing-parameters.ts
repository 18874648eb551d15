import type { Statement, Word } from '../../../grammar/crm/ast.js';
import { closest } from '../../../grammar/crm/nearest.js';
import { buildElement } from '../../language/build.js';
import type { TypingProblem } from '../command.js';
import { learn } from './configure-commands.js';
import type { ConfigureCopy } from './configure-copy.js';

/** Parameters of fence devices that the cluster itself reads. */
const FENCING = /^(?:pcmk_.*|priority|provides|stonith-timeout|plug)$/;

/** Parameters that the agent of a primitive does not know, each at its word. */
export async function parameterProblems(
  copy: ConfigureCopy,
  statement: Statement,
  words: readonly Word[],
  cursor: number,
): Promise<TypingProblem[]> {
  if (statement.kind !== 'primitive' && statement.kind !== 'rsc_template') return [];
  const given = statement.parts.flatMap((part) =>
    part.type === 'set' && part.keyword === 'params' ? part.values : [],
  );
  if (given.length === 0) return [];
  await learn(copy, statement);
  const { configuration } = copy;
  const context = { ...configuration.buildContext(), reports: copy.reports.silent() };
  const built = buildElement({ ...statement, parts: [] }, context);
  const whole = configuration.withTemplate(built);
  await copy.learnAgents([built]);
  const agent = whole && copy.metadataOf(whole);
  if (!whole || !agent) return [];
  const known = agent.parameters.map(({ name }) => name);
  const type = [whole.get('class'), whole.get('provider'), whole.get('type')].filter(Boolean).join(':');
  const problems: TypingProblem[] = [];
  for (const { name } of given) {
    if (name === undefined || known.includes(name) || known.includes(name.replaceAll('-', '_'))) continue;
    if (whole.get('class') === 'stonith' && FENCING.test(name)) continue;
    const word = words.find(({ text }) => text === name || text.startsWith(`${name}=`));
    if (!word || (cursor >= word.start && cursor <= word.end)) continue;
    const near = closest(name, known);
    const hint = near === undefined ? `it has ${known.slice(0, 6).join(', ')}` : `did you mean ${near}?`;
    problems.push({
      start: word.start,
      end: Math.min(word.end, word.start + name.length),
      severity: 'warning',
      message: `${type} has no parameter ${name}; ${hint}`,
    });
  }
  return problems;
}
