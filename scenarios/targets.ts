/** The performance targets, each measured on its own: one section after the other, each producing one target's series. */
import { searchBySymbol } from '../contract';
import { fimlClient } from '../lib/client';
import { phaseClock } from '../lib/clock';
import { coldEquity } from '../lib/cold-symbols';
import { dslQuery } from '../lib/dsl-queries';
import { hotEquity } from '../lib/hot-symbols';
import { iterationInTest } from '../lib/iteration';
import { lazily } from '../lib/lazily';
import { coldOrdinal } from '../lib/mix';
import {
  arrivals,
  endOfTest,
  firstFill,
  monitorScenario,
  prepare,
  sectionArrivals,
  sectionsPlan,
  suiteOptions,
} from '../lib/once';
import { planned } from '../lib/planned';
import { probe, refill as refillHotSet, serverMonitor } from '../lib/seldom';
import type { SummaryData } from '../lib/summary';
import { followTask } from '../lib/tasks';
import { hotPrice } from '../lib/traffic';
import { fillRate, type SectionName } from '../profiles';

const { settings, plan, optionsOf } = planned('targets', ({ config, uptimeSamples }) =>
  sectionsPlan(config, uptimeSamples),
);
const { config } = settings;
const { hotSet, refillMs, sections } = plan;
const sectionOf = (name: SectionName) => sections.find((section) => section.name === name);

const hitsSection = sectionOf('hits');

export const options = optionsOf((whole) => {
  const scenarios = sectionArrivals(settings, whole);
  if (refillMs > 0) {
    const window = { startMs: 0, endMs: refillMs };
    scenarios.refill = arrivals(settings, 'refill', fillRate(hotSet), whole.vuCeiling.refill ?? 1, window);
  }
  if (hitsSection !== undefined) scenarios.monitor = monitorScenario('monitor', hitsSection);
  return suiteOptions(settings, scenarios);
});

const client = fimlClient(settings);
/** Tells the time since the run's start, with which the hot set's timetable began. */
const clockOf = (name: SectionName) => {
  const { phases, startMs } = sectionOf(name) ?? { phases: [], startMs: 0 };
  const sinceStart = phaseClock(phases);
  return () => sinceStart() + startMs;
};
const clocks = { cached: clockOf('cached'), hits: clockOf('hits'), tasks: clockOf('tasks'), probes: clockOf('probes') };
const sinceRefill = phaseClock(plan.phases);

export const setup = () => prepare(settings, client, refillMs > 0 ? firstFill() : []);
export const handleSummary = (data: SummaryData) => endOfTest(settings, data);
export const monitor = lazily(() => serverMonitor(settings, hitsSection?.phases ?? []));

/** Nothing but queries for what is known to be cached. */
export function cached(): void {
  const elapsedMs = clocks.cached();
  client.send(hotPrice(hotSet, iterationInTest(), elapsedMs), 'price', 'hot');
}

/** Hot and cold queries as in the mix; what counts is what the server's own counters make of them. */
export function hits(): void {
  const elapsedMs = clocks.hits();
  const ordinal = iterationInTest();
  const cold = coldOrdinal(config.PERF_COLD_SHARE, ordinal);
  const symbol = cold === null ? hotEquity(hotSet, ordinal, elapsedMs) : coldEquity(cold);
  client.send(searchBySymbol(symbol, 'quick'), 'price');
}

/** Tasks only, each polled to its end. */
export function tasks(): void {
  clocks.tasks();
  followTask(client, dslQuery(iterationInTest()));
}

/** Availability probes only. */
export function probes(): void {
  const elapsedMs = clocks.probes();
  probe(client, hotSet, iterationInTest(), elapsedMs);
}

export function refill(): void {
  refillHotSet(client, hotSet, sinceRefill());
}
