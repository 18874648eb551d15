import type { NodeId } from '../membership/types.js';
import type { ControllerConfig } from './types.js';

type Nodes = ControllerConfig['nodes'];

/** A node that the list has not got any more is called by its id. */
export function nameOf(nodes: Nodes, node: NodeId): string {
  return nodes.find((one) => one.node === node)?.name ?? String(node);
}

export function nodeNamed(nodes: Nodes, name: string | undefined): NodeId | undefined {
  return nodes.find((one) => one.name === name)?.node;
}
