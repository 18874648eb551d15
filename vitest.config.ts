import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['dist', 'node_modules', 'test/lab/**', 'test/end-to-end/**'],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
});
