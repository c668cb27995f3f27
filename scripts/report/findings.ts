import type { Breakpoint } from '../judge/breakpoint';
import type { Run } from '../result/run';
import type { TargetRow, Verdict } from '../result/verdict';
import { formatBeside, formatClaim, formatLimit, formatValue, percent } from '../text/format';
import { isBlinded } from './blinded';
import type { Cache, Server } from './figures';
import type { Operation } from './operations';
import { quoted } from './reproduction';

/** One thing that holds the server, or the measurement, back. Named only when a figure says so. */
export interface Finding {
  /** A bottleneck is a cause; the others are misses whose cause these figures do not tell. */
  readonly kind: 'bottleneck' | 'miss';
  readonly what: string;
  /** The figures that triggered it. */
  readonly evidence: string;
  readonly recommendation: string;
}

export interface Figures {
  readonly run: Pick<Run, 'scenario' | 'target'>;
  readonly verdict: Verdict;
  readonly operations: readonly Operation[];
  readonly cache: Cache;
  readonly server: Server;
  /** Null for a run whose load does not rise in steps. */
  readonly breakpoint: Breakpoint | null;
}

/** Above this a single-threaded server, as FIML is, has no time left to answer sooner. */
export const SERVER_BUSY_CORES = 0.9;

/** What the figures single out. Of a run that says nothing about the server only what spoiled it can be named. */
export function findingsOf(figures: Figures): Finding[] {
  if (isBlinded(figures.verdict)) return [generator(figures) ?? []].flat();
  const bottlenecks = [serverCpu, capacity, cache, provider, dsl].flatMap((look) => look(figures) ?? []);
  return [...bottlenecks, ...misses(figures, bottlenecks)];
}

function generator({ verdict }: Figures): Finding | null {
  const flaw = verdict.checks.find(({ id, ok }) => id === 'generator-cpu' && !ok);
  if (flaw === undefined) return null;
  return {
    kind: 'bottleneck',
    what: 'The load generator',
    evidence: flaw.detail,
    recommendation:
      'Run k6 on a machine of its own or with more CPU, lower PERF_RATE, or record less with PERF_RECORD=csv; then measure again.',
  };
}

function serverCpu({ verdict, server }: Figures): Finding | null {
  if (server.cpuCores === null || server.cpuCores < SERVER_BUSY_CORES || !isStrained(verdict)) return null;
  return {
    kind: 'bottleneck',
    what: "The server's CPU",
    evidence: `the server used ${server.cpuCores.toFixed(2)} cores, and a FIML process can use one`,
    recommendation:
      'Profile the server process under this load, or give it more workers; with several workers the hit rate can no longer be read.',
  };
}

/** What the load ran into, where it was raised until something broke. */
function capacity({ breakpoint, server: { cpuCores } }: Figures): Finding | null {
  const broken = breakpoint?.steps[breakpoint.first ?? -1];
  if (broken === undefined) return null;
  const cpu =
    cpuCores === null
      ? 'its CPU is not known, so look at that first (py-spy, top)'
      : `it used ${cpuCores.toFixed(2)} cores`;
  return {
    kind: 'bottleneck',
    what: `The capacity of the server, at ${formatLimit(broken.ratePerS, 'per-second')}`,
    evidence: `what broke first: ${broken.misses.join(', ')}`,
    recommendation: `Find what is used up at that rate (${cpu}; then its pools of connections, its workers, its provider), give it more of that, and let the load rise again.`,
  };
}

function cache({ verdict, cache: { hitRate, reads, bestHitRate } }: Figures): Finding | null {
  const row = rowOf(verdict, 'cache-hit-rate');
  if (row === undefined || !missed(row) || hitRate === null) return null;
  // What no provider delivers, no cache can hold.
  const success = rowOf(verdict, 'provider-success');
  if (success !== undefined && missed(success)) return null;
  const best = bestHitRate === null ? '' : `; this traffic could have reached ${percent(bestHitRate)}`;
  return {
    kind: 'bottleneck',
    what: 'The cache',
    evidence: `${formatBeside(hitRate, row.limit, row.unit)} of ${reads} reads were hits, must be ${claimOf(row)}${best}`,
    recommendation:
      'Check that Redis answers and evicts nothing, that CACHE_TTL_PRICE is not below PERF_CACHE_TTL, and that no more than REDIS_MAX_CONNECTIONS reads run at once (an overflow counts as a miss): fiml-perf doctor looks at each.',
  };
}

function provider({ verdict, operations }: Figures): Finding | null {
  const success = rowOf(verdict, 'provider-success');
  const cold = rowOf(verdict, 'p95-cold');
  const cached = rowOf(verdict, 'p95-cached');
  const recommendation =
    'Look at the providers (fiml-perf doctor shows their success rates): rate limits, time-outs, fallbacks.';
  if (success !== undefined && missed(success)) {
    return {
      kind: 'bottleneck',
      what: 'The provider',
      evidence: `${shown(success)} of the answers that need a provider name one, must be ${claimOf(success)}`,
      recommendation,
    };
  }
  if (cold === undefined || !missed(cold) || cached === undefined || missed(cached) || cached.value === null)
    return null;
  const slowest = operations.find((operation) => operation.cache === 'cold')?.name ?? 'cold queries';
  return {
    kind: 'bottleneck',
    what: 'The provider',
    evidence: `P95 of ${slowest} that must ask a provider is ${shown(cold)}, must be ${claimOf(cold)}, while cached ones take ${formatValue(cached.value, 'ms')}`,
    recommendation,
  };
}

function dsl({ verdict }: Figures): Finding | null {
  const duration = rowOf(verdict, 'p95-dsl');
  const completion = rowOf(verdict, 'task-completion');
  const others = verdict.targets.filter(({ id }) => id === 'mean-api' || id === 'p95-cached');
  const slow = duration !== undefined && missed(duration) && others.length > 0 && !others.some(missed);
  const row = completion !== undefined && missed(completion) ? completion : slow ? duration : undefined;
  if (row === undefined) return null;
  return {
    kind: 'bottleneck',
    what: 'FK-DSL execution',
    evidence: `${row.title} is ${shown(row)}, must be ${claimOf(row)}`,
    recommendation:
      'Look at the steps that these queries run, and at whether tasks are lost: a second worker does not know the tasks of the first.',
  };
}

/** Targets whose misses no bottleneck explains: said as such, with where to look, and without naming a culprit. */
function misses({ verdict, server, run }: Figures, bottlenecks: readonly Finding[]): Finding[] {
  if (bottlenecks.some(({ what }) => what === "The server's CPU")) return [];
  const explained = new Set(bottlenecks.flatMap(({ what }) => EXPLAINS[what] ?? []));
  return verdict.targets
    .filter((row) => missed(row) && !explained.has(row.id))
    .map((row) => ({
      kind: 'miss',
      what: row.title,
      evidence: `${shown(row)}, must be ${claimOf(row)}`,
      recommendation: whereToLook(row, server, run),
    }));
}

function whereToLook(
  { unit, statistic }: TargetRow,
  { cpuCores }: Server,
  { scenario, target }: Figures['run'],
): string {
  if (statistic === 'leak') {
    const again = `npx fiml-perf run memory-leak${target.kind === 'url' ? ` --target ${quoted(target.url)}` : ''}`;
    return (
      'Something is kept that should be freed: compare two snapshots of the server’s heap, some minutes of load apart ' +
      `(tracemalloc, memray), for what has grown${scenario === 'memory-leak' ? '' : `; ${again} shows it in identical rounds, without a load that changes`}.`
    );
  }
  if (statistic === 'p50-drift' || statistic === 'p95-drift') {
    return 'Look for what grows along with it while the load stays the same: memory, tables without an index, queues, connections that are not given back.';
  }
  if (unit !== 'ms')
    return 'Read the failures by layer (chapter Errors by layer), and the server’s log for the same minutes.';
  const cpu = cpuCores === null ? '' : `, since the server used only ${cpuCores.toFixed(2)} cores`;
  return `Look at what these requests share${cpu}: network, proxy, a blocked event loop; fiml-perf run targets measures them apart.`;
}

const EXPLAINS: Readonly<Record<string, readonly string[]>> = {
  'The cache': ['cache-hit-rate'],
  'The provider': ['provider-success', 'p95-cold', 'cache-hit-rate'],
  'FK-DSL execution': ['p95-dsl', 'task-completion'],
};

const rowOf = ({ targets }: Verdict, id: string): TargetRow | undefined => targets.find((row) => row.id === id);

/** Beyond its limit, whatever its severity made of it. */
export function missed({ value, operator, limit, measurable }: TargetRow): boolean {
  return measurable && value !== null && !(operator === '<' ? value < limit : value > limit);
}

/** Whether anything suffered: a busy server that answers in time is a well used one. */
const isStrained = ({ targets, checks }: Verdict): boolean =>
  targets.some((row) => row.unit === 'ms' && missed(row)) ||
  checks.some(({ kind, ok }) => kind === 'flattering' && !ok);

const shown = (row: TargetRow): string => formatBeside(row.value ?? 0, row.limit, row.unit);
const claimOf = (row: TargetRow): string => formatClaim(row.operator, row.limit, row.unit);
