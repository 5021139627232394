// The committed manifests against the typed ones. `npm test -- test/kubernetes -u` writes them anew.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { OBJECTS, text } from '../../deploy/kubernetes/src/manifests.ts';
import { describeWith } from '../harness/requirements.ts';
import { root } from '../harness/programs.ts';

const HOME = path.join(root, 'deploy/kubernetes');

for (const [file, object] of Object.entries(OBJECTS)) {
  test(`${file} is what the typed source says`, async () => {
    await expect(text(object)).toMatchFileSnapshot(path.join(HOME, file));
  });
}

test.for(['base', 'prometheus-operator'])(
  '%s/kustomization.yaml names each file there is',
  (folder) => {
    const file = path.join(HOME, folder, 'kustomization.yaml');
    const { resources } = parse(readFileSync(file, 'utf8')) as { resources: string[] };
    const there = readdirSync(path.join(HOME, folder)).filter(
      (name) => name !== 'kustomization.yaml',
    );
    expect(resources.filter((name) => !name.startsWith('..')).toSorted()).toEqual(there.toSorted());
  },
);

test('the image and the pod run as the same user', () => {
  const dockerfile = readFileSync(path.join(root, 'Dockerfile'), 'utf8');
  const uid = /^USER (\d+):\1$/m.exec(dockerfile)?.[1];
  expect(OBJECTS['base/daemonset.yaml']).toMatchObject({
    spec: { template: { spec: { securityContext: { runAsUser: Number(uid) } } } },
  });
});

describeWith(['kubectl'], 'kustomize', () => {
  test.for([
    ['base', ['base/']],
    ['prometheus-operator', ['base/', 'prometheus-operator/']],
  ] as const)('builds %s from every typed object', ([folder, from]) => {
    const output = execFileSync('kubectl', ['kustomize', path.join(HOME, folder)], {
      encoding: 'utf8',
    });
    const built = parseAllDocuments(output).map((document) => document.toJS() as unknown);
    const typed = Object.entries(OBJECTS)
      .filter(([file]) => from.some((prefix) => file.startsWith(prefix)))
      .filter(([file]) => !file.endsWith('kustomization.yaml'))
      .map(([, object]) => object);
    expect(built).toHaveLength(typed.length);
    expect(built).toEqual(expect.arrayContaining(typed));
  });
});
