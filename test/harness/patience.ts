// How long a test waits for a condition: far longer than it takes, so that only a hang ends it.
export const PATIENT = { timeout: 40_000, interval: 50 } as const;
