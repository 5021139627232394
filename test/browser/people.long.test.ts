// The live page for people who use it otherwise: in the dark, on a phone, by keyboard, with a screen reader.
import axe from 'axe-core';
import { beforeAll, expect, test } from 'vitest';
import type { SummaryReport } from '../../src/http/summary-report.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { THRESHOLD, perform, useStage } from './stage.ts';
import { DESK, PHONE, type Window } from './window.ts';

describeWith(['events', 'chromium'], 'the live page, for everybody', () => {
  const stage = useStage([`--storm.threshold=${THRESHOLD}`]);
  beforeAll(async () => {
    await perform();
  });

  test.each(['light', 'dark'] as const)('bears an accessibility check, %s', async (colorScheme) => {
    const window = await stage.open({ ...DESK, colorScheme });
    await window.page.locator('summary').click();
    const ground = await window.page.evaluate(
      () => getComputedStyle(document.documentElement).backgroundColor,
    );
    const red = Number(/\d+/.exec(ground)?.[0]);
    expect(red > 128).toBe(colorScheme === 'light');
    expect(await complaints(window)).toEqual([]);
  });

  test('fits on a phone, without scrolling to the side', async () => {
    const window = await stage.open(PHONE);
    await window.page.locator('summary').tap();
    expect(await window.fits()).toBe(true);
    expect(await complaints(window)).toEqual([]);
  });

  /** What is longest in each: a day, five names, a signal without a name of its own. */
  const long = (report: SummaryReport): SummaryReport => {
    const who = {
      pid: 4_194_304,
      comm: 'WWWWWWWWWWWWWWW',
      uid: 4_294_967_294,
      user: 'W'.repeat(32),
    };
    const creators = Array.from({ length: 5 }, (_, i) => {
      return { ...who, pid: who.pid - i, created: 123_456_789 };
    });
    const [start, end] = ['2026-09-30T20:44:44.000Z', '2026-10-03T23:55:55.000Z'];
    const storm = { start, end, seconds: 400_000, peakPerSecond: 123_456, created: 987_654_321 };
    const dump = { time: Date.parse(start) / 1000, signal: 'SIGRTMIN+15', coreWritten: null };
    const row = { ...who, uid: String(who.uid), count: 123_456_789_012 };
    return {
      ...report,
      top: { forks: [row], execs: [row], failures: [row] },
      storm: null,
      recent: {
        'fork storm': [{ ...storm, creators }],
        'core dump': [{ ...who, ...dump }],
      },
    };
  };

  test('is read on the smallest phone, whatever stands in its tables', async () => {
    const window = await stage.open({ ...PHONE, viewport: { width: 320, height: 640 } });
    const { page } = window;
    await window.altered(long);
    await expect.poll(() => window.text('#dumps'), PATIENT).toContain('SIGRTMIN+15');
    expect(await window.fits()).toBe(true);
    const sideways = await page
      .locator('.wide:visible')
      .evaluateAll((boxes) =>
        boxes
          .filter(
            (box) => box.scrollWidth > box.clientWidth && box.getAttribute('tabindex') !== '0',
          )
          .map((box) => box.textContent),
      );
    expect(sideways).toEqual([]);
    // The five have a line for themselves.
    const [whole, busiest] = await Promise.all(
      ['#storms', '#storms tbody td:last-child'].map((one) => page.locator(one).boundingBox()),
    );
    expect(busiest?.width).toBe(whole?.width);
    // A table is one to a screen reader too, however its rows are laid out.
    const session = await page.context().newCDPSession(page);
    const { nodes } = (await session.send('Accessibility.getFullAXTree')) as {
      nodes: { role?: { value: string }; name?: { value: string } }[];
    };
    const heads = nodes.filter(({ role }) => role?.value === 'columnheader');
    expect(heads.map(({ name }) => name?.value)).toContain('Busiest');
    expect(await complaints(window)).toEqual([]);
  });

  test.each([320, 1200])('its targets are large enough for a finger, %d wide', async (width) => {
    const window = await stage.open({ ...PHONE, viewport: { width, height: 740 } });
    await window.altered((report) => ({ ...report, version: '99' }));
    await expect.poll(() => window.page.locator('#reload').isVisible(), PATIENT).toBe(true);
    const targets = window.page.locator(':is(a, summary, input):not(.skip):visible');
    const small = await targets.evaluateAll((all) =>
      all
        .map((one) => ({ is: one.textContent || one.id, box: one.getBoundingClientRect() }))
        .filter(({ box }) => box.height < 24 || box.width < 24)
        .map(({ is, box }) => `${is}: ${box.width} x ${box.height}`),
    );
    expect(await targets.count()).toBe(8);
    expect(small).toEqual([]);
  });

  test.each(['light', 'dark'] as const)(
    'keeps its keys and marks in forced colours, %s',
    async (colorScheme) => {
      const window = await stage.open({ ...DESK, colorScheme, forcedColors: 'active' });
      const { page } = window;
      for (const series of ['forks', 'execs', 'exits', 'failures']) {
        expect(await inColour(window, `#figures .${series} dt`, series)).toBeGreaterThan(20);
      }
      expect(await inColour(window, '.storm-mark', 'storm')).toBeGreaterThan(20);
      // A triangle covers half of its box; a square would cover all.
      const dump = await inColour(window, '.dump-mark', 'dump');
      expect(dump).toBeGreaterThan(20);
      expect(dump).toBeLessThan(70);
      // The line that the slider runs on: from side to side of a colour that is not the ground's.
      const track = await pixels(window, '.scrubber input');
      const ground = track.colours[0];
      const line = Math.floor(track.height / 2) * track.width;
      const drawn = track.colours.slice(line, line + track.width).filter((one) => one !== ground);
      expect(drawn.length).toBeGreaterThan(track.width * 0.9);
      await page.locator('#health').hover();
      expect(await complaints(window)).toEqual([]);
    },
  );

  test('works by keyboard', async () => {
    const window = await stage.open();
    const { page } = window;
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const { id, localName, textContent } = document.activeElement ?? document.body;
        return id === '' ? `${localName} ${textContent}` : `#${id}`;
      });
    const seen: string[] = [];
    const unseen: string[] = [];
    while (seen.length < 12 && seen.at(-1) !== 'a Documentation') {
      await page.keyboard.press('Tab');
      const where = await focused();
      seen.push(where);
      const shows = await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!);
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
      });
      if (!shows) unseen.push(where);
    }
    expect(seen).toEqual([
      'a Skip to the content',
      '#health',
      '#second',
      'summary The same as a table',
      'a Metrics',
      'a Health',
      'a This page’s data',
      'a Documentation',
    ]);
    expect(unseen).toEqual([]);

    const second = page.locator('#second');
    const moment = (): Promise<string> => window.text('#moment');
    await second.focus();
    expect(await second.getAttribute('aria-valuetext')).toBe('the newest second');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(moment, PATIENT).toMatch(/^At \d\d:\d\d:\d\d$/);
    const spoken = await second.getAttribute('aria-valuetext');
    expect(spoken).toMatch(/^\d\d:\d\d:\d\d, [\d,]+ forks?, [\d,]+ execs?, /);
    expect(await moment()).toBe(`At ${spoken?.slice(0, 8)}`);
    // It stays at that second while others come.
    const { asked } = window;
    await expect.poll(() => window.asked, PATIENT).toBeGreaterThan(asked + 2);
    expect(await moment()).toBe(`At ${spoken?.slice(0, 8)}`);
    await page.keyboard.press('End');
    await expect.poll(moment, PATIENT).toMatch(/^Now, /);
    await page.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#minutes').isVisible()).toBe(true);
  });

  test('does not talk to a screen reader without cause', async () => {
    const window = await stage.open();
    const { page } = window;
    await page.evaluate(() => {
      const said: string[] = [];
      const regions = document.querySelectorAll('[role=status], [aria-live]');
      const observer = new MutationObserver((changes) => {
        for (const { target } of changes) said.push(target.textContent ?? '');
      });
      for (const region of regions) {
        observer.observe(region, { childList: true, characterData: true, subtree: true });
      }
      Object.assign(globalThis, { said, regions: regions.length });
    });
    const { asked } = window;
    await expect.poll(() => window.asked, PATIENT).toBeGreaterThan(asked + 4);
    const { said, regions } = await page.evaluate(() => {
      const noted = globalThis as unknown as { said: string[]; regions: number };
      return { said: noted.said, regions: noted.regions };
    });
    expect(regions).toBe(2);
    // A storm that is over by now, or somebody else's crash, may be told of once.
    expect(said.length).toBeLessThanOrEqual(1);
  });
});

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Line by line, 0xrrggbb. */
  readonly colours: readonly number[];
}

/** As they are seen. Another page reads them: here the policy forbids it. */
async function pixels({ page }: Window, selector: string): Promise<Pixels> {
  const picture = (await page.locator(selector).screenshot()).toString('base64');
  const blank = await page.context().newPage();
  const read = await blank.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (one) => one.codePointAt(0)!);
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const { data: rgba } = context.getImageData(0, 0, width, height);
    const colours = Array.from(
      { length: width * height },
      (_, i) => (rgba[4 * i]! << 16) | (rgba[4 * i + 1]! << 8) | rgba[4 * i + 2]!,
    );
    return { width, height, colours };
  }, picture);
  await blank.close();
  return read;
}

/** How many pixels of it have nearly that colour of the style sheet. */
async function inColour(window: Window, selector: string, name: string): Promise<number> {
  const hex = await window.page.evaluate(
    (of) => getComputedStyle(document.documentElement).getPropertyValue(`--${of}`).trim().slice(1),
    name,
  );
  const wanted = Number.parseInt(hex, 16);
  const far = (a: number, b: number, shift: number): number =>
    Math.abs(((a >> shift) & 255) - ((b >> shift) & 255));
  const { colours } = await pixels(window, selector);
  return colours.filter((one) => [0, 8, 16].every((shift) => far(one, wanted, shift) < 25)).length;
}

/** What axe finds, in short. It comes by the debugger, which no policy forbids. */
async function complaints(window: Window): Promise<string[]> {
  await window.page.evaluate(axe.source);
  const { violations } = await window.page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
