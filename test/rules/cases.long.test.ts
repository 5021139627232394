// Each alert fires when it should and only then. Input: *.yml beside this file. Output: what promtool says of them.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWith } from '../harness/requirements.ts';

/** Hours of samples, evaluated as Prometheus would: seconds, or a minute on a machine that has others to serve. */
const SLOW = { timeout: 300_000 };

const cases = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yml'));

describeWith(['promtool'], 'the alerts and recording rules', () => {
  test.for(cases)('do what %s says', SLOW, (file) => {
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    });
    expect(stdout + stderr).not.toContain('FAILED');
    expect(stdout + stderr).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});
