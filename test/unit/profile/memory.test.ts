import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Loaded } from '../../../scripts/profile/load';
import { flawOf } from '../../../scripts/profile/memory';
import { memoryFindings } from '../../../scripts/profile/memory/findings';
import { judgeGrowth, underLoad } from '../../../scripts/profile/memory/judge';
import { type Look, lookAt } from '../../../scripts/profile/memory/look';
import { memrayProblem, toStacks as memrayStacks } from '../../../scripts/profile/memory/memray';
import { toStacks as nodeStacks } from '../../../scripts/profile/memory/node-heap';
import { type Watched, watch } from '../../../scripts/profile/memory/watch';
import { openOutput } from '../../../scripts/profile/output';
import { processOf } from '../../../scripts/profile/process/runtime';
import { functionTotals } from '../../../scripts/profile/stacks/totals';

const LIMIT = 0.05;
const START_MS = Date.UTC(2026, 10, 26);
const PERIOD_MS = 500;
/** Larger than any that the kernel gives. */
const NOBODY = 2 ** 30;

const look = (atMs: number, bytes: number): Look => ({
  atMs,
  residentBytes: bytes,
  uniqueBytes: bytes * 0.8,
  proportionalBytes: bytes * 0.9,
  sharedBytes: bytes * 0.2,
  fileDescriptors: 20,
  threads: 4,
});

/** A process whose memory depends on the time, from 0 to 1. */
const watched = (
  bytes: (at: number) => number,
  more: Partial<Watched> & { readonly lengthS?: number } = {},
): Watched => {
  const { lengthS = 30, ...rest } = more;
  const count = (lengthS * 1000) / PERIOD_MS;
  const looks = Array.from({ length: count }, (_, index) => look(START_MS + index * PERIOD_MS, bytes(index / count)));
  return { startMs: START_MS, endMs: START_MS + lengthS * 1000 + 3, looks, hasEnded: false, ...rest };
};

describe('growth', () => {
  test('that goes on is a leak, with how much it is', () => {
    const judged = judgeGrowth(
      watched((at) => 100e6 * (1 + 0.3 * at)),
      LIMIT,
    );
    expect(judged).toMatchObject({ verdict: 'FAIL', exitCode: 1, notes: [] });
    expect(judged.headline).toMatch(
      /^resident memory goes on growing: \+\d+\.\d % over 30s, from 100 MB to 130 MB \(95 % interval /,
    );
  });

  test.each<[string, (at: number) => number]>([
    ['there is none of', () => 100e6],
    ['stops', (at) => 100e6 * (1 + Math.min(at, 0.3))],
    ['is too little', (at) => 100e6 * (1 + 0.03 * at)],
    ['comes back down', (at) => 100e6 * (1 + 0.2 * ((at * 6) % 1))],
  ])('that %s is no leak', (_, bytes) => {
    expect(judgeGrowth(watched(bytes), LIMIT)).toMatchObject({
      verdict: 'PASS',
      exitCode: 0,
      headline: expect.stringMatching(/^resident memory does not go on growing: /),
    });
  });

  test('says what a pass does not tell', () => {
    expect(
      judgeGrowth(
        watched(() => 100e6, { lengthS: 60 }),
        LIMIT,
      ).notes,
    ).toEqual([
      'a leak of less than 5 % in 1m, which is 300 MB an hour here, does not show: a longer --duration finds slower ones',
    ]);
  });

  test('that moved up and down is no leak, and not ruled out either', () => {
    const { verdict, notes } = judgeGrowth(
      watched((at) => 100e6 * (1 + 0.2 * ((at * 3) % 1))),
      LIMIT,
    );
    expect(verdict).toBe('PASS');
    expect(notes).toEqual([expect.stringMatching(/^growth of up to \d+ % in 30s cannot be ruled out: /)]);
  });

  test.each<[string, Watched, RegExp]>([
    ['too short a time', watched(() => 100e6, { lengthS: 19 }), /^19s are too short .* must be 20s at least$/],
    ['a process that ended', watched(() => 100e6, { hasEnded: true }), /^the process ended after 30s: /],
    [
      'too few looks',
      { ...watched(() => 100e6), looks: watched(() => 100e6).looks.slice(0, 8) },
      /^resident memory could not be followed: too few parts of 30s: \d of 12 have a value/,
    ],
  ])('cannot be judged by %s, whatever was seen', (_, seen, why) => {
    expect(judgeGrowth(seen, LIMIT)).toMatchObject({
      verdict: 'INVALID',
      exitCode: 3,
      headline: expect.stringMatching(why),
    });
  });

  test('is no pass under a load that has a flaw, and a leak all the same', () => {
    const calm = judgeGrowth(
      watched(() => 100e6),
      LIMIT,
    );
    const leak = judgeGrowth(
      watched((at) => 100e6 * (1 + at)),
      LIMIT,
    );
    expect(underLoad(calm, null)).toBe(calm);
    expect(underLoad(calm, 'the load cannot be judged: why')).toEqual({
      verdict: 'INVALID',
      exitCode: 3,
      headline: 'memory did not go on growing, but the load cannot be judged: why',
      notes: [],
    });
    expect(underLoad(leak, 'the load cannot be judged: why')).toBe(leak);
  });

  test('is not told by a load that did not reach the process, failed, or ended early', () => {
    const watchedFor = { startMs: START_MS, endMs: START_MS + 20_000, cpuS: 2 };
    const load = (more: { failed?: number; lastMs?: number; verdict?: string } = {}) => {
      const { failed = 0, lastMs = START_MS + 30_000, verdict = 'PASS' } = more;
      const of = (metric: string, nonZero: number) => ({
        ...{ metric, tags: { phase: 'steady' }, count: 100, nonZero, sum: nonZero, min: 0, max: 1, last: 0 },
        ...{ firstMs: START_MS - 5000, lastMs },
      });
      const result = { bucketMs: 1000, series: [of('http_req_duration', 100), of('fiml_failed', failed)] };
      return { seen: null, folder: '', headline: 'why', verdict: { verdict }, result } as unknown as Loaded<null>;
    };
    expect(flawOf(load(), watchedFor)).toBeNull();
    expect(flawOf(load({ failed: 1, verdict: 'FAIL' }), { ...watchedFor, cpuS: null })).toMatch(/^1\.0 % of .* failed/);
    expect(flawOf(load({ verdict: 'INVALID' }), watchedFor)).toBe('the load cannot be judged: why');
    expect(flawOf(load({ lastMs: START_MS + 15_000 }), watchedFor)).toMatch(/^the load ended before the look did/);
    // What timers take in 20 s.
    expect(flawOf(load(), { ...watchedFor, cpuS: 0.01 })).toMatch(/^the process did nothing while the load was sent/);
  });

  test('never passes what grows by a tenth and more in a straight line, whatever its level, noise and length', () => {
    const level = fc.integer({ min: 20e6, max: 2e9 });
    fc.assert(
      fc.property(
        level,
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        fc.integer({ min: 20, max: 300 }),
        (bytes, share, lengthS) => {
          const seen = watched((at) => bytes * (1 + share * at) * (1 + 0.002 * Math.sin(at * 999)), { lengthS });
          expect(judgeGrowth(seen, LIMIT).verdict).toBe('FAIL');
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a look', () => {
  test('tells of a process what it would say itself', () => {
    const told = process.memoryUsage.rss();
    const seen = lookAt(process.pid, true);
    expect(Math.abs((seen?.residentBytes ?? 0) - told) / told).toBeLessThan(0.2);
    expect(seen?.uniqueBytes).toBeGreaterThan(1e6);
    expect(seen?.proportionalBytes).toBeGreaterThanOrEqual(seen?.uniqueBytes ?? Number.POSITIVE_INFINITY);
    expect(seen?.fileDescriptors).toBeGreaterThan(2);
    expect(seen?.threads).toBeGreaterThan(1);
  });

  test('adds nothing up unless it is asked to, and sees nothing where nobody is', () => {
    expect(lookAt(process.pid, false)).toMatchObject({ uniqueBytes: null, proportionalBytes: null, sharedBytes: null });
    expect(lookAt(NOBODY, true)).toBeNull();
  });

  test('is the first and the last of a watch, which ends early when it is told to or when the process does', async () => {
    const enough = new AbortController();
    const whole = await watch(process.pid, 1, enough.signal);
    expect(whole).toMatchObject({ hasEnded: false });
    expect(whole.looks.at(-1)?.uniqueBytes).not.toBeNull();
    const stopped = watch(process.pid, 600_000, enough.signal);
    const child = spawn('sleep', ['600']);
    const ending = watch(child.pid ?? NOBODY, 600_000, new AbortController().signal);
    enough.abort();
    child.kill('SIGKILL');
    expect((await stopped).hasEnded).toBe(false);
    expect((await ending).hasEnded).toBe(true);
  });
});

describe('what allocates', () => {
  const place = (functionName: string, lineNumber: number) => ({
    functionName,
    url: 'file:///srv/app.js',
    lineNumber,
    columnNumber: 0,
  });
  const head = {
    callFrame: place('(root)', -1),
    selfSize: 0,
    children: [
      {
        callFrame: place('serve', 9),
        selfSize: 1000,
        children: [{ callFrame: place('keep', 19), selfSize: 3000, children: [] }],
      },
      { callFrame: place('nothing', 29), selfSize: 0, children: [] },
    ],
  };

  test('in Node is told by the function that did it, with its callers', () => {
    const kept = nodeStacks(head, (frame) => frame);
    expect(functionTotals(kept).sort((a, b) => b.self - a.self)).toEqual([
      { name: 'keep', where: '/srv/app.js:20', self: 0.75, total: 0.75 },
      { name: 'serve', where: '/srv/app.js:10', self: 0.25, total: 1 },
    ]);
  });

  test('in Python likewise, without what memray itself takes', () => {
    const frame = (name: string, line: number, file = '/srv/app.py') => ({ name, file, line });
    const lines = [
      { bytes: 600, stack: [frame('keep', 4), frame('main', 9)] },
      { bytes: 300, stack: [frame('keep', 5), frame('main', 9)] },
      { bytes: 100, stack: [] },
      { bytes: 900, stack: [frame('start', 3, 'threading.py'), frame('track', 8, '_memray_attach_hook.py')] },
    ];
    const kept = memrayStacks(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
    expect(functionTotals(kept).sort((a, b) => b.self - a.self)).toEqual([
      { name: 'keep', where: '/srv/app.py', self: 0.9, total: 0.9 },
      { name: '(interpreter)', where: '', self: 0.1, total: 0.1 },
      { name: 'main', where: '/srv/app.py', self: 0, total: 0.9 },
    ]);
  });

  test.each([
    [
      '/v/bin/python: No module named memray',
      /not installed for \/v\/bin\/python, .*: \/v\/bin\/python -m pip install memray/,
    ],
    [`Failed to start: ModuleNotFoundError("No module named 'memray'")`, /-m pip install memray .* --python$/],
    ['Cannot find a supported lldb or gdb executable.', /neither gdb nor lldb: apt install gdb$/],
    ['Failed to attach a debugger to the process.', /ptrace_scope=0\nin a container .*SYS_PTRACE/],
    ['It rains.', /could not look into process 7 \(exit code 1\): It rains\.$/],
  ])('says what to type when memray says: %s', (stderr, advice) => {
    expect(memrayProblem(7, '/v/bin/python', { code: 1, stdout: '', stderr })).toMatch(advice);
  });
});

describe('the findings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fiml-perf-memory-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const seen = watched((at) => 100e6 * (1 + at));

  test('have a table of how each changed, two drawings and a file of all looks', () => {
    const output = openOutput(folder, '7', new Date(START_MS), () => undefined);
    const findings = memoryFindings(
      { process: processOf(process.pid), watched: seen, heap: null, notes: ['why not'] },
      LIMIT,
      null,
      output,
    );
    expect(findings).toMatchObject({
      kind: 'memory',
      verdict: 'FAIL',
      exitCode: 1,
      flameGraph: null,
      notes: ['why not'],
    });
    expect(findings.tables).toHaveLength(1);
    expect(findings.tables[0]?.rows).toEqual([
      ['resident', '100 MB', '198 MB', '198 MB'],
      ['proportional', '90 MB', '179 MB', '179 MB'],
      ['unique', '80 MB', '159 MB', '159 MB'],
      ['shared', '20 MB', '40 MB', '40 MB'],
      ['file descriptors', '20', '20', '20'],
      ['threads', '4', '4', '4'],
    ]);
    expect(findings.figures.map(({ alt }) => alt)).toEqual([
      'Memory over time: resident from 100 MB to 198 MB, proportional from 90 MB to 179 MB, unique from 80 MB to 159 MB.',
      'File descriptors and threads over time: file descriptors from 20 to 20, threads from 4 to 4.',
    ]);
    const [csv = ''] = readdirSync(folder);
    const lines = readFileSync(join(folder, csv), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(1 + seen.looks.length);
    expect(lines.slice(0, 2)).toEqual([
      'time,resident_bytes,proportional_bytes,unique_bytes,shared_bytes,file_descriptors,threads',
      '2026-11-26T00:00:00.000Z,100000000,90000000,80000000,20000000,20,4',
    ]);
  });

  test('draw nothing of what the kernel did not tell', () => {
    const untold = seen.looks.map((one) => ({
      ...one,
      uniqueBytes: null,
      proportionalBytes: null,
      fileDescriptors: null,
      threads: null,
    }));
    const output = openOutput(folder, '8', new Date(START_MS), () => undefined);
    const { figures, tables } = memoryFindings(
      { process: processOf(process.pid), watched: { ...seen, looks: untold }, heap: null, notes: [] },
      LIMIT,
      null,
      output,
    );
    expect(figures.map(({ alt }) => alt)).toEqual(['Memory over time: resident from 100 MB to 198 MB.']);
    expect(tables[0]?.rows.map(([name]) => name)).toEqual(['resident', 'shared']);
  });
});
