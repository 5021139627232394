// Manifests: the files. In: the typed objects. Out: what stands in each committed file, in the order of applying.
import { stringify } from 'yaml';
import { DAEMON_SET } from './daemon-set.ts';
import { NAMESPACE } from './identity.ts';
import { NAMESPACE_OBJECT } from './namespace.ts';
import { NETWORK_POLICY, SERVICE } from './network.ts';
import { POD_MONITOR } from './pod-monitor.ts';

const HEADER = '# Written by deploy/kubernetes/src, where the reasons stand; README.md says how.\n';

interface Kustomization {
  readonly namespace?: string;
  readonly resources: readonly string[];
}

/** The subset of a kustomization that every kustomize reads, the one in kubectl 1.20 too. */
function kustomization(rest: Kustomization): unknown {
  return { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...rest };
}

const BASE = {
  'namespace.yaml': NAMESPACE_OBJECT,
  'daemonset.yaml': DAEMON_SET,
  'service.yaml': SERVICE,
  'networkpolicy.yaml': NETWORK_POLICY,
} as const;

/** By path under deploy/kubernetes. */
export const OBJECTS: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(Object.entries(BASE).map(([file, object]) => [`base/${file}`, object])),
  'base/kustomization.yaml': kustomization({ namespace: NAMESPACE, resources: Object.keys(BASE) }),
  'prometheus-operator/podmonitor.yaml': POD_MONITOR,
  'prometheus-operator/kustomization.yaml': kustomization({
    resources: ['../base', 'podmonitor.yaml'],
  }),
};

/** Without aliases: to say a label twice is what manifests do. */
export function text(object: unknown): string {
  return HEADER + stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 });
}
