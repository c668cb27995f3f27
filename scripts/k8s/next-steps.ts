import { join } from 'node:path';
import { SEGMENTS_FILE } from '../result/segments';
import { SECRET, secretKeys } from './environment';
import type { ClusterRun } from './manifests';
import { CLAIM } from './pod';

/** Where the manifests went to: a folder, or to whatever reads standard output when null. */
type Place = string | null;

/** What to type next, in the order in which it is needed. */
export function nextSteps(run: ClusterRun, place: Place): string {
  const inNamespace = run.metadata.namespace === undefined ? '' : ` --namespace ${run.metadata.namespace}`;
  const kubectl = `kubectl${inNamespace}`;
  const keys = secretKeys([...run.overrides, ...run.k6Env]);
  const fromFiles = keys.map((key) => `--from-file=${key}=<file>`).join(' ');
  const steps = [
    `${kubectl} apply -k deploy/base            # once: the volume ${CLAIM}, which many pods must be able to write at a time`,
    ...(keys.length === 0
      ? []
      : [
          `${kubectl} create secret generic ${SECRET} ${fromFiles}   # values that stand in no manifest; no line end behind them`,
        ]),
    // Applied, a ConfigMap is kept a second time as an annotation, of which 256 KiB are allowed.
    place === null ? `… | ${kubectl} create -f -` : `${kubectl} create -k ${place}`,
    ...(run.image === null ? judgedHere(run, place, kubectl) : judgedThere(run, kubectl)),
  ];
  return `next:\n${steps.map((step) => `  ${step}\n`).join('')}`;
}

const judgedThere = ({ name }: ClusterRun, kubectl: string): string[] => [
  `${kubectl} logs --follow job/${name}-judge           # once its pod runs: the verdict; the Job fails when it does`,
];

const judgedHere = ({ name }: ClusterRun, place: Place, kubectl: string): string[] => [
  ...(place === null
    ? [`${kubectl} get configmap ${name} -o jsonpath='{.data.${SEGMENTS_FILE.replace('.', '\\.')}}' > ${SEGMENTS_FILE}`]
    : []),
  `when its pods have ended, copy ${CLAIM} to this machine (docs/kubernetes.md), and`,
  `fiml-perf k8s judge <copy> --segments ${place === null ? SEGMENTS_FILE : join(place, SEGMENTS_FILE)}`,
];
