// The unit files as systemd itself reads and rates them. Input: systemd/. A finding of either is a failure.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

const SERVICE = 'procevents-exporter.service';
const SOCKET = 'procevents-exporter.socket';

function analyze(...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describeWith(['systemd'], 'the unit files', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'procevents-units-'));
  const folders = ['shipped', 'hardened'].map((name) => path.join(scratch, name));
  beforeAll(() => {
    for (const folder of folders) {
      mkdirSync(folder);
      for (const unit of [SERVICE, SOCKET]) {
        cpSync(path.join(root, 'systemd', unit), path.join(folder, unit));
      }
    }
    const dropIn = path.join(scratch, 'hardened', `${SERVICE}.d`, 'hardened.conf');
    cpSync(path.join(root, 'systemd/hardened.conf'), dropIn);
  });
  afterAll(() => rmSync(scratch, { recursive: true }));

  // It answers 0 even to unknown keys, so any word is a failure.
  test.for(['shipped', 'hardened'])('hold nothing that systemd does not know: %s', (name) => {
    for (const unit of [SERVICE, SOCKET]) {
      const verified = analyze('verify', '--man=no', path.join(scratch, name, unit));
      expect(verified).toEqual({ status: 0, output: '' });
    }
  });

  // Tenths. Other exporters' units stand at 9 and above.
  test.for([
    ['shipped', 19],
    ['hardened', 17],
  ] as const)('expose little: %s at most %i', ([name, most]) => {
    const unit = path.join(scratch, name, SERVICE);
    const options = ['--offline=true', '--no-pager', `--threshold=${most}`];
    const { status, output } = analyze('security', ...options, unit);
    expect({ status, output }).toMatchObject({ status: 0 });
  });
});
