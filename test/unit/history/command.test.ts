import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../scripts/errors';
import { historyCommand } from '../../../scripts/history/command';
import { appendNote, appendObservation, historyPath, readHistory } from '../../../scripts/history/file';
import type { Observation } from '../../../scripts/result/observation';
import { FIRST_MS, HOUR_MS, measureOf, noisy, normals, observationOf, observationsOf } from './series';

let folder: string;
let path: string;
let shown: string;
let said: string;
const environment = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
  path = historyPath(folder, 'load', 'smoke');
  process.env.PERF_HISTORY = folder;
  shown = '';
  said = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

const history = async (...args: string[]): Promise<string> => {
  shown = '';
  said = '';
  await historyCommand().parseAsync(args, { from: 'user' });
  return shown;
};
const complaint = async (...args: string[]): Promise<string> => {
  const error = await history(...args).catch((reason) => reason);
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ exitCode: 2 });
  return (error as UserError).message;
};
const put = (runs: readonly Observation[], file = path) => {
  for (const run of runs) appendObservation(file, run);
};

/** Ten runs at 100, then 110 on another commit and version. */
const changed = (): Observation[] =>
  observationsOf(noisy(normals(1), 20, 0.005, { 10: 1.1 })).map((run, hour) =>
    hour < 10
      ? run
      : { ...run, identity: { ...run.identity, commit: 'b'.repeat(40), dirty: true, targetVersion: '1.1' } },
  );

describe('without a name', () => {
  it('lists the histories that there are', async () => {
    put(changed());
    appendNote(path, { atMs: FIRST_MS, text: 'x' });
    put([observationOf(1)], historyPath(folder, 'components', null));
    writeFileSync(join(folder, 'spike.jsonl'), `${JSON.stringify({ ...observationOf(1), version: 9 })}\n`);
    writeFileSync(join(folder, 'other.txt'), '');
    const lines = (await history()).split('\n');
    expect(lines[0]).toMatch(/^history +runs +newest +notes$/);
    expect(lines[1]).toMatch(/^components +1 +2026-11-24 11:00 +0$/);
    expect(lines[2]).toMatch(/^load\.smoke +20 +2026-11-25 05:00 +1$/);
    expect(lines[3]).toMatch(/^spike .*a newer fiml-perf/);
    expect(shown).not.toContain('other');
    expect(shown).toContain('fiml-perf history components');
  });

  it('says how to get one where there is none', async () => {
    expect(await history()).toMatch(/no history in .* yet.*fiml-perf run load --profile smoke/);
    process.env.PERF_HISTORY = join(folder, 'none');
    expect(await history()).toMatch(/no history in/);
    writeFileSync(join(folder, 'file'), '');
    process.env.PERF_HISTORY = join(folder, 'file');
    expect(await complaint()).toMatch(/cannot be read/);
  });

  it('takes no options', async () => {
    put(changed());
    expect(await complaint('--svg', 'load.smoke')).toMatch(/--svg needs the name/);
    expect(await complaint('--note', 'x')).toMatch(/--note needs the name/);
    expect(readHistory(path).notes).toEqual([]);
  });
});

it('names the nearest of the histories when there is none of that name', async () => {
  put(changed());
  expect(await complaint('load.smok')).toMatch(
    /no history "load\.smok" in .*; did you mean load\.smoke\?\nthere are load\.smoke$/,
  );
  expect(await complaint('../load.smoke')).toMatch(/no history/);
  expect(await complaint('load.smok', '--note', 'x')).toMatch(/no history/);
  expect(existsSync(join(folder, 'load.smok.jsonl'))).toBe(false);
  rmSync(path);
  expect(await complaint('load.smoke')).toMatch(/fiml-perf run load --profile smoke/);
});

describe('of a history', () => {
  it('shows course, level and changes, with run, commits and notes at the change', async () => {
    put(changed());
    appendNote(path, { atMs: FIRST_MS + 2 * HOUR_MS, text: 'machine\u001b[31m moved' });
    appendNote(path, { atMs: FIRST_MS + 9.5 * HOUR_MS, text: 'pool raised' });
    const lines = (await history('load.smoke')).split('\n');
    expect(lines[0]).toBe('load.smoke: 20 runs from 2026-11-24 10:00 to 2026-11-25 05:00 (UTC)');
    const at = lines.indexOf('Price, P95  (price.p95)');
    expect(lines[at + 1]).toMatch(/^ {2}[▁▂]{10}[▇█]{10}$/);
    expect(lines[at + 2]).toBe(`  ${' '.repeat(10)}▲`);
    expect(lines[at + 3]).toMatch(/^ {2}newest 1\d\d ms; median of 10 runs since the last change 110 ms$/);
    expect(lines[at + 4]).toMatch(
      /^ {2}2026-11-24 20:00 {2}worse: 100 ms → 110 ms, \+\d+\.\d % \(\+\d+\.\d % to \+\d+\.\d %\), confirmed \(10 runs\)$/,
    );
    expect(lines[at + 5]).toBe('      first in run-10, commit aaaaaaaa → bbbbbbbb with changes, FIML 1.0 → 1.1');
    expect(lines[at + 6]).toBe('      note of 2026-11-24 19:30  pool raised');
    expect(lines.slice(lines.indexOf('notes') + 1)).toEqual([
      '  2026-11-24 12:00  machine [31m moved',
      '  2026-11-24 19:30  pool raised',
      '',
    ]);
    expect(said).toBe('');
  });

  it('tells candidates, and what went away', async () => {
    const bump = { 10: 1.1, 13: 1 / 1.1, 27: 0.9 };
    put(observationsOf(noisy(normals(2), 30, 0.005, bump), { worse: 'lower', unit: 'per second' }));
    const text = await history('load.smoke');
    expect(text).toMatch(/better: 99\.9 \/s → 110 \/s, .*went away after 3 runs/);
    expect(text).toMatch(/worse: 100 \/s → 89\.8 \/s, .*candidate \(3 runs so far\)/);
    expect(text.split('\n')).toContain(`  ${' '.repeat(27)}▽`);
    expect(text).toContain('newest 89.8 /s; median of 3 runs since the last change 89.8 /s\n');
  });

  it('says that nothing changed, or that there are too few runs to know', async () => {
    put(observationsOf(noisy(normals(1), 6, 0.01)));
    expect(await history('load.smoke')).toMatch(/median of 6 runs .*\n {2}it takes 7 runs to find a change/);
    put([observationOf(6, { runId: 'run-6' })]);
    expect(await history('load.smoke')).toMatch(/median of 7 runs .*\n {2}no change found/);
  });

  it('shows measures that decide, or the one that is asked for', async () => {
    const of = (hour: number) => [
      measureOf(100 + hour, { id: 'one', title: 'One' }),
      measureOf(0.01, { id: 'two', title: 'Two', unit: 'share', scale: 'share' }),
      measureOf(2e8, { id: 'rss', title: 'Memory', unit: 'bytes', gating: false }),
    ];
    put([0, 1, 2].map((hour) => observationOf(hour, { measures: of(hour) })));
    expect(await history('load.smoke')).toMatch(/One.*newest 102 ms.*Two.*newest 1\.00 %/s);
    expect(shown).not.toContain('Memory');
    expect(await history('load.smoke', '--measure', 'rss')).toMatch(/Memory.*newest 200 MB/s);
    expect(shown).not.toContain('One');
    expect(await complaint('load.smoke', '--measure', 'ones', '--note', 'x')).toMatch(
      /"ones"; did you mean one\?\nthere are one, rss, two$/,
    );
    expect(readHistory(path).notes).toEqual([]);
  });

  it('leaves out and counts runs that are flawed or of other conditions', async () => {
    const old = [0, 1].map((hour) => observationOf(hour, { fingerprint: { k6: 'k6 v1.0.0', profile: 'smoke' } }));
    put([
      ...old,
      observationOf(2),
      observationOf(3),
      observationOf(4, { flaws: ['threw'], measures: [measureOf(9e9)] }),
    ]);
    const text = await history('load.smoke');
    expect(text).toContain('load.smoke: 2 runs from 2026-11-24 12:00 to 2026-11-24 13:00 (UTC)\n');
    expect(text).toContain('left out: 1 invalid run; 2 runs under other conditions (k6)\n');
    expect(text).toContain('newest 100 ms');
  });

  it('shows the conditions of the newest run, also when others lie between', async () => {
    const of = (hour: number, k6: string) => observationOf(hour, { fingerprint: { k6 } });
    put([of(0, 'one'), of(1, 'two'), of(2, 'two'), of(3, 'one')]);
    expect(await history('load.smoke')).toContain('2 runs from 2026-11-24 10:00 to 2026-11-24 13:00 (UTC)\n');
  });

  it('shows what can be shown when there is no such run, or no value', async () => {
    put([observationOf(1, { flaws: ['threw'] })]);
    expect(await history('load.smoke')).toBe('load.smoke: no run to show yet\nleft out: 1 invalid run\n');
    put([observationOf(2, { measures: [measureOf(null), measureOf(0, { id: 'zero' })] })]);
    expect(await history('load.smoke')).toMatch(/price\.p95\)\n {2}not measured yet\n\n.*zero\)\n {2}not measured yet/);
    put([observationOf(3, { measures: [measureOf(1, { gating: false })] })]);
    expect(await history('load.smoke')).toMatch(/no measure that decides: name another with --measure/);
  });

  it('counts runs in which a measure was missing, or of too little', async () => {
    const measures = [measureOf(1, { insufficient: '3 requests are too few' })];
    put([
      observationOf(1),
      observationOf(2),
      observationOf(3, { measures }),
      observationOf(4, { measures: [measureOf(null)] }),
    ]);
    expect(await history('load.smoke')).toMatch(
      /newest 100 ms; median of 2 runs 100 ms; not measured, or too little of it, in 2 runs/,
    );
  });

  it('names lines that could not be read, and shows the others', async () => {
    put([observationOf(1)]);
    writeFileSync(path, `${readFileSync(path, 'utf8')}garbage\n`);
    expect(await history('load.smoke')).toContain('load.smoke: 1 run');
    expect(said).toContain(`fiml-perf: ${path}: line 2 counts for nothing: not valid JSON`);
    writeFileSync(path, 'garbage\n'.repeat(25));
    await history('load.smoke');
    expect(said.trim().split('\n')).toHaveLength(11);
    expect(said).toContain('and 15 lines more');
  });
});

describe('--note', () => {
  it('is added, said and shown', async () => {
    put(changed());
    const text = await history('load.smoke', '--note', '  pool raised to 100 ');
    expect(text).toContain(`noted in ${path}: pool raised to 100\n`);
    expect(text).toMatch(/\nnotes\n {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}pool raised to 100\n/);
    expect(readHistory(path).notes).toMatchObject([{ text: 'pool raised to 100' }]);
    expect(Math.abs((readHistory(path).notes[0]?.atMs ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('says something, and leaves alone what a newer suite wrote', async () => {
    put(changed());
    expect(await complaint('load.smoke', '--note', ' ')).toMatch(/--note is empty/);
    writeFileSync(path, `${JSON.stringify({ ...observationOf(1), version: 9 })}\n`);
    const before = readFileSync(path, 'utf8');
    expect(await complaint('load.smoke', '--note', 'x')).toMatch(/a newer fiml-perf/);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});

describe('--svg', () => {
  it('is written beside the history, or where it is said', async () => {
    put(changed());
    await history('load.smoke', '--svg');
    expect(said).toBe(`written: ${join(folder, 'load.smoke.svg')}\n`);
    const file = join(folder, 'here.svg');
    await history('load.smoke', '--svg', file);
    // The library numbers the drawings of a process.
    const [one, other] = [join(folder, 'load.smoke.svg'), file].map((name) =>
      readFileSync(name, 'utf8').replace(/zr\d+-c(ls-)?\d+/g, ''),
    );
    expect(other).toBe(one);
    expect(one).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
    expect(await complaint('load.smoke', '--svg', join(folder, 'none', 'x.svg'))).toMatch(/its folder does not exist/);
  });

  it('is not written when nobody asks', async () => {
    mkdirSync(join(folder, 'sub'));
    put(changed());
    await history('load.smoke');
    expect(existsSync(join(folder, 'load.smoke.svg'))).toBe(false);
  });
});
