import { randomOf } from '../../../bench/calibrate/random';
import { judge } from '../../../scripts/judge';
import type { Evidence } from '../../../scripts/result/evidence';
import type { TargetRow } from '../../../scripts/result/verdict';
import {
  answered,
  evidenceOf,
  given,
  HOT,
  healthy,
  type Plain,
  plain,
  targetsNamed,
  withDistributions,
  withRun,
} from '../../support/evidence';

const STEADY = { phase: 'steady' };
const LOOKS = 120;

/** Values over the steady phase, by their place in it from 0 to 1. */
const over = <Value>(count: number, value: (at: number, index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => value(index / (count - 1), index));

const without = (...metrics: string[]): Plain[] => healthy().filter(({ metric }) => !metrics.includes(metric));

const rowOf = (plains: readonly Plain[], id: string): TargetRow => {
  const judged: Evidence = evidenceOf(plains, targetsNamed(id));
  return given(judge(withDistributions(judged, plains)).targets[0]);
};

describe('a latency', () => {
  /** Lognormal, as latencies are, around a level that depends on the time. */
  const latency = (id: string, level: (at: number) => number, tail: (at: number) => number = () => 1): TargetRow => {
    const random = randomOf('latency drift');
    const durations = over(3000, (at, index) => {
      const usual = level(at) * Math.exp(0.2 * random.normal());
      return index % 10 === 0 ? usual * tail(at) : usual;
    });
    return rowOf([...without('http_req_duration', 'http_reqs', 'fiml_failed'), ...answered(HOT, durations)], id);
  };

  test.each(['endurance-p50', 'endurance-p95'])('%s: that grows by a fifth is a miss, told with its interval', (id) => {
    const row = latency(id, (at) => 20 * (1 + 0.2 * at));
    expect(row).toMatchObject({ verdict: 'FAIL', margin: null, samples: 3000 });
    expect(given(row.value)).toBeGreaterThan(0.15);
    expect(given(row.value)).toBeLessThan(0.26);
    expect(given(row.bound)).toBeGreaterThan(given(row.value));
    expect(row.reason).toMatch(
      /^\+\d+\.\d % over 1m \(95 % interval \+\d+\.\d to \+\d+\.\d %, p (0\.00\d+|< 0\.0001)\)$/,
    );
  });

  test.each<[string, (at: number) => number]>([
    ['stays as it is', () => 20],
    ['grows by less than matters', (at) => 20 * (1 + 0.02 * at)],
    ['gets better', (at) => 20 * (1 - 0.3 * at)],
    ['comes and goes', (at) => 20 * (1 + 0.3 * Math.sin(at * 6 * Math.PI))],
    ['is slow for a while', (at) => (at > 0.4 && at < 0.5 ? 60 : 20)],
  ])('that %s is none', (_, level) => {
    for (const id of ['endurance-p50', 'endurance-p95']) expect(latency(id, level)).toMatchObject({ verdict: 'PASS' });
  });

  test('of which only the slowest tenth get slower fails by its P95 alone', () => {
    const tail = (at: number) => 2 + 2 * at;
    expect(latency('endurance-p50', () => 20, tail)).toMatchObject({ verdict: 'PASS' });
    expect(latency('endurance-p95', () => 20, tail)).toMatchObject({ verdict: 'FAIL' });
  });

  test('is looked at part by part: one that falls for half an hour and then grows to three times is no better for its past', () => {
    const row = latency('endurance-p95', (at) => 20 * 3 ** at);
    expect(given(row.value)).toBeGreaterThan(1.5);
  });

  test('of fewer answers than each part takes is no pass', () => {
    const few = over(600, () => 20);
    const plains = [...without('http_req_duration', 'http_reqs', 'fiml_failed'), ...answered(HOT, few)];
    expect(rowOf(plains, 'endurance-p95')).toMatchObject({
      verdict: 'INVALID',
      reason: 'too few samples: 600, and below 5 % takes 708',
    });
  });

  test('without answers in some part of the phase has no value, whatever the others say', () => {
    const plains = [
      ...without('http_req_duration'),
      plain(
        'http_req_duration',
        { ...HOT, ...STEADY, status: '200' },
        over(2000, (at) => 20 + 20 * at),
        30_000,
      ),
    ];
    expect(rowOf(plains, 'endurance-p50')).toMatchObject({
      verdict: 'INVALID',
      value: null,
      reason: expect.stringMatching(/^too few parts of 1m: [67] of 12 have a value$/),
    });
  });
});

describe('the share of failures', () => {
  const failures = (share: (at: number) => number): TargetRow => {
    const random = randomOf('failure drift');
    const failed = over(6000, (at) => (random.uniform() < share(at) ? 1 : 0));
    return rowOf(
      [...without('fiml_failed'), plain('fiml_failed', { ...HOT, ...STEADY }, failed)],
      'endurance-error-rate',
    );
  };

  test.each<[string, (at: number) => number]>([
    ['grows from none to two in a hundred', (at) => 0.02 * at],
    ['is two in a hundred from the middle on', (at) => (at < 0.5 ? 0 : 0.02)],
    ['is two in a hundred in the last third', (at) => (at < 2 / 3 ? 0 : 0.02)],
    ['grows from a few to many', (at) => 0.005 + 0.05 * at],
  ])('that %s is a miss', (_, share) => {
    const row = failures(share);
    expect(row).toMatchObject({ verdict: 'FAIL', margin: null });
    expect(row.reason).toMatch(/^\d\.\d\d % in the first quarter of 1m, \d\.\d\d % in its last, p /);
  });

  test.each<[string, (at: number) => number]>([
    ['is none', () => 0],
    ['stays at one in a hundred', () => 0.01],
    ['grows by a tenth of a point', (at) => 0.001 * at],
    ['goes down', (at) => 0.03 * (1 - at)],
  ])('that %s is no growth', (_, share) => {
    expect(failures(share)).toMatchObject({ verdict: 'PASS' });
  });

  test('without answers in some part of the phase has no value', () => {
    const half = plain(
      'fiml_failed',
      { ...HOT, ...STEADY },
      over(6000, () => 0),
      30_000,
    );
    expect(rowOf([...without('fiml_failed'), half], 'endurance-error-rate')).toMatchObject({
      verdict: 'INVALID',
      value: null,
      reason: expect.stringMatching(/of 12 have an answer$/),
    });
  });
});

describe('memory', () => {
  const memory = (id: string, bytes: (at: number) => number, looks = LOOKS): TargetRow => {
    const random = randomOf('memory');
    const seen = over(looks, (at) => bytes(at) + 100_000 * random.normal());
    return rowOf([...without('fiml_server_rss_bytes'), plain('fiml_server_rss_bytes', STEADY, seen)], id);
  };
  const IDS = ['endurance-memory', 'memory-leak-growth'] as const;

  test.each<[string, (at: number) => number]>([
    ['by a fifth', (at) => 90e6 * (1 + 0.2 * at)],
    ['by a tenth', (at) => 90e6 * (1 + 0.1 * at)],
    ['by 130 MB of 4 GB, which is less than five per cent', (at) => 4e9 + 130e6 * at],
    [
      'by a fifth, but for a collection of garbage in the middle of each half',
      (at) => 175e6 * (1 + 0.2 * at) - (at > 0.25 ? 5e6 : 0) - (at > 0.7 ? 10e6 : 0),
    ],
    ['by half, while garbage comes and goes', (at) => 90e6 * (1 + 0.5 * at + 0.02 * ((at * 9) % 1))],
  ])('that grows all the time %s is a leak', (_, bytes) => {
    for (const id of IDS) expect(memory(id, bytes)).toMatchObject({ verdict: 'FAIL', samples: LOOKS });
  });

  test('is told in per cent and in MB', () => {
    expect(memory('memory-leak-growth', (at) => 90e6 * (1 + 0.2 * at)).reason).toMatch(
      /^\+(19|20)\.\d % over 1m, from 90 MB to 10[78] MB \(95 % interval \+\d+\.\d to \+\d+\.\d %, p < 0\.0001\)$/,
    );
  });

  test.each<[string, (at: number) => number]>([
    ['stays', () => 90e6],
    ['grows by less than matters', (at) => 90e6 * (1 + 0.03 * at)],
    ['shrinks', (at) => 90e6 * (1 - 0.3 * at)],
    ['comes and goes with its garbage', (at) => 90e6 * (1 + 0.3 * ((at * 5) % 1))],
    ['grows by 60 MB of 4 GB', (at) => 4e9 + 60e6 * at],
  ])('that %s is none', (_, bytes) => {
    for (const id of IDS) expect(memory(id, bytes)).toMatchObject({ verdict: 'PASS' });
  });

  test.each<[string, (at: number) => number]>([
    ['in the first half and then stays', (at) => 90e6 * (1 + Math.min(at, 0.5))],
    ['less and less', (at) => 90e6 * (1 + 0.3 * (1 - Math.exp(-6 * at)))],
    ['in the second half and has stayed before', (at) => 90e6 * (1 + Math.max(0, at - 0.5))],
    ['in a few steps', (at) => 90e6 * (1 + 0.05 * Math.floor(at * 5))],
    ['and creeps on', (at) => 90e6 * (1 + Math.min(at, 0.4) + 0.01 * at)],
  ])('that grows %s is no leak, and says so', (_, bytes) => {
    for (const id of IDS) {
      expect(memory(id, bytes)).toMatchObject({
        verdict: 'PASS',
        reason: expect.stringMatching(/, and not as fast in both halves: no leak$/),
      });
    }
  });

  test.each<[number, RegExp]>([
    [8, /^too few parts of 1m: 8 of 12 have a value$/],
    [14, /^too few parts of 1m: 14 of 24 have a value$/],
    [20, /^too few samples: 20, and below 5 % takes 24$/],
  ])('that was looked at %d times is not known well enough', (looks, reason) => {
    const row = memory('memory-leak-growth', () => 90e6, looks);
    expect(row).toMatchObject({ verdict: 'INVALID', reason: expect.stringMatching(reason) });
  });

  test('of a busy server that lets a look pass now and then is judged by the others', () => {
    const seen = over(LOOKS, (at) => 90e6 * (1 + 0.3 * at));
    const all = plain('fiml_server_rss_bytes', STEADY, seen);
    const some = { ...all, points: all.points.filter((_, index) => index % 20 > 6 || index < 8) };
    expect(rowOf([...without('fiml_server_rss_bytes'), some], 'memory-leak-growth')).toMatchObject({ verdict: 'FAIL' });
  });

  test('that the server does not tell is not measurable: a search for leaks is worth nothing then, an hour of load is', () => {
    const silent = without('fiml_server_rss_bytes');
    const reason = expect.stringMatching(/^not measurable on this target\. Needs one server process/);
    expect(rowOf(silent, 'memory-leak-growth')).toMatchObject({ verdict: 'INVALID', measurable: false, reason });
    expect(rowOf(silent, 'endurance-memory')).toMatchObject({ verdict: 'WARN', measurable: false, reason });
  });

  test.each([
    ['where the server tells nothing', without('fiml_server_rss_bytes')],
    ['where it tells of a process that stays as it is', healthy()],
  ])('that the suite has read from the process itself counts, %s', (_, series) => {
    const named = evidenceOf(series, targetsNamed('memory-leak-growth'));
    const read = (growth: number) =>
      withRun(named, ({ k6: { startedAtMs, endedAtMs } }) => ({
        serverMemory: over(2 * LOOKS, (at) => ({
          atMs: startedAtMs + at * (endedAtMs - startedAtMs),
          bytes: 90e6 * (1 + growth * at),
        })),
      }));
    expect(judge(read(0.3)).targets[0]).toMatchObject({ verdict: 'FAIL', measurable: true });
    expect(judge(read(0)).targets[0]).toMatchObject({ verdict: 'PASS', measurable: true });
  });

  test('that several processes tell in turn is not measurable', () => {
    const starts = plain(
      'fiml_server_start_time',
      STEADY,
      over(LOOKS, (_, index) => 1000 + (index % 2)),
    );
    const one = evidenceOf([...without('fiml_server_start_time'), starts], targetsNamed('memory-leak-growth'));
    const several = withRun(one, ({ target }) => ({
      target: { ...target, before: { ...given(target.before), startTimesS: [1000, 1001] } },
    }));
    expect(judge(several).targets[0]).toMatchObject({
      measurable: false,
      reason: expect.stringMatching(/several processes told their memory in turn/),
    });
  });
});
