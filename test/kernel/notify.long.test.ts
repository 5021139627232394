// What the service manager is told: READY when it serves, signs of life only while it lives.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Daemon, type DaemonOptions, type LogLine } from '../harness/daemon.ts';
import { Freezer, threadNamed } from '../harness/freezer.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { directory, Manager } from '../harness/service-manager.ts';
import { Storm } from '../harness/storm.ts';

function startFor(manager: Manager, more: Record<string, string> = {}): Promise<Daemon> {
  return start({ NOTIFY_SOCKET: manager.address, ...more });
}

function start(environment: Record<string, string>): Promise<Daemon> {
  const options: DaemonOptions = { flags: ['--log.level=debug'], environment };
  return Daemon.start(options);
}

const QUICK = { WATCHDOG_USEC: '200000' };

describeWith(['events'], 'the service manager', () => {
  for (const kind of ['path', 'abstract'] as const) {
    test(`is told of start, reload and end, by a socket of the kind ${kind}`, async () => {
      const manager = await Manager.start(kind);
      const daemon = await startFor(manager);
      await expect.poll(() => manager.sent.length, PATIENT).toBe(1);
      await manager.hears(/^READY=1; STATUS=\d+ events, 0 lost, 0 shed$/);
      expect((await daemon.get('/-/ready')).status).toBe(200);
      daemon.signal('SIGHUP');
      await manager.hears(/^RELOADING=1; MONOTONIC_USEC=\d+$/);
      await manager.hears('READY=1');
      await daemon.stop();
      await manager.hears('STOPPING=1');
      expect(manager.sent).toEqual([]);
      expect(await manager.end()).toEqual([daemon.pid]);
    });
  }

  test('is shown the events, when they have changed', async () => {
    const manager = await Manager.start('path');
    const daemon = await startFor(manager);
    await manager.hears(/^READY=1/);
    await new Storm('vfork', '--count', '1000').done();
    await manager.hears(/^STATUS=\d{4,} events, 0 lost, 0 shed$/);
    await daemon.stop();
    expect(await manager.end()).toEqual([daemon.pid]);
  });

  test('gets a sign of life only while the collector thread passes', async () => {
    const manager = await Manager.start('path');
    const daemon = await startFor(manager, QUICK);
    await manager.hears('WATCHDOG=1');
    const collector = await Freezer.freeze(threadNamed(daemon.pid, 'collector'));
    const failing = async (): Promise<number> => (await daemon.get('/healthz')).status;
    await expect.poll(failing, PATIENT).toBe(503);
    // A status may still come, and the last sign of life may be on its way.
    const signs = (): number => manager.sent.filter((sent) => sent === 'WATCHDOG=1').length;
    const before = signs();
    await new Promise((resolve) => setTimeout(resolve, 1000)); // five signs' time
    expect(signs()).toBeLessThanOrEqual(before + 1);
    await collector.thaw();
    await manager.hears('WATCHDOG=1');
    await daemon.stop();
    expect(await manager.end()).toEqual([daemon.pid]);
  });

  test('gets none while the event loop stands', async () => {
    const manager = await Manager.start('path');
    const daemon = await startFor(manager, QUICK);
    await manager.hears('WATCHDOG=1');
    const loop = await Freezer.freeze(daemon.pid);
    manager.sent.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(manager.sent.length).toBeLessThanOrEqual(1);
    await loop.thaw();
    await manager.hears('WATCHDOG=1');
    await daemon.stop();
    expect(await manager.end()).toEqual([daemon.pid]);
  });

  test('that watches another process gets no sign of life', async () => {
    const manager = await Manager.start('path');
    const daemon = await startFor(manager, { ...QUICK, WATCHDOG_PID: '1' });
    await manager.hears(/^READY=1/);
    await daemon.stop();
    await manager.hears('STOPPING=1');
    expect(manager.sent).toEqual([]);
    expect(await manager.end()).toEqual([daemon.pid]);
  });

  test.for(['0', '-1', 'soon', '1e3'])(
    'with WATCHDOG_USEC=%s there is no watchdog',
    async (usec) => {
      const manager = await Manager.start('path');
      const daemon = await startFor(manager, { WATCHDOG_USEC: usec });
      expect(
        daemon.log.filter(({ msg }) => msg?.startsWith('WATCHDOG_USEC is no time')),
      ).toHaveLength(1);
      await daemon.stop();
      await manager.hears('STOPPING=1');
      expect(await manager.end()).toEqual([daemon.pid]);
    },
  );

  test.for([
    ['nobody is there', `${directory}/nobody`],
    ['is of a kind that it does not know', 'vsock:2:1234'],
    ['is too long', `/${'x'.repeat(200)}`],
    ['names a directory', directory],
    ['is nearly empty', '@'],
  ])('whose socket %s does not keep it from serving', async ([, address]) => {
    const daemon = await start({ NOTIFY_SOCKET: address!, ...QUICK });
    const said = (): LogLine[] =>
      daemon.log.filter(({ msg }) => msg?.startsWith('NOTIFY_SOCKET takes no message'));
    await expect.poll(said, PATIENT).toMatchObject([{ level: 50 }]);
    await daemon.scrape();
    await daemon.stop();
    expect(daemon.stderr).toBe('');
  });

  test('that reads nothing for long is told READY once it reads again', async () => {
    const manager = await Manager.start('path');
    manager.stopReading();
    const daemon = await startFor(manager);
    const full = { level: 50, why: 'EAGAIN' };
    await expect.poll(() => daemon.log, PATIENT).toContainEqual(expect.objectContaining(full));
    manager.readOn();
    await manager.hears(/^READY=1/);
    await daemon.stop();
    await manager.end();
  });

  test('that is not there leaves SIGHUP without effect', async () => {
    const daemon = await start({});
    daemon.signal('SIGHUP');
    await expect.poll(() => daemon.log.map(({ msg }) => msg), PATIENT).toContain('reloaded');
    await daemon.scrape();
    await daemon.stop();
  });

  test('SIGHUP says each time that a broken web file was not taken', async () => {
    const file = path.join(directory, 'web.yml');
    writeFileSync(file, 'http_server_config:\n  http2: true\n', { mode: 0o644 });
    const daemon = await Daemon.start({ flags: [`--web.config.file=${file}`] });
    writeFileSync(file, 'nonsense: true\n');
    const reloads = (): LogLine[] => daemon.log.filter(({ msg }) => msg === 'reloaded');
    for (const count of [1, 2]) {
      daemon.signal('SIGHUP');
      await expect.poll(() => reloads().length, PATIENT).toBe(count);
    }
    const doubt = { level: 40, webConfig: expect.stringContaining('stays in force') as string };
    expect(reloads()).toMatchObject([doubt, doubt]);
    await daemon.stop();
  });

  test('SIGHUP at any moment of the start does not end it', async () => {
    const daemon = Daemon.launch();
    await expect.poll(() => handlesHangUp(daemon.pid), PATIENT).toBe(true);
    const nagging = setInterval(() => daemon.signal('SIGHUP'), 5);
    await daemon.listening();
    clearInterval(nagging);
    await daemon.scrape();
    await daemon.stop();
  });
});

/** Whether it has a handler: before its first line runs, SIGHUP does what it does to any program. */
function handlesHangUp(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return (
    (Number.parseInt(/^SigCgt:\s*[0-9a-f]*([0-9a-f]{2})$/m.exec(status)?.[1] ?? '0', 16) & 1) === 1
  );
}
