import { sleep } from 'k6';
import http, { type RefinedParams } from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options, Scenario } from 'k6/options';
import { health, marketPrices, searchBySymbol, sessionInfo } from '../contract';
import { COLD_SYMBOLS, type FaultPlan, type FaultScenario, type Pressure, pressureUsers } from '../profiles';
import { type Client, fimlClient } from './client';
import { phaseClock } from './clock';
import { coldEquity } from './cold-symbols';
import { faultMaker } from './faults';
import { targetHeaders } from './headers';
import { hotEquity } from './hot-symbols';
import { iterationInTest } from './iteration';
import { lazily } from './lazily';
import { endOfTest, faultPlan, firstFill, gracefulStop, prepare, suiteOptions, userScenarios } from './once';
import { planned, type UserPlan } from './planned';
import { serverMonitor } from './seldom';
import type { Settings } from './settings';
import type { SummaryData } from './summary';
import { users } from './users';

const graceful = new Rate('fiml_graceful');

/** All that k6 wants of a script in which users go on as on any day while something breaks. */
export interface FaultScript {
  readonly options: Options;
  setup(): void;
  teardown(): void;
  handleSummary(data: SummaryData): Record<string, string>;
  traffic(): void;
  probes(): void;
  refill(): void;
  monitor(): void;
  faults(): void;
  looks(): void;
  /** More of one kind of request while the fault is there; of scenarios without it nothing calls it. */
  pressure(): void;
}

/** A script of the guide's traffic under normal load, with a fault in its middle; k6 init code. */
export function faultScript(scenario: FaultScenario): FaultScript {
  const { settings, plan, optionsOf } = planned(scenario, ({ config }) => faultPlan(scenario, config));
  const client = honest(fimlClient(settings));
  const maker = faultMaker(settings, scenario, plan.phases, client);
  return {
    options: optionsOf((whole) =>
      suiteOptions(settings, {
        ...userScenarios(settings, whole),
        ...maker.scenarios,
        ...(plan.pressure === null ? {} : { pressure: pressureScenario(settings, plan, plan.pressure) }),
      }),
    ),
    setup() {
      maker.prepare();
      prepare(settings, client, firstFill());
    },
    teardown: maker.teardown,
    handleSummary: (data) => endOfTest(settings, data),
    ...users(settings, plan, client),
    probes: probesOf(plan, client),
    monitor: lazily(() => serverMonitor(settings, plan.phases)),
    faults: maker.faults,
    looks: maker.looks,
    pressure: pressureOf(settings, plan, client),
  };
}

/** Counts what is an honest answer: a right one, or one that says that there is no data. */
function honest(client: Client): Client {
  return {
    ...client,
    send(request, op, cache) {
      const reply = client.send(request, op, cache);
      graceful.add(reply.outcome.ok || reply.outcome.layer === 'data', cache === undefined ? { op } : { op, cache });
      return reply;
    },
  };
}

/** Probes that ask for /health whatever became of the query: that it answers is a promise of its own here. */
function probesOf({ phases, hotSet }: UserPlan<FaultPlan>, client: Client): () => void {
  const now = phaseClock(phases);
  return () => {
    const elapsedMs = now();
    client.send(searchBySymbol(hotEquity(hotSet, iterationInTest(), elapsedMs), 'quick'), 'probe');
    client.send(health(), 'probe');
  };
}

const pressureScenario = (settings: Settings, { faultWindow }: UserPlan<FaultPlan>, pressure: Pressure): Scenario => ({
  exec: 'pressure',
  executor: 'constant-vus',
  vus: pressureUsers(pressure),
  startTime: `${faultWindow.startMs}ms`,
  duration: `${faultWindow.endMs - faultWindow.startMs}ms`,
  gracefulStop: gracefulStop(settings),
});

/** Symbols that one request may ask for: as many reads at a time as the server has connections to Redis. */
const LONGEST_LIST = 50;
const LISTS_TOGETHER = 3;

function pressureOf(settings: Settings, { faultWindow, pressure }: UserPlan<FaultPlan>, client: Client): () => void {
  const { startMs, endMs } = faultWindow;
  const now = phaseClock([{ phase: 'fault', startMs: 0, endMs: endMs - startMs }]);
  if (pressure === null) return () => undefined;
  const { pauseS } = pressure;
  if (pressure.kind === 'price-lists') {
    // The last that cold queries come to: they stay cached, and none of the hot set's timetable is touched.
    const symbols = Array.from({ length: LONGEST_LIST }, (_, at) => coldEquity(COLD_SYMBOLS - 1 - at));
    const lists = Array.from({ length: LISTS_TOGETHER }, () => marketPrices(symbols));
    return () => {
      now();
      client.sendTogether(lists, 'price');
      sleep(pauseS);
    };
  }
  const { target, config } = settings;
  const headers = { 'Content-Type': 'application/json', ...targetHeaders(config) };
  const params = (name: string): RefinedParams<'none'> => ({
    headers,
    tags: { name, op: 'session' },
    timeout: config.PERF_TIMEOUT,
    responseType: 'none',
  });
  const [database, session] = [params('health-db'), params('session-info')];
  // Of a session that Redis does not know the server looks for in PostgreSQL. That it finds none is no failure.
  const unknown = sessionInfo('fiml-perf-unknown');
  // All users begin at once, so that the first iterations of the scenario are one of each. Who asks for what does not change:
  // in turns, everybody would sooner or later stand in the longer line.
  let number: number | undefined;
  return () => {
    now();
    number ??= iterationInTest();
    if (number < pressure.healthUsers) http.get(`${target}/health/db`, database);
    else http.post(target + unknown.path, unknown.body, session);
    sleep(pauseS);
  };
}
