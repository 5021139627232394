// Manifests: the namespace. Out: one in which Pod Security lets the daemon in.
import type { INamespace } from 'kubernetes-models/v1/Namespace';
import { LABELS, NAMESPACE } from './identity.ts';

/** The levels below forbid the host's namespaces, a hostPath and CAP_NET_ADMIN. */
const LEVEL = 'privileged';

export const NAMESPACE_OBJECT: INamespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: NAMESPACE,
    labels: {
      ...LABELS,
      'pod-security.kubernetes.io/enforce': LEVEL,
      'pod-security.kubernetes.io/audit': LEVEL,
      'pod-security.kubernetes.io/warn': LEVEL,
    },
  },
};
