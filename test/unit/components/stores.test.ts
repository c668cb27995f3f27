import fc from 'fast-check';
import { compare } from '../../../scripts/compare';
import { observeStores, type StoresRun } from '../../../scripts/components/observation';
import { timeReads } from '../../../scripts/components/reads';
import { judgeReads, notMeasured } from '../../../scripts/components/row';
import { ENTRIES, problemOf, type Store, shownAddress } from '../../../scripts/components/store';
import { componentsText } from '../../../scripts/components/text';
import { exactQuantile } from '../../../scripts/result/histogram';
import { observationSchema } from '../../../scripts/result/observation';
import { minimumSamples, TARGETS } from '../../../thresholds';
import { given } from '../../support/evidence';

const L1 = given(TARGETS.find(({ id }) => id === 'component-l1'));
const L2 = given(TARGETS.find(({ id }) => id === 'component-l2'));

const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);
const whole = (readsMs: readonly number[]) => ({ readsMs, failure: null, interrupted: false });

describe('a store’s reads', () => {
  const signal = new AbortController().signal;
  const store = (read: (entry: number) => Promise<void>): Store => ({
    version: 'Store 1',
    address: 'store://host',
    read,
    close: async () => null,
  });

  test('are timed one after the other, after a warm-up, every entry in turn', async () => {
    const asked: number[] = [];
    let open = 0;
    const reads = await timeReads(
      store(async (entry) => {
        expect(++open).toBe(1);
        await Promise.resolve();
        open--;
        asked.push(entry);
      }),
      { rounds: 100, deadlineMs: 60_000, signal },
    );
    expect(reads).toMatchObject({ failure: null, interrupted: false });
    expect(reads.readsMs).toHaveLength(100);
    for (const ms of reads.readsMs) expect(ms).toBeGreaterThanOrEqual(0);
    expect(asked).toHaveLength(100 + 2 * ENTRIES);
    expect(new Set(asked)).toEqual(new Set(Array.from({ length: ENTRIES }, (_, entry) => entry)));
    asked.forEach((entry, at) => {
      expect(entry).toBe(at % ENTRIES);
    });
  });

  test('end with the first that fails, in the warm-up as well', async () => {
    let calls = 0;
    const failing = (after: number) =>
      store(async () => {
        if (++calls > after) throw new Error('connection lost\nat some place');
      });
    const late = await timeReads(failing(2 * ENTRIES + 30), { rounds: 100, deadlineMs: 60_000, signal });
    expect([late.readsMs.length, late.failure]).toEqual([30, 'a read failed after 30: connection lost']);
    calls = 0;
    const early = await timeReads(failing(3), { rounds: 100, deadlineMs: 60_000, signal });
    expect([early.readsMs.length, early.failure]).toEqual([0, 'a read failed after 0: connection lost']);
  });

  test('end when they are interrupted, and when their time is up', async () => {
    const interruption = new AbortController();
    let calls = 0;
    const interrupting = store(async () => {
      if (++calls === 2 * ENTRIES + 7) interruption.abort();
    });
    const reads = await timeReads(interrupting, { rounds: 100, deadlineMs: 60_000, signal: interruption.signal });
    expect([reads.readsMs.length, reads.interrupted, reads.failure]).toEqual([7, true, null]);
    const late = await timeReads(
      store(async () => undefined),
      { rounds: 100, deadlineMs: -1, signal },
    );
    expect(late).toEqual({ readsMs: [], failure: null, interrupted: false });
  });
});

describe('a verdict', () => {
  test('takes as many reads as can prove the P95', () => {
    const needed = minimumSamples(L1);
    expect(judgeReads(L1, 'l1', whole(times(needed, 1)))).toMatchObject({ verdict: 'PASS', reason: null });
    expect(judgeReads(L1, 'l1', whole(times(needed - 1, 1)))).toMatchObject({
      verdict: 'INVALID',
      reason: `too few samples: ${needed - 1}, and below 100 ms takes ${needed}`,
    });
    expect(judgeReads(L1, 'l1', whole([]))).toMatchObject({
      verdict: 'INVALID',
      samples: 0,
      p95Ms: null,
      boundMs: null,
    });
  });

  test('is FAIL beyond the limit, however few reads there were and whatever came then', () => {
    expect(judgeReads(L1, 'l1', whole(times(3, 101))).verdict).toBe('FAIL');
    // A limit must be stayed below.
    expect(judgeReads(L1, 'l1', whole(times(100, 100))).verdict).toBe('FAIL');
    expect(judgeReads(L2, 'l2', whole(times(100, 101))).verdict).toBe('PASS');
    expect(judgeReads(L2, 'l2', { ...whole(times(100, 701)), failure: 'gone' })).toMatchObject({
      verdict: 'FAIL',
      reason: 'gone',
    });
    expect(judgeReads(L1, 'l1', whole([...times(94, 1), ...times(6, 200)])).verdict).toBe('FAIL');
    expect(judgeReads(L1, 'l1', whole([...times(96, 1), ...times(4, 200)])).verdict).toBe('PASS');
  });

  test('is never PASS where a read failed or it was interrupted', () => {
    const good = whole(times(400, 1));
    expect(judgeReads(L1, 'l1', { ...good, failure: 'gone' })).toMatchObject({ verdict: 'INVALID', reason: 'gone' });
    expect(judgeReads(L1, 'l1', { ...good, interrupted: true })).toMatchObject({
      verdict: 'INVALID',
      reason: 'the measurement was interrupted',
    });
  });

  test('has its figures whatever the order of the reads, and a bound that is not below its P95', () => {
    const someReads = fc.array(fc.double({ min: 0.01, max: 99, noNaN: true }), { minLength: 59, maxLength: 300 });
    fc.assert(
      fc.property(someReads, (readsMs) => {
        const row = judgeReads(L1, 'l1', whole(readsMs));
        expect({ ...judgeReads(L1, 'l1', whole([...readsMs].reverse())), meanMs: 0 }).toEqual({ ...row, meanMs: 0 });
        expect(given(row.boundMs)).toBeGreaterThanOrEqual(given(row.p95Ms));
        expect(given(row.boundMs)).toBeLessThanOrEqual(Math.max(...readsMs) * (1 + 1e-9));
      }),
    );
    // So alike that they share a bucket of the histogram which the bound is read from, at different places of it.
    for (let from = 1; from < 1.02; from += 0.001) {
      const alike = judgeReads(L1, 'l1', whole(Array.from({ length: 1000 }, (_, at) => from + at / 250_000)));
      expect(given(alike.boundMs)).toBeGreaterThanOrEqual(given(alike.p95Ms));
    }
  });
});

test('a quantile lies between the neighbours of its rank, as in k6', () => {
  expect([exactQuantile([1, 2, 3, 4], 0.5), exactQuantile([1, 2, 3, 4, 5], 0.75), exactQuantile([7], 0.95)]).toEqual([
    2.5, 4, 7,
  ]);
  expect(exactQuantile([1, 2, 3, 4], 0.95)).toBeCloseTo(3.85, 12);
  expect(exactQuantile([], 0.5)).toBeNull();
});

describe('an observation', () => {
  const run = (l1Ms: readonly number[], changes: Partial<StoresRun> = {}): StoresRun => ({
    runId: `components-stores-${l1Ms[0]}`,
    startedAtMs: 1000 * (l1Ms[0] ?? 0),
    endedAtMs: 1000 * (l1Ms[0] ?? 0) + 900,
    rounds: 500,
    stores: [
      {
        row: judgeReads(L1, 'l1', whole(l1Ms)),
        readsMs: l1Ms,
        version: 'Redis 7.0.15',
        address: 'redis://10.0.0.1:6379/0',
      },
      {
        row: judgeReads(L2, 'l2', whole(times(500, 4))),
        readsMs: times(500, 4),
        version: 'PostgreSQL 15.14',
        address: 'postgres://10.0.0.1/fiml',
      },
    ],
    interrupted: false,
    verdict: 'PASS',
    identity: {
      commit: 'abc',
      dirty: false,
      suiteVersion: '0.1.0',
      k6Version: 'none',
      nodeVersion: 'v20.20.2',
      host: { cpuModel: 'Some Processor', cpus: 4, memoryBytes: 8 * 2 ** 30, os: 'Linux 6.1' },
    },
    ...changes,
  });
  /** Around a millisecond, never the same. */
  const around = (ms: number) => Array.from({ length: 500 }, (_, at) => ms * (1 + 0.1 * Math.sin(at * at)));

  test('has the form that baselines and comparisons take, decided by the medians', () => {
    const observation = observationSchema.parse(observeStores(run(around(1))));
    expect(observation.measures.map(({ id, gating }) => [id, gating])).toEqual([
      ['l1.p50', true],
      ['l1.p95', false],
      ['l1.mean', false],
      ['l2.p50', true],
      ['l2.p95', false],
      ['l2.mean', false],
    ]);
    expect(observation.measures[0]).toMatchObject({ title: 'L1 cache GET, P50', unit: 'ms', samples: 500 });
    expect(given(observation.measures[0]?.value)).toBeCloseTo(1, 2);
    expect(given(observation.measures[0]?.withinVariance)).toBeGreaterThan(0);
    expect(observation.measures.map(({ insufficient }) => insufficient)).toEqual(times(6, 0).map(() => null));
    expect(observation.fingerprint).toEqual({
      scenario: 'components-stores',
      rounds: '500',
      l1: 'Redis 7.0.15',
      l2: 'PostgreSQL 15.14',
      node: 'v20.20.2',
      host: '4 × Some Processor, 8 GB, Linux',
    });
    expect(observation.identity.target).toBe('redis://10.0.0.1:6379/0 and postgres://10.0.0.1/fiml');
  });

  test('of a slower store is a regression of that store alone', () => {
    const side = (ms: number, ...starts: number[]) =>
      starts.map((startedAtMs, at) =>
        observeStores(run(around(ms + at / 1000), { runId: `${ms}-${at}`, startedAtMs })),
      );
    const { verdict, rows } = compare({
      baseline: side(1, 1, 4, 5, 8, 9),
      candidate: side(1.5, 2, 3, 6, 7, 10),
    });
    expect(verdict).toBe('REGRESSED');
    const gating = rows.filter((row) => row.gating).map((row) => [row.id, row.verdict]);
    expect(gating).toEqual([
      ['l1.p50', 'REGRESSED'],
      ['l2.p50', 'NO CHANGE'],
    ]);
  });

  test('of what cannot be judged decides nothing', () => {
    const short = observeStores(run(times(100, 1)));
    expect(short.measures.slice(0, 3).map(({ insufficient }) => insufficient)).toEqual([
      null,
      '100 reads are too few for it: it takes 400',
      null,
    ]);
    const [few] = observeStores(run(times(3, 1))).measures;
    expect([few?.insufficient, few?.withinVariance]).toEqual([expect.stringMatching(/^too few samples: 3/), 0]);
    expect(observeStores(run(around(1), { interrupted: true })).flaws).toEqual(['the measurement was interrupted']);
  });
});

describe('the table', () => {
  const rows = [
    judgeReads(L1, 'l1', whole(times(100, 0.12))),
    judgeReads(L2, 'l2', whole(times(10, 1))),
    ...['component-agent', 'component-model'].map((id) =>
      notMeasured(given(TARGETS.find((target) => target.id === id)), id, 'measured elsewhere'),
    ),
  ];

  test('has a line for each component, and says once why there is no pass', () => {
    const lines = componentsText('INVALID: Redis', rows).split('\n');
    const cells = lines.map((line) => line.split(/ {2,}/));
    expect(cells[0]).toEqual(['INVALID: Redis']);
    expect(cells[3]).toEqual(['L1 cache GET', 'below 100 ms', '0.12 ms', '0.12 ms', '0.12 ms', '100', 'PASS']);
    expect(cells[4]).toEqual(['L2 cache GET', 'below 700 ms', '1.00 ms', '1.00 ms', '10', 'INVALID']);
    expect(cells[5]).toEqual(['Agent processing', 'below 2000 ms', 'not measurable here']);
    expect(lines.slice(-3)).toEqual([
      'L2 cache GET: too few samples: 10, and below 700 ms takes 59',
      'Agent processing, Model creation: measured elsewhere',
      '',
    ]);
  });

  test('shows no control character of what a store says', () => {
    const failed = judgeReads(L1, 'l1', { ...whole([]), failure: '\u001b[31mred' });
    expect(componentsText('Redis \u001b[2J', [failed])).not.toContain('\u001b');
  });
});

test('an address is shown without user, password and parameters', () => {
  expect(shownAddress('redis://me:opensesame@host:6379/2')).toBe('redis://host:6379/2');
  expect(shownAddress('postgresql://me:opensesame@host/fiml?password=opensesame')).toBe('postgresql://host/fiml');
  expect(shownAddress('rediss://:opensesame@[::1]:6380')).toBe('rediss://[::1]:6380');
});

test('a problem is one line, and that of every address where a host has several', () => {
  expect(problemOf(new Error('no\nat place'))).toBe('no');
  expect(problemOf(new AggregateError([new Error('a'), new Error('b'), new Error('a')]))).toBe('a; b');
  expect(problemOf('text')).toBe('text');
});
