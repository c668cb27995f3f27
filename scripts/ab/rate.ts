import { availableParallelism } from 'node:os';
import { marketPrices, searchBySymbol } from '../../contract';
import type { TargetClient } from '../http';
import { watchMachine } from './machine-cpu';

/** Share of this machine's CPU that pairs may take: with more, the servers would wait for it and for each other. */
const CPU_SHARE = 0.35;
/** More pairs a second bring an answer hardly sooner, and less than one a second never. */
const MOST_PER_S = 200;
const FEWEST_PER_S = 1;
/** Pairs under way at once, on average, that k6's users for this scenario carry with ease. */
const MOST_UNDER_WAY = 12;
const TRIAL_MS = 2000;
const FEWEST_TRIALS = 20;
const MOST_TRIALS = 2000;

/** How fast to ask, and what was measured to choose it. */
export interface ChosenRate {
  readonly pairsPerSecond: number;
  /** CPU time of this machine that a pair took, ms; null where the system does not tell. */
  readonly cpuMsPerPair: number | null;
  readonly pairMs: number;
}

/**
 * Chooses how many pairs a second are sent: as many as take a third of this machine's CPU, where both servers and k6 may
 * well share its cores, and no more than are under way at once with ease. Pairs one after the other for two seconds show
 * what one costs, the machine's idle use taken off.
 */
export async function chooseRate(baseline: TargetClient, candidate: TargetClient): Promise<ChosenRate> {
  const ask = (fewest: number) => askInPairs(baseline, candidate, fewest);
  // Once for nothing: this process compiles what sends them, and that would be taken for the price of a pair.
  await ask(1);
  const idleUse = watchMachine();
  await new Promise((resolve) => setTimeout(resolve, TRIAL_MS));
  const idle = idleUse();
  const busyUse = watchMachine();
  const pairs = await ask(FEWEST_TRIALS);
  const busy = busyUse();
  const pairMs = (busy.elapsedS / pairs) * 1000;
  const cpuS =
    idle.busyS === null || busy.busyS === null
      ? null
      : Math.max(0, busy.busyS - (idle.busyS / idle.elapsedS) * busy.elapsedS) / pairs;
  const byCpu = cpuS === null || cpuS === 0 ? MOST_PER_S : (CPU_SHARE * availableParallelism()) / cpuS;
  const byTime = (MOST_UNDER_WAY * 1000) / pairMs;
  const pairsPerSecond = Math.round(Math.max(FEWEST_PER_S, Math.min(MOST_PER_S, byCpu, byTime)));
  return { pairsPerSecond, cpuMsPerPair: cpuS === null ? null : cpuS * 1000, pairMs };
}

/** One pair after the other for two seconds, or longer until there were so many. @returns how many. */
async function askInPairs(baseline: TargetClient, candidate: TargetClient, fewest: number): Promise<number> {
  const endMs = performance.now() + TRIAL_MS;
  let pairs = 0;
  while (pairs < fewest || (performance.now() < endMs && pairs < MOST_TRIALS)) {
    const request = pairs % 4 === 0 ? marketPrices(['AAPL', 'MSFT']) : searchBySymbol('AAPL', 'quick');
    await baseline.send(request);
    await candidate.send(request);
    pairs += 1;
  }
  return pairs;
}
