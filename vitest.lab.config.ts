import { defineConfig } from 'vitest/config';

/**
 * Tests on cluster hosts in namespaces. Each file has hosts and networks of its own; two at a time, since they mostly wait for
 * what a cluster waits for, and a third would disturb what they measure.
 */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    exclude: ['dist', 'node_modules'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
});
