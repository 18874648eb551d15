import type { NodeId } from '../../../src/membership/types.js';
import { formatViewId } from '../../../src/membership/view.js';
import { type Check, viewNumber, violate } from './check.js';

/** In one view one node gives orders; and nobody gives any between being told that its view may be over and the next. */
export function coordinatorsCheck(): Check {
  const coordinators = new Map<number, NodeId>();
  const inactive = new Set<NodeId>();
  return {
    name: 'coordinators',
    active(node, active) {
      if (active) inactive.delete(node);
      else inactive.add(node);
    },
    poweredOn(node) {
      inactive.add(node);
    },
    ordering(node, view) {
      const number = viewNumber(view);
      const other = coordinators.get(number) ?? node;
      coordinators.set(number, other);
      if (other !== node) {
        violate(`nodes ${other} and ${node} both give orders in view ${formatViewId(view)}`);
      }
      if (inactive.has(node)) {
        violate(`node ${node} gives orders in view ${formatViewId(view)}, which may be over`);
      }
    },
  };
}
