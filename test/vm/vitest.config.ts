// The tests that boot VMs: not among the daily ones, for they take minutes. npm run test:vm
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'vm',
    include: ['test/vm/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    teardownTimeout: 10_000,
  },
});
