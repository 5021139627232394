// Page: asks the daemon again and again. In: its address. Out: a report a second, or that there was none and why. Never two
// questions at once, none while nobody looks.
import type { SummaryReport } from '../http/summary-report.ts';

/** ms, from the end of one answer to the next question. */
const PAUSE = 1000;
/** ms. A daemon in a storm answers in far less; one that is stopped never does. */
const LONGEST_WAIT = 5000;

export interface Heard {
  readonly report: (report: SummaryReport) => void;
  readonly none: (why: string) => void;
}

export function follow(url: string, heard: Heard): void {
  let timer: number | undefined;
  let asking = false;

  const ask = async (): Promise<void> => {
    timer = undefined;
    asking = true;
    try {
      heard.report(await summary(url));
    } catch (error) {
      heard.none(reason(error));
    }
    asking = false;
    if (!document.hidden) timer = setTimeout(() => void ask(), PAUSE);
  };
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    timer = undefined;
    if (!document.hidden && !asking) void ask();
  });
  void ask();
}

class Refused extends Error {}

async function summary(url: string): Promise<SummaryReport> {
  const signal = AbortSignal.timeout(LONGEST_WAIT);
  const response = await fetch(url, { signal, cache: 'no-store' });
  if (!response.ok) throw new Refused(`answers ${response.status}`);
  return (await response.json()) as SummaryReport;
}

function reason(error: unknown): string {
  if (error instanceof Refused) return error.message;
  const late = error instanceof DOMException && error.name === 'TimeoutError';
  return late ? 'does not answer in time' : 'cannot be reached';
}
