import type { SessionOptions } from '../ssh/session.js';
import type { Machine } from './machine.js';
import { openAgent } from './service.js';

const JOIN_TIMEOUT_MS = 30_000;

/** Null once every node is a member and there is quorum; else what is missing. */
export async function untilMembers(
  machine: Machine,
  nodes: readonly string[],
  options: SessionOptions,
): Promise<string | null> {
  const opened = await openAgent(machine, options);
  if (!opened.ok) return opened.error.message;
  const connection = opened.value;
  try {
    const deadline = Date.now() + JOIN_TIMEOUT_MS;
    for (;;) {
      const state = await connection.state();
      if (!state.ok) return state.error.message;
      const online = state.value.members.filter((member) => member.online).map((member) => member.name);
      const missing = nodes.filter((name) => !online.includes(name));
      if (missing.length === 0 && state.value.quorate && state.value.dc !== null) return null;
      if (Date.now() > deadline) {
        return missing.length > 0
          ? `${missing.join(', ')} did not become a member within ${JOIN_TIMEOUT_MS / 1000} s: does a firewall stop UDP port 5405?`
          : 'all nodes are members, but there is no quorum';
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await connection.close();
  }
}
