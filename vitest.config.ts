// How the tests run. Kernel tests count events of the whole host, so nothing else may run beside them.
import { defineConfig } from 'vitest/config';

/** What takes ten seconds and more is for CI, and for whoever asks for all: npm test is to take three minutes. */
const long = process.env['PROCEVENTS_REQUIRE_ALL'] === '1' ? [] : ['**/*.long.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    teardownTimeout: 10_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/kernel/**',
            'test/systemd/**',
            'test/container/**',
            'test/packages/**',
            'test/browser/**',
            'test/vm/**',
            ...long,
          ],
          testTimeout: 30_000, // a test waits for conditions; this only ends one that hangs
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          exclude: long,
          fileParallelism: false,
          testTimeout: 60_000, // storms of 20,000 processes on a loaded machine, with room
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'systemd',
          include: ['test/systemd/**/*.test.ts'],
          exclude: long,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          exclude: long,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'homes',
          include: ['test/container/**/*.test.ts', 'test/packages/**/*.test.ts'],
          exclude: long,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 10 * 60_000, // an image, a package: compiled from nothing on a loaded machine
          sequence: { groupOrder: 4 },
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**/*.ts'] },
  },
});
