/**
 * All agents are restarted, one after the other, and no service is: while a node's agent is away the cluster is in
 * maintenance mode, so that nobody takes over what runs there, and the new agent finds it by probes. This is how an upgrade
 * that lies on the disks already comes into force.
 */
import { isTrue } from '../cib/boolean.js';
import { clusterProperty, setClusterProperty } from '../cib/cluster-property.js';
import type { Connection, Outcome } from '../connection/connection.js';
import type { SshOutcome } from '../ssh/errors.js';
import type { BootstrapOptions, ClusterOutcome } from './cluster.js';
import type { Machine } from './machine.js';
import { untilMembers } from './members.js';
import { moved, placementOf } from './placement.js';
import { openAgent, startService, stopService } from './service.js';

export interface RollingOptions extends BootstrapOptions {
  /** The machine of a node, to be worked on. */
  readonly open: (node: string) => Promise<SshOutcome<Machine>>;
  /** A node's agent was restarted. */
  readonly restarted: (node: string) => void;
}

/** Probes of all resources on all nodes, and what follows from them. */
const SETTLE_TIMEOUT_MS = 120_000;
/** What an idle cluster has not found by then is not there. */
const FIND_TIMEOUT_MS = 20_000;
const POLL_MS = 100;
const COMMAND = 'crm cluster restart --rolling';

/** A failure, in words for whoever asked, and what it has left behind. */
class Halt extends Error {
  readonly findings: readonly string[];
  constructor(...findings: string[]) {
    super(findings.join('\n'));
    this.findings = findings;
  }
}

/** Restarts the agents of these nodes. At the first that does not come back as it was, it ends. */
export async function restartRolling(
  nodes: readonly string[],
  options: RollingOptions,
): Promise<ClusterOutcome> {
  const machines: Machine[] = [];
  try {
    for (const node of nodes) machines.push(must(await options.open(node)));
    const { online, dc } = await membersSeenFrom(machines[0]!, options);
    const away = nodes.filter((node) => !online.includes(node));
    if (away.length > 0) throw new Halt(...away.map((node) => `${node} is offline: start it first`));
    // The DC last: each change of it costs the others a moment.
    const order = nodes.map((node, index) => ({ node, machine: machines[index]! }));
    order.sort((a, b) => Number(a.node === dc) - Number(b.node === dc));
    for (const { node, machine } of order) {
      await restartOne(machine, online, options);
      options.restarted(node);
    }
    return { ok: true };
  } catch (error) {
    if (error instanceof Halt) return { ok: false, findings: error.findings };
    throw error;
  } finally {
    await Promise.all(machines.map((machine) => machine.close()));
  }
}

async function restartOne(
  machine: Machine,
  online: readonly string[],
  options: RollingOptions,
): Promise<void> {
  const service = { ...options, ...options.service };
  const before = await withAgent(machine, options, async (connection) => {
    await settle(connection);
    const cib = must(await connection.readCib());
    const wasSet = clusterProperty(cib, 'maintenance-mode');
    if (!isTrue(wasSet)) await setMaintenance(connection, 'true');
    await settle(connection);
    return { wasSet, placement: placementOf(must(await connection.readCib())) };
  });
  for (const work of [stopService, startService]) {
    const done = await work(machine, service);
    if (!done.ok) throw new Halt(done.message, leftInMaintenance(before.wasSet));
  }
  const missing = await untilMembers(machine, online, service);
  if (missing !== null) throw new Halt(missing, leftInMaintenance(before.wasSet));
  await withAgent(machine, options, async (connection) => {
    const deadline = Date.now() + FIND_TIMEOUT_MS;
    for (;;) {
      await settle(connection);
      const changes = moved(before.placement, placementOf(must(await connection.readCib())));
      if (changes.length === 0) break;
      if (Date.now() > deadline) {
        const lost = changes.map((text) => `not found as it was: ${text}`);
        throw new Halt(...lost, leftInMaintenance(before.wasSet));
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (!isTrue(before.wasSet)) await setMaintenance(connection, before.wasSet);
    await settle(connection);
  });
}

function leftInMaintenance(wasSet: string | undefined): string {
  return isTrue(wasSet)
    ? 'the other nodes were not touched'
    : 'the cluster stays in maintenance mode and the other nodes were not touched: see what is wrong, then crm maintenance off';
}

async function setMaintenance(connection: Connection, value: string | undefined): Promise<void> {
  const cib = must(await connection.readCib());
  const changed = cib.clone();
  setClusterProperty(changed, 'maintenance-mode', value);
  must(await connection.commit(cib, changed, { command: COMMAND }));
}

async function settle(connection: Connection): Promise<void> {
  const waited = must(await connection.call('cluster.wait-idle', { timeoutMs: SETTLE_TIMEOUT_MS }));
  if (!waited.idle) throw new Halt('the cluster does not come to rest; nothing more was done');
}

async function membersSeenFrom(
  machine: Machine,
  options: RollingOptions,
): Promise<{ readonly online: readonly string[]; readonly dc: string | null }> {
  return withAgent(machine, options, async (connection) => {
    const { members, quorate, dc } = must(await connection.state());
    if (!quorate) throw new Halt('the cluster has no quorum');
    return { online: members.filter(({ online }) => online).map(({ name }) => name), dc };
  });
}

async function withAgent<T>(
  machine: Machine,
  options: RollingOptions,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = must(await openAgent(machine, { ...options, ...options.service }));
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

function must<T>(outcome: Outcome<T> | SshOutcome<T>): T {
  if (!outcome.ok) throw new Halt(outcome.error.message);
  return outcome.value;
}
