/** The guide's components that HTTP can show, each on its own: L1 cache, provider, FK-DSL both ways, narratives; sessions on request. */
import exec from 'k6/execution';
import { searchBySymbol } from '../contract';
import { fimlClient } from '../lib/client';
import { phaseClock } from '../lib/clock';
import { coldEquity } from '../lib/cold-symbols';
import { coldTurn } from '../lib/cold-turn';
import { coldWatch, l1ReadsWatch } from '../lib/component-watch';
import { dslQuery } from '../lib/dsl-queries';
import { HOT_EQUITIES } from '../lib/hot-symbols';
import { iterationInTest } from '../lib/iteration';
import { lazily } from '../lib/lazily';
import { componentsPlan, endOfTest, monitorScenario, prepare, sectionArrivals, suiteOptions } from '../lib/once';
import { planned } from '../lib/planned';
import { serverMonitor } from '../lib/seldom';
import { visitSession } from '../lib/sessions';
import type { SummaryData } from '../lib/summary';
import { followTask, runDsl } from '../lib/tasks';
import { askAnalysis, askCold } from '../lib/traffic';
import { type ComponentName, L1_SYMBOLS, NARRATIVE_EVERY_MS } from '../profiles';

const { settings, plan, optionsOf } = planned('components', ({ config }) => componentsPlan(config));
const { sections } = plan;
const sectionOf = (name: ComponentName) => sections.find((section) => section.name === name);

const l1Section = sectionOf('l1');
const providerSection = sectionOf('provider');

export const options = optionsOf((whole) => {
  const scenarios = sectionArrivals(settings, whole);
  if (l1Section !== undefined) scenarios.monitor = monitorScenario('monitor', l1Section);
  if (providerSection !== undefined) scenarios.coldMonitor = monitorScenario('coldMonitor', providerSection);
  return suiteOptions(settings, scenarios);
});

const client = fimlClient(settings);
const clockOf = (name: ComponentName) => phaseClock(sectionOf(name)?.phases ?? []);
const clocks: Record<ComponentName, () => number> = {
  l1: clockOf('l1'),
  provider: clockOf('provider'),
  dslSync: clockOf('dslSync'),
  dslTask: clockOf('dslTask'),
  narrative: clockOf('narrative'),
  sessions: clockOf('sessions'),
};

export const setup = () => prepare(settings, client, []);
export const handleSummary = (data: SummaryData) => endOfTest(settings, data);
export const monitor = lazily(() => serverMonitor(settings, l1Section?.phases ?? [], l1ReadsWatch()));
export const coldMonitor = lazily(() => serverMonitor(settings, providerSection?.phases ?? [], coldWatch()));

const query = (): string => dslQuery(iterationInTest());

/** Price queries, which read L1; how long the reads take is in the server's own histogram. A miss is a read as well. */
export function l1(): void {
  clocks.l1();
  client.send(searchBySymbol(HOT_EQUITIES[iterationInTest() % L1_SYMBOLS] as string, 'quick'), 'price');
}

/** Prices that no cache holds. By the clock, so that the next run does not ask for what this one has left in the cache. */
export function provider(): void {
  clocks.provider();
  const first = coldTurn(exec.scenario.startTime, 1000 / (providerSection?.ratePerS ?? 1));
  askCold(client, first + iterationInTest());
}

export function dslSync(): void {
  clocks.dslSync();
  runDsl(client, query());
}

export function dslTask(): void {
  clocks.dslTask();
  followTask(client, query());
}

/**
 * Analyses of symbols that nobody has asked for: a narrative is kept for up to 30 minutes by symbol and language, and would
 * be answered from the cache in no time. See `NARRATIVE_EVERY_MS` for why two runs in that time meet no symbol twice.
 */
export function narrative(): void {
  clocks.narrative();
  askAnalysis(
    client,
    coldEquity(coldTurn(exec.scenario.startTime, NARRATIVE_EVERY_MS) + iterationInTest()),
    'standard',
  );
}

export function sessions(): void {
  clocks.sessions();
  visitSession(client, iterationInTest());
}
