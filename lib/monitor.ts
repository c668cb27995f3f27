import { sleep } from 'k6';
import exec from 'k6/execution';
import http, { type RefinedParams } from 'k6/http';
import { isJudged, MONITOR_PERIOD_S, type PhaseWindow } from '../profiles';
import { phaseAt } from './clock';
import { type CounterWatch, hitRateWatch } from './counter-watch';
import { targetHeaders } from './headers';
import { addObservations } from './observations';
import { parseScrape, SCRAPED, type Scrape } from './scrape';
import type { Settings } from './settings';
import { addCpuShare, addRssBytes, addStartTime } from './watched';

/** Longest wait for a scrape: a server that cannot say its counters is looked at again in the next period. */
const SCRAPE_TIMEOUT_MS = 2000;
/** Scrapes at the start, each on its own connection: behind one address they may reach several workers. */
const FIRST_SCRAPES = 6;
const SEVERAL_WORKERS = 'several workers behind one address';

const MEMORY = { series: 'memory' };

/**
 * Watches the server's own counters, every 2 s unless told otherwise; one VU, which keeps what it saw. Its requests carry no phase, so that no
 * target counts them as traffic.
 *
 * @param phases windows of the k6 scenario that runs it, ms after its start.
 * @param watch what it makes of the server's counters in the judged phases.
 */
export function serverMonitor(
  settings: Settings,
  phases: readonly PhaseWindow[],
  watch: CounterWatch = hitRateWatch(),
  periodMs = MONITOR_PERIOD_S * 1000,
): () => void {
  const { config, target } = settings;
  // A kept connection would stay with one worker and hide the others.
  const headers = { ...targetHeaders(config), Connection: 'close' };
  const params = (name: string): RefinedParams<'text'> => ({
    headers,
    tags: { name, op: 'monitor' },
    timeout: SCRAPE_TIMEOUT_MS,
    responseType: 'text',
  });
  const prometheus = params('metrics');
  const json = params('metrics-cache');
  const query = SCRAPED.map((name) => `name%5B%5D=${name}`).join('&');

  const scrape = (): Scrape | null => {
    const page = http.get(`${target}/metrics/?${query}`, prometheus);
    if (page.status === 200) return parseScrape(page.body, Date.now());
    if (page.status !== 404) return null;
    // A build without the Prometheus route still counts its cache.
    const cache = http.get(`${target}/api/metrics/cache`, json);
    return cache.status === 200 ? parseScrape(cache.body, Date.now()) : null;
  };

  const judgedAtMs = phases.find(({ phase }) => isJudged(phase))?.startMs ?? 0;
  const endMs = phases[phases.length - 1]?.endMs ?? 0;
  const seenStarts = new Set<number>();
  let last: Scrape | null = null;

  const observe = (now: Scrape, phase: string) => {
    const tags = { phase };
    if (now.rssBytes !== null) {
      addRssBytes(now.rssBytes, tags);
      addObservations(1, { ...MEMORY, phase });
    }
    if (now.startTimeS !== null) {
      addStartTime(now.startTimeS, tags);
      // A process that starts anew never returns to its former start time; a second worker does. The first look is no
      // return: what the looks for workers saw is known already.
      if (last !== null && now.startTimeS !== last.startTimeS && seenStarts.has(now.startTimeS)) {
        watch.giveUp(SEVERAL_WORKERS, phase);
      }
      seenStarts.add(now.startTimeS);
    }
    const sameProcess = last !== null && last.startTimeS === now.startTimeS;
    if (last !== null && sameProcess && last.cpuS !== null && now.cpuS !== null && now.atMs > last.atMs) {
      addCpuShare(((now.cpuS - last.cpuS) * 1000) / (now.atMs - last.atMs), tags);
    }
    if (isJudged(phase)) watch.observe(now, sameProcess ? last : null, phase);
    last = now;
  };

  const lookAtWorkers = (phase: string) => {
    for (let i = 0; i < FIRST_SCRAPES; i++) {
      const first = scrape();
      if (first !== null && first.startTimeS !== null) seenStarts.add(first.startTimeS);
    }
    if (seenStarts.size > 1) watch.giveUp(SEVERAL_WORKERS, phase);
  };

  let firstIteration = true;
  return () => {
    const startedAtMs = exec.scenario.startTime;
    const phaseNow = () => phaseAt(phases, Date.now() - startedAtMs);
    if (firstIteration) {
      firstIteration = false;
      lookAtWorkers(phaseNow());
      return;
    }
    sleep(untilNextTick(Date.now() - startedAtMs, judgedAtMs, endMs, periodMs) / 1000);
    const phase = phaseNow();
    const now = scrape();
    if (now !== null) observe(now, phase);
  };
}

/**
 * Ticks lie on the start of the first judged phase, so that its first scrape is its true beginning; the last one is the end of all
 * phases, which the run need not outlast.
 */
function untilNextTick(elapsedMs: number, judgedAtMs: number, endMs: number, periodMs: number): number {
  const offsetMs = (elapsedMs - judgedAtMs) % periodMs;
  const untilTickMs = offsetMs < 0 ? -offsetMs : periodMs - offsetMs;
  return Math.max(0, Math.min(untilTickMs, endMs - elapsedMs));
}
