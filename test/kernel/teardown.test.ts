// How a process ends that embeds the collector: in every stage, in worker threads too.
import path from 'node:path';
import { expect, test } from 'vitest';
import { LineProcess } from '../harness/line-process.ts';
import { root } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

const CHILD = path.join(root, 'test/harness/teardown-child.mjs');

describeWith(['events'], 'a process that ends in the middle', () => {
  test.for([
    'opened',
    'started',
    'draining',
    'stopped while draining',
    'taking a cut',
    'waiting for a cut',
    'stopped twice, then left alone',
    'an uncaught exception while draining',
    'the main thread ends while a worker collects',
    'a worker is terminated while it collects',
    'a worker ends itself while it collects',
    'a worker collects after another has ended',
  ])('neither hangs nor crashes: %s', async (stage) => {
    const child = new LineProcess(process.execPath, [CHILD, stage], {});
    const { code, signal } = await child.ended;
    expect({ code, signal, stderr: child.stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });
});
