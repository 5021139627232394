// What the live page asks of its daemon: little, never twice at once, nothing unseen; and what it says when there is no answer.
import { chmodSync, writeFileSync } from 'node:fs';
import { hash } from '@node-rs/bcrypt';
import { expect, onTestFinished, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { makeCertificates } from '../unit/http/certificates.ts';
import { useStage } from './stage.ts';
import { DESK, Window } from './window.ts';

/** Over the wire, headers too, compressed: all of the page with its first data. */
const MOST_BYTES = 60_000;

describeWith(['events', 'chromium'], 'the live page and its daemon', () => {
  const stage = useStage();

  test('with its first data takes less than 60 kB over the wire', async () => {
    const context = await stage.browser.newContext(DESK);
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    let summaries = 0;
    const urls = new Map<string, string>();
    session.on('Network.requestWillBeSent', ({ requestId, request }) => {
      urls.set(requestId, request.url);
    });
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const isSummary = urls.get(requestId)?.endsWith('/api/v1/summary') === true;
      if (!isSummary || summaries++ === 0) bytes += encodedDataLength;
    });
    await page.goto(stage.daemon.url);
    await expect.poll(() => summaries, PATIENT).toBeGreaterThan(0);
    await context.close();
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThan(MOST_BYTES);
    process.stdout.write(`the page and its first data: ${bytes} bytes in ${urls.size} answers\n`);
  });

  test('asks for nothing while nobody looks at it', async () => {
    const window = await stage.open();
    // A headless browser never hides a page by itself.
    const hide = (hidden: boolean): Promise<void> =>
      window.page.evaluate((is) => {
        Object.defineProperty(document, 'hidden', { value: is, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    const { asked } = window;
    const watcher = await Window.open(stage.browser, stage.daemon.url);
    await watcher.live();
    const before = watcher.asked;
    await expect.poll(() => watcher.asked, PATIENT).toBeGreaterThan(before + 3);
    expect(window.asked).toBe(asked);
    await hide(false);
    await expect.poll(() => window.asked, PATIENT).toBeGreaterThan(asked);
    await watcher.close();
  });

  test('says that the daemon does not answer, never asks twice at once, and is live again after', async () => {
    const other = await Daemon.start();
    const window = await stage.open(DESK, other.url);
    window.mayMiss = true;
    other.signal('SIGSTOP');
    const feed = (): Promise<string> => window.text('#feed');
    await expect.poll(feed, PATIENT).toMatch(/^The daemon does not answer in time, since \d\d:/);
    expect(await window.text('#moment')).toMatch(/^As it was at \d\d:\d\d:\d\d$/);
    other.signal('SIGCONT');
    await window.live();
    await other.stop();
    await expect
      .poll(feed, PATIENT)
      .toMatch(/^The daemon cannot be reached, since \d\d:\d\d:\d\d\./);
    const address = new URL(other.url).host;
    const again = await Daemon.start({ flags: [`--web.listen-address=${address}`] });
    await expect.poll(feed, PATIENT).toMatch(/^Live, started anew at \d\d:\d\d:\d\d$/);
    await again.stop();
  });

  test('a foreign name gets neither page nor data', async () => {
    const { port } = new URL(stage.daemon.url);
    // The browser complains of a 421.
    const url = `http://rebound.test:${port}/`;
    const window = await Window.open(stage.browser, url, DESK, true);
    expect(await window.text('body')).toMatch(/^ask by an IP address/);
    await window.close();
  });

  test('off: links, no script, no data', async () => {
    const other = await Daemon.start({ flags: ['--web.page=off'] });
    // It has no icon.
    const window = await Window.open(stage.browser, other.url, DESK, true);
    expect(await window.page.locator('script').count()).toBe(0);
    expect(await window.page.locator('a').count()).toBeGreaterThan(2);
    expect(window.asked).toBe(0);
    await window.close();
    await other.stop();
  });
});

describeWith(['events', 'chromium', 'openssl'], 'the live page behind TLS and a password', () => {
  const stage = useStage();

  test('is live for who has the password', async () => {
    const certificates = makeCertificates();
    onTestFinished(certificates.remove);
    chmodSync(certificates.folder, 0o755);
    const settings = {
      tls_server_config: {
        cert: certificates.text('server.crt'),
        key: certificates.text('server.key'),
      },
      basic_auth_users: { ada: await hash('open sesame', 4) },
    };
    const file = certificates.path('web.yml');
    writeFileSync(file, JSON.stringify(settings)); // JSON is YAML
    const other = await Daemon.start({ flags: [`--web.config.file=${file}`] });
    const httpCredentials = { username: 'ada', password: 'open sesame' };
    const secured = { ...DESK, ignoreHTTPSErrors: true, httpCredentials };
    const window = await Window.open(stage.browser, other.url, secured);
    await window.live();
    const { asked } = window;
    await expect.poll(() => window.asked, PATIENT).toBeGreaterThan(asked + 1);
    await window.live();
    await window.close();
    await other.stop();
  });
});
