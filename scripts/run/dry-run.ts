import { formatDuration } from '../../config';
import type { RunPlan } from '../../profiles';
import { targetsTable } from '../list/targets';
import { formatBytes, percent } from '../text/format';
import { printable } from '../text/printable';
import { table } from '../text/table';
import type { PreparedRun } from './index';
import { isLeftToJudge, MOST_REQUESTS_WITH_THRESHOLDS } from './left-to-judge';

/** What a run is going to be: `--dry-run`. */
export function planText({ request, plan, options, targets, notes }: PreparedRun): string {
  return [
    `${request.scenario}: nothing was sent`,
    '',
    plan === null ? 'this scenario has no plan of its own' : planTable(plan),
    '',
    table(
      ['option', 'value', 'from'],
      Object.entries(options).map(([name, { value, source }]) => [name, printable(value), source]),
      [],
    ),
    '',
    targetsTable(targets),
    ...notes,
    '',
  ].join('\n');
}

function planTable(plan: RunPlan): string {
  const phases = plan.phases.map(({ phase, startMs, endMs }) => `${phase} ${formatDuration(endMs - startMs)}`);
  const perScenario = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([scenario, count]) => `${scenario} ${count}`)
      .join(', ');
  return table(
    ['plan', ''],
    [
      ['duration', `${formatDuration(plan.durationMs)}: ${phases.join(', ')}`],
      ['iterations', perScenario(plan.expectedIterations)],
      ['requests', `about ${plan.expectedRequests}`],
      ['thresholds', thresholdsInWords(plan)],
      ['virtual users at most', perScenario(plan.vuCeiling)],
      ['best hit rate', plan.bestHitRate === null ? 'not measured' : percent(plan.bestHitRate)],
      ['disk', `up to ${formatBytes(plan.diskBytes)}`],
    ],
    [],
  );
}

const thresholdsInWords = (plan: RunPlan): string =>
  isLeftToJudge(plan)
    ? `the judge's alone, none in k6: more than ${MOST_REQUESTS_WITH_THRESHOLDS} requests`
    : "the judge's, and k6's own";
