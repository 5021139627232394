// After a loss health is degraded for a minute, and then ok again. The minute is the test's own.
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSources } from '../../src/collector/source.ts';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { startDaemon, type Daemon } from '../../src/daemon/daemon.ts';
import type { HealthReport } from '../../src/http/health-report.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { Storm } from '../harness/storm.ts';

describeWith(['events'], 'health after a loss', () => {
  let daemon: Daemon;
  let now = 1e6;

  beforeAll(async () => {
    const flags = ['--web.listen-address=127.0.0.1:0', '--collector.receive-buffer=4KiB'];
    const { config } = parseCommandLine(flags, {});
    daemon = await startDaemon({
      config,
      log: pino({ level: 'silent' }),
      fatal: (error) => expect.unreachable(error.message),
      sources: openSources(config),
      clock: { now: () => now },
    });
  });
  afterAll(async () => {
    await daemon.stop();
  });

  async function report(): Promise<HealthReport> {
    const response = await fetch(`${daemon.addresses[0] ?? ''}/healthz`);
    expect(response.status).toBe(200);
    return (await response.json()) as HealthReport;
  }
  const loss = async (): Promise<string> => (await report()).checks['loss']?.status ?? 'none';

  test('is degraded for a minute, and ok after it', async () => {
    // A buffer this small loses at whatever else the host does.
    const aMinuteLater = async (): Promise<string> => {
      now += 60_001;
      return (await report()).status;
    };
    await expect.poll(aMinuteLater, PATIENT).toBe('ok');
    await new Storm('vfork', '--count', '20000', '--procs', '2').done();
    await expect.poll(loss, PATIENT).toBe('degraded');
    now += 59_000;
    expect(await loss()).toBe('degraded');
    await expect.poll(aMinuteLater, PATIENT).toBe('ok');
  });
});
