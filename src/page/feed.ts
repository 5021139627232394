// Page: asks the daemon again and again. In: its address. Out: a report a second, or that there was none and why. Never two
// questions at once, none while nobody looks.
import type { SummaryReport } from '../http/summary-report.ts';
import { reportIn } from './answer.ts';

/** ms, from the end of one answer to the next question. */
const PAUSE = 1000;
/** ms. A daemon in a storm answers in far less; one that is stopped never does. */
const LONGEST_WAIT = 5000;

export interface Heard {
  /** May throw: then it could not be drawn. */
  readonly report: (report: SummaryReport) => void;
  readonly none: (why: string) => void;
  /** There was an answer, and it is no summary, or none that can be drawn. */
  readonly odd: () => void;
}

export function follow(url: string, heard: Heard): void {
  let timer: number | undefined;
  let asking = false;

  const ask = async (): Promise<void> => {
    timer = undefined;
    asking = true;
    try {
      heard.report(reportIn(await answer(url)));
    } catch (error) {
      if (error instanceof NoAnswer) heard.none(error.message);
      else heard.odd();
    } finally {
      asking = false;
      if (!document.hidden) timer = setTimeout(() => void ask(), PAUSE);
    }
  };
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    timer = undefined;
    if (!document.hidden && !asking) void ask();
  });
  void ask();
}

/** Its message says why, after "The daemon". */
class NoAnswer extends Error {}

async function answer(url: string): Promise<string> {
  const signal = AbortSignal.timeout(LONGEST_WAIT);
  const response = await fetch(url, { signal, cache: 'no-store' }).catch(missed);
  if (!response.ok) throw new NoAnswer(`answers ${response.status}`);
  return response.text().catch(missed);
}

function missed(error: unknown): never {
  const late = error instanceof DOMException && error.name === 'TimeoutError';
  throw new NoAnswer(late ? 'does not answer in time' : 'cannot be reached');
}
