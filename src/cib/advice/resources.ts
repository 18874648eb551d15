import type { Element } from '../element.js';
import { formatInterval, intervalMs, parseInterval } from '../interval.js';
import { SECRET_MARK } from '../secrets.js';
import type { AgentFacts, AgentLookup, Findings } from './finding.js';

/** Parameters that the cluster itself reads from fence devices. */
const FENCER_PARAMETERS = /^(?:pcmk_|stonith-timeout$|provides$|priority$|port$|plug$|action$)/;
/** Parameters that every OCF agent may be given. */
const COMMON_PARAMETERS = /^(?:trace_ra|trace_file|OCF_CHECK_LEVEL|CRM_meta_.*)$/;
const SECRET_NAME = /(?:^|[-_])(?:passw(?:or)?d|passwd|secret|passphrase|token|api_?key|private_?key)$/i;

/** A primitive's own children of a kind, then those of its template. */
function inherited(primitive: Element, template: Element | undefined, kind: string): Element[] {
  return [...primitive.elements(kind), ...(template?.elements(kind) ?? [])];
}

/** What is odd about single resources. */
export function adviseOnResources(configuration: Element, lookup: AgentLookup, findings: Findings): void {
  const resources = configuration.first('resources');
  if (!resources) return;
  const templates = new Map(resources.elements('template').map((template) => [template.id, template]));
  for (const primitive of resources.descendants()) {
    if (primitive.name !== 'primitive') continue;
    const template = templates.get(primitive.get('template') ?? '');
    const agent = template ?? primitive;
    const facts = lookup(agent.get('class') ?? '', agent.get('provider'), agent.get('type') ?? '');
    adviseOnOperations(primitive, template, agent.get('class'), facts, findings);
    adviseOnParameters(primitive, template, agent, facts, findings);
  }
}

function adviseOnOperations(
  primitive: Element,
  template: Element | undefined,
  agentClass: string | undefined,
  facts: AgentFacts | undefined,
  findings: Findings,
): void {
  const operations = inherited(primitive, template, 'operations').flatMap((set) => set.elements('op'));
  const recurring = operations.some(
    (op) => op.get('name') === 'monitor' && intervalMs(op.get('interval')) > 0,
  );
  if (!recurring) {
    findings.add(
      agentClass === 'stonith' ? 'advice' : 'warning',
      'no-monitor',
      primitive,
      `${primitive.id} has no recurring monitor: the cluster will not notice when it fails`,
    );
  }
  const seen = new Map<string, Element>();
  for (const set of primitive.elements('operations')) {
    for (const op of set.elements('op')) {
      const key = `${op.get('name')} every ${formatInterval(intervalMs(op.get('interval')))}`;
      if (seen.has(key)) {
        findings.add(
          'error',
          'same-interval',
          op,
          `${primitive.id} has two operations ${key}: only one of them will run; let their intervals differ`,
        );
      }
      seen.set(key, op);
    }
  }
  for (const op of operations) {
    const timeout = parseInterval(op.get('timeout'));
    const advertised = facts?.actions.find(({ name }) => name === op.get('name'))?.timeoutMs;
    if (timeout === undefined || advertised === undefined || timeout >= advertised) continue;
    findings.add(
      'warning',
      'short-timeout',
      op,
      `${primitive.id}: ${op.get('name')} may take ${formatInterval(timeout)}, ` +
        `but its agent asks for ${formatInterval(advertised)}`,
    );
  }
}

function adviseOnParameters(
  primitive: Element,
  template: Element | undefined,
  agent: Element,
  facts: AgentFacts | undefined,
  findings: Findings,
): void {
  const pairs = inherited(primitive, template, 'instance_attributes').flatMap((set) =>
    set.elements('nvpair'),
  );
  const referenced = inherited(primitive, template, 'instance_attributes').some((set) => set.get('id-ref'));
  const type = [agent.get('class'), agent.get('provider'), agent.get('type')].filter(Boolean).join(':');
  const given = new Set<string>();
  for (const pair of pairs) {
    const name = pair.get('name') ?? '';
    given.add(name);
    const value = pair.get('value') ?? '';
    if (SECRET_NAME.test(name) && value !== '' && !value.startsWith(SECRET_MARK)) {
      findings.add(
        'warning',
        'plain-secret',
        pair,
        `${primitive.id}: ${name} is readable by all who may read the configuration; ` +
          'keep it with "resource secret" instead',
      );
    }
    const foreign = agent.get('class') === 'stonith' ? FENCER_PARAMETERS : COMMON_PARAMETERS;
    if (facts && !facts.parameters.has(name) && !foreign.test(name)) {
      findings.add(
        'warning',
        'unknown-parameter',
        pair,
        `${primitive.id}: ${type} knows no parameter ${name}`,
      );
    }
  }
  if (!facts || referenced) return;
  for (const [name, { required }] of facts.parameters) {
    if (!required || given.has(name)) continue;
    if (agent.get('class') === 'stonith' && FENCER_PARAMETERS.test(name)) continue;
    findings.add(
      'error',
      'missing-parameter',
      primitive,
      `${primitive.id}: ${type} needs the parameter ${name}`,
    );
  }
}
