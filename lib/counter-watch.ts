import type { Scrape } from './scrape';
import { addCacheReads, addHitRate, addUnmeasurable } from './watched';

/** What a monitor makes of the server's own counters in the judged phases. */
export interface CounterWatch {
  /** @param last the look before, of the same process; null when there is none, or it was another one's. */
  observe(now: Scrape, last: Scrape | null, phase: string): void;
  /** Several processes answer at the address: a difference of their counters would mean nothing. */
  giveUp(reason: string, phase: string): void;
}

/** Says once why something cannot be measured on this server; `said` tells whether it has been. */
export function oneReason(series: string): { readonly said: boolean; say(reason: string, phase: string): void } {
  let given: string | null = null;
  return {
    get said() {
      return given !== null;
    },
    say(reason, phase) {
      if (given !== null) return;
      given = reason;
      addUnmeasurable(1, { series, reason, phase });
    },
  };
}

/** The hit rate of each phase, since its start. */
export function hitRateWatch(): CounterWatch {
  const reasons = oneReason('cache-hit-rate');
  /** Counters at the phase's start. */
  let base: { readonly hits: number; readonly misses: number; readonly phase: string } | null = null;
  return {
    giveUp: reasons.say,
    observe({ hits, misses }, last, phase) {
      if (hits === null || misses === null) return reasons.say('no cache counters', phase);
      // Counters that went back belong to another process, of which nothing is known from before.
      if (base === null || hits < base.hits || misses < base.misses) {
        base = { hits, misses, phase };
        return;
      }
      // The last look of the phase before is where this one began.
      if (phase !== base.phase) base = { hits: last?.hits ?? hits, misses: last?.misses ?? misses, phase };
      const reads = hits - base.hits + misses - base.misses;
      if (reads === 0 || reasons.said) return;
      addHitRate((hits - base.hits) / reads, { phase });
      if (last !== null && last.hits !== null && last.misses !== null) {
        const lastReads = Math.max(last.hits - base.hits, 0) + Math.max(last.misses - base.misses, 0);
        addCacheReads(Math.max(reads - lastReads, 0), { phase });
      }
    },
  };
}
