// Manifests: the DaemonSet. In: the container. Out: one daemon on every node, in the host's namespaces.
import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { CONTAINER, PASSWD_VOLUME } from './container.ts';
import { LABELS, METADATA, SELECTOR } from './identity.ts';

/** The image's own; on the host nobody else has it, so nobody else may signal the daemon. */
const USER = 11_011;

export const DAEMON_SET: IDaemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: METADATA,
  spec: {
    selector: { matchLabels: SELECTOR },
    // A tenth of the fleet blind at a time. No surge: two cannot have the same port of one host.
    updateStrategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: '10%', maxSurge: 0 },
    },
    template: {
      metadata: { labels: LABELS },
      spec: {
        // The process event connector answers only in the host's own network, pid and user namespaces.
        hostNetwork: true,
        hostPID: true,
        hostUsers: true,
        dnsPolicy: 'ClusterFirstWithHostNet',
        // It asks the API server for nothing and looks no service up.
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        // Who eats a node up is asked when the node is tainted, drained or under pressure: that is when to be there.
        tolerations: [{ operator: 'Exists' }],
        priorityClassName: 'system-node-critical',
        // It stops within 2 s.
        terminationGracePeriodSeconds: 5,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER,
          runAsGroup: USER,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [CONTAINER],
        volumes: [PASSWD_VOLUME],
      },
    },
  },
};
