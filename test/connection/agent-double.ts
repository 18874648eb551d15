/**
 * Doubles for tests of what uses a connection: an agent with a CIB in memory, and a connection that answers from a table.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Handlers, startServer } from '../../src/agent/server.js';
import type { Element } from '../../src/cib/element.js';
import {
  afterConfigurationChange,
  formatCibVersion,
  readVersion,
  writeVersion,
} from '../../src/cib/version.js';
import { writeXml } from '../../src/cib/xml.js';
import { patched, replaced } from '../../src/connection/change.js';
import type { ClusterEvent, ClusterState } from '../../src/protocol/messages.js';
import { RequestError } from '../../src/protocol/ndjson.js';

export const quorateState: ClusterState = {
  clusterName: 'lbcluster',
  localNode: 'primary',
  dc: 'primary',
  quorate: true,
  viewId: 3,
  votes: { expected: 2, total: 2, quorum: 1 },
  members: [1, 2].map((nodeId) => ({
    nodeId,
    name: nodeId === 1 ? 'primary' : 'secondary',
    online: true,
    votes: 1,
    addresses: [`10.77.0.${nodeId}`],
    linkLatencyMs: [0.2],
    version: '0.1.0',
  })),
  transition: null,
};

const cmap = [
  { key: 'totem.transport', type: 'str', value: 'udpu' },
  { key: 'quorum.provider', type: 'str', value: 'corosync_votequorum' },
  { key: 'quorum.two_node', type: 'u8', value: '1' },
  ...[1, 2].flatMap((id) => [
    { key: `runtime.members.${id}.status`, type: 'str', value: 'joined' },
    { key: `runtime.members.${id}.ip`, type: 'str', value: `r(0) ip(10.77.0.${id}) ` },
    { key: `runtime.members.${id}.join_count`, type: 'u32', value: '1' },
  ]),
];

export interface AgentDouble {
  /** `QUORATE_ROOT` of a program that is to find it. */
  readonly root: string;
  readonly socketPath: string;
  /** The CIB as the agent has it now. */
  readonly cib: () => Element;
  /** Changes the CIB behind the back of whoever is connected. */
  readonly change: (edit: (cib: Element) => void) => void;
  /** Another state of the membership, told to whoever listens. */
  readonly becomes: (state: ClusterState) => void;
  /** Something that happened, told to whoever listens. */
  readonly tell: (event: ClusterEvent) => void;
  readonly close: () => Promise<void>;
}

/** An agent of one node that keeps its CIB in memory; the door, the protocol and the proof are the real ones. */
export async function startAgentDouble(cib: Element, more: Partial<Handlers> = {}): Promise<AgentDouble> {
  const directory = mkdtempSync(join(tmpdir(), 'agent-'));
  const socketPath = join(directory, 'run/quorate/quorated.sock');
  let current = cib;
  let state = quorateState;
  /** The last versions that were announced: what a change was made from is mostly known. */
  const documents = new Map([[formatCibVersion(readVersion(cib)), cib.clone()]]);
  const announce = (patch?: string): void => {
    documents.set(formatCibVersion(readVersion(current)), current.clone());
    if (documents.size > 20) documents.delete(documents.keys().next().value!);
    server.notify({
      notify: 'cib',
      version: readVersion(current),
      ...(patch ? { patch } : { cib: writeXml(current) }),
    });
  };
  const server = await startServer({
    socketPath,
    node: 'primary',
    version: '0.1.0',
    handlers: {
      'cib.read': ({ scope }) => {
        const copy = current.clone();
        if (scope === 'configuration' || scope === 'status') copy.children = copy.elements(scope);
        return { cib: writeXml(copy), version: readVersion(current) };
      },
      'cib.patch': (params) => {
        const earlier = documents.get(formatCibVersion(params.base));
        const outcome = patched(current, params, 'the configuration', earlier);
        if (!outcome.ok) {
          const { code, message, data } = outcome.error.answer!;
          throw new RequestError(code, message, data);
        }
        current = outcome.value.cib;
        announce(params.patch);
        return { version: outcome.value.version };
      },
      'cib.replace': (params) => {
        const outcome = replaced(current, params, 'the configuration');
        if (!outcome.ok) {
          const { code, message, data } = outcome.error.answer!;
          throw new RequestError(code, message, data);
        }
        current = outcome.value.cib;
        announce();
        return { version: outcome.value.version };
      },
      'cluster.state': () => state,
      'cluster.cmap': () => ({ entries: [...cmap] }),
      ...more,
    },
  });
  return {
    root: directory,
    socketPath,
    cib: () => current,
    change(edit) {
      const copy = current.clone();
      edit(copy);
      writeVersion(copy, afterConfigurationChange(readVersion(copy)));
      current = copy;
      announce();
    },
    becomes(next) {
      state = next;
      server.notify({ notify: 'state', state });
    },
    tell: (event) => server.notify({ notify: 'events', event }),
    async close() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
