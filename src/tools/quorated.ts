import { realpathSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** One executable in three roles: the agent, its heartbeat thread, and its executor process. */
export async function run(): Promise<void> {
  if (!isMainThread) {
    const { runHeartbeatThread } = await import('../agent/heartbeat-thread.js');
    await runHeartbeatThread();
  } else if (process.argv[2] === '__executor') {
    const { executorMain } = await import('../executor/process.js');
    await executorMain(process.argv[3]!);
  } else {
    const { agentMain } = await import('../agent/main.js');
    await agentMain(
      realpathSync(process.argv[1]!),
      undefined,
      async () => (await import('../monitor/metrics.js')).metricsPage,
    );
  }
}
