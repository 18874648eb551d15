import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { type Agent, AgentShelf, fullName } from './agent.js';
import type { Environment } from './environment.js';
import { defaultOperations } from './operations.js';
import { error } from './refusal.js';
import { operationLines } from './resource-config.js';
import { byCodePoint, indent } from './words.js';

/** `pcs resource list|describe|standards|providers|agents`, `pcs stonith list|describe`. */

export const listAgents = (stonith: boolean) => async (environment: Environment, words: string[]) => {
  const [filter, more] = words;
  if (more !== undefined) throw new WrongUsage();
  const shelf = new AgentShelf(environment);
  const all = (await shelf.all()).filter(({ agentClass }) => (agentClass === 'stonith') === stonith);
  const shown = (name: (typeof all)[number]) => (stonith ? name.type : fullName(name));
  const matching = all
    .filter((name) => filter === undefined || shown(name).toLowerCase().includes(filter.toLowerCase()))
    .sort((a, b) => byCodePoint(shown(a).toLowerCase(), shown(b).toLowerCase()));
  const lines: string[] = [];
  for (const name of matching) {
    if (environment.has('--nodesc')) {
      lines.push(shown(name));
      continue;
    }
    const agent = await shelf.read(name);
    if (typeof agent === 'string') continue;
    const short = (agent.shortdesc ?? '').replace(/\s+/g, ' ').trim();
    lines.push(short === '' ? shown(name) : `${shown(name)} - ${short}`);
  }
  if (lines.length === 0) {
    const what = stonith ? 'stonith agents' : 'resource agents';
    environment.fail(
      filter === undefined
        ? `No ${what} available. Do you have ${stonith ? 'fence agents' : 'resource agents'} installed?`
        : `No ${what} matching the filter.`,
    );
  }
  environment.print(lines.join('\n'));
};

export const describeAgent = (stonith: boolean) => async (environment: Environment, words: string[]) => {
  const [word, more] = words;
  if (word === undefined || more !== undefined) throw new WrongUsage();
  const shelf = new AgentShelf(environment);
  const name = stonith
    ? { agentClass: 'stonith', provider: null, type: word.replace(/^stonith:/, '') }
    : await shelf.find(word);
  if (!stonith && name.agentClass === 'stonith') {
    environment.deprecated(
      "Ability of this command to accept stonith / fence agents is deprecated and will be removed in a future release. Please use 'pcs stonith describe' instead.",
    );
  }
  const agent = await shelf.read(name);
  if (typeof agent === 'string') {
    environment.report(
      error(`Agent '${fullName(name)}' is not installed or does not provide valid metadata: ${agent}`),
    );
    environment.fail(null);
  }
  environment.print(description(agent, environment.has('--full')).join('\n'));
};

function description(agent: Agent, full: boolean): string[] {
  const stonith = agent.name.agentClass === 'stonith';
  const name = stonith ? agent.name.type : agent.fullName;
  const oneLine = (text: string) => text.replaceAll('\n', ' ');
  const lines = [agent.shortdesc ? `${name} - ${oneLine(agent.shortdesc)}` : name];
  if (agent.longdesc) lines.push('', oneLine(agent.longdesc));
  const parameters = agent.parameters
    .filter(({ advanced, deprecated }) => full || !(advanced || deprecated))
    .map((parameter) => {
      const title = [parameter.name];
      if (parameter.deprecatedBy.length > 0)
        title.push(`(deprecated by ${parameter.deprecatedBy.join(', ')})`);
      else if (parameter.deprecated) title.push('(deprecated)');
      if (parameter.required) title.push('(required)');
      if (parameter.uniqueGroup !== null) {
        const own = parameter.uniqueGroup.startsWith('pcs-internal-');
        title.push(own ? '(unique)' : `(unique group: ${parameter.uniqueGroup})`);
      }
      const text = parameter.longdesc || parameter.shortdesc || 'No description available';
      return `${title.join(' ')}: ${oneLine(text)}`;
    });
  if (parameters.length > 0) {
    lines.push('', stonith ? 'Stonith options:' : 'Resource options:', ...indent(parameters));
  }
  const operations = defaultOperations(agent, true).flatMap((operation) =>
    operationLines(
      operation.get('name') ?? '',
      '',
      ['interval', 'start-delay', 'timeout', 'role', 'OCF_CHECK_LEVEL'].flatMap(
        (option): [string, string][] => {
          const value = operation.get(option);
          return value === undefined ? [] : [[option, value]];
        },
      ),
    ),
  );
  if (operations.length > 0) lines.push('', 'Default operations:', ...indent(operations));
  return lines;
}

export async function standards(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  environment.print((await new AgentShelf(environment).standards()).join('\n'));
}

export async function providers(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const found = await new AgentShelf(environment).providers();
  if (found.length === 0) environment.fail('No OCF providers found');
  environment.print(found.join('\n'));
}

export async function agents(environment: Environment, words: string[]): Promise<void> {
  const [scope, more] = words;
  if (more !== undefined) throw new WrongUsage();
  const shelf = new AgentShelf(environment);
  let found: string[];
  if (scope === undefined) {
    found = (await shelf.all()).map(({ type }) => type);
    found.sort((a, b) => byCodePoint(a.toLowerCase(), b.toLowerCase()));
  } else {
    const [standard = '', provider] = scope.split(':');
    found = await shelf.types(standard, provider);
  }
  if (found.length === 0) environment.fail(`No agents found${scope === undefined ? '' : ` for ${scope}`}`);
  environment.print(found.join('\n'));
}
