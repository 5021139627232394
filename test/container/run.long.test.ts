// The image, run by the line that README.md gives: it has to serve the host's events, with nothing but what it needs.
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credentialsOf, powerless } from '../harness/credentials.ts';
import { freePort } from '../harness/free-port.ts';
import { counts, pairOf } from '../harness/pairs.ts';
import { PATIENT } from '../harness/patience.ts';
import { ProgramCopies, uniqueComm } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import {
  IMAGE,
  REVISION,
  containerName,
  makeImage,
  podman,
  readmeFlags,
  startContained,
  tryPodman,
  type Contained,
} from './containers.ts';

const OWN_UID = 11_011;
const NOBODY = 65_534;
/** CAP_NET_ADMIN and CAP_PERFMON: what the container may have at most */
const BOTH = '0000004000001000';
const COUNT = 200;
const STORM = 3000;

describeWith(['containers', 'events'], "the image, run by README.md's line", () => {
  const copies = new ProgramCopies();
  chmodSync(copies.directory, 0o755); // other users execute from it
  let contained: Contained;
  beforeAll(async () => {
    await makeImage();
    const port = await freePort(); // its health check does not read the log
    contained = await startContained(
      [...readmeFlags(), '--env', `HEALTHCHECK_URL=http://127.0.0.1:${port}/-/healthy`],
      [`--web.listen-address=127.0.0.1:${port}`],
    );
  });
  afterAll(() => copies.remove());

  test("counts the host's programs, under their names and the host's uids", async () => {
    const comm = uniqueComm();
    const copy = copies.add('nothing', comm);
    for (let i = 0; i < COUNT; i++) {
      expect(spawnSync(copy, { uid: NOBODY, gid: NOBODY })).toMatchObject({ status: 0 });
    }
    const wanted = counts({ execs: COUNT, exits: COUNT });
    const pair = async () => pairOf(await contained.daemon.scrape(), comm, NOBODY);
    // The last one's end may be on its way still.
    await expect.poll(pair, PATIENT).toEqual(wanted);
  });

  test('counts a storm in another container, in namespaces of its own', async () => {
    const comm = uniqueComm();
    copies.add('storm-static', comm);
    podman(
      ['run', '--rm', '--name', containerName(), '--network', 'none', '--user', '61001:61001'],
      ['--volume', `${copies.directory}:/programs:ro`, '--entrypoint', `/programs/${comm}`, IMAGE],
      ['fork', '--count', String(STORM), '--comm', comm],
    );
    const pair = async () => pairOf(await contained.daemon.scrape(), comm, 61_001);
    await expect.poll(pair, PATIENT).toMatchObject({ forks: STORM, exits: STORM + 1 });
  });

  test("names the host's users", async () => {
    const scrape = await contained.daemon.scrape();
    const passwd = readFileSync('/etc/passwd', 'utf8').split('\n');
    const name = passwd.map((line) => line.split(':')).find(([, , uid]) => uid === '0')?.[0];
    expect(scrape.value('procevents_user_info', { uid: '0', user: name ?? '' })).toBe(1);
  });

  test('tells the revision that it was built from', async () => {
    const builds = (await contained.daemon.scrape()).series('procevents_build_info');
    expect(builds).toMatchObject([{ labels: { revision: REVISION }, value: 1 }]);
  });

  test('has no thread with a capability or as root, and reports so', async () => {
    const answers = Array.from({ length: 8 }, (_, i) =>
      contained.daemon.get(`/metrics?${i}`, { 'accept-encoding': 'gzip' }),
    );
    for (const answer of await Promise.all(answers)) await answer.arrayBuffer();
    const threads = credentialsOf(contained.pid);
    expect(threads.length).toBeGreaterThan(8); // Node's pool is among them
    // Without CAP_SETPCAP the bounding set stays, and NO_NEW_PRIVS keeps it shut.
    const groups = String(OWN_UID); // podman's; without CAP_SETGID it stays
    const wanted = powerless(OWN_UID, OWN_UID, { CapBnd: BOTH, Groups: groups });
    for (const thread of threads) expect(thread).toEqual(wanted);
    const line = contained.daemon.log.find(({ msg }) => msg === 'listening');
    expect(line).toMatchObject({ privilege: { uid: OWN_UID, boundingSet: 'kept' } });
  });

  test('cannot write anywhere in its image', () => {
    const mounts = readFileSync(`/proc/${contained.pid}/mountinfo`, 'utf8').split('\n');
    const root = mounts.map((line) => line.split(' ')).find(([, , , , at]) => at === '/');
    expect(root?.[5]?.split(',')).toContain('ro');
  });

  test('is healthy by its HEALTHCHECK, and not when it does not answer', () => {
    const check = () => tryPodman(['healthcheck', 'run', contained.name]);
    expect(check()).toEqual({ status: 0, output: '' });
    process.kill(contained.pid, 'SIGSTOP');
    try {
      expect(check().status).toBe(1);
    } finally {
      process.kill(contained.pid, 'SIGCONT');
    }
    expect(check().status).toBe(0);
  });

  test('ends well on SIGTERM', async () => {
    contained.daemon.signal('SIGTERM');
    expect(await contained.daemon.ended).toEqual({ code: 0, signal: null });
  });
});
