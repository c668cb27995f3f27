import type { PageSample } from '../../contract';

/** The guide's groups of metrics, and the server's process. */
export type Group = 'requests' | 'cache' | 'providers' | 'tasks' | 'slow queries' | 'process';

/** Metrics that a FIML server names and does not feed: they stand at 0 whatever happens. */
export interface Unmeasured {
  readonly group: Group;
  readonly what: string;
  /** Samples that would move if it did. */
  readonly samples: readonly string[];
  /** Who measures it instead. */
  readonly instead: string;
}

export const UNMEASURED: readonly Unmeasured[] = [
  {
    group: 'cache',
    what: 'size and evictions',
    samples: ['fiml_cache_size_bytes', 'fiml_cache_evictions_total'],
    instead: 'redis-cli info memory, redis-cli info stats',
  },
  {
    group: 'providers',
    what: 'requests, latency and errors',
    samples: ['fiml_provider_requests_total', 'fiml_provider_latency_seconds_count'],
    instead: 'fiml-perf run load: targets p95-cold and provider-success',
  },
  {
    group: 'tasks',
    what: 'completion rate, FK-DSL and narrative durations',
    samples: [
      'fiml_task_completion_rate',
      'fiml_dsl_execution_seconds_count',
      'fiml_narrative_generation_seconds_count',
    ],
    instead: 'fiml-perf run load: targets task-completion, p95-dsl and p95-narrative',
  },
  {
    group: 'slow queries',
    what: 'its list of slow queries and their number',
    samples: ['fiml_slow_queries_total'],
    instead: 'the durations of all requests, above; fiml-perf slow for those of a run',
  },
];

/**
 * What a server does not measure after all, by what its page says: a later version may have begun to.
 *
 * @returns both kinds: what stands still, and the sums of what moves.
 */
export function unmeasuredOn(samples: readonly PageSample[]): {
  readonly still: readonly Unmeasured[];
  readonly moving: readonly { readonly group: Group; readonly name: string; readonly value: number }[];
} {
  const standing = (name: string) =>
    samples.reduce((sum, sample) => (sample.name === name ? sum + sample.value : sum), 0);
  const moving = UNMEASURED.flatMap(({ group, samples: names }) =>
    names.map((name) => ({ group, name, value: standing(name) })).filter(({ value }) => value !== 0),
  );
  return { still: UNMEASURED.filter(({ group }) => !moving.some((one) => one.group === group)), moving };
}
