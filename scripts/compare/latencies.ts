import { groupsOf } from '../observe/groups';
import { operationNames } from '../observe/measures';
import { runFolders } from '../observe/read';
import type { SideBySide } from '../report/html/comparison';
import { isFolder, readEvidence } from '../result/evidence';
import { Histogram } from '../result/histogram';
import { answered, selectSeries } from '../result/query';

interface Latencies {
  readonly title: string;
  readonly histogram: Histogram;
}

/**
 * All answers of two sides by kind of request, as the comparison's measures are named: of what both have. Only folders of runs
 * have any; a baseline keeps a value of each measure.
 *
 * @param baselines as the command was given them. @param candidates likewise; each has been read before.
 */
export function sideBySide(baselines: readonly string[], candidates: readonly string[]): SideBySide[] {
  const [before, after] = [latenciesOf(baselines), latenciesOf(candidates)];
  return [...after].flatMap(([operation, { title, histogram }]) => {
    const baseline = before.get(operation)?.histogram;
    return baseline === undefined ? [] : [{ operation, title, baseline, candidate: histogram }];
  });
}

function latenciesOf(paths: readonly string[]): Map<string, Latencies> {
  const found = new Map<string, Latencies>();
  for (const folder of paths.filter(isFolder).flatMap(runFolders)) {
    const { run, result } = readEvidence(folder);
    if (result === null) continue;
    const operations = operationNames(result).map((name) => ({
      id: name,
      title: name,
      metric: 'http_req_duration',
      selector: { name },
    }));
    for (const { id, title, metric, selector } of [...groupsOf(run), ...operations]) {
      const { histogram } = found.get(id) ?? { histogram: new Histogram() };
      const series = selectSeries(result, metric, { ...selector, phase: 'steady' }).filter(answered);
      for (const { histogram: sparse = [] } of series) histogram.addAll(Histogram.fromSparse(sparse));
      if (histogram.count > 0) found.set(id, { title, histogram });
    }
  }
  return found;
}
