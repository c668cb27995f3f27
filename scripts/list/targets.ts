import { minimumSamples, type Target } from '../../thresholds';
import { formatClaim } from '../text/format';
import { printable } from '../text/printable';
import { table } from '../text/table';

/** The targets, each with its limit and the samples that it takes to prove it. */
export const targetsTable = (targets: readonly Target[]): string =>
  table(
    ['target', 'title', 'limit', 'severity', 'samples', 'scenarios', 'source'],
    targets.map((target) => [
      target.id,
      printable(target.title),
      formatClaim(target.operator, target.limit, target.unit),
      target.severity,
      String(minimumSamples(target)),
      printable(target.scenarios.join(', ')),
      target.source,
    ]),
    [4],
  );
