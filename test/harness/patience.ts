// How long a test waits for a condition: far longer than it takes, so that only a hang ends it.
// TEST_PATIENCE: so many times longer, for machines so many times slower.
const TIMES = Number(process.env['TEST_PATIENCE'] ?? 1);

export const PATIENT = { timeout: 40_000 * TIMES, interval: 50 } as const;
