import { defineConfig } from 'vitest/config';

/** Tests on cluster hosts in namespaces: one after the other, since they share the machine's two cores. */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    exclude: ['dist', 'node_modules'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    maxWorkers: 1,
  },
});
