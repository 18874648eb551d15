import type { Element } from '../cib/element.js';
import type { Location } from '../scheduler/planner.js';
import { resourceParameters } from '../status/parameters.js';
import type { ClusterStatus } from '../status/types.js';
import { attributeBlock, type ParameterOf } from './attributes.js';
import { banBlock } from './bans.js';
import { failureBlock } from './failures.js';
import { type FencingHistory, failedFencingBlock, fencingBlock } from './fencing.js';
import { historyBlock } from './history.js';
import { nodeBlock } from './node-text.js';
import type { Block } from './outline.js';
import { resourceBlock } from './resource-text.js';
import { summaryBlocks } from './summary.js';
import { ticketBlock } from './tickets.js';
import type { Medium, View } from './view.js';
import { statusElements } from './xml.js';

/** Everything that the formats print from. */
export interface Report {
  readonly status: ClusterStatus;
  readonly view: View;
  /** Undefined where nobody asked the fencer (a CIB file has none). */
  readonly fencing: FencingHistory | undefined;
  /** Location constraints as unpacked; needed only for bans. */
  readonly locations: readonly Location[];
}

function parameters(status: ClusterStatus): ParameterOf {
  return (resource, node, name) => resourceParameters(status, resource, node).get(name);
}

/** The sections of text or HTML, in the order that each has in Pacemaker. */
export function reportBlocks({ status, view, fencing, locations }: Report, medium: Medium): Block[] {
  const { sections } = view;
  const blocks: (Block | undefined)[] = [...summaryBlocks(status, view, medium)];
  if (sections.has('nodes')) blocks.push(nodeBlock(status, view, medium));
  if (sections.has('resources')) blocks.push(resourceBlock(status, view, medium, true));
  if (sections.has('attributes')) {
    blocks.push(attributeBlock(status, view, medium, parameters(status)));
  }
  if (sections.has('operations') || sections.has('failcounts')) {
    blocks.push(historyBlock(status, view, medium));
  }
  if (sections.has('failures')) blocks.push(failureBlock(status, view));
  const fenced = fencing ? fencingBlock(fencing, view) : undefined;
  if (fencing) blocks.push(failedFencingBlock(fencing, view));
  if (medium === 'html') blocks.push(fenced);
  if (sections.has('tickets')) blocks.push(ticketBlock(status, medium));
  if (sections.has('bans')) blocks.push(banBlock(locations, view));
  if (medium === 'text') blocks.push(fenced);
  return blocks.filter((block) => block !== undefined);
}

/** The sections as Pacemaker's XML. */
export function reportElements({ status, view, fencing, locations }: Report): Element[] {
  return statusElements(status, view, { fencing, locations, parameterOf: parameters(status) });
}
