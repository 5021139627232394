// The live page in a real browser, of the real daemon after real load: what it shows is what happened, and names are text.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { Maker } from '../harness/maker.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { folder } from '../unit/http/secured.ts';
import { CREATED, HOSTILE_COMM, THRESHOLD, perform, useStage } from './stage.ts';
import { DESK } from './window.ts';

const HOSTILE_USER = '<img src=x onerror=alert(1)>';

describeWith(['events', 'chromium'], 'the live page', () => {
  const stage = useStage([`--storm.threshold=${THRESHOLD}`]);
  let storm = '';
  let crasher = '';
  beforeAll(async () => {
    ({ storm, crasher } = await perform());
  });

  test('shows who made, executed and failed what, as the metrics have it', async () => {
    const window = await stage.open();
    await expect
      .poll(() => window.rows('table.forks'), PATIENT)
      .toContainEqual([storm, 'root', '3,000', '0']);
    const scrape = await stage.daemon.scrape();
    expect(scrape.value('procevents_forks_total', { comm: storm, uid: '0' })).toBe(CREATED);
    // Seven ended with 3, one by a signal.
    const failures = await window.rows('table.failures');
    const failed = failures.find(([comm]) => comm === crasher);
    expect(failed?.slice(0, 3)).toEqual([crasher, 'root', '8']);
    for (const table of ['forks', 'execs', 'failures']) {
      expect(await window.text(`table.${table} caption`)).toBe(`By ${table}`);
    }
  });

  test('draws the rates, shades the storm and marks the core dump, and says all of it in words', async () => {
    const window = await stage.open();
    await expect.poll(() => window.text('#in-words'), PATIENT).toMatch(/storm second/);
    const names = ['forks', 'failures', 'storm', 'dump'];
    const drawn = async (): Promise<string[]> => {
      const painted = Object.entries(await window.painted(...names));
      return painted.filter(([, pixels]) => pixels > 20).map(([name]) => name);
    };
    await expect.poll(drawn, PATIENT).toEqual(names);
    const words = await window.text('#in-words');
    expect(words).toMatch(/[\d.,]+ forks a second and at most [\d,]+, at \d\d:\d\d:\d\d;/);
    expect(words).toMatch(/\d+ core dumps?\.$/);
    const minutes = await window.rows('#minutes');
    const sum = (column: number): number =>
      minutes.reduce((total, row) => total + Number(row[column]!.replaceAll(',', '')), 0);
    expect(sum(1)).toBeGreaterThanOrEqual(CREATED);
    expect(sum(4)).toBeGreaterThanOrEqual(8);
    expect(sum(5)).toBeGreaterThanOrEqual(1);
    expect(sum(6)).toBeGreaterThanOrEqual(1);
    expect(await window.text('#figures .forks dd + dd')).toMatch(/^[\d,]+ in all$/);
  });

  test('tells of the last core dump and the last storm, with whom and when', async () => {
    const window = await stage.open();
    const dumps = await window.rows('#dumps');
    const dump = dumps.find(([, command]) => command?.startsWith(`${crasher} (`));
    expect(dump).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d$/),
      expect.stringMatching(/^\S+ \(\d+\)$/),
      'root (0)',
      'SIGSEGV',
      'none',
    ]);
    const storms = async (): Promise<string[][]> => window.rows('#storms');
    const ours = async (): Promise<string[]> =>
      (await storms()).find(([, , , , who]) => who?.includes(`${storm} (root)`)) ?? [];
    // It is told of as one that goes on until ten quiet seconds have passed.
    await expect.poll(async () => (await ours())[1], PATIENT).toMatch(/^\d+ s$/);
    const [time, , peak, created] = await ours();
    expect(time).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(Number(peak?.replace(',', ''))).toBeGreaterThan(THRESHOLD);
    expect(Number(created?.replace(',', ''))).toBeGreaterThan(THRESHOLD);
    expect(await window.text('#losses')).toMatch(/^No event was lost since the start\./);
    expect(await window.text('#lag')).toMatch(/^Of [\d,]+ events, half were counted within \d/);
    expect(await window.text('#checks')).toContain('the collector thread runs');
    expect(await window.text('#health')).toMatch(/^Health (?:ok|degraded: .+)$/);
  });

  test('a process whose name is markup stays text', async () => {
    const window = await stage.open();
    await expect
      .poll(() => window.rows('table.forks'), PATIENT)
      .toContainEqual([HOSTILE_COMM, 'root', '200', '0']);
    expect(await window.page.locator('main img').count()).toBe(0);
  });

  test('and so does a user whose name is', async () => {
    const readable = folder();
    chmodSync(readable, 0o755);
    const passwd = join(readable, 'passwd');
    writeFileSync(passwd, `${HOSTILE_USER}:x:0:0::/:/bin/sh\n`);
    const other = await Daemon.start({ flags: [`--path.passwd=${passwd}`] });
    const window = await stage.open(DESK, other.url);
    const maker = await Maker.start('fork', { count: 20 });
    await maker.finish();
    const users = async (): Promise<string[]> =>
      (await window.rows('table.forks')).map(([, user = '']) => user);
    await expect.poll(users, PATIENT).toContain(HOSTILE_USER);
    expect(await window.page.locator('main img').count()).toBe(0);
    window.mayMiss = true; // the daemon ends before the window does
    await other.stop();
  });

  test('should markup ever get in, it does nothing', async () => {
    const window = await stage.open();
    const ran = await window.page.evaluate(() => {
      const script = document.createElement('script');
      let refused = '';
      try {
        document.body.innerHTML = '<img src=x onerror=alert(1)>';
      } catch (error) {
        refused = String(error);
      }
      try {
        script.text = 'document.title = "ran"';
        document.body.append(script);
      } catch {
        // Refused even earlier.
      }
      return [refused.includes('TrustedHTML'), document.title === 'ran'];
    });
    expect(ran).toEqual([true, false]);
    // These complaints are what was wanted.
    const policy = /policy: require-trusted-types-for/;
    await expect.poll(() => window.faults.join('\n'), PATIENT).toMatch(policy);
    window.faults.length = 0;
  });
});
