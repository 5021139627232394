// The image itself: what it says of itself, and what is not in it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { root } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { IMAGE, REVISION, containerName, makeImage, podman, tryPodman } from './containers.ts';

/** 108 MB of that are node; the rest has room to grow by a quarter. */
const MOST_BYTES = 140_000_000;

interface Inspected {
  readonly Size: number;
  readonly Config: Readonly<Record<string, unknown>>;
  readonly HealthCheck?: unknown;
}

describeWith(['containers'], 'the image', () => {
  let image: Inspected;
  beforeAll(async () => {
    await makeImage();
    image = (JSON.parse(podman(['image', 'inspect', IMAGE])) as [Inspected])[0];
  });
  const inImage = (entrypoint: string, ...args: readonly string[]) =>
    tryPodman(
      ['run', '--rm', '--name', containerName(), '--network', 'none', '--read-only'],
      ['--entrypoint', entrypoint, IMAGE, ...args],
    );

  test('has the labels that registries show, of this version and revision', () => {
    const { version, description, license } = JSON.parse(
      readFileSync(path.join(root, 'package.json'), 'utf8'),
    ) as Record<string, string>;
    expect(description).toMatch(/^Prometheus exporter/);
    expect(image.Config['Labels']).toMatchObject({
      'org.opencontainers.image.title': 'procevents-exporter',
      'org.opencontainers.image.description': expect.stringMatching(/^Prometheus exporter/),
      'org.opencontainers.image.licenses': license,
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.revision': REVISION,
    });
  });

  test('runs as a number that is not root, for runAsNonRoot', () => {
    expect(image.Config['User']).toBe('11011:11011');
  });

  test('is small', () => {
    expect(image.Size).toBeLessThan(MOST_BYTES);
  });

  test.for(['/bin/sh', '/usr/bin/env', '/usr/local/bin/npm', '/usr/bin/apt-get'])(
    'has no %s',
    (program) => {
      const { status, output } = inImage(program);
      expect(status).toBe(127);
      expect(output).toMatch(/no such file or directory/i);
    },
  );

  test('checks the port that the daemon has by default, and fails when nobody is there', () => {
    const { status, output } = inImage('/usr/local/bin/node', '/app/healthcheck.mjs');
    expect(output).toContain('http://127.0.0.1:11011/-/healthy: connect ECONNREFUSED');
    expect(status).toBe(1);
    expect(image.Config['ExposedPorts']).toEqual({ '11011/tcp': {} });
  });

  test('has what each option loads: addons, YAML, bcrypt, the readable log', () => {
    const { status, output } = inImage(
      '/usr/local/bin/node',
      '--eval',
      `const load = require('node:module').createRequire('/app/dist/main.js');
      for (const name of ['yaml', '@node-rs/bcrypt', 'pino-pretty', 'fastify']) load(name);
      load('node-gyp-build')('/app')`,
    );
    expect({ status, output }).toEqual({ status: 0, output: '' });
  });
});
