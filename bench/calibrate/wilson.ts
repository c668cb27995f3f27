import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';

/** A share that was counted, with its two-sided 95 % interval. */
export interface Rate {
  readonly count: number;
  readonly of: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** Wilson's score interval of a share, two-sided (E. B. Wilson, JASA 22, 1927). */
export function wilson(count: number, of: number, confidence = 0.95): Rate {
  const z = normalQuantile(1 - (1 - confidence) / 2, 0, 1);
  const rate = count / of;
  const centre = rate + (z * z) / (2 * of);
  const spread = z * Math.sqrt((rate * (1 - rate)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  return {
    count,
    of,
    rate,
    low: Math.max(0, (centre - spread) / scale),
    high: Math.min(1, (centre + spread) / scale),
  };
}
