// How tests run inside a test VM (test/vm/machine.ts): under emulation all takes about 20 times as long.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('../../..', import.meta.url).pathname,
  cacheDir: '/tmp/vite',
  test: {
    name: 'guest',
    include: ['test/vm/guest/**/*.test.ts', 'test/kernel/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 20 * 60_000,
    hookTimeout: 20 * 60_000,
    teardownTimeout: 60_000,
  },
});
