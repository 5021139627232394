// Manifests: how scrapes find the pods and who may. Out: a Service without an address of its own, and a NetworkPolicy.
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IService } from 'kubernetes-models/v1/Service';
import { METADATA, PORT, PORT_NAME, SELECTOR } from './identity.ts';

/** Headless: each daemon counts its own host, so one asks all of them and never any of them. */
export const SERVICE: IService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: METADATA,
  spec: {
    clusterIP: 'None',
    selector: SELECTOR,
    ports: [{ name: PORT_NAME, port: PORT, targetPort: PORT_NAME, protocol: 'TCP' }],
  },
};

/** Most network plugins do not apply it to pods on the host's network (README.md). */
export const NETWORK_POLICY: INetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: METADATA,
  spec: {
    podSelector: { matchLabels: SELECTOR },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [
          { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
        ],
        ports: [{ port: PORT, protocol: 'TCP' }],
      },
    ],
    // It connects to nobody.
    egress: [],
  },
};
