/** Redis refuses connections: are searches still answered with correct data, if slowly, and does the server come back? */
import { health, searchBySymbol } from '../contract';
import { fimlClient } from '../lib/client';
import { phaseClock } from '../lib/clock';
import { faultMaker } from '../lib/faults';
import { HOT_EQUITIES } from '../lib/hot-symbols';
import { iterationInTest } from '../lib/iteration';
import { lazily } from '../lib/lazily';
import { arrivals, endOfTest, firstFill, monitorScenario, prepare, suiteOptions, tricklePlan } from '../lib/once';
import { planned } from '../lib/planned';
import { serverMonitor } from '../lib/seldom';
import type { SummaryData } from '../lib/summary';

const { settings, plan, optionsOf } = planned('redis-down', ({ config }) => tricklePlan(config));
const { phases, durationMs, faultWindow, searchesPerS, faultSearchesPerS } = plan;
const client = fimlClient(settings);
const maker = faultMaker(settings, 'redis-down', phases, client);

const whole = { startMs: 0, endMs: durationMs };
const windows = {
  searchesBefore: { startMs: 0, endMs: faultWindow.startMs },
  searchesDuring: faultWindow,
  searchesAfter: { startMs: faultWindow.endMs, endMs: durationMs },
};
type Part = keyof typeof windows;

export const options = optionsOf(({ healthPerS, vuCeiling }) => {
  const searches = (part: Part, ratePerS: number) =>
    arrivals(settings, part, ratePerS, vuCeiling[part] ?? 1, windows[part]);
  return suiteOptions(settings, {
    searchesBefore: searches('searchesBefore', searchesPerS),
    // Each search holds up the whole server for seconds: one that had to answer as many as on any day would answer none.
    searchesDuring: searches('searchesDuring', faultSearchesPerS),
    searchesAfter: searches('searchesAfter', searchesPerS),
    probes: arrivals(settings, 'probes', healthPerS, vuCeiling.probes ?? 1, whole),
    monitor: monitorScenario('monitor', whole),
    ...maker.scenarios,
  });
});

export function setup(): void {
  maker.prepare();
  prepare(settings, client, firstFill());
}
export const { teardown, faults, looks } = maker;
export const handleSummary = (data: SummaryData) => endOfTest(settings, data);
export const monitor = lazily(() => serverMonitor(settings, phases));

/** Price queries of one part, each k6 scenario with a clock of its own. */
function searcher(part: Part): () => void {
  const { startMs } = windows[part];
  const now = phaseClock(
    phases.map((window) => ({ ...window, startMs: window.startMs - startMs, endMs: window.endMs - startMs })),
  );
  return () => {
    now();
    const symbol = HOT_EQUITIES[iterationInTest() % HOT_EQUITIES.length] as string;
    client.send(searchBySymbol(symbol, 'quick'), 'price');
  };
}

export const searchesBefore = searcher('searchesBefore');
export const searchesDuring = searcher('searchesDuring');
export const searchesAfter = searcher('searchesAfter');

const sinceStart = phaseClock(phases);

export function probes(): void {
  sinceStart();
  client.send(health(), 'probe');
}
