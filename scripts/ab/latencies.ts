import type { SideBySide } from '../report/html/comparison';
import type { Ab } from '../result/ab';
import { Histogram } from '../result/histogram';

/** All answers of two servers by operation, of all rounds together. */
export function latenciesOf({ operations, rounds }: Ab): SideBySide[] {
  const found = operations.map((name) => ({
    operation: name,
    title: name,
    baseline: new Histogram(),
    candidate: new Histogram(),
  }));
  for (const { samples } of rounds) {
    samples.durationUs.forEach((us, at) => {
      const one = found[samples.operation[at] as number];
      const side = samples.side[at] === 0 ? one?.baseline : one?.candidate;
      side?.add(us / 1000);
    });
  }
  return found.filter(({ baseline, candidate }) => baseline.count > 0 && candidate.count > 0);
}
