import type { Config } from '../../config';
import { EXIT_OK, EXIT_USAGE } from '../exit-codes';
import type { TargetClient } from '../http';
import { cacheFindings } from './cache-findings';
import { faultFinding } from './fault-finding';
import { type Finding, finding } from './finding';
import { machineFindings } from './machine-findings';
import { type Fiml, recognise } from './recognise';
import { dependencyFindings, lookAtWorkers, serverFindings, strangerFinding } from './server-findings';
import { targetSnapshot } from './snapshot';

export interface DoctorInput {
  readonly config: Config;
  /** Null when no target was named: only this machine is looked at. */
  readonly client: TargetClient | null;
  readonly resultsFolder: string;
  /** Says where k6 may be, and what runs noted of their faults: process.env with the command line's overrides. */
  readonly env: NodeJS.ProcessEnv;
  /** Longest time to watch a cached price until it is gone; 0: the TTL is not measured. */
  readonly watchTtlMs: number;
}

export interface DoctorReport {
  /** Null when no target was named. */
  readonly target: string | null;
  readonly findings: readonly Finding[];
}

/**
 * Looks at the server, at what it depends on, and at this machine. Sends a handful of requests, none of which blocks it;
 * undoes the faults of killed runs, and changes nothing else.
 */
export async function diagnose(input: DoctorInput): Promise<DoctorReport> {
  const { client, resultsFolder, env } = input;
  // First: a fault that a killed run has left would make a sound server look broken.
  const faults = await faultFinding(env);
  // Together: machine findings need no server, and the slowest of both is waited for once.
  const [server, machine] = await Promise.all([
    client === null ? [] : targetFindings(client, input),
    machineFindings(resultsFolder, env),
  ]);
  return { target: client?.url ?? null, findings: [...server, faults, ...machine] };
}

async function targetFindings(client: TargetClient, { config, watchTtlMs }: DoctorInput): Promise<Finding[]> {
  const target = await recognise(client);
  if (target.kind !== 'fiml') return [strangerFinding(client, target)];
  const dependencies = await dependencyFindings(client);
  const snapshot = await targetSnapshot(client);
  const cache = await cacheFindings({
    client,
    saidTtlMs: config.PERF_CACHE_TTL,
    watchMs: watchTtlMs,
    severalWorkers: (snapshot?.startTimesS.length ?? 0) > 1,
    obstacle: obstacleOf(target, dependencies),
  });
  const workers = finding('workers', 'Workers', lookAtWorkers(snapshot));
  return [...serverFindings(client, target), ...dependencies, workers, ...cache];
}

/** With Redis down each search holds the whole server up for seconds: it is not asked once more. */
function obstacleOf(target: Fiml, dependencies: readonly Finding[]): string | null {
  if (dependencies.some(({ id, status }) => id === 'redis' && status === 'bad'))
    return 'the server does not reach Redis';
  return target.failure === null ? null : 'searches fail';
}

/** 2 when something is bad, else 0. */
export const doctorExitCode = ({ findings }: DoctorReport): number =>
  findings.some(({ status }) => status === 'bad') ? EXIT_USAGE : EXIT_OK;
