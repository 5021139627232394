// The live page for people who use it otherwise: in the dark, on a phone, by keyboard, with a screen reader.
import axe from 'axe-core';
import { beforeAll, expect, test } from 'vitest';
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
