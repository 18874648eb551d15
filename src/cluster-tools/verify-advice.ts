import { advise } from '../cib/advice/advise.js';
import { agentFacts } from '../cib/advice/agent-facts.js';
import type { AgentFacts, AgentLookup } from '../cib/advice/finding.js';
import type { Element } from '../cib/element.js';
import { parseXml, XmlError } from '../cib/xml.js';
import type { Arguments } from '../command-line/options.js';
import type { Report, Surroundings } from '../command-line/tool.js';
import { localAgents } from './local-agents.js';

function key(agentClass: string, provider: string | undefined, type: string): string {
  return [agentClass, provider ?? '', type].join(':');
}

/** The meta-data of all agents of a configuration that are installed on this host. */
async function installedAgents(cib: Element, surroundings: Surroundings): Promise<AgentLookup> {
  const agents = localAgents(surroundings);
  const found = new Map<string, AgentFacts | undefined>();
  const wanted = new Map<string, Element>();
  for (const element of cib.at('configuration', 'resources')?.descendants() ?? []) {
    const agentClass = element.get('class');
    const type = element.get('type');
    if (agentClass === undefined || type === undefined) continue;
    wanted.set(key(agentClass, element.get('provider'), type), element);
  }
  await Promise.all(
    [...wanted].map(async ([name, element]) => {
      const agentClass = element.get('class')!;
      const text = await agents.metadata(agentClass, element.get('provider'), element.get('type')!);
      if (text === null) return;
      try {
        found.set(name, agentFacts(parseXml(text)));
      } catch (error) {
        if (!(error instanceof XmlError)) throw error;
      }
    }),
  );
  return (agentClass, provider, type) => found.get(key(agentClass, provider, type));
}

/** `crm_verify --advice`: a line for each finding, or a JSON array of them. */
export async function showAdvice(
  cib: Element,
  given: Arguments,
  report: Report,
  surroundings: Surroundings,
): Promise<void> {
  const agents = await installedAgents(cib, surroundings);
  const findings = advise(cib, { agents, silenced: given.values('silence') });
  if (given.value('advice') === 'json') {
    const list = findings.map(({ code, severity, id, position, message }) => ({
      code,
      severity,
      ...(id === undefined ? {} : { id }),
      ...(position ? { line: position.line, column: position.column } : {}),
      message,
    }));
    report.raw(`${JSON.stringify(list, undefined, 2)}\n`);
    return;
  }
  const file = given.value('xml-file') ?? 'cib';
  for (const { code, severity, position, message } of findings) {
    const place = position ? `${file}:${position.line}:${position.column}: ` : '';
    report.line(`${place}${severity}: ${message} [${code}]`);
  }
}
