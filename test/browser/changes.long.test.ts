// The live page when its daemon is not the same any more: gone, started anew, upgraded, behind a proxy that fails. What it says of
// now is of now. What a daemon says only once in a while is made here of what a real one says.
import { expect, test } from 'vitest';
import type { SummaryReport, SummaryRow, SummaryStorm } from '../../src/http/summary-report.ts';
import { Daemon } from '../harness/daemon.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage } from './stage.ts';
import { DESK, type Window } from './window.ts';

const creator = (comm: string, pid: number): SummaryStorm['creators'][number] => {
  return { comm, pid, uid: 33, user: 'www-data', created: 4000 - pid };
};
const STORM: SummaryStorm = {
  start: '2026-11-01T10:00:00.000Z',
  end: '2026-11-01T10:00:04.000Z',
  seconds: 4,
  peakPerSecond: 3000,
  created: 9000,
  creators: [creator('deploy-hook', 70), creator('deploy-hook', 71), creator('bash', 72)],
};

describeWith(['events', 'chromium'], 'the live page, when things change', () => {
  const stage = useStage();
  const feed = (window: Window): Promise<string> => window.text('#feed');

  /** So many more reports have been drawn, or tried. */
  async function later(window: Window, reports = 2): Promise<void> {
    const { asked } = window;
    await expect.poll(() => window.asked, PATIENT).toBeGreaterThan(asked + reports);
  }

  test('an empty table says of what there is none', async () => {
    const window = await stage.open();
    const nothing = { 'fork storm': [], 'core dump': [] };
    await window.altered((report) => ({ ...report, top: {}, recent: nothing, storm: null }));
    const none = window.page.locator('.none:visible');
    await expect.poll(() => none.count(), PATIENT).toBe(5);
    const captions = window.page.locator('.columns caption:visible');
    const told = ['By forks', 'By execs', 'By failures', 'Fork storms', 'Core dumps'];
    expect((await captions.allTextContents()).map((text) => text.trim())).toEqual(told);
    expect(await window.page.locator('.columns thead:visible').count()).toBe(0);
    await window.altered((report) => ({
      ...report,
      recent: { ...nothing, 'fork storm': [STORM] },
    }));
    await expect.poll(() => window.page.locator('#storms thead').isVisible(), PATIENT).toBe(true);
  });

  /** All that shows a second shows the newest. */
  async function isLive(window: Window): Promise<void> {
    const { page } = window;
    await expect.poll(() => window.text('#moment'), PATIENT).toMatch(/^Now, /);
    const second = page.locator('#second');
    expect(await second.getAttribute('aria-valuetext')).toBe('the newest second');
    expect(await second.evaluate((input: HTMLInputElement) => input.value === input.max)).toBe(
      true,
    );
    const left = (await page.locator('.u-cursor-x').boundingBox())?.x ?? 0;
    const over = (await page.locator('.u-over').boundingBox())?.x ?? 0;
    expect(left).toBeLessThan(over);
  }

  async function choose(window: Window): Promise<void> {
    await later(window);
    await window.page.locator('#second').press('Home');
    await expect.poll(() => window.text('#moment'), PATIENT).toMatch(/^At /);
  }

  /** Cut, it has forgotten its first seconds, as a daemon has after ten minutes. The newest had a number of its own. */
  const cut = (report: SummaryReport, seconds: number): SummaryReport => {
    const rates = Object.entries(report.rates).map(([name, values]: [string, number[]]) => [
      name,
      name === 'forks' ? [...values.slice(seconds, -1), 777] : values.slice(seconds),
    ]);
    return { ...report, rates: Object.fromEntries(rates) as SummaryReport['rates'] };
  };

  test('is live again when the chosen second is older than what there is', async () => {
    const window = await stage.open();
    await choose(window);
    await window.altered((report) => cut(report, 2));
    await isLive(window);
    expect(await window.text('#figures .forks .value')).toBe('777');
    await later(window);
    await isLive(window);
    expect(await window.text('#figures .forks .value')).toBe('777');
  });

  test('is live again when the daemon has started anew, and says so for a while', async () => {
    const window = await stage.open();
    await choose(window);
    const anew = (after: number) => (report: SummaryReport) => {
      const startTime = report.startTime + 1;
      return { ...cut(report, 0), startTime, time: report.time + after };
    };
    await window.altered(anew(0));
    await isLive(window);
    expect(await window.text('#figures .forks .value')).toBe('777');
    await expect.poll(() => feed(window), PATIENT).toMatch(/^Live, started anew at /);
    await window.altered(anew(61));
    await expect.poll(() => feed(window), PATIENT).toBe('Live');
  });

  test('says nothing of now when the daemon is gone', async () => {
    const other = await Daemon.start();
    const window = await stage.open(DESK, other.url);
    const { page } = window;
    await window.altered((report) => ({ ...report, storm: STORM }));
    await expect.poll(() => page.locator('#storm').isVisible(), PATIENT).toBe(true);
    expect(await window.text('#storm')).not.toContain('as of');
    expect(await page.title()).toMatch(/ · procevents$/);
    const marks = page.locator('.as-of:visible');
    expect(await marks.count()).toBe(0);
    window.mayMiss = true;
    await page.unrouteAll({ behavior: 'wait' });
    await other.stop();
    await expect.poll(() => page.title(), PATIENT).toMatch(/^No answer · ./);
    const [, at = ''] = /^As it was at (\d\d:\d\d:\d\d)$/.exec(await window.text('#moment')) ?? [];
    expect(await window.text('#storm')).toMatch(
      new RegExp(`^Fork storm since \\S+, as of ${at}: 9,000 processes created`),
    );
    expect(await window.text('#uptime')).toMatch(new RegExp(`^, up .+ as of ${at}$`));
    expect(await marks.allTextContents()).toEqual(Array<string>(3).fill(`As of ${at}`));
    expect(await page.locator('#health').isVisible()).toBe(false);
    const again = await Daemon.start({
      flags: [`--web.listen-address=${new URL(other.url).host}`],
    });
    await window.live();
    expect(await page.title()).toMatch(/ · procevents$/);
    expect(await marks.count()).toBe(0);
    expect(await window.text('#moment')).toMatch(/^Now, /);
    expect(await window.text('#uptime')).toMatch(/^, up \d+ m?s$/);
    await again.stop();
  });

  const real = async (): Promise<SummaryReport> => {
    const answer = await fetch(new URL('/api/v1/summary', stage.daemon.url));
    return (await answer.json()) as SummaryReport;
  };
  test('says that an answer is none, goes on asking, and is live after', async () => {
    const window = await stage.open();
    const { page } = window;
    const all = await real();
    const reload = page.locator('#reload');
    const rates = { ...all.rates, forks: Array<number>(500_000).fill(1) };
    // A proxy's page, another daemon's answer, and one that is sound and still cannot be drawn.
    for (const body of ['<!doctype html>', '{}', JSON.stringify({ ...all, rates })]) {
      await window.answered(body);
      await expect
        .poll(() => feed(window), PATIENT)
        .toMatch(/^The daemon’s answer is not understood, since \d\d:\d\d:\d\d\. Trying again\.$/);
      expect(await reload.isVisible()).toBe(true);
      expect(await page.title()).toMatch(/^No answer · /);
      const said = await feed(window);
      await later(window, 1);
      expect(await feed(window)).toBe(said);
      await page.locator('#second').press('Home');
      await page.unrouteAll({ behavior: 'wait' });
      await window.live();
      expect(await reload.isVisible()).toBe(false);
    }
  });

  test('says that the daemon has been upgraded, and how to follow, once', async () => {
    const window = await stage.open();
    const { page } = window;
    const own = (await real()).version;
    await window.altered((report) => ({ ...report, version: '99.1.0', more: 'than before' }));
    await expect
      .poll(() => feed(window), PATIENT)
      .toBe(`Live. The daemon is 99.1.0 now, this page of ${own}.`);
    await page.unrouteAll({ behavior: 'wait' });
    await page.locator('#reload').evaluate((link) => link.setAttribute('data-old', ''));
    await page.locator('#reload').click();
    await window.live();
    expect(await page.locator('#reload[data-old]').count()).toBe(0);
    expect(await page.locator('#reload').isVisible()).toBe(false);
    expect(await feed(window)).toBe('Live');
  });

  test('tells processes of one name apart in a storm', async () => {
    const window = await stage.open();
    const recent = { 'fork storm': [STORM], 'core dump': [] };
    await window.altered((report) => ({ ...report, storm: null, recent }));
    await expect
      .poll(async () => (await window.rows('#storms'))[0]?.[4], PATIENT)
      .toBe(
        'deploy-hook (www-data, pid 70) 3,930, deploy-hook (www-data, pid 71) 3,929, bash (www-data) 3,928',
      );
  });

  test('says of a command that is new in a list how much it does now', async () => {
    const window = await stage.open();
    const row = (comm: string, count: number): SummaryRow => {
      return { comm, count, uid: '0', user: 'root' };
    };
    let time = 0;
    const list = (...forks: readonly SummaryRow[]) =>
      window.altered((report) => {
        time += 2;
        return { ...report, startTime: 1, time, top: { forks } };
      });
    const growth = (comm: string): Promise<string | undefined> =>
      window.rows('table.forks').then((rows) => rows.find(([name]) => name === comm)?.[3]);
    await list(row('a', 90));
    await expect.poll(() => window.rows('table.forks'), PATIENT).toHaveLength(1);
    // There was room for it: it had none.
    await once(() => list(row('a', 90), row('b', 40)), 'b', '20');
    await once(() => list(row('c', 1000), row('a', 92)), 'c', '≥ 480');
    await once(() => list(row('c', 1000), row('d', 93)), 'd', 'new');

    /** The report after that says what is known by then. */
    async function once(change: () => Promise<void>, comm: string, text: string): Promise<void> {
      const seen = window.page.evaluate(
        ([name, wanted]) =>
          new Promise<void>((resolve) => {
            const table = document.querySelector('table.forks')!;
            const observer = new MutationObserver(() => {
              const line = [...table.querySelectorAll('tbody tr')].find(
                ({ children }) => children[0]?.textContent === name,
              );
              if (line?.children[3]?.textContent !== wanted) return;
              observer.disconnect();
              resolve();
            });
            observer.observe(table, { childList: true, characterData: true, subtree: true });
          }),
        [comm, text],
      );
      await change();
      await seen;
      await expect.poll(() => growth(comm), PATIENT).toBe('0');
    }
  });
});
