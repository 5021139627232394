// --comm.fold, where it counts: which pair an event goes to.
import { describe, expect, it } from 'vitest';
import { Aggregator } from '../../../src/aggregator/aggregator.ts';
import { UNKNOWN_WORD } from '../../../src/attribution/identity.ts';
import { DEFAULT_FOLDS, fold } from '../../../src/config/fold.ts';
import { commWords } from './comm-words.ts';

function folding(...texts: readonly string[]): (comm: string) => string {
  const aggregator = new Aggregator({ pairsMax: 100_000, folds: texts.map((text) => fold(text)) });
  return (comm) => {
    const slot = aggregator.pair(commWords(comm), 0, 7);
    return aggregator.copy().labels[slot]!.comm;
  };
}

describe('a fold', () => {
  it('counts kernel threads without their CPU by default', () => {
    const name = folding(...DEFAULT_FOLDS);
    expect(name('kworker/0:1-event')).toBe('kworker');
    expect(name('ksoftirqd/1')).toBe('ksoftirqd');
    expect(name('migration/0')).toBe('migration');
    expect(name('cpuhp/3')).toBe('cpuhp');
    expect(name('irq/24-nvme0q1')).toBe('irq');
    expect(name('bash')).toBe('bash');
  });

  it('matches a comm as a whole, and the first that matches counts', () => {
    const name = folding('php=x', 'php.*=php', 'php-fpm=y');
    expect(name('php')).toBe('x');
    expect(name('php-fpm')).toBe('php');
    expect(name('my-php')).toBe('my-php');
  });

  it('counts with a program that really has the name', () => {
    const aggregator = new Aggregator({ pairsMax: 10, folds: [fold('kworker/.*=kworker')] });
    const slot = aggregator.pair(commWords('kworker'), 0, 0);
    expect(aggregator.pair(commWords('kworker/0:0'), 0, 0)).toBe(slot);
    expect(aggregator.known(commWords('kworker/9:9'), 0, 0)).toBe(slot);
    expect(aggregator.known(commWords('bash'), 0, 0)).toBe(0);
  });

  it('never catches what has no name', () => {
    const aggregator = new Aggregator({ pairsMax: 10, folds: [fold('.*=all')] });
    const slot = aggregator.pair(new Uint32Array(4).fill(UNKNOWN_WORD), 0, 0);
    expect(aggregator.copy().labels[slot]!.comm).toBe('<unknown>');
  });

  it('sees the text of the label, so that hostile bytes can be matched', () => {
    const name = folding(String.raw`\\x3c.*=angle`, String.raw`.*\\x0a.*=newline`);
    expect(name('<unknown>')).toBe('angle');
    expect(name('a\nb')).toBe('newline');
  });

  it('answers the same for each of more names than are remembered', () => {
    const folds = [fold('a[0-9]+=a'), fold('b[0-9]+=b')];
    const aggregator = new Aggregator({ pairsMax: 100_000, folds });
    const slot = (comm: string): number => aggregator.pair(commWords(comm), 0, 7);
    const [a, b] = [slot('a'), slot('b')];
    const others = new Set<number>();
    const wrong: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      if (slot(`a${i}`) !== a || slot(`b${i}`) !== b) wrong.push(i);
      others.add(slot(`c${i}`));
    }
    expect(wrong).toEqual([]);
    expect(others.size).toBe(20_000);
  });

  it('with an expression that would hang a backtracking engine is as quick as others', () => {
    const name = folding('(a|a|aa)*(a|aa)*(a|a)*$b=x', '(a+)+$=y');
    expect(name('aaaaaaaaaaaaaa!')).toBe('aaaaaaaaaaaaaa!');
    expect(name('aaaaaaaaaaaaaaa')).toBe('y');
  });
});
