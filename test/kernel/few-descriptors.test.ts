// A limit on open files that leaves Node a dozen: import() would take them all at once, and end in a stack.
import { expect, test } from 'vitest';
import { Daemon } from '../harness/daemon.ts';
import { describeWith } from '../harness/requirements.ts';

describeWith(['events'], 'a limit of 32 open files', () => {
  test('lets the daemon start, serve and stop', async () => {
    const under = ['sh', '-c', 'ulimit -n 32; exec "$@"', 'sh'];
    const daemon = await Daemon.start({ under });
    expect((await daemon.scrape()).value('procevents_collector_up')).toBe(1);
    await daemon.stop();
    expect(daemon.stderr).toBe('');
  });
});
