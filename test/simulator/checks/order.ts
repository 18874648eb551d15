import type { NodeId, OrderedMessage, ViewId } from '../../../src/membership/types.js';
import { formatViewId } from '../../../src/membership/view.js';
import { type Check, viewNumber, violate } from './check.js';

interface ViewLog {
  readonly id: ViewId;
  /** Message by place, from 1. */
  readonly messages: OrderedMessage[];
  /** How far each node has delivered. */
  readonly delivered: Map<NodeId, number>;
  /** Highest place delivered to anybody while the view went on. */
  safe: { place: number; node: NodeId };
  /** Lowest place with which anybody has left it. */
  left: { place: number; node: NodeId } | null;
  /** New view → how much of this one its first traveller had. */
  readonly together: Map<number, { place: number; node: NodeId }>;
}

/**
 * Within a view every node delivers the same messages at the same places, without gaps, and those of one sender in the
 * order in which it sent them. Who goes on together has delivered the same of the old view. And what a node was given
 * before its view was over ("safe"), everybody else who leaves that view alive was given, too.
 */
export function orderCheck(): Check {
  const logs = new Map<number, ViewLog>();
  const logOf = (id: ViewId): ViewLog => {
    const number = viewNumber(id);
    let log = logs.get(number);
    if (!log) {
      log = {
        id,
        messages: [],
        delivered: new Map(),
        safe: { place: 0, node: 0 },
        left: null,
        together: new Map(),
      };
      logs.set(number, log);
    }
    return log;
  };
  return {
    name: 'order',
    ordered(node, view, message, transitional) {
      const log = logOf(view);
      const at = () => `${formatViewId(view)}#${message.sequence}`;
      const known = log.messages[message.sequence];
      if (!known) {
        log.messages[message.sequence] = message;
        const earlier = log.messages.findLast(
          (other, place) => place < message.sequence && other?.origin === message.origin,
        );
        if (earlier && earlier.originSequence >= message.originSequence) {
          violate(`${at()} of node ${message.origin} comes after a later one of it`);
        }
      } else if (!isSame(known, message)) {
        violate(`two messages at ${at()}: ${JSON.stringify(known)}; ${JSON.stringify(message)}`);
      }
      const before = log.delivered.get(node) ?? 0;
      if (message.sequence !== before + 1) violate(`node ${node} delivers ${at()} after ${before}`);
      log.delivered.set(node, message.sequence);
      if (transitional) return;
      if (log.left && log.left.place < message.sequence) {
        violate(
          `node ${node} delivers ${at()}, but node ${log.left.node} has left that view with ${log.left.place}`,
        );
      }
      if (message.sequence > log.safe.place) log.safe = { place: message.sequence, node };
    },
    view(node, view, previous) {
      if (!previous) return;
      const log = logOf(previous.id);
      const id = formatViewId(previous.id);
      const place = log.delivered.get(node) ?? 0;
      if (log.safe.place > place) {
        violate(
          `node ${node} leaves view ${id} with ${place}, but node ${log.safe.node} was given ${log.safe.place}`,
        );
      }
      if (!log.left || place < log.left.place) log.left = { place, node };
      const next = viewNumber(view.id);
      const first = log.together.get(next);
      if (!first) log.together.set(next, { place, node });
      else if (first.place !== place) {
        const way = `${id} > ${formatViewId(view.id)}`;
        violate(`${way}: node ${first.node} had delivered ${first.place}, node ${node} ${place}`);
      }
    },
  };
}

function isSame(a: OrderedMessage, b: OrderedMessage): boolean {
  if (a === b) return true;
  if (a.origin !== b.origin || a.originSequence !== b.originSequence) return false;
  return a.payload === b.payload || JSON.stringify(a.payload) === JSON.stringify(b.payload);
}
