// The service under a real systemd, on this host's kernel: started, told, watched, reloaded, stopped.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Freezer, threadNamed } from '../harness/freezer.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { SERVICE } from './manager.ts';
import { scrape, useManager } from './stage.ts';

describeWith(['events', 'systemd', 'setpriv'], 'the service under systemd', () => {
  const stage = useManager();

  test('is ready when it serves, says what it has counted, and stops in order', async () => {
    await stage.manager.load({});
    await stage.manager.must('start', SERVICE);
    const ready = await scrape(stage.manager.url);
    expect(ready.value('procevents_collector_up')).toBe(1);
    expect(ready.value('procevents_exec_names_up')).toBe(1);
    expect(ready.value('procevents_taskstats_up')).toBe(1);
    expect(await stage.manager.show('StatusText')).toMatch(/^\d+ events, \d+ lost, \d+ shed$/);
    await stage.manager.must('stop', SERVICE);
    expect(await stage.manager.show('Result')).toBe('success');
    expect(await stage.manager.show('ExecMainStatus')).toBe('0');
    expect(stage.manager.log.map(({ msg }) => msg)).toEqual(['listening', 'stopping', 'stopped']);
  });

  test.for([
    ['PrivateUsers', 'NO_ACK'],
    ['PrivateNetwork', 'SEND'],
  ])('is never ready where the kernel sends no ack: %s', async ([sandbox, code]) => {
    await stage.manager.load({ dropIns: [`[Service]\n${sandbox}=yes\nRestart=no\n`] });
    const { code: exit } = await stage.manager.systemctl('start', SERVICE);
    expect(exit).toBe(1);
    expect(await stage.manager.show('Result')).toBe('exit-code');
    expect(await stage.manager.show('ExecMainStatus')).toBe('1');
    expect(stage.manager.output).toMatch(
      new RegExp(`^[^\\n]*\\[PROCEVENTS_CONNECTOR_${code}\\][^\\n]*\\n$`),
    );
  });

  test('is started again when its collector thread stands still', async () => {
    await stage.manager.load({
      dropIns: [
        '[Service]\nWatchdogSec=2s\nExecStopPost=/bin/sh -c "echo ended: $$SERVICE_RESULT"\n',
      ],
    });
    await stage.manager.must('start', SERVICE);
    const before = await stage.manager.pid();
    const frozen = await Freezer.freeze(threadNamed(before, 'collector'));
    await expect.poll(() => stage.manager.show('NRestarts'), PATIENT).toBe('1');
    await frozen.thaw();
    await expect.poll(() => stage.manager.show('ActiveState'), PATIENT).toBe('active');
    expect(stage.manager.output).toContain('ended: watchdog');
    expect(await stage.manager.pid()).not.toBe(before);
    expect((await scrape(stage.manager.url)).value('procevents_collector_up')).toBe(1);
  });

  test('reloads without an end: same process, same address', async () => {
    await stage.manager.load({});
    await stage.manager.must('start', SERVICE);
    const [before, url] = [await stage.manager.pid(), stage.manager.url];
    await stage.manager.must('reload', SERVICE);
    await expect.poll(() => stage.manager.show('ActiveState'), PATIENT).toBe('active');
    await expect.poll(() => stage.manager.log.at(-1)?.msg, PATIENT).toBe('reloaded');
    expect(await stage.manager.pid()).toBe(before);
    expect((await scrape(url)).value('procevents_collector_up')).toBe(1);
  });

  test('takes its flags from ARGS, words in quotes as one', async () => {
    const args = `--web.listen-address=127.0.0.1:0 --comm.fold='a b.*=c d' --pairs.max=7`;
    await stage.manager.load({ args: JSON.stringify(args) });
    await stage.manager.must('start', SERVICE);
    const commandLine = readFileSync(`/proc/${await stage.manager.pid()}/cmdline`, 'utf8').split(
      '\0',
    );
    expect(commandLine).toContain('--comm.fold=a b.*=c d');
    expect((await scrape(stage.manager.url)).value('procevents_pairs_limit')).toBe(7);
  });
});
