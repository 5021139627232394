// What the browser's tests share: a daemon, a browser, and a window on it that may do nothing wrong. Input: flags. Output: all three.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { Maker } from '../harness/maker.ts';
import { uniqueComm } from '../harness/programs.ts';
import { Storm } from '../harness/storm.ts';
import { DESK, Window, launch } from './window.ts';

export class Stage {
  browser!: Browser;
  daemon!: Daemon;
  window: Window | undefined;

  /** One window a test: what it did wrong fails the test. */
  async open(options = DESK, url = this.daemon.url): Promise<Window> {
    this.window = await Window.open(this.browser, url, options);
    await this.window.live();
    return this.window;
  }
}

/** Call it in a describe. */
export function useStage(flags: readonly string[] = []): Stage {
  const stage = new Stage();
  beforeAll(async () => {
    stage.browser = await launch();
    stage.daemon = await Daemon.start({ flags: ['--pairs.max=1000000', ...flags] });
  });
  afterEach(async () => {
    const { window } = stage;
    stage.window = undefined;
    await window?.close();
  });
  afterAll(async () => {
    await stage.daemon.stop();
    await stage.browser.close();
  });
  return stage;
}

const SIGSEGV = 11;
/** Far above what a test machine does by itself. */
export const THRESHOLD = 500;
export const CREATED = 3000;
/** As the kernel takes it: 15 bytes. */
export const HOSTILE_COMM = 'x<img onerror=';

/** One crash, seven failures, and a storm. */
export async function perform(): Promise<{ readonly storm: string; readonly crasher: string }> {
  const [storm, crasher] = [uniqueComm(), uniqueComm()];
  for (const [situation, options] of [
    ['signal', { comm: crasher, signal: SIGSEGV }],
    ['exit', { comm: crasher, code: 3, count: 7 }],
    ['fork', { comm: HOSTILE_COMM, count: 200 }],
  ] as const) {
    const maker = await Maker.start(situation, options);
    await maker.finish();
  }
  await new Storm('fork', '--comm', storm, '--count', String(CREATED), '--rate', '2000').done();
  return { storm, crasher };
}
