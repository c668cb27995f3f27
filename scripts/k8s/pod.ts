/** The user of Grafana's k6 image. Runners and judge share it: k6 lets nobody else read its log. */
const USER_ID = 12345;

/** The claim in `deploy/base`, which all runs share. */
export const CLAIM = 'fiml-perf-results';
export const RESULTS_MOUNT = '/results';
/** Where the operator mounts the ConfigMap of a script, and so the place of all that a run is given as a file. */
export const GIVEN_MOUNT = '/test';
/** Of certificates, by the names of their overrides. */
export const SECRET_MOUNT = '/secrets';

/** No pod of a run asks the Kubernetes API for anything. */
export const NO_TOKEN = 'false';

/** As the strictest of Kubernetes' own pod security standards wants it. */
export const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: USER_ID,
  runAsGroup: USER_ID,
  // Where the volume's driver heeds it, what is mounted can be written by this group.
  fsGroup: USER_ID,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

export interface Volume {
  readonly name: string;
  readonly [source: string]: unknown;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPathExpr?: string;
}

/** A place to write beside a root file system that is read-only. */
export const TEMPORARY: Mounted = {
  volumes: [{ name: 'temporary', emptyDir: {} }],
  volumeMounts: [{ name: 'temporary', mountPath: '/tmp' }],
};

/** Volumes, and where a container sees them. */
export interface Mounted {
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
}

export const mounted = (...parts: readonly Mounted[]): Mounted => ({
  volumes: parts.flatMap(({ volumes }) => volumes),
  volumeMounts: parts.flatMap(({ volumeMounts }) => volumeMounts),
});

/** @param subPathExpr the part of the volume that is seen; null: all of it. */
export const results = (subPathExpr: string | null): Mounted => ({
  volumes: [{ name: 'results', persistentVolumeClaim: { claimName: CLAIM } }],
  volumeMounts: [{ name: 'results', mountPath: RESULTS_MOUNT, ...(subPathExpr === null ? {} : { subPathExpr }) }],
});

/** The same for requests and limits: a pod then has what it asks for to itself, and nothing takes it away under load. */
export const exactly = (cpu: string, memory: string) => ({
  requests: { cpu, memory },
  limits: { cpu, memory },
});
