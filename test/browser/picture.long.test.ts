// The picture of the live page that the documents show, taken during a real storm. PROCEVENTS_PICTURE=docs writes it into docs/.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { LineProcess } from '../harness/line-process.ts';
import { Maker } from '../harness/maker.ts';
import { PATIENT } from '../harness/patience.ts';
import { ProgramCopies } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage } from './stage.ts';
import { Window } from './window.ts';

const FOLDER = process.env['PROCEVENTS_PICTURE'];
/** s. A picture is to have a past; a test is to be short. */
const PAST = FOLDER === undefined ? 3 : 100;
const STORM = 15;
/** So many of its processes have been created in the picture, at least. */
const SHOWN = FOLDER === undefined ? 2500 : 22_000;
/** A document is to load fast. */
const MOST_BYTES = 300_000;
const WIDTH = 1160;
const VIEW = { viewport: { width: WIDTH, height: 850 }, deviceScaleFactor: 1.3 };

const WWW_DATA = 33;
const BACKUP = 34;
const SIGSEGV = 11;

describeWith(['events', 'chromium', 'setpriv'], 'the picture', () => {
  const stage = useStage();
  const copies = new ProgramCopies();
  chmodSync(copies.directory, 0o755);
  afterAll(() => copies.remove());
  const storm = copies.add('storm', 'storm');
  const check = copies.add('nothing', 'healthcheck');
  const compiler = copies.add('nothing', 'cc1');

  const run = (uid: number, kind: string, ...args: readonly string[]): Promise<void> => {
    const become = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    return new LineProcess('setpriv', [...become, storm, kind, ...args]).finish();
  };
  const lasting = (seconds: number, rate: number, comm: string): string[] =>
    `--seconds ${seconds} --rate ${rate} --comm ${comm}`.split(' ');

  async function failing(seconds: number): Promise<void> {
    const end = performance.now() + seconds * 1000;
    const job = new Maker('exit', { comm: 'report-job', code: 1, count: 4 });
    do {
      await job.round();
      await new Promise((resolve) => setTimeout(resolve, 3000));
    } while (performance.now() < end);
    await job.finish();
  }

  /** What a host does on an ordinary day, and a program that crashes. */
  async function ordinaryDay(): Promise<void> {
    await Promise.all([
      run(WWW_DATA, 'fork', ...lasting(PAST, 25, 'php-fpm')),
      run(BACKUP, 'fork', ...lasting(PAST, 6, 'rsync')),
      run(0, 'exec', ...lasting(PAST, 12, 'supervisord'), '--program', check),
      failing(PAST),
      (async () => {
        await run(0, 'exec', ...lasting(PAST / 5, 140, 'make'), '--program', compiler);
        const crash = await Maker.start('signal', { comm: 'thumbnailer', signal: SIGSEGV });
        await crash.finish();
        await run(0, 'exec', ...lasting(PAST / 4, 220, 'make'), '--program', compiler);
      })(),
    ]);
  }

  test(
    'shows a storm that goes on, in both modes, and is small',
    { timeout: 600_000 },
    async () => {
      await ordinaryDay();
      const modes = ['light', 'dark'] as const;
      const windows = await Promise.all(
        modes.map((colorScheme) =>
          Window.open(stage.browser, stage.daemon.url, { ...VIEW, colorScheme }),
        ),
      );
      const stormy = run(WWW_DATA, 'fork', ...lasting(STORM, 4500, 'deploy-hook'), '--procs', '2');
      for (const window of windows) {
        await window.live();
        await vi.waitUntil(async () => {
          // Others may storm as well.
          const told = / ([\d,]+) processes created.* deploy-hook of www-data/;
          const created = told.exec(await window.text('#storm'))?.[1];
          return created !== undefined && Number(created.replaceAll(',', '')) >= SHOWN;
        }, PATIENT);
      }
      const pictures = await Promise.all(windows.map(picture));
      for (const [i, window] of windows.entries()) {
        expect(await window.text('#storm')).toMatch(/^Fork storm since .+ of www-data, pid \d+\.$/);
        expect(pictures[i]!.length).toBeLessThan(MOST_BYTES);
        await window.close();
      }
      await stormy;
      if (FOLDER === undefined) return;
      mkdirSync(FOLDER, { recursive: true });
      for (const [i, name] of ['page.png', 'page-dark.png'].entries()) {
        writeFileSync(join(FOLDER, name), pictures[i]!);
      }
    },
  );
});

/** Down to the end of the top commands. */
async function picture({ page }: Window): Promise<Buffer> {
  const box = await page.locator('#top').boundingBox();
  const height = Math.ceil((box?.y ?? 0) + (box?.height ?? 0)) + 24;
  return page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: WIDTH, height } });
}
