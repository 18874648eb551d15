import { formatViewId } from '../../../src/membership/view.js';
import { type Check, violate } from './check.js';

/**
 * Within a view every node delivers the same messages at the same places, without gaps. Who goes on together has
 * delivered the same of the old view. And what a node was given before its view was over ("safe"), everybody else
 * who leaves that view alive was given, too.
 */
export function orderCheck(): Check {
  const messages = new Map<string, string>();
  /** Node and view → last place delivered. */
  const last = new Map<string, number>();
  /** View → highest place delivered to anybody while the view went on; lowest with which anybody has left it. */
  const safe = new Map<string, { place: number; node: number }>();
  const left = new Map<string, { place: number; node: number }>();
  /** Old and new view → how much of the old one its first traveller had. */
  const together = new Map<string, { place: number; node: number }>();
  return {
    name: 'order',
    ordered(node, view, sequence, payload, transitional) {
      const id = formatViewId(view);
      const at = `${id}#${sequence}`;
      const known = messages.get(at);
      if (known !== undefined && known !== payload) violate(`two messages at ${at}: ${known}; ${payload}`);
      messages.set(at, payload);
      const own = `${node} ${id}`;
      const before = last.get(own) ?? 0;
      if (sequence !== before + 1) violate(`node ${node} delivers ${at} after ${before}`);
      last.set(own, sequence);
      if (transitional) return;
      const gone = left.get(id);
      if (gone && gone.place < sequence) {
        violate(`node ${node} delivers ${at}, but node ${gone.node} has left that view with ${gone.place}`);
      }
      if (sequence > (safe.get(id)?.place ?? 0)) safe.set(id, { place: sequence, node });
    },
    view(node, view, previous) {
      if (!previous) return;
      const id = formatViewId(previous.id);
      const place = last.get(`${node} ${id}`) ?? 0;
      const promised = safe.get(id);
      if (promised && promised.place > place) {
        violate(
          `node ${node} leaves view ${id} with ${place}, but node ${promised.node} was given ${promised.place}`,
        );
      }
      const lowest = left.get(id);
      if (!lowest || place < lowest.place) left.set(id, { place, node });
      const way = `${id} > ${formatViewId(view.id)}`;
      const first = together.get(way);
      if (!first) together.set(way, { place, node });
      else if (first.place !== place) {
        violate(`${way}: node ${first.node} had delivered ${first.place}, node ${node} ${place}`);
      }
    },
  };
}
