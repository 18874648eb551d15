import type { Element } from '../cib/element.js';
import type { NodeId } from '../membership/types.js';
import { memberOf } from '../membership/view.js';
import type { Dc } from './dc.js';
import type { Document } from './document.js';
import { findNodeState } from './edits.js';
import { nodeNamed } from './node-names.js';
import type { ControllerConfig, DcRequest, Performance, RequestAnswer } from './types.js';

type Nodes = ControllerConfig['nodes'];

/** A primitive counts as failed on a node; one that it has never run there cannot. */
export function failResource(
  request: DcRequest & { readonly kind: 'fail' },
  dc: Dc,
  cib: Element,
  nodes: Nodes,
): RequestAnswer {
  const node = nodeNamed(nodes, request.node);
  if (node === undefined || !memberOf(dc.view, node)) return notFound(`Node ${request.node} is not online`);
  const resource = historiesOf(cib, node).find(({ id }) => id === request.resource);
  if (!resource) return notFound(`${request.resource} has no history on ${request.node}`);
  dc.fail(node, identityOf(resource));
  return { ok: true, result: {} };
}

function notFound(message: string): RequestAnswer {
  return { ok: false, error: { code: 'not-found', message } };
}

/** Has failures forgotten, and the resources probed anew; returns what there was to be forgotten. */
export function cleanUp(
  request: DcRequest & { readonly kind: 'cleanup' },
  dc: Dc,
  document: Document,
  nodes: Nodes,
): { resource: string; node: string }[] {
  const cleaned: { resource: string; node: string }[] = [];
  for (const { node, name } of nodes) {
    if (request.node !== null && request.node !== name) continue;
    const { cib } = document;
    for (const resource of historiesOf(cib, node)) {
      if (request.resource !== null && !isInstanceOf(resource.id, request.resource, cib)) continue;
      const failed = dc.clearFailures(node, resource.id, request.operation, request.intervalMs);
      const recorded = resource
        .elements('lrm_rsc_op')
        .some((entry) => entry.id.endsWith('_last_failure_0') && !isFinding(entry));
      if (!request.refresh && !failed && !recorded) continue;
      if (memberOf(dc.view, node)) dc.forget(node, identityOf(resource));
      else dc.change([{ kind: 'forget', node: String(node), resource: resource.id }]);
      cleaned.push({ resource: resource.id, node: name });
    }
  }
  dc.requestPlan('failures were cleaned up');
  return cleaned;
}

/** The histories of resources on a node, `<lrm_resource>` each. */
function historiesOf(cib: Element, node: NodeId): Element[] {
  return findNodeState(cib, String(node))?.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? [];
}

/** What a history is of. */
function identityOf(history: Element): Performance['resource'] {
  const resource = { id: history.id, class: history.get('class') ?? '', type: history.get('type') ?? '' };
  const provider = history.get('provider');
  return provider === undefined ? resource : { ...resource, provider };
}

/** A probe that has found the resource active, which is recorded as a failure and is none. */
function isFinding(entry: Element): boolean {
  const probe = entry.get('operation') === 'monitor' && Number(entry.get('interval') ?? 0) === 0;
  return probe && entry.get('op-status') === '0' && ['0', '7', '8'].includes(entry.get('rc-code') ?? '');
}

/** Whether a history belongs to a resource: itself, an instance of it, or a member of the group or clone. */
function isInstanceOf(history: string, resource: string, cib: Element): boolean {
  const base = history.replace(/:\d+$/, '');
  if (base === resource || history === resource) return true;
  for (const element of cib.at('configuration', 'resources')?.descendants() ?? []) {
    if (element.id !== resource) continue;
    for (const inner of element.descendants())
      if (inner.name === 'primitive' && inner.id === base) return true;
  }
  return false;
}
