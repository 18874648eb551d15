import type { Element } from '../../cib/element.js';
import { scanInteger } from '../../cib/number.js';
import { element } from '../../command-line/output.js';
import type { ResultName } from '../../command-line/result-codes.js';
import type { Report } from '../../command-line/tool.js';
import { describePrimitive } from '../../monitor/resource-text.js';
import { calendarTime } from '../../monitor/terms.js';
import { EVERYTHING } from '../../monitor/view.js';
import { type ActiveRange, activeRange, sortedHistory } from '../../status/history-entries.js';
import { currentNode } from '../../status/queries.js';
import type { ClusterNode, ClusterStatus } from '../../status/types.js';
import { findResource } from './find.js';

const STATUS_WORDS: Readonly<Record<number, string>> = {
  [-2]: 'unknown',
  [-1]: 'pending',
  0: 'complete',
  1: 'Cancelled',
  2: 'Timed Out',
  3: 'Not supported',
  4: 'Error',
  5: 'Hard Error',
  6: 'Fatal Error',
  7: 'Not installed',
  8: 'No active connection',
  9: 'Device not found',
  10: 'Invalid target',
  11: 'No fence device',
  12: 'CIB secrets missing',
};

function number(operation: Element, name: string, fallback: number): number {
  return Number(scanInteger(operation.get(name) ?? '')?.value ?? BigInt(fallback));
}

/** Recorded operations of all nodes, or of one; `active`: only those that still say something. */
export function listOperations(
  report: Report,
  status: ClusterStatus,
  requested: string | undefined,
  only: ClusterNode | undefined,
  active: boolean,
): ResultName {
  const found: { node: string; resource: string; operation: Element }[] = [];
  for (const state of status.cib.first('status')?.elements('node_state') ?? []) {
    const node = state.get('uname') ?? '';
    if (only && only.name !== node) continue;
    const known = status.nodes.find((candidate) => candidate.name === node);
    if (!known || (!known.online && !status.options.stonithEnabled)) continue;
    for (const history of state.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? []) {
      if (requested !== undefined && history.id !== requested) continue;
      const operations = sortedHistory(history);
      const range = activeRange(operations);
      for (const [index, operation] of operations.entries()) {
        if (active && !isActive(index, range)) continue;
        found.push({ node, resource: history.id, operation });
      }
    }
  }
  if (found.length === 0) return 'no_output';
  const entries = found.map(({ node, resource, operation }) => describe(status, node, resource, operation));
  for (const { line } of entries) report.line(line);
  report.xml(
    element(
      'operations',
      {},
      entries.map(({ xml }) => xml),
    ),
  );
  return 'ok';
}

/** What was done since the last start tells of the present; after a stop nothing does. */
function isActive(index: number, { start, stop }: ActiveRange): boolean {
  return start >= stop && index >= start;
}

function describe(status: ClusterStatus, nodeName: string, id: string, operation: Element) {
  const resource = findResource(status.resources, id);
  const key = operation.get('operation_key') ?? operation.id;
  const state = STATUS_WORDS[number(operation, 'op-status', -2)] ?? 'UNKNOWN!';
  const changed = scanInteger(operation.get('last-rc-change') ?? '');
  const when = changed ? calendarTime(Number(changed.value) * 1000) : undefined;
  const style = { status, view: EVERYTHING, medium: 'text', withoutNode: true, implicit: true } as never;
  const subject = resource
    ? describePrimitive(resource, resource.printableId, currentNode(resource), style)
    : `Unknown resource ${id}`;
  const last = when === undefined ? '' : `, last-rc-change='${when}', exec=${operation.get('exec-time')}ms`;
  const line = `${subject}: ${key} (node=${nodeName}, call=${operation.get('call-id')}, rc=${operation.get('rc-code')}${last}): ${state}`;
  const { xml } = resource ?? {};
  const xmlEntry = element('operation', {
    op: key,
    node: nodeName,
    call: operation.get('call-id'),
    rc: operation.get('rc-code'),
    status: state,
    rsc: resource?.printableId,
    agent: xml ? `${xml.get('class')}:${xml.get('provider') ?? ''}:${xml.get('type')}` : undefined,
    'last-rc-change': when,
    'exec-time': when === undefined ? undefined : operation.get('exec-time'),
  });
  return { line, xml: xmlEntry };
}
