import { type Config, OVERRIDES, type Override, type OverrideName, withoutCredentials } from '../../config';
import { endpointOf, k6OutputEnv } from '../prometheus';
import { k6Environment } from '../setup';
import { GIVEN_MOUNT, type Mounted, mounted, SECRET_MOUNT } from './pod';

/** A variable of a container. */
export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
  };
}

/** The Secret that the user makes; its keys are the names of the variables that it fills. */
export const SECRET = 'fiml-perf';
export const LIMITS_FILE = 'limits.json';

/** Files that a secret holds rather than a variable. */
const SECRET_FILES: readonly OverrideName[] = ['PERF_TLS_CERT', 'PERF_TLS_KEY'];
/** What commands tell k6; a pod writes to its own place. */
const SET_BY_MANIFEST: readonly OverrideName[] = ['PERF_SUMMARY', 'PERF_CANDIDATE'];

/** Merged rather than replaced: the operator tags every sample by `--tag`, which would else wipe what the script says. */
const FEATURE = 'merge-run-tags';

/**
 * The overrides in force as variables of a pod, without values that nobody may read: those come from the Secret.
 *
 * @param given by name, as the user wrote them; what has its default is left out.
 */
export function overrideEnv(given: Readonly<Partial<Record<OverrideName, string>>>): EnvVar[] {
  return (OVERRIDES as readonly Override[]).flatMap((override): EnvVar[] => {
    const name = override.name as OverrideName;
    const value = given[name];
    if (value === undefined || override.nodeOnly || SET_BY_MANIFEST.includes(name)) return [];
    if (isSecret(override, value)) return [fromSecret(name)];
    return [{ name, value: literal(SECRET_FILES.includes(name) ? `${SECRET_MOUNT}/${name}` : placeOf(name, value)) }];
  });
}

const placeOf = (name: OverrideName, value: string): string =>
  name === 'PERF_THRESHOLDS' ? `${GIVEN_MOUNT}/${LIMITS_FILE}` : value;

/** What k6 itself reads in every pod of a run, apart from where it writes. */
export function k6Env(config: Config): EnvVar[] {
  const endpoint = endpointOf(config);
  const stream =
    endpoint === null
      ? { K6_FEATURES: FEATURE }
      : k6OutputEnv({ ...endpoint, username: null, password: null }, FEATURE);
  const values = {
    ...k6Environment(stream),
    // `k6 archive`, by which the operator looks at a script before it runs it, else hides every variable from it.
    K6_INCLUDE_SYSTEM_ENV_VARS: 'true',
    // Limits are those of the whole load: a pod that missed them with its part would count as failed.
    K6_NO_THRESHOLDS: 'true',
    ...(config.PERF_PROXY === null || endpoint === null ? {} : { NO_PROXY: new URL(endpoint.url).host }),
  };
  return [
    ...Object.entries(values).map(([name, value]): EnvVar => ({ name, value: literal(value ?? '') })),
    ...(endpoint?.username == null ? [] : [fromSecret('K6_PROMETHEUS_RW_USERNAME')]),
    ...(endpoint?.password == null ? [] : [fromSecret('K6_PROMETHEUS_RW_PASSWORD')]),
    // k6 reads its proxy from these alone.
    ...(config.PERF_PROXY === null ? [] : ['HTTP_PROXY', 'HTTPS_PROXY'].map((name) => fromSecret(name, 'PERF_PROXY'))),
  ];
}

/** The keys that the Secret must have for these variables. */
export function secretKeys(env: readonly EnvVar[]): string[] {
  const keys = env.flatMap(({ valueFrom }) =>
    valueFrom?.secretKeyRef === undefined ? [] : [valueFrom.secretKeyRef.key],
  );
  return [...new Set([...keys, ...secretFiles(env)])];
}

/** The files that these variables name and the Secret holds, where a container finds them. */
export function secretsMounted(env: readonly EnvVar[]): Mounted {
  const items = secretFiles(env).map((key) => ({ key, path: key }));
  if (items.length === 0) return mounted();
  return {
    volumes: [{ name: 'secrets', secret: { secretName: SECRET, items } }],
    volumeMounts: [{ name: 'secrets', mountPath: SECRET_MOUNT, readOnly: true }],
  };
}

const secretFiles = (env: readonly EnvVar[]): string[] =>
  env.map(({ name }) => name).filter((name) => (SECRET_FILES as readonly string[]).includes(name));

/** An address that holds a password is one as a whole: nobody but Kubernetes puts it together. */
const isSecret = ({ secret, type }: Override, value: string): boolean =>
  secret === true || (type === 'url' && withoutCredentials(value) !== value);

const fromSecret = (name: string, key = name): EnvVar => ({
  name,
  valueFrom: { secretKeyRef: { name: SECRET, key } },
});

/** Kubernetes replaces `$(NAME)` in values, and takes `$$` for a plain dollar sign. */
const literal = (value: string): string => value.replaceAll('$', '$$$$');
