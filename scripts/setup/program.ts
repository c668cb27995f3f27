import { ACTIONLINT_RANGE, ACTIONLINT_VERSION, probeActionlint } from './actionlint';
import { KUBECONFORM_VERSION, probeKubeconform } from './kubeconform';
import type { Probe } from './probe';
import { probeToxiproxy, TOXIPROXY_RANGE, TOXIPROXY_VERSION } from './toxiproxy';
import { PINNED_VERSION, probeK6, SUPPORTED_RANGE } from './version';

/** A program that set-up can find or get. */
export interface Program {
  /** Names its messages, its folder in the cache, and the one in `tools/` with the Go module that builds it. */
  readonly name: 'k6' | 'toxiproxy' | 'kubeconform' | 'actionlint';
  /** The file's name, without `.exe`. */
  readonly executable: string;
  /** The version that set-up fetches or builds; the module's go.mod pins the same. */
  readonly version: string;
  /** What to say wherever a version is refused. */
  readonly range: string;
  readonly goPackage: string;
  /** Beyond those that every build has. */
  readonly linkerFlags: string;
  /** What a build takes on an ordinary machine, in words. */
  readonly buildTime: string;
  readonly probe: (file: string, env: NodeJS.ProcessEnv) => Promise<Probe>;
  /** What a user can do when no way worked. */
  readonly help: readonly string[];
}

export const K6_PROGRAM: Program = {
  name: 'k6',
  executable: 'k6',
  version: PINNED_VERSION,
  range: SUPPORTED_RANGE,
  goPackage: 'go.k6.io/k6/v2',
  linkerFlags: '',
  buildTime: 'one to three minutes',
  probe: probeK6,
  help: [
    'install k6 so that it is on PATH: https://grafana.com/docs/k6/latest/set-up/install-k6/',
    'point PERF_K6 at a k6 binary',
    'let this machine reach the k6 releases (HTTPS_PROXY is honoured), or set PERF_K6_RELEASE_URL to a mirror',
    'install Go 1.26 or newer: k6 is then built from tools/k6',
  ],
};

export const TOXIPROXY_PROGRAM: Program = {
  name: 'toxiproxy',
  executable: 'toxiproxy-server',
  version: TOXIPROXY_VERSION,
  range: TOXIPROXY_RANGE,
  goPackage: 'github.com/Shopify/toxiproxy/v2/cmd/server',
  // Built without it, it says that its version is "git".
  linkerFlags: `-X github.com/Shopify/toxiproxy/v2.Version=${TOXIPROXY_VERSION}`,
  buildTime: 'half a minute',
  probe: probeToxiproxy,
  help: [
    'install Toxiproxy so that toxiproxy-server is on PATH: https://github.com/Shopify/toxiproxy#installing-toxiproxy',
    'install Go 1.26 or newer: Toxiproxy is then built from tools/toxiproxy',
  ],
};

export const KUBECONFORM_PROGRAM: Program = {
  name: 'kubeconform',
  executable: 'kubeconform',
  version: KUBECONFORM_VERSION,
  range: KUBECONFORM_VERSION,
  goPackage: 'github.com/yannh/kubeconform/cmd/kubeconform',
  linkerFlags: `-X main.version=v${KUBECONFORM_VERSION}`,
  buildTime: 'some seconds',
  probe: probeKubeconform,
  help: [
    `install kubeconform ${KUBECONFORM_VERSION} so that it is on PATH: https://github.com/yannh/kubeconform#installation`,
    'install Go 1.26 or newer: kubeconform is then built from tools/kubeconform',
  ],
};

export const ACTIONLINT_PROGRAM: Program = {
  name: 'actionlint',
  executable: 'actionlint',
  version: ACTIONLINT_VERSION,
  range: ACTIONLINT_RANGE,
  goPackage: 'github.com/rhysd/actionlint/cmd/actionlint',
  linkerFlags: '',
  buildTime: 'a few seconds',
  probe: probeActionlint,
  help: [
    'install actionlint so that it is on PATH: https://github.com/rhysd/actionlint/blob/main/docs/install.md',
    'install Go 1.26 or newer: actionlint is then built from tools/actionlint',
  ],
};
