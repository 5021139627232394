// The library on the real kernel where it needs more than its contract: attribution, losses, the life of the process.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ProcConnector, type LostEvent, type ProcConnectorOptions } from '../../src/index.ts';
import { kernelFilters } from '../../src/library/sources.ts';
import { performCast } from '../harness/cast.ts';
import { CAST_UID, received, renameSelf } from '../harness/library-contract.ts';
import { LineProcess } from '../harness/line-process.ts';
import { Maker } from '../harness/maker.ts';
import { PATIENT } from '../harness/patience.ts';
import { ProgramCopies, root, uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

async function open(options: ProcConnectorOptions): Promise<ProcConnector> {
  const connector = await ProcConnector.open(options);
  onTestFinished(() => connector.close());
  return connector;
}

describeWith(['events'], 'the library, live', () => {
  test('with attribute every event says whose it is, as of after it', async () => {
    const connector = await open({ attribute: true });
    expect(connector.stats().witnesses).toEqual({ execNames: true, exitRecords: true });
    const cast = await performCast();
    const who: unknown[] = [];
    for await (const event of connector) {
      if (event.kind === 'lost' || event.kind === 'unknown') continue;
      if (event.pid === cast.exited) who.push([event.kind, event.comm, event.uid]);
      if (event.kind === 'exit' && event.pid === cast.exited) break;
    }
    const own = readFileSync('/proc/self/comm', 'utf8').trimEnd();
    expect(who).toEqual([
      ['fork', own, 0],
      ['sid', own, 0],
      ['gid', own, 0],
      ['uid', own, CAST_UID],
      ['exec', 'sh', CAST_UID],
      ['comm', 'renamed', CAST_UID],
      ['exit', 'renamed', CAST_UID],
    ]);
  });

  test('with attribute one exit ends each process, whichever task’s it is', async () => {
    const connector = await open({ attribute: true });
    const program = ['/bin/sh', '-c', 'read line; exit 5'];
    const executed = await Maker.perform('thread-exec', { count: 3, others: 2, program });
    const leaderless = await Maker.perform('leader-exit', { count: 3, code: 9 });
    const ends = new Map<number, (number | undefined)[]>();
    for await (const event of connector) {
      if (event.kind !== 'exit') continue;
      const { pid, tgid, endsProcess, exitStatus } = event;
      if (endsProcess === true) ends.set(tgid, [...(ends.get(tgid) ?? []), exitStatus]);
      if (pid === leaderless.pid) break;
    }
    for (const pid of executed.made.pids) expect(ends.get(pid)).toEqual([5]);
    for (const pid of leaderless.made.pids) expect(ends.get(pid)).toEqual([9]);
  });

  test('with attribute what lives already is known by its first event', async () => {
    const comm = uniqueComm();
    const copies = new ProgramCopies();
    const lingering = new LineProcess(copies.add('linger', comm), []);
    await vi.waitFor(
      () => expect(readFileSync(`/proc/${lingering.pid}/comm`, 'utf8')).toBe(`${comm}\n`),
      PATIENT,
    );
    const connector = await open({ attribute: true, filter: ['exit'] });
    lingering.child.kill('SIGKILL');
    await lingering.ended;
    copies.remove();
    for await (const event of connector) {
      if (event.kind !== 'exit' || event.pid !== lingering.pid) continue;
      expect(event).toMatchObject({ comm, uid: 0, terminatingSignal: 'SIGKILL' });
      break;
    }
    // The filter is the library's here, so the numbers are whole.
    expect(connector.stats().lost).toEqual({ kernel: 0, socket: 0, ring: 0 });
  });

  test('what a small receive buffer loses is told with CPU and number', async () => {
    const connector = await open({ receiveBuffer: 4096 });
    const lost: LostEvent[] = [];
    await vi.waitFor(() => {
      // Far more than the queue holds; what is lost at the end shows with the next message.
      renameSelf(1000);
      for (const event of connector.read(Infinity)) {
        if (event.kind === 'lost' && event.stage === 'socket') lost.push(event);
      }
      expect(lost.length).toBeGreaterThan(0);
    }, PATIENT);
    for (const { cpu, seq, count, timestampNs } of lost) {
      expect(cpu).toBeTypeOf('number');
      expect(seq).toBeTypeOf('number');
      expect(timestampNs).toBeTypeOf('bigint');
      expect(count).toBeGreaterThan(0);
    }
    const { socket } = connector.stats().lost;
    expect(socket).toBeGreaterThanOrEqual(lost.reduce((sum, { count }) => sum + count, 0));
  });

  test("behind the kernel's filter losses of the kernel are not made up", async () => {
    const connector = await open({ filter: ['exit'] });
    renameSelf(100);
    const child = spawnSync('/bin/true');
    await received(connector, ({ exit }) => exit > 0);
    const stats = connector.stats();
    for await (const event of connector) {
      expect(event.kind).toBe('exit');
      if (event.kind === 'exit' && event.pid === child.pid) break;
    }
    // Linux 6.6 leaves the others out; before, they are left out here, and the numbers are whole.
    const filters = kernelFilters(release());
    expect(stats.lost.kernel).toBe(filters ? undefined : 0);
    expect(stats.received.comm < 100).toBe(filters);
  });

  test('an open connector keeps its process alive, and closing lets it end', async () => {
    const script = `
      import { ProcConnector } from 'procevents-exporter';
      const connector = await ProcConnector.open();
      // Neither of the two keeps it alive.
      setInterval(() => console.log('alive'), 20).unref();
      process.once('SIGTERM', () => connector.close());
    `;
    const child = new LineProcess(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
    });
    for (let i = 0; i < 5; i++) expect(await child.line()).toBe('alive');
    child.child.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });

  test('without the right to listen the error says what to do', () => {
    const script = `
      import { ProcConnector } from 'procevents-exporter';
      try { await ProcConnector.open(); } catch ({ name, code, remedy }) { console.log(name, code, remedy !== ''); }
    `;
    const args = ['--net', process.execPath, '--input-type=module', '-e', script];
    const run = spawnSync('unshare', args, { cwd: root, encoding: 'utf8' });
    expect(run.stdout).toBe('ExporterError PROCEVENTS_CONNECTOR_SEND true\n');
  });
});
