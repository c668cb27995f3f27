import type { SlowRequest, SlowRequests } from '../result/slow';
import { nameText } from '../text/printable';

interface Count {
  readonly name: string;
  readonly count: number;
}

/** The slowest requests of a run, and what to do about those that the guide calls slow. */
export interface Slow extends SlowRequests {
  /** What the slow ones among the kept are of, the most frequent first. */
  readonly operations: readonly Count[];
  /** The symbols and queries that come back among them, the most frequent first. */
  readonly subjects: readonly Count[];
  /** Sentences; none where nothing was slow. */
  readonly advice: readonly string[];
}

export function slowOf(requests: SlowRequests): Slow {
  const slow = requests.kept.filter(({ durationMs }) => durationMs > requests.slowMs);
  return {
    ...requests,
    operations: counted(slow.map(operationName)),
    subjects: counted(slow.flatMap(({ subject }) => subject || [])).filter(({ count }) => count > 1),
    advice: slow.length === 0 ? [] : adviceOn(slow),
  };
}

function counted(names: readonly string[]): Count[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
}

/** `search-quick · price · hot`: the same request means something else for another purpose. */
export const operationName = ({ name, op, cache }: Pick<SlowRequest, 'name' | 'op' | 'cache'>): string =>
  nameText([name, op, cache].filter((part) => part !== '').join(' · ')) || 'unnamed';

interface Advice {
  /** Whether a slow request speaks for it. */
  readonly fits: (request: SlowRequest) => boolean;
  readonly text: string;
}

/** The guide's advice on slow queries, each for the requests that it can help. */
const ADVICE: readonly Advice[] = [
  {
    fits: ({ name }) => name.startsWith('session-'),
    text: 'Sessions are read from and written to PostgreSQL: check the indexes of what they select by, and look at the plans of their queries with EXPLAIN ANALYZE.',
  },
  {
    fits: ({ op, cache }) => op === 'price' && cache === 'hot',
    text: 'Prices that should be cached were slow: look at Redis, its connections and the hit rate (fiml-perf doctor).',
  },
  {
    fits: ({ cache }) => cache === 'cold' || cache === 'fill',
    text: 'Prices that nothing had cached were slow: these wait for a provider, whose limits, time-outs and fallbacks decide.',
  },
  {
    fits: ({ op }) => op === 'analysis',
    text: 'Analyses were slow: they ask providers and an LLM one call after the other, and nothing of that but the narrative is cached.',
  },
  {
    fits: ({ op }) => op === 'dsl',
    text: 'FK-DSL queries were slow: a query takes as long as the longest chain of its steps, so compare those listed by what they compute.',
  },
  {
    fits: ({ layer }) => layer === 'transport',
    text: 'Some had no answer when their time was over (PERF_TIMEOUT): the server’s log for the same moments says more than their duration.',
  },
  {
    fits: ({ name, op }) => name === 'health' || op === 'poll',
    text: 'Health checks or polls, which have next to nothing to do, were slow as well: whatever holds up the whole process shows up there first.',
  },
];
const PROFILE =
  'Profile the server’s process under this load: py-spy record --pid PID --duration 60 --output profile.svg.';

const adviceOn = (slow: readonly SlowRequest[]): string[] => [
  ...ADVICE.filter(({ fits }) => slow.some(fits)).map(({ text }) => text),
  PROFILE,
];
