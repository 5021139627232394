// Manifests: what all of them have in common. In: package.json. Out: names, labels, the port.
import { readFileSync } from 'node:fs';

const packageJson = new URL('../../../package.json', import.meta.url);

export const NAME = 'procevents-exporter';
export const { version: VERSION } = JSON.parse(readFileSync(packageJson, 'utf8')) as {
  readonly version: string;
};
export const NAMESPACE = NAME;
/** Which pods are ours. Kubernetes lets nobody change a DaemonSet's selector: these two stay. */
export const SELECTOR = {
  'app.kubernetes.io/name': NAME,
  'app.kubernetes.io/instance': NAME,
} as const;
export const LABELS = { ...SELECTOR, 'app.kubernetes.io/version': VERSION } as const;
export const METADATA = { name: NAME, namespace: NAMESPACE, labels: LABELS } as const;
export const PORT = 11_011;
export const PORT_NAME = 'metrics';
