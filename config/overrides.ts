/**
 * Every `PERF_*` override: the one table from which parsing, `--help` and the README are made.
 * It is evaluated in every virtual user, so it stays a plain array.
 */
export type OverrideType =
  | 'string'
  | 'url'
  | 'integer'
  | 'number'
  | 'share'
  | 'duration'
  | 'flag'
  | 'path'
  | 'json'
  | readonly string[];

export interface Override {
  readonly name: `PERF_${string}`;
  readonly type: OverrideType;
  /** As it would be written; absent when the profile or the scenario decides. */
  readonly fallback?: string;
  readonly unit?: string;
  readonly meaning: string;
  /** Never written to a file, a log or a screen. */
  readonly secret?: boolean;
  /** Smallest value that makes sense, for numbers and durations (ms). */
  readonly minimum?: number;
  /** Read by the Node side only: a k6 script accepts and ignores it. */
  readonly nodeOnly?: boolean;
}

export const OVERRIDES = [
  {
    name: 'PERF_TARGET',
    type: 'url',
    meaning: 'server under test; without it `fiml-perf run` starts the embedded reference server',
  },
  {
    name: 'PERF_CANDIDATE',
    type: 'url',
    meaning: 'second server, which `ab` compares with the first (`fiml-perf ab` sets both)',
  },
  { name: 'PERF_PROFILE', type: 'string', fallback: 'smoke', meaning: 'load profile, see `fiml-perf list`' },
  {
    name: 'PERF_MODEL',
    type: ['open', 'closed'],
    fallback: 'open',
    meaning:
      'open: iterations arrive at a rate whatever the server does; closed: users wait for their answer and think 1–3 s',
  },
  {
    name: 'PERF_USERS',
    type: 'integer',
    unit: 'users',
    minimum: 1,
    meaning: 'number of users; in the open model a user is one iteration every 2 s',
  },
  {
    name: 'PERF_SPAWN_RATE',
    type: 'number',
    unit: 'users/s',
    minimum: 0.01,
    meaning: 'users added per second while ramping up',
  },
  {
    name: 'PERF_RATE',
    type: 'integer',
    unit: 'iterations/s',
    minimum: 1,
    meaning:
      'arrival rate, instead of PERF_USERS (open model only); in `components` also lifts the cap on real providers',
  },
  {
    name: 'PERF_DURATION',
    type: 'duration',
    minimum: 1000,
    meaning: 'length of the steady phase, such as 1m30s; of a stress run that of the spike or fault',
  },
  {
    name: 'PERF_TIME_SCALE',
    type: 'number',
    fallback: '1',
    minimum: 0.001,
    meaning: "multiplies every phase's length; the traffic's rate and the samples that a target needs stay as they are",
  },
  {
    name: 'PERF_SEED',
    type: 'integer',
    fallback: '1',
    minimum: 0,
    meaning: "seed of the traffic's order and symbols: the same seed sends the same requests",
  },
  {
    name: 'PERF_COLD_SHARE',
    type: 'share',
    fallback: '0.1',
    meaning: 'share of price queries for symbols that nothing has cached',
  },
  {
    name: 'PERF_CACHE_TTL',
    type: 'duration',
    fallback: '10s',
    minimum: 7000,
    meaning: "shortest price TTL of the target's cache (its CACHE_TTL_PRICE)",
  },
  {
    name: 'PERF_PROBE_RATE',
    type: 'integer',
    unit: 'probes/s',
    minimum: 1,
    meaning: 'availability probes; by default as many as the uptime target needs in the steady phase',
  },
  {
    name: 'PERF_ONLY',
    type: 'string',
    meaning:
      'judge only these targets, ids separated by commas; `targets` and `components` then run only their sections',
  },
  { name: 'PERF_THRESHOLDS', type: 'path', meaning: "JSON file with limits that replace or add to the suite's" },
  {
    name: 'PERF_TIMEOUT',
    type: 'duration',
    fallback: '30s',
    minimum: 100,
    meaning: 'longest wait for one answer; a later one counts as no answer',
  },
  { name: 'PERF_AUTHORIZATION', type: 'string', secret: true, meaning: 'value of the Authorization header' },
  {
    name: 'PERF_HEADERS',
    type: 'json',
    secret: true,
    meaning: 'further headers of every request, as a JSON object of strings',
  },
  {
    name: 'PERF_TLS_INSECURE',
    type: 'flag',
    fallback: 'false',
    meaning: 'accept a certificate that cannot be verified',
  },
  { name: 'PERF_TLS_CERT', type: 'path', meaning: 'client certificate, PEM' },
  { name: 'PERF_TLS_KEY', type: 'path', meaning: 'key of the client certificate, PEM' },
  {
    name: 'PERF_PROXY',
    type: 'url',
    secret: true,
    meaning: 'HTTP proxy for the target; with plain k6 set HTTP_PROXY and HTTPS_PROXY as well, which is what k6 reads',
  },
  {
    name: 'PERF_FAULT',
    type: 'string',
    meaning: "which of a scenario's faults to make; by default its first, see `fiml-perf list`",
  },
  {
    name: 'PERF_TOXIPROXY',
    type: 'url',
    meaning: "API of the Toxiproxy in front of the server's stores, which makes faults",
  },
  {
    name: 'PERF_CONTROL',
    type: 'url',
    meaning: 'control port of the reference server, which makes faults that no store can',
  },
  {
    name: 'PERF_FAULT_ON',
    type: 'string',
    secret: true,
    nodeOnly: true,
    meaning: 'command that makes the fault on a server of yours; needs PERF_FAULT_OFF',
  },
  {
    name: 'PERF_FAULT_OFF',
    type: 'string',
    secret: true,
    nodeOnly: true,
    meaning: 'command that undoes the fault; it is run whatever happens, and may run twice',
  },
  {
    name: 'PERF_FAULT_HOOK',
    type: 'url',
    meaning: 'where POST /on and /off switch the fault; `fiml-perf run` makes one of PERF_FAULT_ON and PERF_FAULT_OFF',
  },
  {
    name: 'PERF_ALLOW_STRESS',
    type: 'string',
    meaning: 'host that may be put under stress though it is neither this machine nor in a private network',
  },
  { name: 'PERF_SUMMARY', type: 'path', meaning: "file for k6's end-of-test data (`fiml-perf run` sets it)" },
  {
    name: 'PERF_SERVER_PID',
    type: 'integer',
    minimum: 1,
    nodeOnly: true,
    meaning: "the server's process on this machine, whose memory is read from /proc instead of /metrics/",
  },
  {
    name: 'PERF_RECORD',
    type: ['json', 'csv'],
    fallback: 'json',
    nodeOnly: true,
    meaning: 'how k6 records samples; csv costs the generator less CPU per request',
  },
  {
    name: 'PERF_PROMETHEUS',
    type: 'url',
    nodeOnly: true,
    meaning: 'Prometheus that is told the run by remote write; user name and password may stand in it',
  },
  {
    name: 'PERF_LIVE',
    type: 'flag',
    fallback: 'false',
    nodeOnly: true,
    meaning: "show the run on k6's own web page while it goes on, and keep that as k6-dashboard.html in its folder",
  },
  { name: 'PERF_RESULTS', type: 'path', fallback: 'results', nodeOnly: true, meaning: "folder of the runs' folders" },
  {
    name: 'PERF_BASELINES',
    type: 'path',
    fallback: 'baselines',
    nodeOnly: true,
    meaning: 'folder of the baselines, to be kept in git',
  },
  {
    name: 'PERF_HISTORY',
    type: 'path',
    fallback: 'history',
    nodeOnly: true,
    meaning: 'folder of the histories: one line for each finished run',
  },
  { name: 'PERF_K6', type: 'path', nodeOnly: true, meaning: 'k6 to use, instead of looking for one' },
  {
    name: 'PERF_K6_RELEASE_URL',
    type: 'url',
    nodeOnly: true,
    meaning: "where k6's release archives are, for a mirror",
  },
  {
    name: 'PERF_CACHE_DIR',
    type: 'path',
    fallback: '.cache',
    nodeOnly: true,
    meaning: 'folder in which set-up keeps k6',
  },
] as const satisfies readonly Override[];

export type OverrideName = (typeof OVERRIDES)[number]['name'];
