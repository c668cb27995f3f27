import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { repository } from './cli';

/** A variable of a container, as manifests have it. */
interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
  };
}

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPathExpr?: string;
  readonly readOnly?: boolean;
}

interface OperatorPod {
  readonly image: string;
  readonly env?: readonly Variable[];
  readonly resources?: object;
  readonly affinity?: object;
  readonly automountServiceAccountToken?: string;
  readonly securityContext?: object;
  readonly containerSecurityContext?: object;
  readonly volumes?: readonly object[];
  readonly volumeMounts?: readonly Mount[];
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

interface Probe {
  readonly exec?: { readonly command: readonly string[] };
  readonly [field: string]: unknown;
}

/** As far as this suite's manifests use it. */
export interface TestRun {
  readonly kind: 'TestRun';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly parallelism: number;
    readonly arguments?: string;
    readonly script: {
      readonly configMap?: { readonly name: string; readonly file: string };
      readonly localFile?: string;
    };
    readonly initializer: OperatorPod;
    readonly starter: OperatorPod;
    readonly runner: OperatorPod;
  };
}

export interface Container {
  readonly command: readonly string[];
  readonly env: readonly Variable[];
  readonly volumeMounts: readonly Mount[];
  readonly [field: string]: unknown;
}

export interface Job {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
}

/** The manifests in a text, by their kinds. */
export function documentsIn(text: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    parseAllDocuments(text).map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      const value = document.toJS() as { readonly kind: string };
      return [value.kind, value];
    }),
  );
}

/** Where k6-operator mounts the ConfigMap of a script. */
const SCRIPT_FOLDER = '/test';

/** The job that k6-operator 1.6 makes of a TestRun for the n-th k6, from 1. */
export function runnerJob({ metadata: { name }, spec }: TestRun, ordinal: number): Job {
  const { parallelism: all, script, runner } = spec;
  const at = (part: number) => (part === 0 ? '0' : part === all ? '1' : `${part}/${all}`);
  const sequence = Array.from({ length: all + 1 }, (_, part) => at(part)).join(',');
  const file = script.localFile ?? `${SCRIPT_FOLDER}/${script.configMap?.file}`;
  const k6 = [
    'k6',
    'run',
    '--quiet',
    `--execution-segment=${at(ordinal - 1)}:${at(ordinal)}`,
    `--execution-segment-sequence=${sequence}`,
    ...wordsOf(spec.arguments),
    file,
    '--address=0.0.0.0:6565',
    '--paused',
    '--tag',
    `instance_id=${ordinal}`,
    '--tag',
    `testrun_name=${name}`,
  ];
  const command =
    script.localFile === undefined ? k6 : ['sh', '-c', `if [ ! -f ${file} ]; then exit 1; fi; ${k6.join(' ')}`];
  return jobOf(`${name}-${ordinal}`, runner, spec.script, command);
}

/** The job by which k6-operator looks at the script before it makes those of the runners. */
export function initializerJob({ metadata: { name }, spec }: TestRun): Job {
  const path = spec.script.localFile ?? `${SCRIPT_FOLDER}/${spec.script.configMap?.file}`;
  const archive = `/tmp/${path.slice(path.lastIndexOf('/') + 1)}.archived.tar`;
  const words = [path, '-O', archive, ...wordsOf(spec.arguments)].join(' ');
  const line =
    `k6 archive ${words} 2> /tmp/k6logs && k6 inspect --execution-requirements ${archive} 2> /tmp/k6logs ; ` +
    `! cat /tmp/k6logs | grep 'level=error'`;
  return jobOf(`${name}-initializer`, spec.initializer, spec.script, ['sh', '-c', line]);
}

const wordsOf = (text = ''): string[] => text.split(' ').filter((word) => word !== '');

function jobOf(name: string, pod: OperatorPod, script: TestRun['spec']['script'], command: readonly string[]): Job {
  const given = script.configMap;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          hostname: name,
          restartPolicy: 'Never',
          automountServiceAccountToken: pod.automountServiceAccountToken === 'true',
          ...(pod.affinity === undefined ? {} : { affinity: pod.affinity }),
          securityContext: pod.securityContext,
          volumes: [
            ...(given === undefined ? [] : [{ name: 'k6-test-volume', configMap: { name: given.name } }]),
            ...(pod.volumes ?? []),
          ],
          containers: [
            {
              name: 'k6',
              image: pod.image,
              command,
              env: pod.env ?? [],
              resources: pod.resources ?? {},
              ports: [{ containerPort: 6565 }],
              securityContext: pod.containerSecurityContext,
              ...(pod.readinessProbe === undefined ? {} : { readinessProbe: pod.readinessProbe }),
              ...(pod.livenessProbe === undefined ? {} : { livenessProbe: pod.livenessProbe }),
              volumeMounts: [
                ...(given === undefined ? [] : [{ name: 'k6-test-volume', mountPath: SCRIPT_FOLDER }]),
                ...(pod.volumeMounts ?? []),
              ],
            },
          ],
        },
      },
    },
  } as Job;
}

export interface Kubelet {
  readonly podName: string;
  /** Values of the one Secret, by key. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What is mounted, by the path in the container: folders of this machine. */
  readonly folders: Readonly<Record<string, string>>;
}

/** What a kubelet would start for a container, as a process of this machine. */
export interface Process {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/** @throws when a variable names a key that the Secret has not: the container would not start. */
export function processOf({ command, env, volumeMounts }: Container, kubelet: Kubelet): Process {
  const values: Record<string, string> = {};
  for (const { name, value, valueFrom } of env)
    values[name] = value === undefined ? from(valueFrom, kubelet) : expanded(value, values);
  const folders = volumeMounts.flatMap(({ mountPath, subPathExpr }) => {
    const folder = kubelet.folders[mountPath];
    if (folder === undefined) return [];
    return [[mountPath, subPathExpr === undefined ? folder : join(folder, expanded(subPathExpr, values))] as const];
  });
  const here = (text: string): string =>
    text.replace(PATH, (path) => {
      const [mountPath = '', folder = ''] =
        folders.find(([mount]) => path === mount || path.startsWith(`${mount}/`)) ?? [];
      return folder + path.slice(mountPath.length);
    });
  const [program = '', ...args] = command.map((word) => here(expanded(word, values)));
  return {
    command: [program, ...args],
    env: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, here(value)])),
  };
}

/** A path in a word or a line of shell, not in an address. */
const PATH = /(?<=^|[\s=])\/[^\s,;]*/g;

function from(source: Variable['valueFrom'], { podName, secrets = {} }: Kubelet): string {
  if (source?.fieldRef?.fieldPath === 'metadata.name') return podName;
  const key = source?.secretKeyRef?.key ?? '';
  const value = secrets[key];
  if (value === undefined) throw new Error(`the Secret has no key ${key}`);
  return value;
}

/** `$(NAME)` is the value of a variable before it, and stays what it is when there is none; `$$` is a dollar sign. */
const expanded = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\$\$|\$\(([A-Za-z_]\w*)\)/g, (found, name: string | undefined) =>
    name === undefined ? '$' : (values[name] ?? found),
  );

/** A file of `deploy/`. */
export const deployed = (path: string): string => readFileSync(join(repository, 'deploy', path), 'utf8');
