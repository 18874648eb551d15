import type { Element } from '../cib/element.js';
import type { ClusterState } from '../protocol/messages.js';
import { readConstraints } from '../scheduler/index.js';
import { unpackStatus } from '../status/unpack.js';
import { reportMetrics, writeMetrics } from './prometheus.js';
import { allSections } from './sections.js';
import { EVERYTHING } from './view.js';

/** A whole cluster as a page of metrics, as `crm_mon --output-as=prometheus` prints it. */
export function metricsPage(source: {
  readonly cib: Element;
  readonly state: ClusterState | undefined;
  readonly nowMs: number;
}): string {
  const status = unpackStatus(source.cib, { nowMs: source.nowMs });
  const view = { ...EVERYTHING, sections: allSections('prometheus') };
  const report = { status, view, fencing: undefined, locations: readConstraints(status) };
  return writeMetrics(reportMetrics(report, source.state));
}
