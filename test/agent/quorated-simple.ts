/** `quorated` with the tests' planner in place of the scheduler. */
import { realpathSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (!isMainThread) {
  const { runHeartbeatThread } = await import('../../src/agent/heartbeat-thread.js');
  await runHeartbeatThread();
} else if (process.argv[2] === '__executor') {
  const { executorMain } = await import('../../src/executor/process.js');
  await executorMain(process.argv[3]!);
} else {
  const { agentMain } = await import('../../src/agent/main.js');
  const { simplePlan } = await import('../controller/simple-planner.js');
  await agentMain(realpathSync(process.argv[1]!), simplePlan);
}
