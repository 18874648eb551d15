import { formatViewId } from '../../../src/membership/view.js';
import { type Check, violate } from './check.js';

/** Within a view every node delivers the same messages at the same places, without gaps. */
export function orderCheck(): Check {
  const messages = new Map<string, string>();
  const last = new Map<string, number>();
  return {
    name: 'order',
    ordered(node, view, sequence, payload) {
      const at = `${formatViewId(view)}#${sequence}`;
      const known = messages.get(at);
      if (known !== undefined && known !== payload) violate(`two messages at ${at}: ${known}; ${payload}`);
      messages.set(at, payload);
      const own = `${node} ${formatViewId(view)}`;
      const before = last.get(own) ?? 0;
      if (sequence !== before + 1) violate(`node ${node} delivers ${at} after ${before}`);
      last.set(own, sequence);
    },
  };
}
