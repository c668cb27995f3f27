import type { RunPlan } from '../../profiles';
import { formatLength, grouped, plural } from '../text/format';
import { table } from '../text/table';

/** What a virtual user of the suite's scripts takes, and k6 without any: measured with 129 and 511 of them, and doubled. */
const MEMORY_PER_VU_BYTES = 2.3e6;
const MEMORY_BYTES = 100e6;
/** k6 keeps eight values of each request for its end-of-test data. */
const MEMORY_PER_REQUEST_BYTES = 300;
const MEBIBYTE = 2 ** 20;
/** Memory is asked for in steps of so much. */
const STEP_MIB = 128;

/** The most virtual users that one of so many pods has. k6 gives each its whole part, and what is left to some. */
const perPod = (all: number, pods: number): number => Math.ceil(all / pods);

/**
 * Why a load cannot be divided among so many pods; empty when it can.
 *
 * A pod without a virtual user leaves out its part of the arrivals, and k6 says nothing of it. The monitor is one user, on
 * one pod, by intention.
 */
export function shareProblems(plan: RunPlan, pods: number): string[] {
  const few = Object.entries(plan.vuCeiling).filter(([, users]) => users > 1 && users < pods);
  if (few.length === 0) return [];
  const most = Math.min(...few.map(([, users]) => users));
  const names = few.map(([scenario, users]) => `${scenario} ${users}`).join(', ');
  return [
    `--parallelism ${pods}: some pods would have no virtual user for a part of the load (${names}) and would leave out ` +
      `their share of it: take ${most} at most, or more load (PERF_USERS or PERF_RATE, PERF_PROBE_RATE for probes)`,
  ];
}

/** Memory for a pod of so many, in whole MiB. */
export function podMemoryMib(plan: RunPlan, pods: number): number {
  const users = Object.values(plan.vuCeiling).reduce((sum, each) => sum + perPod(each, pods), 0);
  const bytes = MEMORY_BYTES + users * MEMORY_PER_VU_BYTES + (plan.expectedRequests / pods) * MEMORY_PER_REQUEST_BYTES;
  return Math.ceil(bytes / MEBIBYTE / STEP_MIB) * STEP_MIB;
}

/** What the plan is on the whole and for each pod. */
export function shareText(plan: RunPlan, pods: number): string {
  const rows = Object.entries(plan.vuCeiling).map(([scenario, users]) => {
    const iterations = plan.expectedIterations[scenario] ?? 0;
    const alone = users === 1;
    return [
      scenario,
      grouped(users),
      alone ? '1, on one pod' : grouped(perPod(users, pods)),
      grouped(iterations),
      alone ? grouped(iterations) : grouped(iterations / pods),
      highestRate(plan, scenario),
      alone ? '' : highestRate(plan, scenario, pods),
    ];
  });
  const head = ['k6 scenario', 'virtual users', 'a pod', 'iterations', 'a pod', 'highest rate', 'a pod'];
  return [
    `${plural(pods, 'pod')}, ${formatLength(plan.durationMs)}, about ${grouped(plan.expectedRequests)} requests`,
    '',
    table(head, rows, [1, 2, 3, 4, 5, 6]),
  ].join('\n');
}

/** Of the traffic that of its busiest phase, of the others the mean, since those arrive evenly. */
function highestRate(plan: RunPlan, scenario: string, pods = 1): string {
  const mean = ((plan.expectedIterations[scenario] ?? 0) / plan.durationMs) * 1000;
  const offered = plan.phases.map((phase) => ((phase.offered ?? 0) / (phase.endMs - phase.startMs)) * 1000);
  const rate = scenario === 'traffic' ? Math.max(mean, ...offered) : mean;
  return `${(rate / pods).toFixed(1)}/s`;
}
