// The contract's rules 1 to 5 under every storm alone and all at once, with a socket or a ring that
// is too small, and with the daemon stopped in the middle: the books close to the last event.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { forkBooks, openAccounts } from '../harness/conservation.ts';
import { ledgerError, lost, settledCut } from '../harness/ledger.ts';
import { LOADS, load, loadAll } from '../harness/load.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';
import { useStage, type Cut } from '../harness/stage.ts';

// Per set of flags: each kind alone and then all at once; 60 s in all in CI.
const SECONDS = process.env['CI'] === 'true' ? 2 : 0.4;
const TOGETHER = process.env['CI'] === 'true' ? 6 : 1.5;
const STOPPED = 3;

const CLOSED = { forks: 'closed', ledger: 0, open: [] };

const SETTINGS = {
  'the default buffer': [],
  'a buffer of 64 KiB': ['--collector.receive-buffer=64KiB'],
  'a ring of 1,024 slots': ['--collector.ring-slots=1024'],
} as const;

for (const [what, flags] of Object.entries(SETTINGS)) {
  describeWith(['events'], `conservation with ${what}`, () => {
    // All kinds at once may be more than the judge can read: it then knows what it lost.
    const stage = useStage(flags, { quiet: true, judgeMayLose: true });

    afterEach(() => stage.daemon.signal('SIGCONT'));

    /** What does not close since a first cut, by rule and by the judge. */
    async function booksSince(before: Cut) {
      const after = await settledCut(stage, before);
      const { missing, lost: most } = forkBooks(before.scrape, after.scrape);
      const forks = missing >= 0 && missing <= most ? 'closed' : { missing, lost: most };
      const ledger = ledgerError(before, after);
      return { after, books: { forks, ledger, open: openAccounts(after.scrape) } };
    }

    test.for(LOADS)('a %s storm', async (kind) => {
      const before = await settledCut(stage);
      const storm = load(kind, SECONDS);
      // While it goes on, too: execs in doubt, what is lost, what is shed.
      await eachScrapeUntil(storm, before);
      const { after, books } = await booksSince(before);
      expect(books).toEqual(CLOSED);
      const grown = (event: string): number =>
        seen(after, event) - seen(before, event) + lost(after) - lost(before);
      for (const event of EVENTS[kind]) expect(grown(event)).toBeGreaterThan(0);
    });

    test('all storms at once', async () => {
      const before = await settledCut(stage);
      await eachScrapeUntil(loadAll(TOGETHER), before);
      expect((await booksSince(before)).books).toEqual(CLOSED);
    });

    test(`all storms at once, and the daemon is stopped for ${STOPPED} s in the middle`, async () => {
      const before = await settledCut(stage);
      const storm = loadAll(STOPPED + 1);
      await sleep(500);
      stage.daemon.signal('SIGSTOP');
      await sleep(STOPPED * 1000);
      stage.daemon.signal('SIGCONT');
      await storm;
      const { after, books } = await booksSince(before);
      expect(books).toEqual(CLOSED);
      // 64 KiB hold 157 events.
      expect(lost(after) - lost(before)).toBeGreaterThan(what.includes('64 KiB') ? 1000 : -1);
    });

    test('from the first event to here, and no exec stays in doubt', async () => {
      expect((await booksSince(stage.first)).books).toEqual(CLOSED);
      const pending = async (): Promise<number> =>
        (await stage.daemon.scrape()).value('procevents_pending_execs');
      await expect.poll(pending, PATIENT).toBe(0);
      const { scrape } = await stage.cut();
      expect(scrape.sum('procevents_rejected_messages_total')).toBe(0);
    });

    async function eachScrapeUntil(done: Promise<void>, before: Cut): Promise<void> {
      const storming = { over: false };
      const over = done.finally(() => (storming.over = true));
      while (!storming.over) {
        const scrape = await stage.daemon.scrape();
        expect(openAccounts(scrape)).toEqual([]);
        expect(scrape.sum('procevents_events_total')).toBeGreaterThanOrEqual(
          before.scrape.sum('procevents_events_total'),
        );
      }
      await over;
    }
  });
}

const EVENTS = {
  fork: ['fork', 'exit'],
  vfork: ['fork', 'exit'],
  thread: ['fork', 'exit'],
  exec: ['fork', 'exec', 'exit'],
  prctl: ['comm'],
  setsid: ['fork', 'sid', 'exit'],
  abort: ['fork', 'coredump', 'exit'],
} as const;

function seen({ scrape }: Cut, event: string): number {
  return scrape.value('procevents_events_total', { event });
}
