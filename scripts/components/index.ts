import { randomBytes } from 'node:crypto';
import type { Target } from '../../thresholds';
import { UserError } from '../errors';
import { EXIT_FAIL, EXIT_INVALID, EXIT_OK } from '../exit-codes';
import type { Observation } from '../result/observation';
import { identity } from '../run/identity';
import { type MeasuredStore, observeStores } from './observation';
import { timeReads } from './reads';
import { type ComponentRow, judgeReads, notMeasured } from './row';
import type { Store } from './store';
import { componentsText } from './text';

/** The components that are stores. */
export const STORES = ['l1', 'l2'] as const;
export type StoreName = (typeof STORES)[number];

export interface ComponentsRequest {
  /** Addresses; null where there is none. */
  readonly urls: Readonly<Record<StoreName, string | null>>;
  /** Which of them to measure, and nothing else to list; null: all. */
  readonly only: readonly StoreName[] | null;
  readonly rounds: number;
  /** The targets of the scenario `components`, with the limits in force. */
  readonly targets: readonly Target[];
  /** Ends the measurement in order. */
  readonly signal: AbortSignal;
}

export interface ComponentsReport {
  readonly rows: readonly ComponentRow[];
  readonly observation: Observation;
  readonly exitCode: number;
  readonly text: string;
  /** What could not be removed. */
  readonly leftovers: readonly string[];
}

/** Longest time for one store's reads: with 59 of them at the slower store's limit of 700 ms there is a verdict. */
const DEADLINE_MS = 120_000;
const TOKEN_BYTES = 6;
/** How the option is called, and the variable that stands in for it. */
const NAMES: Readonly<Record<StoreName, string>> = { l1: '--redis or REDIS_URL', l2: '--postgres or DATABASE_URL' };
/** Their clients are loaded when they are needed: every other command would start a quarter later for them. */
const OPEN: Readonly<Record<StoreName, (url: string, token: string) => Promise<Store>>> = {
  l1: (...args) => (require('./redis') as typeof import('./redis')).openRedis(...args),
  l2: (...args) => (require('./postgres') as typeof import('./postgres')).openPostgres(...args),
};

/**
 * Times the reads of FIML's caches on the stores themselves, one after the other.
 *
 * @throws UserError before anything is measured when a store cannot be used, with every reason. What was written until then
 *   is removed again.
 */
export async function measureComponents(request: ComponentsRequest): Promise<ComponentsReport> {
  const { urls, only, rounds, targets, signal } = request;
  const wanted = STORES.filter((name) => urls[name] !== null && (only === null || only.includes(name)));
  const startedAtMs = Date.now();
  const token = randomBytes(TOKEN_BYTES).toString('hex').toUpperCase();
  const stores = await openAll(wanted, urls, token);
  const measured: MeasuredStore[] = [];
  const leftovers: string[] = [];
  try {
    for (const { name, store } of stores) {
      const reads = await timeReads(store, { rounds, deadlineMs: DEADLINE_MS, signal });
      const { version, address } = store;
      measured.push({
        row: judgeReads(targetOf(targets, name), name, reads),
        readsMs: reads.readsMs,
        version,
        address,
      });
    }
  } finally {
    for (const { store } of stores) {
      const left = await store.close();
      if (left !== null) leftovers.push(left);
    }
  }
  const rows = [...measured.map(({ row }) => row), ...others(request, measured)];
  const verdict = worst(measured.map(({ row }) => row.verdict));
  const observation = observeStores({
    runId: `components-stores-${new Date(startedAtMs).toISOString()}-${token}`,
    startedAtMs,
    endedAtMs: Date.now(),
    rounds,
    stores: measured,
    interrupted: signal.aborted,
    verdict,
    identity: identity('none'),
  });
  const heading = `${verdict}: ${measured.map((one) => `${one.version} at ${one.address}`).join(', ')}`;
  return { rows, observation, exitCode: EXIT_CODES[verdict], text: componentsText(heading, rows), leftovers };
}

type OpenStore = { readonly name: StoreName; readonly store: Store };

/** All or none: what is wrong with one is told together with what is wrong with the other. */
async function openAll(
  names: readonly StoreName[],
  urls: ComponentsRequest['urls'],
  token: string,
): Promise<OpenStore[]> {
  const opened: OpenStore[] = [];
  const problems: string[] = [];
  for (const name of names) {
    try {
      opened.push({ name, store: await OPEN[name](urls[name] as string, token) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length === 0) return opened;
  for (const { store } of opened) {
    const left = await store.close();
    if (left !== null) problems.push(left);
  }
  throw new UserError(problems.join('\n'));
}

/** Components without a verdict here: stores without an address, and what no store holds. */
function others({ only, targets }: ComponentsRequest, measured: readonly MeasuredStore[]): ComponentRow[] {
  const missing = STORES.filter((name) => !measured.some(({ row }) => row.id === name))
    .filter((name) => only === null || only.includes(name))
    .map((name) => notMeasured(targetOf(targets, name), name, `no address: give ${NAMES[name]}`));
  if (only !== null) return missing;
  const unreached = targets.filter(({ selector }) => selector.component !== undefined);
  const inProcess = unreached.filter(({ id }) => id !== targetOf(targets, 'l2').id);
  return [...missing, ...inProcess.map((target) => notMeasured(target, target.id, target.unmeasurable ?? ''))];
}

function targetOf(targets: readonly Target[], name: StoreName): Target {
  const target = targets.find(({ id }) => id === `component-${name}`);
  if (target === undefined) throw new Error(`there is no target of ${name}`);
  return target;
}

const EXIT_CODES = { FAIL: EXIT_FAIL, INVALID: EXIT_INVALID, PASS: EXIT_OK } as const;
type Word = keyof typeof EXIT_CODES;

/** Of nothing at all nothing is known. */
const worst = (verdicts: readonly ComponentRow['verdict'][]): Word =>
  (['FAIL', 'INVALID', 'PASS'] as const).find((word) => verdicts.includes(word)) ?? 'INVALID';
