import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coldEquities } from '../../contract';
import { ordersOf, trafficMix } from '../../lib/mix';
import { buildWith, type Recorder, runK6, type Sample, samplesIn, startRecorder } from '../support/k6';
import { type ReferenceProcess, startReferenceProcess } from '../support/reference';

jest.setTimeout(120_000);

const ITERATIONS = 400;
const BLOCK = 20;

/** The suite's traffic and nothing else, whose samples tell their iteration. */
const COUNTED = `
  export * from './load';
  import exec from 'k6/execution';
  import { options as real, traffic as step } from './load';
  export const options = {
    ...real,
    thresholds: {},
    scenarios: { traffic: { exec: 'traffic', executor: 'shared-iterations', vus: 8, iterations: ${ITERATIONS} } },
  };
  export function traffic() {
    exec.vu.metrics.tags.iteration = String(exec.scenario.iterationInTest);
    step();
  }
`;

let folder: string;
let server: ReferenceProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'traffic-'));
  await buildWith(folder, 'counted', COUNTED);
  server = await startReferenceProcess();
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

let started = 0;
/** What k6 records of a run; whether that is enough for the targets is not asked. */
async function samplesOf(
  scenario: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Sample[]> {
  const cwd = join(folder, `run-${started++}`);
  mkdirSync(cwd);
  const file = join(cwd, 'samples.json');
  const script = join(folder, 'dist', `${scenario}.js`);
  const { code, stderr } = await runK6(script, { cwd, env, args: ['--out', `json=${file}`, ...args] });
  if (code !== 0 && code !== 99) throw new Error(`k6 ended with ${code}: ${stderr}`);
  return samplesIn(file);
}

const requestsIn = (samples: readonly Sample[]) => samples.filter(({ metric }) => metric === 'http_reqs');

describe('the mix', () => {
  interface CountedRun {
    /** What each iteration asked first, by its number: operation, purpose, and what is known of the cache. */
    readonly steps: ReadonlyMap<number, string>;
    readonly coldSymbols: readonly string[];
    readonly queries: readonly string[];
  }

  const cold = new Set(coldEquities());

  async function counted(seed: number, segment?: string): Promise<CountedRun> {
    const recorder = await startRecorder(server.url);
    const args =
      segment === undefined ? [] : ['--execution-segment', segment, '--execution-segment-sequence', '0,1/2,1'];
    const env = { PERF_TARGET: recorder.url, PERF_SEED: String(seed) };
    const samples = await samplesOf('counted', env, args);
    recorder.close();
    return { steps: stepsIn(samples), ...askedFor(recorder) };
  }

  function stepsIn(samples: readonly Sample[]): Map<number, string> {
    const steps = new Map<number, string>();
    for (const { tags } of requestsIn(samples)) {
      if (tags.iteration === undefined || tags.op === 'poll') continue;
      const iteration = Number(tags.iteration);
      // Polls apart, an iteration is one request.
      expect(steps.has(iteration)).toBe(false);
      steps.set(iteration, `${tags.name} ${tags.op} ${tags.cache ?? ''}`.trim());
    }
    return steps;
  }

  function askedFor({ requests }: Recorder) {
    const calls = requests.filter(({ url }) => url === '/mcp/tools/call').map(({ body }) => JSON.parse(body).arguments);
    return {
      coldSymbols: calls.map(({ symbol }) => symbol).filter((symbol) => cold.has(symbol)),
      queries: calls.map(({ query }) => query).filter((query) => query !== undefined),
    };
  }

  const inOrder = (steps: ReadonlyMap<number, string>) => [...steps].sort(([a], [b]) => a - b);

  let whole: CountedRun;
  let again: CountedRun;
  let other: CountedRun;
  let halves: CountedRun[];

  beforeAll(async () => {
    [whole, again, other, ...halves] = (await Promise.all([
      counted(7),
      counted(7),
      counted(8),
      counted(7, '0:1/2'),
      counted(7, '1/2:1'),
    ])) as [CountedRun, CountedRun, CountedRun, CountedRun, CountedRun];
  });

  test('every block of 20 iterations holds 16 price queries, 3 analyses and 1 DSL query', () => {
    const steps = inOrder(whole.steps);
    expect(steps.map(([iteration]) => iteration)).toEqual(Array.from({ length: ITERATIONS }, (_, index) => index));
    const orders = new Set<string>();
    for (let first = 0; first < ITERATIONS; first += BLOCK) {
      const ops = steps.slice(first, first + BLOCK).map(([, step]) => step.split(' ')[1] ?? '');
      const count = (wanted: string) => ops.filter((op) => op === wanted).length;
      expect([count('price'), count('analysis'), count('dsl')]).toEqual([16, 3, 1]);
      orders.add(ops.join());
    }
    expect(orders.size).toBeGreaterThan(1);
    // Every tenth price query is cold.
    expect(steps.filter(([, step]) => step === 'search-quick price cold')).toHaveLength(ITERATIONS * 0.8 * 0.1);
  });

  test("k6's engine draws what Node's does", () => {
    const stepOf = trafficMix(ordersOf(7));
    const ops = inOrder(whole.steps).map(([, step]) => step.split(' ')[1]);
    expect(ops).toEqual(Array.from({ length: ITERATIONS }, (_, iteration) => stepOf(iteration).kind));
  });

  test('the same seed asks the same, another seed in another order', () => {
    expect(inOrder(again.steps)).toEqual(inOrder(whole.steps));
    expect([...again.coldSymbols].sort()).toEqual([...whole.coldSymbols].sort());
    expect([...again.queries].sort()).toEqual([...whole.queries].sort());
    expect(inOrder(other.steps)).not.toEqual(inOrder(whole.steps));
  });

  test('two halves of a run do together what the whole would have done', () => {
    expect(halves.map(({ steps }) => steps.size)).toEqual([ITERATIONS / 2, ITERATIONS / 2]);
    expect(inOrder(new Map(halves.flatMap(({ steps }) => [...steps])))).toEqual(inOrder(whole.steps));
    expect(halves.flatMap(({ coldSymbols }) => coldSymbols).sort()).toEqual([...whole.coldSymbols].sort());
    expect(halves.flatMap(({ queries }) => queries).sort()).toEqual([...whole.queries].sort());
  });
});

describe('the samples', () => {
  interface Stats {
    readonly cacheHits: number;
    readonly cacheMisses: number;
  }

  const LOAD = { PERF_TIME_SCALE: '0.1', PERF_PROBE_RATE: '5' };
  /** Failures of these layers carry every tag that there is. */
  const FAULTS = ['transport', 'http', 'data'].flatMap((layer) => ['--error-rate', `${layer}:search=0.1`]);
  /** What a sample may carry: a tag more is a factor on the number of series. */
  const TAGS = ['cache', 'error_code', 'layer', 'name', 'op', 'phase', 'reason', 'scenario', 'series', 'status'];

  let samples: Sample[];
  let behindSeveral: Sample[];
  let targetsRun: Sample[];
  let stats: Stats;

  beforeAll(async () => {
    const [alone, several] = await Promise.all([
      startReferenceProcess(['--control-port', '0']),
      startReferenceProcess(['--workers', '4', ...FAULTS]),
    ]);
    try {
      [samples, behindSeveral, targetsRun] = await Promise.all([
        samplesOf('load', { ...LOAD, PERF_TARGET: alone.url, PERF_RATE: '60', PERF_COLD_SHARE: '0' }),
        samplesOf('load', { ...LOAD, PERF_TARGET: several.url, PERF_RATE: '20', PERF_ONLY: 'cache-hit-rate' }),
        samplesOf('targets', { PERF_TARGET: server.url, PERF_TIME_SCALE: '0.1', PERF_RATE: '40' }),
      ]);
      stats = (await (await fetch(`${alone.controlUrl}/stats`)).json()) as Stats;
    } finally {
      await Promise.all([alone.stop(), several.stop()]);
    }
  });

  const everything = () => [...samples, ...behindSeveral, ...targetsRun];

  test('carry stable names and few tags, and never an address', () => {
    const tags = new Set(everything().flatMap((sample) => Object.keys(sample.tags)));
    expect([...tags].sort()).toEqual(TAGS);
    const names = new Set(requestsIn(everything()).map((sample) => sample.tags.name));
    expect([...names].sort()).toEqual([
      'coin-quick',
      'dsl-async',
      'dsl-sync',
      'health',
      'market-prices',
      'metrics',
      'search-deep',
      'search-quick',
      'search-standard',
      'task-status',
    ]);
    const values = new Set(everything().flatMap((sample) => Object.values(sample.tags)));
    expect([...values].filter((value) => /[/?]|127\.0\.0\.1/.test(value))).toEqual([]);
  });

  test('of traffic carry the phase, those of setup and of the monitor do not', () => {
    const purposes = new Map<string, Set<string>>();
    for (const { tags } of requestsIn(everything())) {
      const who = tags.scenario === undefined ? 'setup' : tags.op === 'monitor' ? 'monitor' : 'traffic';
      purposes.set(who, (purposes.get(who) ?? new Set()).add(tags.phase ?? 'none'));
    }
    expect(Object.fromEntries([...purposes].map(([who, phases]) => [who, [...phases].sort()]))).toEqual({
      setup: ['none'],
      monitor: ['none'],
      traffic: ['rampdown', 'steady', 'warmup'],
    });
  });

  test('tell traffic from polls, probes and refills', () => {
    const purposes = new Set(
      requestsIn(samples).map(({ tags }) => `${tags.scenario ?? 'setup'} ${tags.op} ${tags.name}`),
    );
    expect([...purposes].sort()).toEqual([
      'monitor monitor metrics',
      'probes probe health',
      'probes probe search-quick',
      'refill fill coin-quick',
      'refill fill search-quick',
      'setup fill coin-quick',
      'setup fill health',
      'setup fill search-quick',
      'traffic analysis search-deep',
      'traffic analysis search-standard',
      'traffic dsl dsl-async',
      'traffic dsl dsl-sync',
      'traffic poll task-status',
      'traffic price coin-quick',
      'traffic price market-prices',
      'traffic price search-quick',
    ]);
  });

  test('tagged hot are hits: but for the refills, nothing is missed', () => {
    const asked = (name: string) => requestsIn(samples).filter(({ tags }) => tags.name === name).length;
    const searches = ['search-quick', 'search-standard', 'search-deep', 'coin-quick'];
    const reads = searches.reduce((sum, name) => sum + asked(name), 0) + 2 * asked('market-prices');
    expect(stats.cacheHits + stats.cacheMisses).toBe(reads);
    const fills = requestsIn(samples).filter(({ tags }) => tags.cache === 'fill' && tags.name !== 'health').length;
    expect(fills).toBeGreaterThan(20);
    expect(stats.cacheMisses).toBeGreaterThanOrEqual(fills);
    // A machine that stalls for longer than the second between a fill and its first use may cost a few.
    expect(stats.cacheMisses - fills).toBeLessThanOrEqual(0.01 * reads);
  });

  test('give the hit rate of the steady phase, or say that several workers keep it from being measured', () => {
    const of = (all: readonly Sample[], metric: string) => all.filter((sample) => sample.metric === metric);
    expect(of(samples, 'fiml_unmeasurable')).toEqual([]);
    const rates = of(samples, 'fiml_cache_hit_rate');
    expect(rates.length).toBeGreaterThan(1);
    for (const { value, tags } of rates) {
      expect(tags.phase).toBe('steady');
      // Refills are 3 of 70 reads a second.
      expect(value).toBeGreaterThan(0.9);
      expect(value).toBeLessThan(1);
    }
    expect(of(behindSeveral, 'fiml_unmeasurable').map(({ tags }) => [tags.series, tags.reason])).toEqual([
      ['cache-hit-rate', 'several workers behind one address'],
    ]);
    expect(of(behindSeveral, 'fiml_cache_hit_rate')).toEqual([]);
    expect(of(behindSeveral, 'fiml_cache_reads')).toEqual([]);
  });
});
