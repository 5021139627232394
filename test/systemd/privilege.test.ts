// What the running service may still do, read from each of its threads under a real systemd.
import { expect, test } from 'vitest';
import { describeWith } from '../harness/requirements.ts';
import { SERVICE } from './manager.ts';
import { scrape, threadsSay, useManager } from './stage.ts';

describeWith(['events', 'systemd', 'setpriv'], 'the running service', () => {
  const stage = useManager();

  test('holds no capability in any thread, and cannot gain one', async () => {
    await stage.manager.load({});
    await stage.manager.must('start', SERVICE);
    await scrape(stage.manager.url); // threads that come with the first work are there
    const names = ['CapPrm', 'CapEff', 'CapAmb', 'NoNewPrivs', 'Seccomp', 'Uid'];
    const { Uid: uids, ...rest } = threadsSay(await stage.manager.pid(), names);
    const none = ['0000000000000000'];
    expect(rest).toEqual({
      CapPrm: none,
      CapEff: none,
      CapAmb: none,
      NoNewPrivs: ['1'],
      Seccomp: ['2'],
    });
    expect(uids).toHaveLength(1);
    expect(uids?.[0]).not.toMatch(/\b0\b/);
  });
});
