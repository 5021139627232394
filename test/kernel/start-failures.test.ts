// A start that cannot succeed says why and what to do, in one line, and ends with 1.
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { runToEnd } from '../harness/daemon.ts';
import { describeWith } from '../harness/requirements.ts';

const one = (code: string, word: RegExp): RegExp =>
  new RegExp(`^procevents-exporter: [^\\n]*${word.source}[^\\n]* \\[${code}\\]\\. [^\\n]+\\n$`);

describeWith(['events', 'unshare', 'setpriv'], 'starts that fail', () => {
  test.for([
    ['a network namespace of its own', ['--net'], 'PROCEVENTS_CONNECTOR_SEND', /network namespace/],
    ['a user namespace of its own', ['--user'], 'PROCEVENTS_CONNECTOR_NO_ACK', /user or pid/],
    ['a pid namespace of its own', ['--pid', '--fork'], 'PROCEVENTS_CONNECTOR_NO_ACK', /or pid/],
  ] as const)('%s', async ([, flags, code, word]) => {
    const run = await runToEnd({ under: ['unshare', ...flags] });
    expect(run).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(run.stderr).toMatch(one(code, word));
  });

  test('a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const run = await runToEnd({ flags: [`--web.listen-address=127.0.0.1:${port}`] });
    taken.close();
    expect(run).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(run.stderr).toMatch(one('PROCEVENTS_LISTEN_IN_USE', new RegExp(`127.0.0.1:${port}`)));
  });

  test('a flag that is not there', async () => {
    const run = await runToEnd({ flags: ['--collector.recieve-buffer=1MiB'] });
    expect(run).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(run.stderr).toMatch(one('PROCEVENTS_FLAG_UNKNOWN', /--collector\.receive-buffer/));
  });
});
