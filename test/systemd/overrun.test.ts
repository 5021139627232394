// An overrun within the sandbox, which keeps the daemon from visiting each CPU: the losses are counted all the same.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { Storm } from '../harness/storm.ts';
import { SERVICE } from './manager.ts';
import { scrape, useManager } from './stage.ts';

describeWith(['events', 'systemd', 'setpriv'], 'an overrun within the sandbox', () => {
  const stage = useManager();

  test('is counted, and health speaks of probing no longer than it is in doubt', async () => {
    const args = '--web.listen-address=127.0.0.1:0 --collector.receive-buffer=4KiB';
    await stage.manager.load({ args: JSON.stringify(args) });
    await stage.manager.must('start', SERVICE);
    const pid = await stage.manager.pid();
    process.kill(pid, 'SIGSTOP');
    try {
      await new Storm('vfork', '--count', '2000', '--procs', '2').done();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const { url } = stage.manager;
    const lostInSocket = async (): Promise<number> =>
      (await scrape(url)).value('procevents_lost_events_total', { stage: 'socket' });
    expect(await lostInSocket()).toBeGreaterThan(3900);
    const loss = async (): Promise<string> => {
      for (let cpu = 0; cpu < availableParallelism(); cpu++) {
        spawnSync('taskset', ['--cpu-list', String(cpu), 'true']);
      }
      await scrape(url); // a cut looks at what has come
      const health = await fetch(`${url}/healthz`);
      const { checks } = (await health.json()) as { checks: { loss: { detail: string } } };
      return checks.loss.detail;
    };
    await expect.poll(loss, PATIENT).toMatch(/^events were lost/);
  });
});
