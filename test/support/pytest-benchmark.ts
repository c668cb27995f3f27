import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Normal deviates, the same for the same seed (Box and Muller). */
export function normals(seed: number): () => number {
  const random = xoroshiro128plus(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) * Math.cos(2 * Math.PI * uniformFloat64(random));
}

export interface BenchmarkStats {
  median: number | null;
  mean: number | null;
  stddev: number | null;
  iqr: number | null;
  rounds: number;
  iterations: number;
  data?: (number | null)[];
}

export interface BenchmarkFile {
  machine_info: unknown;
  commit_info: unknown;
  benchmarks: { fullname: string; options: Record<string, unknown>; stats: BenchmarkStats }[];
  datetime: string;
  version: string;
}

export interface FileOptions {
  readonly seed?: number;
  /** By how much single benchmarks are slower. */
  readonly factors?: Readonly<Record<string, number>>;
  readonly names?: readonly string[];
  /** Relative spread of a benchmark between runs. */
  readonly runSd?: number;
  readonly rounds?: number;
  /** Whether the rounds are kept, as `--benchmark-json` does. */
  readonly data?: boolean;
}

export const FIFTEEN = Array.from({ length: 15 }, (_, at) => `benchmarks/bench_components.py::test_${at}`);

/** What pytest-benchmark would write of a run: benchmarks of 100 µs and more, whose rounds resemble their neighbours. */
export function benchmarkFile({
  seed = 1,
  factors = {},
  names = FIFTEEN,
  runSd = 0.015,
  rounds = 60,
  data = true,
}: FileOptions = {}): BenchmarkFile {
  const normal = normals(seed);
  return {
    machine_info: {
      python_implementation: 'CPython',
      python_version: '3.11.7',
      system: 'Linux',
      machine: 'x86_64',
      cpu: { brand_raw: 'Some Processor', count: 2 },
    },
    commit_info: { id: '0123456789abcdef0123456789abcdef01234567', dirty: false },
    benchmarks: names.map((fullname, at) => {
      const usual = 1e-4 * (at + 1) * Math.exp(runSd * normal()) * (factors[fullname] ?? 1);
      let drift = 0;
      const times = Array.from({ length: rounds }, () => {
        drift = 0.5 * drift + 0.02 * normal();
        return usual * Math.exp(drift);
      });
      return {
        fullname,
        options: { disable_gc: false, timer: 'perf_counter', min_rounds: 5, min_time: 5e-6, warmup: false },
        stats: { ...statsOf(times), iterations: 1, ...(data ? { data: times } : {}) },
      };
    }),
    datetime: `2026-11-24T10:00:${String(seed % 60).padStart(2, '0')}.250000+00:00`,
    version: '5.3.1',
  };
}

/** As Python's `statistics` has it, nearly: pytest-benchmark interpolates the quartiles a little otherwise. */
export function statsOf(times: readonly number[]): Omit<BenchmarkStats, 'iterations' | 'data'> {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (q: number) => {
    const rank = q * (sorted.length - 1);
    return ((sorted[Math.floor(rank)] as number) + (sorted[Math.ceil(rank)] as number)) / 2;
  };
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const squares = times.reduce((sum, time) => sum + (time - mean) ** 2, 0);
  const stddev = times.length > 1 ? Math.sqrt(squares / (times.length - 1)) : 0;
  return { median: at(0.5), mean, stddev, iqr: at(0.75) - at(0.25), rounds: times.length };
}
