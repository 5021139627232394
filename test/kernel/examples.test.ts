// The examples of docs/examples, run as they stand there. Input: processes that this test makes. Output: what they print.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { LineProcess } from '../harness/line-process.ts';
import { Maker } from '../harness/maker.ts';
import { PATIENT } from '../harness/patience.ts';
import { ProgramCopies, program, root, uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

const FOLDER = `${root}docs/examples`;
/** Told to, a thread that is not the first executes a program. */
const THREAD_EXECUTES = `
import os, signal, sys, threading
def run():
    sys.stdin.readline()
    os.execv('/bin/sh', ['sh', '-c', 'exit 5'])
threading.Thread(target=run).start()
signal.pause()
`;
const RAN = new Set<string>();

/** Runs until it says that it is ready; `lines` grows. */
async function example(name: string, args: readonly string[] = []): Promise<Example> {
  RAN.add(name);
  const lines: string[] = [];
  const run = new LineProcess(process.execPath, [`${FOLDER}/${name}`, ...args], {
    cwd: root,
    onLine: (line) => lines.push(line),
  });
  return { run, lines };
}

interface Example {
  readonly run: LineProcess;
  readonly lines: string[];
}

async function ready({ run }: Example): Promise<void> {
  await vi.waitFor(() => expect(run.stderr).toMatch(/waiting|watching|counting/), PATIENT);
}

async function stop({ run }: Example): Promise<void> {
  run.child.kill('SIGINT');
  expect(await run.ended).toEqual({ code: 0, signal: null });
}

/** A shell that ends itself by the signal. */
function crash(signal: string): number {
  const { pid, signal: ended } = spawnSync('/bin/sh', ['-c', `ulimit -c 0; kill -${signal} $$`]);
  expect(ended).toBe(`SIG${signal}`);
  return pid;
}

describeWith(['events', 'setpriv'], 'the examples', () => {
  test('wait-for-end.mjs says how a process that is no child of it ended', async () => {
    const child = spawn('/bin/sh', ['-c', 'read line; exit 5']);
    const waits = await example('wait-for-end.mjs', [String(child.pid)]);
    await ready(waits);
    child.stdin.end('go\n');
    await once(child, 'exit');
    expect(await waits.run.ended).toEqual({ code: 0, signal: null });
    expect(waits.lines).toEqual([`${child.pid} has ended: status 5`]);
    const late = await example('wait-for-end.mjs', [String(child.pid)]);
    expect(await late.run.ended).toEqual({ code: 0, signal: null });
    expect(late.lines).toEqual([`${child.pid} has ended already, or is no process`]);
  });

  test('wait-for-end.mjs is not misled by threads that execute, nor by a leader that left first', async () => {
    const child = spawn('python3', ['-c', THREAD_EXECUTES]);
    const leaderless = await Maker.start('leader-exit', { code: 9 });
    const [pid] = leaderless.made.pids;
    const waits = [
      await example('wait-for-end.mjs', [String(child.pid)]),
      await example('wait-for-end.mjs', [String(pid)]),
    ];
    for (const one of waits) await ready(one);
    child.stdin.end('go\n');
    await leaderless.finish();
    for (const { run } of waits) expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(waits.map(({ lines }) => lines)).toEqual([
      [`${child.pid} has ended: status 5`],
      [`${pid} has ended: status 9`],
    ]);
  });

  test('wait-for-end.mjs does not wait for a zombie, nor for a thread', async () => {
    const zombie = await Maker.start('zombie');
    const thread = readdirSync('/proc/self/task').find((tid) => Number(tid) !== process.pid);
    for (const id of [zombie.made.pids[0], thread]) {
      const { run, lines } = await example('wait-for-end.mjs', [String(id)]);
      expect(await run.ended).toEqual({ code: 0, signal: null });
      expect(lines).toEqual([`${id} has ended already, or is no process`]);
    }
    await zombie.finish();
  });

  test.each([
    ['wait-for-end.mjs'],
    ['wait-for-end.mjs', 'abc'],
    ['wait-for-end.mjs', '0'],
    ['wait-for-end.mjs', '-5'],
    ['follow-tree.mjs'],
    ['execs-per-user.mjs', 'abc'],
  ])('%s %s says in one line how it is used', async (name, ...args) => {
    const { run } = await example(name, args);
    expect(await run.ended).toEqual({ code: 2, signal: null });
    expect(run.stderr).toMatch(new RegExp(`^usage: node ${name} .*\\n$`));
  });

  test('coredump-alert.mjs tells of a crash and of the core', async () => {
    const alert = await example('coredump-alert.mjs');
    await ready(alert);
    const pid = crash('SEGV');
    const lines = (): string[] => alert.lines.filter((line) => line.includes(`(${pid})`));
    await vi.waitFor(() => expect(lines()).toHaveLength(2), PATIENT);
    expect(lines()[0]).toBe(`sh (${pid}) of uid 0 dumps core; its parent is ${process.pid}`);
    expect(lines()[1]).toBe(`sh (${pid}) ended by SIGSEGV, wrote no core`);
    const { made } = await Maker.perform('crash-together');
    const [threaded = 0] = made.pids;
    const ended = `events (${threaded}) ended by SIGSEGV, wrote no core`;
    await vi.waitFor(() => expect(alert.lines).toContain(ended), PATIENT);
    expect(alert.lines.filter((line) => line.includes(`(${threaded})`))).toHaveLength(2);
    await stop(alert);
  });

  test('execs-per-user.mjs counts by user', async () => {
    const counts = await example('execs-per-user.mjs');
    await ready(counts);
    // setpriv is executed by us, and executes as the other.
    for (let i = 0; i < 7; i++) spawnSync('setpriv', ['--reuid=61077', '--clear-groups', 'true']);
    await stop(counts);
    expect(counts.lines).toContainEqual(expect.stringMatching(/^ +7 {2}61077$/));
    expect(counts.lines).toContainEqual(expect.stringMatching(/^ +\d+ {2}root$/));
  });

  test('follow-tree.mjs shows what comes of a command', async () => {
    const copies = new ProgramCopies();
    const comm = uniqueComm();
    const nothing = copies.add('nothing', comm);
    const script = `${nothing}; (${nothing}; exit 2); exit 3`;
    const tree = await example('follow-tree.mjs', ['/bin/sh', '-c', script]);
    expect(await tree.run.ended).toEqual({ code: 0, signal: null });
    copies.remove();
    const shown = tree.lines.map((line) => line.replace(/\d+ /, ''));
    expect(shown).toEqual([
      'runs sh',
      `  runs ${comm}`,
      '  ended: status 0',
      `    runs ${comm}`,
      '    ended: status 0',
      '  ended: status 2',
      'ended: status 3',
    ]);
  });

  test('follow-tree.mjs follows a process past its first task', async () => {
    const executes = await example('follow-tree.mjs', ['python3', '-c', THREAD_EXECUTES]);
    executes.run.say('go');
    expect(await executes.run.ended).toEqual({ code: 0, signal: null });
    // Some machines find python3 by scripts, which come first.
    const shown = executes.lines.map((line) => line.replace(/\d+ /, ''));
    expect(shown.slice(-2)).toEqual(['runs sh', 'ended: status 5']);
    expect(shown.filter((line) => line.startsWith('ended'))).toHaveLength(1);
    const script = `echo | ${program('events')} leader-exit --count 3 --code 9`;
    const leaves = await example('follow-tree.mjs', ['/bin/sh', '-c', script]);
    expect(await leaves.run.ended).toEqual({ code: 0, signal: null });
    expect(leaves.lines.filter((line) => line.endsWith('ended: status 9'))).toHaveLength(3);
  });

  test('follow-tree.mjs says of a command that there is none', async () => {
    const { run } = await example('follow-tree.mjs', ['/nonexistent/command']);
    expect(await run.ended).toEqual({ code: 127, signal: null });
    expect(run.stderr).toBe('cannot run /nonexistent/command: ENOENT\n');
  });

  test('killed-by-signal.mjs names who was ended, by which signal, and the parent', async () => {
    const watch = await example('killed-by-signal.mjs');
    await ready(watch);
    const pid = crash('KILL');
    const line = (): string | undefined => watch.lines.find((one) => one.includes(`(${pid})`));
    await vi.waitFor(() => expect(line()).toBeDefined(), PATIENT);
    // No event has told who we are: we began before.
    const own = readFileSync('/proc/self/comm', 'utf8').trimEnd();
    expect(line()).toBe(`sh (${pid}) of uid 0 ended by SIGKILL, child of ${own} (${process.pid})`);
    await stop(watch);
  });

  test('all of them are run here', () => {
    expect([...RAN].toSorted()).toEqual(readdirSync(FOLDER).toSorted());
  });
});
