import { Trend } from 'k6/metrics';
import { type CounterWatch, oneReason } from './counter-watch';
import { readsBetween } from './l1-reads';
import { addObservations } from './observations';
import type { LatencyBucket } from './scrape';

const l1Get = new Trend('fiml_l1_get_duration', true);

const L1 = { series: 'l1' };

/** Share of reads that may be hits where every symbol is new to the cache: another user's, now and then. */
const HITS_ALLOWED = 0.02;

/** The times of L1 reads, out of the server's own histogram of them. */
export function l1ReadsWatch(): CounterWatch {
  const reasons = oneReason('component-l1');
  let before: readonly LatencyBucket[] | null = null;
  return {
    giveUp: reasons.say,
    observe({ l1Reads }, last, phase) {
      if (l1Reads === null) return reasons.say('no histogram of its cache reads', phase);
      // What came before the steady phase, or from another process, is no beginning for a difference.
      const readsMs = before === null || last === null ? null : readsBetween(before, l1Reads);
      before = l1Reads;
      if (readsMs === null || reasons.said) return;
      for (const ms of readsMs) l1Get.add(ms, { phase });
      if (readsMs.length > 0) addObservations(readsMs.length, { ...L1, phase });
    },
  };
}

/** Whether what should be cold is: a symbol that an earlier run left in the cache says nothing about a provider. */
export function coldWatch(): CounterWatch {
  const reasons = oneReason('component-provider');
  let base: { readonly hits: number; readonly misses: number } | null = null;
  return {
    // What several workers answer is as cold as what one does; it only cannot be checked.
    giveUp: () => undefined,
    observe({ hits, misses }, last, phase) {
      if (hits === null || misses === null) return;
      if (base === null || last === null || hits < base.hits || misses < base.misses) {
        base = { hits, misses };
        return;
      }
      const found = hits - base.hits;
      if (found > 1 && found > HITS_ALLOWED * (found + misses - base.misses)) {
        reasons.say('symbols that should be new to its cache were in it', phase);
      }
    },
  };
}
