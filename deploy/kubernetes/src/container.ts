// Manifests: the container. Out: what the kubelet starts on each node, with what privileges, and when it is well.
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IProbe } from 'kubernetes-models/v1/Probe';
import type { IVolume } from 'kubernetes-models/v1/Volume';
import { NAME, PORT, PORT_NAME, VERSION } from './identity.ts';

const PASSWD = '/host/etc/passwd';

export const PASSWD_VOLUME: IVolume = {
  name: 'host-passwd',
  hostPath: { path: '/etc/passwd', type: 'File' },
};

const ready = { httpGet: { path: '/-/ready', port: PORT_NAME } } satisfies IProbe;
const healthy = { httpGet: { path: '/-/healthy', port: PORT_NAME } } satisfies IProbe;
/** A scrape of 1,000 pairs holds the event loop for 6 ms; a node under a fork storm needs longer to get its turn. */
const patience = { timeoutSeconds: 5, failureThreshold: 3 } satisfies IProbe;

export const CONTAINER: IContainer = {
  name: NAME,
  image: `${NAME}:${VERSION}`,
  args: [`--path.passwd=${PASSWD}`],
  // On the host's network the node's port is the container's; said, so that the scheduler minds it.
  ports: [{ name: PORT_NAME, containerPort: PORT, hostPort: PORT, protocol: 'TCP' }],
  securityContext: {
    privileged: false,
    // The image's user has its capabilities from node's file. Under no_new_privs they count only where the runtime has
    // put the added ones into the permitted set. The bounding set ends where the two below do.
    allowPrivilegeEscalation: true,
    capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'PERFMON'] },
    readOnlyRootFilesystem: true,
  },
  // It serves within 1 s; a minute is for a node that is just booting.
  startupProbe: { ...ready, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 30 },
  livenessProbe: { ...healthy, ...patience, periodSeconds: 10 },
  readinessProbe: { ...ready, ...patience, periodSeconds: 10 },
  resources: {
    // Idle it takes 0.03 % of a core and 90 MB. No limit of CPU time: throttled in a storm it would lose events.
    requests: { cpu: '10m', memory: '128Mi' },
    // 108 MB with 100,000 live processes; the rest is for a table of a million, threads, and slow readers.
    limits: { memory: '512Mi' },
  },
  volumeMounts: [{ name: PASSWD_VOLUME.name, mountPath: PASSWD, readOnly: true }],
};
