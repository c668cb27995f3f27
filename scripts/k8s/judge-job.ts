import { formatDuration } from '../../config';
import { SEGMENTS_FILE } from '../result/segments';
import { type EnvVar, secretsMounted } from './environment';
import type { ClusterRun } from './manifests';
import {
  CONTAINER_SECURITY,
  exactly,
  GIVEN_MOUNT,
  type Mounted,
  mounted,
  POD_SECURITY,
  RESULTS_MOUNT,
  results,
  TEMPORARY,
} from './pod';

/** Beyond the time that the judge waits for the pods: reading what they left, which is some 100 MB a second. */
const JUDGING_S = 1800;

/** Beside the runs' folders: its usual place is in the image, and cannot be written. */
const HISTORY: EnvVar = { name: 'PERF_HISTORY', value: `${RESULTS_MOUNT}/history` };

/**
 * The Job that waits for the pods of a run, merges what they left and ends with the exit code of the verdict. It needs the
 * volume alone, and no right on the Kubernetes API.
 *
 * @param image of the suite.
 */
export function judgeJob(run: ClusterRun, image: string): object {
  const labels = { ...run.metadata.labels, 'app.kubernetes.io/component': 'judge' };
  const segments: Mounted = {
    volumes: [{ name: 'given', configMap: { name: run.name } }],
    volumeMounts: [{ name: 'given', mountPath: GIVEN_MOUNT, readOnly: true }],
  };
  const { volumes, volumeMounts } = mounted(results(null), segments, secretsMounted(run.overrides), TEMPORARY);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...run.metadata, name: `${run.name}-judge`, labels },
    spec: {
      // A second attempt would find a run that has been judged.
      backoffLimit: 0,
      activeDeadlineSeconds: Math.ceil(run.waitMs / 1000) + JUDGING_S,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          securityContext: POD_SECURITY,
          containers: [
            {
              name: 'judge',
              image,
              args: [
                'k8s',
                'judge',
                RESULTS_MOUNT,
                '--segments',
                `${GIVEN_MOUNT}/${SEGMENTS_FILE}`,
                '--wait',
                formatDuration(run.waitMs),
                '--ci',
              ],
              env: [...run.overrides, HISTORY],
              resources: exactly('1', '2Gi'),
              securityContext: CONTAINER_SECURITY,
              volumeMounts,
            },
          ],
          volumes,
        },
      },
    },
  };
}
