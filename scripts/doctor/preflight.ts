import type { Config } from '../../config';
import { isLoopback, type TargetClient } from '../http';
import { formatBytes } from '../text/format';
import { afterSilence, afterStranger, failureWords, KNOWN_VERSION, unknownVersion } from './advice';
import { freeDiskBytes, type Machine, readMachine } from './machine';
import { recognise } from './recognise';

export interface PreflightInput {
  readonly config: Config;
  readonly client: TargetClient;
  readonly resultsFolder: string;
  /** What the run will write, at most. */
  readonly estimateBytes: number;
  /** Most virtual users at a time; 0 where nobody knows. */
  readonly virtualUsers: number;
}

/** What stands against a run, and what may spoil it: all of it, a sentence each. */
export interface Preflight {
  problems: string[];
  warnings: string[];
}

/** Files that k6 has open beside its connections, generously. */
const K6_FILES = 100;
/** With less, the system takes memory from what is being measured, or ends it. */
export const LEAST_MEMORY_BYTES = 300e6;

/**
 * Checks what must hold before any load. A server that is FIML and fails is no problem: it must be measured.
 */
export async function preflight(input: PreflightInput): Promise<Preflight> {
  const { config, client, resultsFolder, estimateBytes, virtualUsers } = input;
  const found: Preflight = { problems: [], warnings: [] };
  await lookAtTarget(client, found);
  const local = isLoopback(new URL(client.url).hostname);
  if (local && config.PERF_PROXY !== null) {
    found.warnings.push('PERF_PROXY is not used: the target is on this machine, to which k6 takes no proxy');
  }
  found.problems.push(...diskProblems(resultsFolder, freeDiskBytes(resultsFolder), estimateBytes));
  found.warnings.push(...machineWarnings(readMachine(), virtualUsers, local));
  return found;
}

async function lookAtTarget(client: TargetClient, found: Preflight): Promise<void> {
  const target = await recognise(client);
  if (target.kind === 'silent') {
    found.problems.push(
      `${client.url} does not answer: ${target.reason.problem}. ${afterSilence(client, target.reason)}`,
    );
    return;
  }
  if (target.kind === 'stranger') {
    found.problems.push(`${client.url} does not answer as FIML does: ${target.seen}. ${afterStranger(client, target)}`);
    return;
  }
  if (target.health?.status !== 'healthy') {
    found.warnings.push(
      `GET /health of ${client.url} is not in order (${target.healthSeen}): probes of uptime will fail`,
    );
  }
  if (target.health !== null && !KNOWN_VERSION.test(target.health.version)) {
    found.warnings.push(unknownVersion(client, target.health.version));
  }
  if (target.failure !== null) {
    found.warnings.push(
      `a search fails before any load: ${failureWords(target.failure)}. It is measured as it is; ` +
        `what may be behind it: fiml-perf doctor --target ${client.url}`,
    );
  }
}

/** @param freeBytes null where nobody knows. */
export function diskProblems(folder: string, freeBytes: number | null, estimateBytes: number): string[] {
  if (freeBytes === null || freeBytes >= estimateBytes) return [];
  return [
    `the disk of the results folder ${folder} has ${formatBytes(freeBytes)} free, and the run may need ` +
      `${formatBytes(estimateBytes)}: free some space, or choose another folder with --out or PERF_RESULTS`,
  ];
}

/** @param local whether the server under test is on this machine as well. */
export function machineWarnings(machine: Machine, virtualUsers: number, local: boolean): string[] {
  const warnings: string[] = [];
  const { openFiles, localPorts, freeMemoryBytes } = machine;
  if (openFiles !== null && openFiles < virtualUsers + K6_FILES) {
    warnings.push(
      `${virtualUsers} virtual users need as many connections, and a process may have ${openFiles} files open here: ` +
        `raise the limit (ulimit -n ${virtualUsers + K6_FILES}), or run fewer users`,
    );
  }
  if (localPorts !== null && localPorts < virtualUsers) {
    warnings.push(
      `${virtualUsers} virtual users need a local port each, and there are ${localPorts}: ` +
        'widen net.ipv4.ip_local_port_range, or run fewer users',
    );
  }
  if (freeMemoryBytes < LEAST_MEMORY_BYTES) {
    const who = local ? 'k6 and the server under test share it' : 'k6 runs in it';
    warnings.push(
      `this machine has ${formatBytes(freeMemoryBytes)} of memory left, and ${who}: end other programs, or what is measured is their shortage`,
    );
  }
  return warnings;
}
