import type { Element } from '../element.js';
import { adviseOnConstraints } from './constraints.js';
import { type AgentLookup, type Finding, Findings, type Severity } from './finding.js';
import { adviseOnOptions } from './options.js';
import { adviseOnReferences } from './references.js';
import { adviseOnResources } from './resources.js';

export interface AdviceOptions {
  /** Default: nothing is known about any agent. */
  readonly agents?: AgentLookup;
  /** Codes of findings that nobody wants to hear of. */
  readonly silenced?: Iterable<string>;
}

const ORDER: readonly Severity[] = ['error', 'warning', 'advice'];

/**
 * What an experienced administrator would say about a configuration that obeys its schema: mistakes that the
 * cluster runs into only later, and dangers. The worst comes first, else in the order of the document.
 */
export function advise(cib: Element, options: AdviceOptions = {}): Finding[] {
  const configuration = cib.name === 'configuration' ? cib : cib.first('configuration');
  if (!configuration) return [];
  const findings = new Findings(new Set(options.silenced ?? []), configuration);
  adviseOnOptions(configuration, findings);
  adviseOnResources(configuration, options.agents ?? (() => undefined), findings);
  adviseOnReferences(configuration, findings);
  adviseOnConstraints(configuration, findings);
  const line = (finding: Finding) => finding.position?.line ?? 0;
  return findings.all.sort(
    (a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || line(a) - line(b),
  );
}
