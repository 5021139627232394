// The Helm chart, rendered by Helm's own engine. Its defaults are the kustomize base; nothing it renders has a field
// that Kubernetes does not know; values that are not its own are errors.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { OBJECTS } from '../../deploy/kubernetes/src/manifests.ts';
import { CHART, defaultValues, over, render, type Values } from '../harness/chart.ts';
import { root } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';

const read = (file: string): string => readFileSync(path.join(CHART, file), 'utf8');
const valid = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false }).compile(
  JSON.parse(read('values.schema.json')) as Record<string, unknown>,
);

function refusals(values: Values): readonly unknown[] {
  return valid(values) ? [] : (valid.errors ?? ['refused']);
}

/** Everything that is off by default on, everything that is empty filled. */
const EVERYTHING: Values = {
  image: { digest: `sha256:${'0'.repeat(64)}`, pullPolicy: 'Always' },
  imagePullSecrets: [{ name: 'pull' }],
  namespace: { create: true },
  args: ['--comm.fold=a,b:.*=x', '--log.level=debug'],
  port: 9111,
  webConfig: { secretName: 'web', scheme: 'HTTPS' },
  affinity: { nodeAffinity: {} },
  podLabels: { team: 'sre' },
  podAnnotations: { note: 'yes: "quoted"' },
  maxUnavailable: 1,
  podMonitor: {
    enabled: true,
    labels: { release: 'prometheus' },
    endpoint: { tlsConfig: { insecureSkipVerify: true } },
  },
};

const TYPES: Record<string, string> = {
  DaemonSet: 'kubernetes-models/apps/v1/DaemonSet',
  Namespace: 'kubernetes-models/v1/Namespace',
  NetworkPolicy: 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy',
  PodMonitor: '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor',
  Service: 'kubernetes-models/v1/Service',
};

/** What the compiler says of the objects as literals of their types: nothing, when each field is known. */
function complaints(objects: readonly unknown[]): string {
  // In the tree, so that imports and the compiler's settings are the project's.
  const directory = mkdtempSync(path.join(root, 'build/kubernetes-'));
  try {
    const lines = objects.map((object, i) => {
      const { kind } = object as { kind: string };
      const from = JSON.stringify(TYPES[kind]);
      const literal = JSON.stringify(object);
      return `export const o${i}: import(${from}).I${kind} = ${literal};\n`;
    });
    writeFileSync(path.join(directory, 'objects.ts'), lines.join(''));
    const settings = {
      extends: path.join(root, 'tsconfig.json'),
      compilerOptions: { noEmit: true, rootDir: root },
      include: ['objects.ts'],
    };
    writeFileSync(path.join(directory, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = path.join(root, 'node_modules/.bin/tsc');
    const args = ['-p', directory, '--pretty', 'false'];
    return spawnSync(tsc, args, { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const base = (name: string): unknown => OBJECTS[`base/${name}.yaml`];
const BASE = {
  'daemonset.yaml': base('daemonset'),
  'networkpolicy.yaml': base('networkpolicy'),
  'service.yaml': base('service'),
};

test('the chart and its application have the version of the package', () => {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(parse(read('Chart.yaml'))).toMatchObject({ version, appVersion: version });
  expect(readFileSync(path.join(root, 'Dockerfile'), 'utf8')).toContain(`ARG VERSION=${version}\n`);
});

test('the schema takes the defaults and all that can be turned on', () => {
  expect(refusals(defaultValues())).toEqual([]);
  expect(refusals(over(defaultValues(), EVERYTHING))).toEqual([]);
});

test.for([
  { imagee: {} },
  { image: { repo: 'x' } },
  { image: { digest: 'sha256:1' } },
  { port: '11011' },
  { userId: 0 },
  { podMonitor: { enable: true } },
  { networkPolicy: { from: [] } },
  { tolerations: [{ operater: 'Exists' }] },
  { webConfig: { scheme: 'https' } },
])('the schema refuses %j', (given) => {
  expect(refusals(over(defaultValues(), given))).not.toEqual([]);
});

test('a field that Kubernetes does not know fails the build, however deep', () => {
  const container = { name: 'x', securityContext: { readOnlyRootFileSystem: true } };
  const daemonSet = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    spec: { selector: {}, template: { spec: { containers: [container] } } },
  };
  expect(complaints([daemonSet])).toContain('readOnlyRootFileSystem');
});

describeWith(['go'], 'the chart', () => {
  test('its defaults are the kustomize base', () => {
    expect(render({})).toEqual(BASE);
  });

  test('with the namespace, all of it', () => {
    const rendered = render({ namespace: { create: true } });
    expect(rendered).toEqual({ ...BASE, 'namespace.yaml': base('namespace') });
  });

  test('with the PodMonitor, the one of the kustomization', () => {
    const rendered = render({ podMonitor: { enabled: true } });
    expect(rendered['podmonitor.yaml']).toEqual(OBJECTS['prometheus-operator/podmonitor.yaml']);
  });

  test('renders only fields that Kubernetes knows, whatever is turned on or off', () => {
    const nothing = { hostPasswd: false, service: { enabled: false }, tolerations: [] };
    const all = render(EVERYTHING, 'fleet');
    const few = render({ ...nothing, networkPolicy: { enabled: false }, priorityClassName: '' });
    expect(Object.keys(all)).toHaveLength(5);
    expect(Object.keys(few)).toEqual(['daemonset.yaml']);
    expect(complaints([...Object.values(all), ...Object.values(few)])).toBe('');
  });

  test('hands flags on as they are', () => {
    expect(render(EVERYTHING)['daemonset.yaml']).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              {
                args: [
                  '--web.listen-address=:9111',
                  '--path.passwd=/host/etc/passwd',
                  '--web.config.file=/etc/procevents-exporter/web.yml',
                  '--comm.fold=a,b:.*=x',
                  '--log.level=debug',
                ],
              },
            ],
          },
        },
      },
    });
  });
});
