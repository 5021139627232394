// Manifests: the PodMonitor of prometheus-operator. Out: a scrape of each pod, under its node's name.
import type { IPodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { METADATA, PORT_NAME, SELECTOR } from './identity.ts';

export const POD_MONITOR: IPodMonitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PodMonitor',
  metadata: METADATA,
  spec: {
    selector: { matchLabels: SELECTOR },
    podMetricsEndpoints: [
      {
        port: PORT_NAME,
        interval: '15s',
        scrapeTimeout: '5s',
        // The node is what is counted; a pod's name changes with each update, and its counters' series would too.
        relabelings: [
          {
            action: 'replace',
            sourceLabels: ['__meta_kubernetes_pod_node_name'],
            targetLabel: 'instance',
          },
          { action: 'labeldrop', regex: 'pod|container|endpoint' },
        ],
      },
    ],
  },
};
