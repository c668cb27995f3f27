import { wilsonInterval } from '../../scripts/statistics';

/** A share that was counted, with its two-sided 95 % interval. */
export interface Rate {
  readonly count: number;
  readonly of: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** With Wilson's interval. */
export function wilson(count: number, of: number, confidence = 0.95): Rate {
  const [low, high] = wilsonInterval(count / of, of, (1 - confidence) / 2);
  return { count, of, rate: count / of, low, high };
}
