import { sleep } from 'k6';
import exec from 'k6/execution';
import http, { type RefinedParams, type RefinedResponse } from 'k6/http';
import { Counter, Rate, Trend } from 'k6/metrics';
import type { Scenario } from 'k6/options';
import { withoutCredentials } from '../config';
import { searchBySymbol } from '../contract';
import {
  type ChosenFault,
  chooseWay,
  type DriverRequest,
  driversOf,
  driversWanted,
  type FaultScenario,
  faultOf,
  LOOK_PERIOD_S,
  type PhaseWindow,
  type Sign,
} from '../profiles';
import type { Client } from './client';
import { phaseAt } from './clock';
import { coldEquity } from './cold-symbols';
import { targetHeaders } from './headers';
import { parseScrape } from './scrape';
import type { Settings } from './settings';

const DRIVER_TIMEOUT_MS = 60_000;
/** Longest look for the fault's sign: longer than any that a `slow` one waits for, or Redis' retries last. */
const LOOK_TIMEOUT_MS = 10_000;
/** A server that says nothing for so long, and otherwise answers within milliseconds, is silent. */
const SILENT_MS = 1000;
const FIRST_LOOK_SYMBOL = 700;

const events = new Counter('fiml_fault_events');
const shows = new Rate('fiml_fault_shows');
/** How long looks took, for signs that are a matter of how much longer than before. */
const lookDuration = new Trend('fiml_fault_look_duration', true);

/** Makes the fault of a scenario and looks whether it is there: k6 scenarios and the functions that they execute. */
export interface FaultMaker {
  readonly scenarios: Record<'faults' | 'looks', Scenario>;
  faults(): void;
  looks(): void;
  /** Before any load: is there a driver at all? @throws Error when not, which ends k6 with 107. */
  prepare(): void;
  /** After the load, however it ended: there is no fault any more. */
  teardown(): void;
}

/**
 * The fault of a scenario; k6 init code. Its requests carry no phase, so that no target counts them as traffic.
 *
 * @throws Error when the overrides name no driver that can make it.
 */
export function faultMaker(
  settings: Settings,
  scenario: FaultScenario,
  phases: readonly PhaseWindow[],
  client: Client,
): FaultMaker {
  const chosen = chosenFault(settings, scenario);
  const endMs = phases[phases.length - 1]?.endMs ?? 0;
  const window = phases.find(({ phase }) => phase === 'fault') ?? { startMs: 0, endMs: 0 };
  const looksForSign = signLook(settings, chosen, client);
  return {
    scenarios: {
      faults: {
        exec: 'faults',
        executor: 'shared-iterations',
        vus: 1,
        iterations: 1,
        maxDuration: `${endMs + DRIVER_TIMEOUT_MS}ms`,
        gracefulStop: '0s',
      },
      looks: {
        exec: 'looks',
        executor: 'constant-vus',
        vus: 1,
        duration: `${endMs}ms`,
        gracefulStop: `${LOOK_TIMEOUT_MS}ms`,
      },
    },
    faults() {
      const untilS = (atMs: number) => Math.max(0, exec.scenario.startTime + atMs - Date.now()) / 1000;
      sleep(untilS(window.startMs));
      tell(chosen, 'on', send(chosen.on));
      sleep(untilS(window.endMs));
      tell(chosen, 'off', send(chosen.off));
    },
    looks() {
      const phase = phaseAt(phases, Date.now() - exec.scenario.startTime);
      const shown = looksForSign(phase);
      if (shown !== null) shows.add(shown, { phase });
      sleep(LOOK_PERIOD_S);
    },
    prepare() {
      if (chosen.look === null) return;
      const answer = http.get(chosen.look, PARAMS);
      if (answer.status === 200) return;
      throw new Error(
        `no fault can be made: ${withoutCredentials(chosen.look)} of the driver answers ${answer.status === 0 ? `nothing (${answer.error})` : answer.status}`,
      );
    },
    teardown() {
      send(chosen.off);
    },
  };
}

function chosenFault({ config }: Settings, scenario: FaultScenario): ChosenFault {
  const fault = faultOf(scenario, config);
  const chosen = fault === null ? null : chooseWay(fault, driversOf(config));
  if (chosen === null) {
    throw new Error(
      `fiml-perf cannot start:\n- ${scenario} has no driver for its fault; it takes ${fault === null ? 'one' : driversWanted(fault)}`,
    );
  }
  return chosen;
}

const PARAMS: RefinedParams<'text'> = {
  headers: { 'Content-Type': 'application/json' },
  tags: { name: 'fault-driver', op: 'control' },
  timeout: DRIVER_TIMEOUT_MS,
  responseType: 'text',
};

/** Sends all of them, also after one that failed: half of an undoing is better than none. */
function send(requests: readonly DriverRequest[]): boolean {
  const answers = requests.map(({ method, url, body }) => http.request(method, url, body, PARAMS));
  // What is there already, or gone already, is as wanted.
  return answers.every(({ status }) => (status >= 200 && status < 300) || status === 404 || status === 409);
}

const tell = ({ fault, driver }: ChosenFault, event: 'on' | 'off', ok: boolean): void =>
  events.add(1, { event: ok ? event : `${event} failed`, fault: fault.name, driver });

/** A look for the fault's sign, as a user or a monitor of the server would see it; null: the server did not answer. */
function signLook(
  { target, config }: Settings,
  { fault, look }: ChosenFault,
  client: Client,
): (phase: string) => boolean | null {
  const { sign } = fault;
  const params: RefinedParams<'text'> = {
    headers: targetHeaders(config),
    tags: { name: 'fault-sign', op: 'control' },
    timeout: sign.kind === 'silent' ? SILENT_MS : LOOK_TIMEOUT_MS,
    responseType: 'text',
  };
  let looks = 0;
  switch (sign.kind) {
    case 'no-data':
      return () => {
        looks += 1;
        const request = searchBySymbol(coldEquity(FIRST_LOOK_SYMBOL + looks), 'quick');
        const [outcome] = client.sendUncounted([request]);
        if (outcome === undefined || (!outcome.ok && outcome.layer === 'transport')) return null;
        return !outcome.ok && outcome.layer === 'data';
      };
    case 'driver':
      return () => (http.get(look ?? '', PARAMS).body ?? '').includes('"there":true');
    case 'misses': {
      let last: number | null = null;
      return () => {
        const page = http.get(`${target}/metrics/?name%5B%5D=fiml_cache_misses_total`, params);
        const misses = page.status === 200 ? (parseScrape(page.body, Date.now())?.misses ?? null) : null;
        const more = misses === null || last === null ? null : misses - last;
        last = misses;
        return more === null ? null : more >= sign.atLeast;
      };
    }
    default:
      return (phase) => {
        const answer = http.get(target + sign.path, params);
        // What the server refuses to say, or not in all that time, it does not say as before either.
        const tookMs = answer.status === 200 ? answer.timings.duration : LOOK_TIMEOUT_MS;
        if (hasShown(answer)) lookDuration.add(tookMs, { phase });
        return shown(sign, answer);
      };
  }
}

function shown(sign: Extract<Sign, { path: string }>, answer: RefinedResponse<'text'>): boolean | null {
  switch (sign.kind) {
    case 'status':
      return answer.status !== 200;
    case 'silent':
      return answer.status === 0;
    case 'slow':
      if (!hasShown(answer)) return null;
      return answer.status === 0 || answer.timings.duration >= sign.atLeastMs;
  }
}

/** A request that k6 gave up after its timeout (k6's error code 1050) has shown how slow the server is at least. */
const hasShown = ({ status, error_code: code }: RefinedResponse<'text'>): boolean => status !== 0 || code === 1050;
