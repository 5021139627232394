// A real browser. Input: an address of the daemon. Output: its page, and what that did which it must not.
import {
  chromium,
  type Browser,
  type BrowserContextOptions,
  type Page,
  type Request,
} from 'playwright-core';
import { vi } from 'vitest';
import type { SummaryReport } from '../../src/http/summary-report.ts';
import { PATIENT } from '../harness/patience.ts';

/** Nothing of its own on the network, no GPU, and no sandbox, which root cannot have. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name of somebody else's that has been made to point here.
  '--host-resolver-rules=MAP rebound.test 127.0.0.1',
];

export const DESK: BrowserContextOptions = { viewport: { width: 1200, height: 900 } };
export const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });
}

export class Window {
  readonly page: Page;
  /** What the browser complained of, where else it asked, and what the policy forbade. */
  readonly faults: string[] = [];
  /** Summaries that were asked for, and how many of them at once, at most. */
  overlap = 0;
  asked = 0;
  /** Whether it is expected that it does not get what it asks for. */
  mayMiss: boolean;

  private constructor(page: Page, mayMiss: boolean) {
    this.page = page;
    this.mayMiss = mayMiss;
  }

  static async open(
    browser: Browser,
    url: string,
    options = DESK,
    mayMiss = false,
  ): Promise<Window> {
    const context = await browser.newContext(options);
    const window = new Window(await context.newPage(), mayMiss);
    await window.#watch(new URL(url).origin);
    await window.page.goto(url);
    return window;
  }

  /** It shows what the daemon says now. */
  async live(): Promise<void> {
    await vi.waitUntil(async () => (await this.text('#feed')).startsWith('Live'), PATIENT);
  }

  async text(selector: string): Promise<string> {
    return (await this.page.locator(selector).textContent()) ?? '';
  }

  /** From now on it gets what the daemon says with this change. */
  async altered(change: (report: SummaryReport) => unknown): Promise<void> {
    await this.page.unrouteAll({ behavior: 'wait' });
    await this.page.route('**/api/v1/summary', async (route) => {
      const response = await route.fetch();
      const report = (await response.json()) as SummaryReport;
      await route.fulfill({ response, json: change(report) });
    });
  }

  /** From now on something else answers in the daemon's place. */
  async answered(body: string, contentType = 'application/json'): Promise<void> {
    await this.page.unrouteAll({ behavior: 'wait' });
    await this.page.route('**/api/v1/summary', (route) => route.fulfill({ body, contentType }));
  }

  /** The cells of each row of a table's body. */
  rows(table: string): Promise<string[][]> {
    return this.page
      .locator(`${table} tbody tr`)
      .evaluateAll((lines) =>
        lines.map((line) => [...line.children].map((cell) => cell.textContent ?? '')),
      );
  }

  /** Whether all of it is as wide as the window, at most. */
  fits(): Promise<boolean> {
    return this.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  }

  /** Of the chart's pixels, those of each colour of the style sheet. */
  painted(...names: readonly string[]): Promise<Record<string, number>> {
    return this.page.locator('#chart canvas').evaluate((node, wanted) => {
      const canvas = node as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const style = getComputedStyle(document.documentElement);
      const count = (name: string): number => {
        const hex = Number.parseInt(style.getPropertyValue(`--${name}`).trim().slice(1), 16);
        const colour = [hex >> 16, (hex >> 8) & 255, hex & 255];
        let pixels = 0;
        for (let i = 0; i < data.length; i += 4) {
          // A thin line covers few pixels as a whole: most are of a mixed colour.
          const near = colour.every((part, j) => Math.abs(part - data[i + j]!) <= 40);
          if (near && data[i + 3]! > 200) pixels++;
        }
        return pixels;
      };
      return Object.fromEntries(wanted.map((name) => [name, count(name)]));
    }, names);
  }

  /** Throws when there was a fault, or two questions at once. */
  async close(): Promise<void> {
    await this.page.context().close();
    if (this.overlap > 1) this.faults.push(`asked ${this.overlap} times at once`);
    if (this.faults.length > 0) throw new Error(this.faults.join('\n'));
  }

  async #watch(origin: string): Promise<void> {
    const { page, faults } = this;
    page.on('pageerror', ({ message }) => faults.push(`error: ${message}`));
    page.on('dialog', (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      const missed = this.mayMiss && message.text().startsWith('Failed to load resource');
      if (!missed) faults.push(`console: ${message.text()}`);
    });
    let underWay = 0;
    const isSummary = (url: string): boolean => new URL(url).pathname === '/api/v1/summary';
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) faults.push(`elsewhere: ${request.url()}`);
      if (!isSummary(request.url())) return;
      this.asked++;
      this.overlap = Math.max(this.overlap, ++underWay);
    });
    const over = (request: Request): void => {
      if (isSummary(request.url())) underWay--;
    };
    page.on('requestfinished', over).on('requestfailed', over);
    await page.exposeFunction('violated', (what: string) => faults.push(`policy: ${what}`));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        void (window as unknown as { violated: (what: string) => Promise<void> }).violated(
          `${event.effectiveDirective} ${event.blockedURI}`,
        );
      });
    });
  }
}
