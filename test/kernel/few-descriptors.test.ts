// A limit on open files that leaves Node a dozen: import() would take them all at once, and end in a stack.
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { Daemon, type LogLine } from '../harness/daemon.ts';
import { PATIENT } from '../harness/patience.ts';
import { describeWith } from '../harness/requirements.ts';

function limitedTo(descriptors: number): string[] {
  return ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh'];
}

describeWith(['events'], 'a limit of 32 open files', () => {
  test('lets the daemon start, serve and stop', async () => {
    const daemon = await Daemon.start({ under: limitedTo(32) });
    expect((await daemon.scrape()).value('procevents_collector_up')).toBe(1);
    await daemon.stop();
    expect(daemon.stderr).toBe('');
  });

  test('closes the connections that are too many, says so, and serves the next', async () => {
    const daemon = await Daemon.start({ under: limitedTo(32) });
    const { hostname, port } = new URL(daemon.url);
    const idle = Array.from({ length: 12 }, () =>
      connect(Number(port), hostname).on('error', () => {}),
    );
    const said = (): LogLine | undefined =>
      daemon.log.find(({ msg }) => msg?.startsWith('too many connections'));
    await expect.poll(said, PATIENT).toBeDefined();
    for (const socket of idle) socket.destroy();
    await expect.poll(() => daemon.scrape().catch(() => undefined), PATIENT).toBeDefined();
    await daemon.stop();
  });

  test.for([26, 25, 24])('of %i: it serves, or says that there are too few', async (most) => {
    const daemon = Daemon.launch({ under: limitedTo(most) });
    const serve = async (): Promise<string> => {
      await daemon.listening();
      await daemon.scrape();
      await daemon.stop();
      return 'served';
    };
    const outcome = await serve().catch(
      async () => `${(await daemon.ended).code} ${daemon.stderr}`,
    );
    expect(outcome).toMatch(/^served$|^1 procevents-exporter: .*(EMFILE|LimitNOFILE).*\n$/);
  });
});
