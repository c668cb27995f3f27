import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../../scripts/result/verdict';
import { type Services, startServices } from '../../scripts/services';
import { cli, type Finished, temporaryFolder, verdictIn } from './cli';
import { inLanes, type Lanes } from './lanes';

const RUN_DEADLINE_MS = 300_000;

/** A run of `fiml-perf run` on services of its own lane. */
export interface StressRun {
  readonly scenario: string;
  readonly args?: readonly string[];
  /** Environment of the run, by the services that it runs on. */
  readonly env?: (services: Services) => NodeJS.ProcessEnv;
  /** Done while it runs. */
  readonly meanwhile?: (services: Services, finished: Promise<unknown>) => Promise<void>;
}

export interface StressOutcome extends Finished {
  readonly verdict: Verdict;
  readonly report: string;
}

/**
 * Makes runs side by side, each lane on services of its own: what they wait for is the time, not this machine. Their
 * outcomes come one by one. When they are stopped their services are.
 *
 * @param args more arguments of each run. @param referenceArgs of each reference server.
 */
export function stressLanes(
  lanes: number,
  args: readonly string[],
  referenceArgs: readonly string[],
  runs: Readonly<Record<string, StressRun>>,
): Lanes<StressOutcome> {
  const folder = temporaryFolder('stress');
  const started = Array.from({ length: lanes }, () =>
    startServices({ env: process.env, log: () => undefined, referenceArgs }),
  );
  const jobs = Object.entries(runs).map(([name, run]) => {
    const out = join(folder, name.replaceAll(' ', '-'));
    const job = async (lane: number) => {
      // What is being started would take from the first runs the CPU that they need.
      const services = await Promise.all(started);
      return perform(services[lane] as Services, out, args, run);
    };
    return [name, job] as const;
  });
  const all = inLanes(lanes, Object.fromEntries(jobs));
  return {
    outcomeOf: all.outcomeOf,
    async stop() {
      await all.stop();
      const services = await Promise.allSettled(started);
      await Promise.all(services.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function perform(
  services: Services,
  out: string,
  common: readonly string[],
  { scenario, args = [], env, meanwhile }: StressRun,
): Promise<StressOutcome> {
  const drivers = { PERF_TOXIPROXY: services.toxiproxyUrl, PERF_CONTROL: services.controlUrl };
  const running = cli(['run', scenario, '--target', services.url, '--out', out, ...common, ...args], {
    deadlineMs: RUN_DEADLINE_MS,
    env: { ...drivers, REDIS_URL: services.redisUrl, DATABASE_URL: services.databaseUrl, ...env?.(services) },
  });
  await meanwhile?.(services, running);
  const finished = await running;
  await fetch(`${services.controlUrl}/faults`, { method: 'DELETE' });
  return { ...finished, verdict: verdictIn(out), report: readFileSync(join(out, 'report.md'), 'utf8') };
}

export type Sent = readonly [method: string, url: string, body?: object];

/** A command that sends requests, for PERF_FAULT_ON and PERF_FAULT_OFF. */
export const sends = (...requests: readonly Sent[]): string =>
  `node -e '(async () => { for (const [method, url, body] of ${JSON.stringify(requests)}) await fetch(url, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) }); })()'`;

/** Requests to the Toxiproxy and the control port of some services. */
export const toxic = ({ toxiproxyUrl }: Services, proxy: string, latencyMs: number) =>
  [
    'POST',
    `${toxiproxyUrl}/proxies/${proxy}/toxics`,
    { name: 'slow', type: 'latency', stream: 'downstream', attributes: { latency: latencyMs, jitter: 0 } },
  ] as const;
export const untoxic = ({ toxiproxyUrl }: Services, proxy: string) =>
  ['DELETE', `${toxiproxyUrl}/proxies/${proxy}/toxics/slow`] as const;
export const enabled = ({ toxiproxyUrl }: Services, proxy: string, is: boolean) =>
  ['POST', `${toxiproxyUrl}/proxies/${proxy}`, { enabled: is }] as const;
export const faults = ({ controlUrl }: Services, body: object) => ['PATCH', `${controlUrl}/faults`, body] as const;
