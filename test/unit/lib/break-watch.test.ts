import type { RateStep } from '../../../profiles';

const STARTED_MS = Date.parse('2026-11-24T10:00:00Z');
let atMs = STARTED_MS;
let broken = 0;
const instance = { iterationsCompleted: 0, vusActive: 2 };
/** What the server carries out of the rate that is offered at that moment. */
let carriesOutPerS = 0;

// What k6 has built in; nothing of that name can be installed.
jest.mock(
  'k6',
  () => ({
    sleep(seconds: number) {
      atMs += seconds * 1000;
      instance.iterationsCompleted += carriesOutPerS * seconds;
    },
  }),
  { virtual: true },
);
jest.mock('k6/execution', () => ({ __esModule: true, default: { scenario: { startTime: STARTED_MS }, instance } }), {
  virtual: true,
});

/** As `lib/` says; types of k6's own modules do not resolve under Node. */
type BreakWatch = (
  broken: { add(count: number): void },
  steps: readonly RateStep[],
  limitMs: number | null,
  besidePerS: number,
  endMs: number,
) => () => void;
const { breakWatch } = jest.requireActual<{ breakWatch: BreakWatch }>('../../../lib/break-watch');

const STEPS = [100, 105, 110, 116, 122, 128].map((ratePerS, at) => ({
  ratePerS,
  startMs: at * 6000 + 1000,
  endMs: at * 6000 + 6000,
}));
const P95_MS = 500;
const counter = {
  add(count: number): void {
    broken += count;
  },
};

/** Goes through the steps. @returns after which step it was counted as broken; null: after none. */
function watch(carriedOut: (ratePerS: number) => number, busy = 5, limitMs: number | null = P95_MS): number | null {
  atMs = STARTED_MS;
  broken = 0;
  const look = breakWatch(counter, STEPS, limitMs, 3, 40_000);
  instance.vusActive = busy + 2;
  for (const [at, { ratePerS }] of STEPS.entries()) {
    carriesOutPerS = carriedOut(ratePerS + 3);
    look();
    if (broken > 0) return at;
  }
  look();
  return null;
}

beforeEach(() => {
  jest.spyOn(Date, 'now').mockImplementation(() => atMs);
});

afterEach(() => jest.restoreAllMocks());

test('a server that carries out what is offered is not broken, and is watched to the end of the load', () => {
  expect(watch((offered) => offered)).toBeNull();
  expect(atMs).toBe(STARTED_MS + 40_000);
});

test('a server that leaves out 6 % in three steps in a row is broken', () => {
  expect(watch((offered) => (offered > 106 ? offered * 0.94 : offered))).toBe(3);
});

test('what the targets miss by little is for the judge to say', () => {
  expect(watch((offered) => offered * 0.96)).toBeNull();
});

test('a server that leaves out something now and then is not broken', () => {
  expect(watch((offered) => (offered === 113 || offered === 125 ? offered : offered * 0.5))).toBeNull();
});

test('a server that takes longer on average than a P95 may is broken, as far as there is such a limit', () => {
  // 70 under way at 103/s: 680 ms each.
  expect(watch((offered) => offered, 70)).toBe(2);
  expect(watch((offered) => offered, 70, null)).toBeNull();
});
