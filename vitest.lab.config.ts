import { defineConfig } from 'vitest/config';

/** Minutes each: `npm run test:lab:long` runs them, `npm test` does not. */
const LONG = [
  'agents-as-pacemaker',
  'arbiter-four',
  'failures',
  'faults',
  'links',
  'lossy-link',
  'migration',
  'pacemaker',
  'pacemaker-agents',
  'pacemaker-init',
  'paused',
  'pcs',
  'quorum',
  'rolling-restart',
  'shutdown',
  'story-drbd',
  'story-drbd-split-brain',
  'story-load-balancers',
].map((name) => `test/lab/${name}.test.ts`);
/** Part of both, with more events in the long run. */
const CHAOS = 'test/lab/chaos.test.ts';
/** Files named on the command line are run whichever they are. */
const named = process.argv.some((word) => word.includes('test/lab/'));
const long = process.env.QUORATE_LAB === 'long';

/**
 * Tests on cluster hosts in namespaces. Each file has hosts and networks of its own; two at a time, since they mostly wait for
 * what a cluster waits for, and a third would disturb what they measure.
 */
export default defineConfig({
  test: {
    include: long ? [...LONG, CHAOS] : ['test/lab/**/*.test.ts'],
    exclude: ['dist', 'node_modules', ...(long || named ? [] : LONG)],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
});
