import { advise } from '../cib/advice/advise.js';
import { agentFacts } from '../cib/advice/agent-facts.js';
import type { AgentFacts, AgentLookup, Severity } from '../cib/advice/finding.js';
import type { Element, Position } from '../cib/element.js';
import { parseXml, XmlError } from '../cib/xml.js';
import type { Arguments } from '../command-line/options.js';
import type { Report, Surroundings } from '../command-line/tool.js';
import { openCib } from './access.js';
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

/** Of a corosync.conf, beside what is said of CIBs. */
const COROSYNC_SETTING = 'corosync-setting';

interface Said {
  readonly code: string;
  readonly severity: Severity;
  readonly file: string;
  readonly id: string | undefined;
  readonly position: Position | undefined;
  readonly message: string;
}

/** What the running agent finds without effect in the corosync.conf that it goes by. */
async function corosyncRemarks(surroundings: Surroundings): Promise<Said[]> {
  const opened = await openCib(surroundings);
  if (!opened.ok) return [];
  const answer = await opened.value.call('cluster.remarks', {});
  await opened.value.close();
  if (!answer.ok) return [];
  const { file, remarks } = answer.value;
  return remarks.map(({ message, ...position }) => ({
    code: COROSYNC_SETTING,
    severity: 'warning',
    file,
    id: undefined,
    position,
    message,
  }));
}

/** `crm_verify --advice`: a line for each finding, or a JSON array of them. */
export async function showAdvice(
  cib: Element,
  given: Arguments,
  report: Report,
  surroundings: Surroundings,
): Promise<void> {
  const agents = await installedAgents(cib, surroundings);
  const silenced = given.values('silence');
  const cibName = given.value('xml-file') ?? 'cib';
  const findings: Said[] = advise(cib, { agents, silenced }).map((one) => ({ ...one, file: cibName }));
  if (given.has('live-check') && !silenced.includes(COROSYNC_SETTING))
    findings.push(...(await corosyncRemarks(surroundings)));
  if (given.value('advice') === 'json') {
    const list = findings.map(({ code, severity, file, id, position, message }) => ({
      code,
      severity,
      ...(file === cibName ? {} : { file }),
      ...(id === undefined ? {} : { id }),
      ...(position ? { line: position.line, column: position.column } : {}),
      message,
    }));
    report.raw(`${JSON.stringify(list, undefined, 2)}\n`);
    return;
  }
  for (const { code, severity, file, position, message } of findings) {
    const place = position ? `${file}:${position.line}:${position.column}: ` : '';
    report.line(`${place}${severity}: ${message} [${code}]`);
  }
}
