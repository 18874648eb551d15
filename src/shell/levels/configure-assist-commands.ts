import type { NameValue, PrimitiveStatement } from '../../../grammar/crm/ast.js';
import { agentSpec } from '../../language/describe.js';
import type { Command } from '../command.js';
import { openCopy } from './configure-copy.js';

/** A template of what primitives have in common: their agent, and equal parameters. */
export const template: Command['run'] = async (env, ids) => {
  const { session } = env;
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  const fork = copy.configuration.fork();
  const statements: PrimitiveStatement[] = [];
  for (const id of ids) {
    const object = fork.find(id);
    const statement = object && fork.statementOf(object);
    if (statement?.kind !== 'primitive' || statement.template !== undefined) {
      session.error(object ? `${id} is no primitive without a template` : `object ${id} does not exist`);
      return 'failed';
    }
    statements.push(statement);
  }
  const specs = new Set(ids.map((id) => agentSpec(fork.find(id)!.element)));
  if (specs.size !== 1) {
    session.error(`the primitives have different agents: ${[...specs].join(', ')}`);
    return 'failed';
  }
  const [agent] = [...specs] as [string];
  const type = agent.split(':').at(-1)!.toLowerCase();
  let number = 1;
  while (fork.find(`template-${type}-${number}`)) number += 1;
  const id = `template-${type}-${number}`;
  const common = inCommon(statements);
  await copy.learnProviders([agent.split(':').at(-1)!]);
  const made = fork.create({
    kind: 'rsc_template',
    id,
    agent,
    parts: common.length === 0 ? [] : [{ type: 'set', keyword: 'params', rules: [], values: common }],
  });
  if (!made) {
    copy.say();
    return 'failed';
  }
  const names = new Set(common.map(({ name }) => name));
  for (const statement of statements) {
    const parts = statement.parts.flatMap((part) => {
      if (part.type !== 'set' || part.keyword !== 'params' || part.rules.length > 0) return [part];
      const values = part.values.filter(({ name }) => !names.has(name));
      return values.length === 0 ? [] : [{ ...part, values }];
    });
    const { agent: _agent, ...rest } = statement;
    const changed: PrimitiveStatement = { ...rest, template: id, parts };
    const object = fork.find(statement.id)!;
    if (!fork.update(object, changed)) {
      copy.say();
      return 'failed';
    }
  }
  copy.configuration.adopt(fork);
  copy.say();
  session.info(`created ${id}; ${ids.join(', ')} use it`);
  return 'done';
};

/** Parameters that all primitives have with the same value. */
function inCommon(statements: readonly PrimitiveStatement[]): NameValue[] {
  const values = statements.map((statement) =>
    statement.parts.flatMap((part) =>
      part.type === 'set' && part.keyword === 'params' && part.rules.length === 0 ? part.values : [],
    ),
  );
  return (values[0] ?? []).filter((one) =>
    values.every((list) => list.some(({ name, value }) => name === one.name && value === one.value)),
  );
}

export const weakBond: Command['run'] = async (env, ids) => {
  const { session } = env;
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  if (ids.length < 2) {
    session.error('a weak bond needs two resources');
    return 'failed';
  }
  const missing = ids.filter((id) => !copy.configuration.findResource(id));
  if (missing.length > 0) {
    for (const id of missing) session.error(`object ${id} does not exist`);
    return 'failed';
  }
  const fork = copy.configuration.fork();
  const free = (prefix: string) => {
    let number = 1;
    while (fork.find(`${prefix}-${number}`)) number += 1;
    return `${prefix}-${number}`;
  };
  const [dummy, constraint] = [free('place-dummy'), free('place-constraint')];
  const members = ids.map((id) => ({ type: 'member', id }) as const);
  const ok =
    fork.create({ kind: 'primitive', id: dummy, agent: 'ocf:pacemaker:Dummy', parts: [] }) &&
    fork.create({
      kind: 'colocation',
      id: constraint,
      score: 'inf',
      members: [
        { type: 'open', bracket: '(' },
        ...members,
        { type: 'close', bracket: ')' },
        { type: 'member', id: dummy },
      ],
    });
  if (ok) copy.configuration.adopt(fork);
  copy.say();
  if (ok) session.info(`created ${dummy} and ${constraint}`);
  return ok ? 'done' : 'failed';
};
