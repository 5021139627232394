// How the daemon ends: well, at any moment, whatever is under way.
import { expect, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { Exposition } from '../harness/exposition.ts';
import { Freezer, threadNamed } from '../harness/freezer.ts';
import { Judge } from '../harness/judge.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { Storm } from '../harness/storm.ts';

const WELL = { code: 0, signal: null };

describeWith(['events'], 'ending', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} ends it with 0, and its listener is gone`, async () => {
      const judge = await Judge.start();
      const daemon = await Daemon.start();
      daemon.signal(signal);
      expect(await daemon.ended).toEqual(WELL);
      expect(daemon.stderr).toBe('');
      await judge.seen('exit', daemon.pid); // its IGNORE has not made others deaf
      await judge.stop();
    });

    test(`${signal} lets a scrape in flight finish`, async () => {
      const daemon = await Daemon.start();
      const collector = await Freezer.freeze(threadNamed(daemon.pid, 'collector'));
      const scrape = daemon.scrapeText({ 'x-prometheus-scrape-timeout-seconds': '60' });
      await answered(daemon);
      daemon.signal(signal);
      await logged(daemon, 'stopping');
      await collector.thaw();
      expect(new Exposition(await scrape).value('procevents_stale_scrapes_total')).toBe(0);
      expect(await daemon.ended).toEqual(WELL);
    });
  }

  test('a scrape that hangs does not keep it from ending', async () => {
    const daemon = await Daemon.start();
    const collector = await Freezer.freeze(threadNamed(daemon.pid, 'collector'));
    const scrape = daemon.scrapeText({ 'x-prometheus-scrape-timeout-seconds': '3600' });
    const settled = Promise.allSettled([scrape]);
    await answered(daemon);
    daemon.signal('SIGTERM');
    expect((await daemon.ended).signal).toBeNull();
    await settled;
    await collector.thaw();
  });

  test('a second signal ends it at once', async () => {
    const daemon = await Daemon.start();
    const collector = await Freezer.freeze(threadNamed(daemon.pid, 'collector'));
    const scrape = daemon.scrapeText({ 'x-prometheus-scrape-timeout-seconds': '3600' });
    const settled = Promise.allSettled([scrape]);
    await answered(daemon);
    daemon.signal('SIGTERM');
    await logged(daemon, 'stopping');
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 1, signal: null }); // it did not wait for the scrape
    expect(daemon.log.map(({ msg }) => msg)).not.toContain('stopped');
    await settled;
    await collector.thaw();
  });

  test('a client that keeps its connection open does not keep it from ending', async () => {
    const daemon = await Daemon.start();
    const idle = await daemon.get('/healthz'); // fetch keeps the connection
    expect(idle.status).toBe(200);
    await idle.arrayBuffer();
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toEqual(WELL);
  });

  test('SIGTERM under a storm, with scrapes under way, ten times', async () => {
    const storm = new Storm('vfork', '--seconds', '60', '--rate', '5000');
    for (let i = 0; i < 10; i++) {
      const daemon = await Daemon.start();
      const scrapes = Promise.allSettled(Array.from({ length: 10 }, () => daemon.scrapeText()));
      await Promise.race([scrapes, daemon.scrapeText()]);
      daemon.signal('SIGTERM');
      expect(await daemon.ended).toEqual(WELL);
      expect(daemon.stderr).toBe('');
      await scrapes;
    }
    await storm.kill();
  });

  // Before our first line runs, SIGTERM does what it does to any program; afterwards it is ours.
  test('SIGTERM at any moment of the start ends it without a crash', async () => {
    const ends = new Set<string>();
    for (let delay = 0; delay < 600; delay += 40) {
      const daemon = Daemon.launch();
      await new Promise((resolve) => setTimeout(resolve, delay));
      daemon.signal('SIGTERM');
      const { code, signal } = await daemon.ended;
      ends.add(String(code ?? signal));
    }
    expect([...ends].filter((end) => end !== '0' && end !== 'SIGTERM')).toEqual([]);
    expect(ends).toContain('0');
  });
});

// Two answers on connections of their own: what was sent before them has been read by then.
async function answered(daemon: Daemon): Promise<void> {
  for (let i = 0; i < 2; i++) {
    const response = await daemon.get('/-/healthy', { connection: 'close' });
    await response.arrayBuffer();
  }
}

function logged(daemon: Daemon, msg: string): Promise<void> {
  return expect.poll(() => daemon.log.map((line) => line.msg), PATIENT).toContain(msg);
}
