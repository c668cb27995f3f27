import { type Probe, probeVersion } from './probe';

/** The kubeconform that tests hold the manifests against. `tools/kubeconform/go.mod` pins the same version. */
export const KUBECONFORM_VERSION = '0.7.0';

/** Runs `FILE -v` and says whether that file is this very kubeconform: of another, other manifests may be right. */
export function probeKubeconform(file: string, env: NodeJS.ProcessEnv): Promise<Probe> {
  return probeVersion(file, env, {
    name: 'kubeconform',
    args: ['-v'],
    parse: (output) => /^v(\d+\.\d+\.\d+)$/m.exec(output)?.[1],
    isSupported: (version) => version === KUBECONFORM_VERSION,
    range: KUBECONFORM_VERSION,
  });
}
