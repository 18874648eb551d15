import type { Heartbeat } from '../membership/detector.js';
import type { Message, NodeId } from '../membership/types.js';

/**
 * What is sealed says whom it is for: all nodes have the same keys, and a packet that somebody on the network sends on to
 * another node must mean nothing there. An agent of the first version does not say it.
 */
export function addressTo(node: NodeId, json: string): string {
  return `{"to":${node},${json.slice(1)}`;
}

type Refused = 'misdirected' | 'malformed';

function read(self: NodeId, json: string): Readonly<Record<string, unknown>> | Refused {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'malformed';
  }
  if (typeof value !== 'object' || value === null) return 'malformed';
  const { to } = value as { readonly to?: unknown };
  if (to !== undefined && to !== self) return 'misdirected';
  return value as Record<string, unknown>;
}

export function readHeartbeat(self: NodeId, json: string): Heartbeat | Refused {
  const found = read(self, json);
  if (typeof found === 'string') return found;
  const { sentAtMs, generation, echoes, hears, rows, summary } = found;
  const complete =
    typeof sentAtMs === 'number' &&
    typeof generation === 'number' &&
    [echoes, hears, rows].every(Array.isArray) &&
    typeof summary === 'object' &&
    summary !== null;
  return complete ? (found as unknown as Heartbeat) : 'malformed';
}

export function readMessage(self: NodeId, json: string): Message | Refused {
  const found = read(self, json);
  if (typeof found === 'string') return found;
  return typeof found.kind === 'string' ? (found as unknown as Message) : 'malformed';
}
