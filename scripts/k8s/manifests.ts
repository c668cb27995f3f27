import { Document, Scalar, visit } from 'yaml';
import { SEGMENTS_FILE, type Segments } from '../result/segments';
import { type EnvVar, LIMITS_FILE } from './environment';
import { configMapData } from './given';
import { judgeJob } from './judge-job';
import { testRun } from './test-run';

/** A run on a cluster, as its manifests need it. */
export interface ClusterRun {
  /** Of the TestRun and all that belongs to it; its pods are NAME-1-…, NAME-2-… */
  readonly name: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly scenario: string;
  readonly parallelism: number;
  /** The suite's own image, which has the scripts inside; null: k6's image, with the script in a ConfigMap. */
  readonly image: string | null;
  /** The bundle's text, for the ConfigMap. */
  readonly script: string;
  /** The user's file of limits; null: none. */
  readonly limits: string | null;
  readonly segments: Segments;
  /** For k6 and for the judge. */
  readonly overrides: readonly EnvVar[];
  /** For k6 alone, but for where it writes. */
  readonly k6Env: readonly EnvVar[];
  readonly samplesFile: string;
  /** Whether k6 writes to Prometheus. */
  readonly streams: boolean;
  readonly memoryMib: number;
  /** How long the judge waits for the pods. */
  readonly waitMs: number;
}

/** A file of the folder that a run's manifests are kept in. */
export interface Manifest {
  readonly file: string;
  readonly text: string;
  /** Whether it is a manifest that Kubernetes takes; the others say which those are, and what the run is. */
  readonly isPart: boolean;
}

/**
 * The manifests of a run, in the order in which they are to be made.
 *
 * @throws UserError when script and files are too large for a ConfigMap.
 */
export function manifests(run: ClusterRun): Manifest[] {
  const segments = `${JSON.stringify(run.segments)}\n`;
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: run.metadata,
    immutable: true,
    data: configMapData({
      ...(run.image === null ? { [`${run.scenario}.js`]: run.script } : {}),
      ...(run.limits === null ? {} : { [LIMITS_FILE]: run.limits }),
      [SEGMENTS_FILE]: segments,
    }),
  };
  const parts = [
    { file: 'configmap.yaml', document: configMap },
    { file: 'testrun.yaml', document: testRun(run) },
    ...(run.image === null ? [] : [{ file: 'judge.yaml', document: judgeJob(run, run.image) }]),
  ];
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: parts.map(({ file }) => file),
  };
  return [
    ...parts.map(({ file, document }) => ({ file, text: yaml(document), isPart: true })),
    { file: 'kustomization.yaml', text: yaml(kustomization), isPart: false },
    { file: SEGMENTS_FILE, text: segments, isPart: false },
  ];
}

/** Characters that YAML does not allow as they are, though the library writes them so, in quotes. Bundles have one. */
const UNPRINTABLE = /[\u007f-\u0084\u0086-\u009f]/g;

function yaml(content: object): string {
  const escaped = (character: string) => `\\x${character.charCodeAt(0).toString(16)}`;
  const document = new Document(content, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      // As a block, which the library makes of it, nothing but spaces and line ends would come back without its spaces.
      if (typeof scalar.value === 'string' && scalar.value.trim() === '') scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document
    .toString({
      lineWidth: 0,
      // Broken into lines, a quoted text would come back without the spaces before them.
      doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY,
    })
    .replace(UNPRINTABLE, escaped);
}
