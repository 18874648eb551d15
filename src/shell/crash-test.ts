import type { CommandStatus, Environment } from './command.js';
import { runOnNodes } from './fan-out.js';
import { failoverLines, findFailovers } from './history/failover.js';
import { liveSource } from './history/source.js';
import { pastTransitions } from './history/transitions.js';
import type { Session } from './session.js';

/** How long the others may take to notice and to recover. */
const RECOVERY_MS = 120_000;
const POLL_MS = 250;
/** Kills the agent without a word, as a defect or the kernel's OOM killer would; its executor is left to itself. */
const KILL = 'kill -KILL "$(cat /run/quorate/quorated.pid)"';

/** crmsh's names for the drills, and what each does. */
const DRILLS: Readonly<Record<string, 'kill' | 'fence'>> = {
  '--kill': 'kill',
  '--kill-corosync': 'kill',
  '--kill-pacemakerd': 'kill',
  '--fence-node': 'fence',
};

/** Lets something fail on purpose, waits until the cluster has dealt with it, and tells how it did. */
export async function crashTest(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const complain = (text: string): CommandStatus => {
    session.error(`cluster.crash_test: ${text}`);
    return 'failed';
  };
  const [option = '', victim] = args;
  if (option === '-c' || option === '--check') {
    const { health } = await import('./health.js');
    return health(env);
  }
  const drill = DRILLS[option];
  if (drill === undefined || victim === undefined || args.length > 2) {
    complain('expected --check, --kill NODE or --fence-node NODE');
    return 'usage';
  }
  const connection = await session.connection();
  if (!connection) return 'failed';
  const state = await connection.state();
  if (!state.ok) {
    session.failure(state.error);
    return 'failed';
  }
  const { members, votes, localNode } = state.value;
  const own = members.find(({ name }) => name === victim);
  if (!own?.online) return complain(`${victim} is not a member of the cluster`);
  if (victim === localNode)
    return complain(`${victim} is the node that you work on; do this from another node (-H HOST)`);
  if (votes.total - own.votes < votes.quorum)
    session.warning(`without ${victim} there is no quorum: services stop everywhere`);
  const what = drill === 'kill' ? `kill the cluster service of ${victim}` : `fence ${victim}`;
  if (!(await session.ask(`This is no simulation: ${what}`))) return 'failed';
  const startedMs = session.world.now();
  if (drill === 'kill') {
    const [run] = await runOnNodes(session, [victim], KILL);
    if (run?.status !== 0) return complain(`[${victim}]: ${run?.stderr.trim() ?? ''}`);
  } else {
    const fenced = await connection.call('node.fence', { node: victim, action: 'reboot', timeoutMs: 60_000 });
    if (!fenced.ok) {
      session.failure(fenced.error);
      return 'failed';
    }
  }
  return watch(session, victim, startedMs, complain);
}

/** Waits for the failover that the drill has caused, and tells it. */
async function watch(
  session: Session,
  victim: string,
  startedMs: number,
  complain: (text: string) => CommandStatus,
): Promise<CommandStatus> {
  const source = liveSource(session);
  const lookFromMs = startedMs - 1000;
  session.world.output.progress(`waiting for the others to notice that ${victim} is gone ...`);
  try {
    for (;;) {
      const events = await source.events(lookFromMs);
      if (!events) return 'failed';
      if (events.some(({ kind, data }) => kind === 'lost' && data.node === victim)) break;
      if (session.interrupted.aborted) return 'failed';
      if (session.world.now() - startedMs > RECOVERY_MS)
        return complain(`the others did not notice within ${RECOVERY_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    session.world.output.progress(null);
  }
  const settled = await session.waitIdle(RECOVERY_MS);
  const events = await source.events(lookFromMs);
  if (!events) return 'failed';
  const failover = findFailovers(events, pastTransitions(events)).find(({ node }) => node === victim);
  if (failover) session.print(failoverLines(failover, new Map()).join('\n'));
  return settled ? 'done' : 'failed';
}
