import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clean } from '../../../scripts/clean';
import { cleanCommand } from '../../../scripts/clean/command';
import { UserError } from '../../../scripts/errors';
import { makeRunFolder, pointLatest, RUNNING } from '../../../scripts/run/folder';

let results: string;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'clean-'));
});
afterEach(() => rmSync(results, { recursive: true, force: true }));

const MINUTE_MS = 60_000;
const FIRST_MS = Date.parse('2026-11-24T10:00:00Z');

const left = () => readdirSync(results).sort();
const put = (name: string, file: string, text: string) => {
  mkdirSync(join(results, name), { recursive: true });
  writeFileSync(join(results, name, file), text);
};

/** A finished run that began in the given minute. */
function run(name: string, minute: number): void {
  const createdAt = new Date(FIRST_MS + minute * MINUTE_MS).toISOString();
  put(name, 'run.json', JSON.stringify({ schema: 'fiml-perf/run', version: 1, createdAt }));
  put(name, 'samples.json.gz', 'samples');
}

/** The id of a process that has ended. */
const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;

test('keeps the newest and removes the others with all that is in them, oldest first', () => {
  run('c', 3);
  run('a', 1);
  run('d', 4);
  run('b', 2);
  mkdirSync(join(results, 'a', 'deeper'));
  expect(clean(results, 2)).toEqual(['a', 'b']);
  expect(left()).toEqual(['c', 'd']);
  expect(clean(results, 2)).toEqual([]);
  expect(clean(results, 0)).toEqual(['c', 'd']);
  expect(left()).toEqual([]);
});

test('a run is as old as its beginning, however late it was judged again', () => {
  run('old', 1);
  run('new', 2);
  put('old', 'verdict.json', '{}');
  const future = new Date(FIRST_MS + 1e12);
  utimesSync(join(results, 'old'), future, future);
  expect(clean(results, 1)).toEqual(['old']);
});

/** A full suite that began in the given minute, with the runs of its parts. */
function full(name: string, minute: number): void {
  const createdAt = new Date(FIRST_MS + minute * MINUTE_MS).toISOString();
  run(join(name, 'smoke'), minute);
  run(join(name, 'spike'), minute + 1);
  put(name, 'full.json', JSON.stringify({ schema: 'fiml-perf/full', version: 1, createdAt }));
}

test('a full suite is one, and goes with all of its parts', () => {
  full('full', 2);
  run('old', 1);
  run('new', 5);
  expect(clean(results, 2)).toEqual(['old']);
  expect(readdirSync(join(results, 'full')).sort()).toEqual(['full.json', 'smoke', 'spike']);
  expect(clean(results, 1)).toEqual(['full']);
  expect(left()).toEqual(['new']);
});

test('a full suite that is going on is kept with its parts; one that was killed goes as one', () => {
  full('going', 1);
  full('killed', 2);
  for (const name of ['going', 'killed']) rmSync(join(results, name, 'full.json'));
  put('going', RUNNING, String(process.pid));
  put('killed', RUNNING, String(deadPid()));
  expect(clean(results, 0)).toEqual(['killed']);
  expect(left()).toEqual(['going']);
});

test('a series is cleaned run by run, and its folder goes with the last; what else lies there keeps it', () => {
  run('series/1', 1);
  run('series/2', 3);
  run('noted/1', 2);
  put('noted', 'notes.txt', 'mine');
  expect(clean(results, 1)).toEqual(['series/1', 'noted/1']);
  expect(left()).toEqual(['noted', 'series']);
  expect(clean(results, 0)).toEqual(['series/2']);
  expect(left()).toEqual(['noted']);
  expect(readdirSync(join(results, 'noted'))).toEqual(['notes.txt']);
});

test('a comparison of two servers is as old as what it wrote', () => {
  put('pairs', 'ab.json', JSON.stringify({ schema: 'fiml-perf/ab', version: 1 }));
  put('foreign', 'ab.json', '{}');
  utimesSync(join(results, 'pairs', 'ab.json'), new Date(FIRST_MS), new Date(FIRST_MS));
  run('new', 2);
  expect(clean(results, 1)).toEqual(['pairs']);
  expect(left()).toEqual(['foreign', 'new']);
});

test('runs of the same moment go by their names', () => {
  for (const name of ['x-2', 'x', 'x-3']) run(name, 1);
  expect(clean(results, 1)).toEqual(['x', 'x-2']);
});

test('a run that is going on is kept and not counted', () => {
  run('old', 1);
  run('new', 2);
  const going = makeRunFolder(results, null, 'load-smoke', new Date(FIRST_MS));
  put('other', RUNNING, `${process.ppid}\n`);
  expect(clean(results, 1)).toEqual(['old']);
  expect(clean(results, 0)).toEqual(['new']);
  expect(left()).toEqual([going.id, 'other'].sort());
});

test('what a killed run left behind goes like any other', () => {
  put('killed', RUNNING, `${deadPid()}\n`);
  const past = new Date(FIRST_MS);
  utimesSync(join(results, 'killed'), past, past);
  run('finished', 1);
  expect(clean(results, 1)).toEqual(['killed']);
});

test.each(['', 'nonsense', '0', '-1', '1.5', '99999999999999'])('a process id of %j belongs to no process', (text) => {
  put('broken', RUNNING, text);
  expect(clean(results, 0)).toEqual(['broken']);
});

test('folders and files that are no runs stay, whatever they are called', () => {
  run('run', 1);
  put('baselines', 'load.smoke.json', '{}');
  put('mine', 'run.json', '{"scripts":{"start":"node ."}}');
  put('broken', 'run.json', '{"schema":"fiml-perf/run"');
  put('empty', 'run.json', '');
  put('nothing', 'run.json', 'null');
  mkdirSync(join(results, 'folder', 'run.json'), { recursive: true });
  writeFileSync(join(results, 'notes.txt'), 'mine');
  expect(clean(results, 0)).toEqual(['run']);
  expect(left()).toEqual(['baselines', 'broken', 'empty', 'folder', 'mine', 'notes.txt', 'nothing']);
});

test('a link to a run elsewhere is not followed', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  writeFileSync(join(elsewhere, 'run.json'), '{"schema":"fiml-perf/run"}');
  symlinkSync(elsewhere, join(results, 'linked'));
  expect(clean(results, 0)).toEqual([]);
  expect(existsSync(join(elsewhere, 'run.json'))).toBe(true);
  rmSync(elsewhere, { recursive: true });
});

describe('latest', () => {
  const pointAt = (name: string) => {
    const folder = makeRunFolder(results, join(results, name), 'x', new Date(FIRST_MS));
    folder.release();
    run(name, name === 'new' ? 2 : 1);
    pointLatest(folder);
  };

  test('stays while the run that it points at does', () => {
    run('old', 1);
    pointAt('new');
    expect(clean(results, 1)).toEqual(['old']);
    expect(readlinkSync(join(results, 'latest'))).toBe('new');
  });

  test('goes with it', () => {
    run('new', 2);
    pointAt('old');
    expect(clean(results, 1)).toEqual(['old']);
    expect(left()).toEqual(['new']);
  });

  test('goes when the run had gone before', () => {
    pointAt('old');
    rmSync(join(results, 'old'), { recursive: true });
    expect(clean(results, 5)).toEqual([]);
    expect(left()).toEqual([]);
  });

  test('that is a folder of the user’s own is theirs', () => {
    mkdirSync(join(results, 'latest'));
    run('old', 1);
    expect(clean(results, 0)).toEqual(['old']);
    expect(lstatSync(join(results, 'latest')).isDirectory()).toBe(true);
  });
});

test('a results folder that does not exist holds nothing to remove', () => {
  expect(clean(join(results, 'none'), 3)).toEqual([]);
  expect(() => clean(join(results, 'none'), 3)).not.toThrow();
});

describe('fiml-perf clean', () => {
  const { PERF_RESULTS } = process.env;
  let shown: string;
  beforeEach(() => {
    process.env.PERF_RESULTS = results;
    shown = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      shown += String(text);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    if (PERF_RESULTS === undefined) delete process.env.PERF_RESULTS;
    else process.env.PERF_RESULTS = PERF_RESULTS;
  });
  const command = (...args: string[]) => cleanCommand().parseAsync(args, { from: 'user' });

  test('keeps ten unless told otherwise, and says what it did', async () => {
    for (let minute = 0; minute < 12; minute++) run(`run-${minute + 10}`, minute);
    await command();
    expect(left()).toHaveLength(10);
    expect(shown).toBe(`removed 2 runs from ${results}\n`);
    await command('--keep', '9');
    expect(shown).toMatch(/removed 1 run from /);
  });

  test.each(['-1', 'all', '1.5', ''])('takes no %j for a number of runs', async (keep) => {
    run('run', 1);
    await expect(command(`--keep=${keep}`)).rejects.toThrow(UserError);
    expect(left()).toEqual(['run']);
  });
});
