import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs, {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import {
  appendNote,
  appendObservation,
  historyPath,
  readHistory,
  readHistoryIfAny,
} from '../../../scripts/history/file';
import { complaintOf } from '../../support/complaint';
import { FIRST_MS, HOUR_MS, measureOf, observationOf } from './series';

let folder: string;
let path: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
  path = historyPath(folder, 'load', 'smoke');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const ids = (file = path) => readHistory(file).observations.map(({ runId }) => runId);
const line = (hour: number) => `${JSON.stringify(observationOf(hour))}\n`;

it('has a file for each scenario and profile', () => {
  expect(historyPath('history', 'load', 'smoke')).toBe(join('history', 'load.smoke.jsonl'));
  expect(historyPath('history', 'components', null)).toBe(join('history', 'components.jsonl'));
});

it('reads back what was appended, in time order, and makes the folder', () => {
  path = historyPath(join(folder, 'a', 'b'), 'load', 'smoke');
  appendObservation(path, observationOf(2));
  appendNote(path, { atMs: FIRST_MS + HOUR_MS, text: 'pool raised\nto 100' });
  appendNote(path, { atMs: FIRST_MS, text: 'é' });
  appendObservation(path, observationOf(1));
  const { observations, notes, problems } = readHistory(path);
  expect(observations).toEqual([observationOf(1), observationOf(2)]);
  expect(notes.map(({ text }) => text)).toEqual(['é', 'pool raised\nto 100']);
  expect(problems).toEqual([]);
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(5);
});

it('reads doubled lines in any order, as a union merge leaves them, once each', () => {
  const note = { schema: 'fiml-perf/history-note', version: 1, atMs: FIRST_MS, text: 'tried' };
  const lines = [...[3, 1, 2].map(line), `${JSON.stringify(note)}\n`];
  fc.assert(
    fc.property(fc.shuffledSubarray([...lines, ...lines], { minLength: 8 }), (merged) => {
      writeFileSync(path, merged.join(''));
      const { observations, notes, problems } = readHistory(path);
      expect(observations).toEqual([observationOf(1), observationOf(2), observationOf(3)]);
      expect(notes).toEqual([note]);
      expect(problems).toEqual([]);
    }),
  );
});

it('is merged by git without a conflict, under the attributes of this repository', () => {
  const git = (...args: string[]) => {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
    const { status, stdout, stderr } = spawnSync('git', ['-C', folder, ...identity, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stdout}${stderr}`);
  };
  const commit = (hour: number) => {
    appendObservation(path, observationOf(hour));
    git('add', '-A');
    git('commit', '-qm', String(hour));
  };
  path = historyPath(join(folder, 'history'), 'load', 'smoke');
  copyFileSync(resolve(__dirname, '../../../.gitattributes'), join(folder, '.gitattributes'));
  git('init', '-q', '-b', 'main');
  commit(1);
  git('checkout', '-qb', 'other');
  commit(3);
  git('checkout', '-q', 'main');
  commit(2);
  git('merge', '-q', '--no-edit', 'other');
  expect(ids()).toEqual(['run-1', 'run-2', 'run-3']);
  expect(readHistory(path).problems).toEqual([]);
});

it('keeps runs of two machines that are named alike', () => {
  appendObservation(path, observationOf(1));
  appendObservation(path, observationOf(1, { startedAtMs: FIRST_MS + HOUR_MS + 1 }));
  expect(readHistory(path)).toMatchObject({ observations: [{}, {}], problems: [] });
});

it('says when two lines of one run differ, and takes the later', () => {
  appendObservation(path, observationOf(1));
  appendObservation(path, observationOf(1, { measures: [measureOf(7)] }));
  const { observations, problems } = readHistory(path);
  expect(observations).toMatchObject([{ measures: [{ value: 7 }] }]);
  expect(problems).toEqual([
    { line: 1, problem: expect.stringMatching(/^line 2 is of the same run, run-1, and differs/) },
  ]);
});

it('a line that was cut off harms only itself, and stays in the file', () => {
  writeFileSync(path, `${line(1)}${line(2).slice(0, 80)}`);
  const before = readFileSync(path, 'utf8');
  expect(readHistory(path)).toMatchObject({ observations: [{ runId: 'run-1' }], problems: [{ line: 2 }] });
  appendObservation(path, observationOf(3));
  expect(ids()).toEqual(['run-1', 'run-3']);
  expect(readHistory(path).problems).toEqual([{ line: 2, problem: expect.stringMatching(/not valid JSON/) }]);
  expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true);
});

it('reports lines that were edited by hand, and reads the others', () => {
  const value = observationOf(4);
  const edited = [
    line(1),
    '<<<<<<< HEAD\n',
    '\n',
    '[]\n',
    'null\n',
    '{"schema":"fiml-perf/baseline","version":1}\n',
    `${JSON.stringify({ ...value, measures: [{ ...value.measures[0], value: 'fast' }], flaws: 1 })}\n`,
    `${JSON.stringify({ ...value, version: 'x' })}\n`,
    `${JSON.stringify({ ...value, startedAtMs: 1e20 })}\n`,
    '{"schema":"fiml-perf/history-note","version":1,"atMs":1e20,"text":"never"}\n',
    `${'\0'.repeat(50)}\n`,
    line(2).replace('\n', '\r\n'),
  ];
  writeFileSync(path, edited.join(''));
  const { observations, problems } = readHistory(path);
  expect(observations).toEqual([observationOf(1), observationOf(2)]);
  expect(problems.map((problem) => problem.line)).toEqual([2, 4, 5, 6, 7, 8, 9, 10, 11]);
  const textOf = (number: number) => problems.find((problem) => problem.line === number)?.problem;
  expect(textOf(6)).toMatch(/neither a run nor a note/);
  expect(textOf(7)).toMatch(/^flaws: .*, and 1 more$|^measures\.0\.value: .*, and 1 more$/);
  expect(textOf(9)).toMatch(/^startedAtMs: no such time/);
  expect(readFileSync(path, 'utf8')).toBe(edited.join(''));
});

it('refuses a history that a newer fiml-perf wrote to, naming the lines', () => {
  writeFileSync(
    path,
    `${line(1)}${JSON.stringify({ ...observationOf(2), version: 2 })}\n${JSON.stringify({ schema: 'fiml-perf/history-note', version: 3 })}\n`,
  );
  for (const read of [readHistory, readHistoryIfAny]) {
    const message = complaintOf(() => read(path));
    expect(message).toContain(`${path}: a newer fiml-perf`);
    expect(message).toContain('line 2: version 2 of fiml-perf/observation');
    expect(message).toContain('line 3: version 3 of fiml-perf/history-note');
    expect(message).toMatch(/update fiml-perf/);
  }
});

it('says how to get a history that does not exist; to whom it is optional it is empty', () => {
  expect(complaintOf(() => readHistory(path))).toMatch(/no such file\n.*fiml-perf run load --profile smoke$/);
  expect(complaintOf(() => readHistory(historyPath(folder, 'components', null)))).toMatch(/fiml-perf run components$/);
  expect(readHistoryIfAny(path)).toEqual({ observations: [], notes: [], problems: [] });
  mkdirSync(path);
  expect(complaintOf(() => readHistory(path))).toMatch(/it is a folder/);
  expect(complaintOf(() => readHistoryIfAny(path))).toMatch(/it is a folder/);
});

describe('when it cannot be written', () => {
  const append = (file: string) => complaintOf(() => appendObservation(file, observationOf(1)));

  it('says so, and what to do', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(append(join(folder, 'file', 'load.jsonl'))).toMatch(/cannot be written: a part of its path is a file/);
    mkdirSync(path);
    expect(append(path)).toMatch(/cannot be written: there is a folder of that name/);
    symlinkSync('/dev/full', join(folder, 'full.jsonl'));
    expect(append(join(folder, 'full.jsonl'))).toMatch(/the disk is full/);
  });

  it('a folder that is read-only is named as such', () => {
    const inside = join(folder, 'closed');
    mkdirSync(inside);
    const isRoot = process.geteuid?.() === 0;
    chmodSync(inside, 0o555);
    chmodSync(folder, 0o755);
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      expect(append(join(inside, 'load.jsonl'))).toMatch(/its folder is not writable/);
      expect(append(join(inside, 'deeper', 'load.jsonl'))).toMatch(/its folder is not writable/);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('a file that is read-only is named as such, and is untouched', () => {
    appendObservation(path, observationOf(1));
    chmodSync(path, 0o444);
    chmodSync(folder, 0o755);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) {
      chownSync(folder, NOBODY, NOBODY);
      process.seteuid?.(NOBODY);
    }
    try {
      expect(append(path)).toMatch(/not writable/);
      expect(ids()).toEqual(['run-1']);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

/** The account that owns nothing. */
const NOBODY = 65534;

describe('with other processes', () => {
  afterEach(() => jest.restoreAllMocks());

  it('one that writes between the look at the file and the write loses nothing', () => {
    appendObservation(path, observationOf(1));
    const { writeSync } = fs;
    jest.spyOn(fs, 'writeSync').mockImplementationOnce((file: number, data: unknown) => {
      appendFileSync(path, line(2));
      return writeSync(file, data as Buffer);
    });
    appendObservation(path, observationOf(3));
    expect(fs.writeSync).toHaveBeenCalled();
    expect(ids()).toEqual(['run-1', 'run-2', 'run-3']);
    expect(readHistory(path).problems).toEqual([]);
  });

  const DEADLINE_MS = 50_000;

  /** A process that appends once it is told to. */
  async function writer(name: string, runs: number, measures: number, before = ''): Promise<() => Promise<string>> {
    const repository = resolve(__dirname, '../../..');
    const script = `${before} exec "$0" -r ./build/register.js "$@"`;
    const args = [join(__dirname, 'writer.ts'), path, name, String(runs), String(measures)];
    const child = spawn('bash', ['-c', script, process.execPath, ...args], { cwd: repository });
    children.push(child);
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const closed = new Promise<string>((done) => child.once('close', (code) => done(code === 0 ? '' : said)));
    const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
    await new Promise((ready) => child.stdout.once('data', ready));
    return async () => {
      child.stdin.write('go');
      const problem = await closed;
      clearTimeout(timer);
      return problem;
    };
  }

  it('two that write at once lose nothing', async () => {
    // Lines of several pages, which the system copies piece by piece.
    const writers = await Promise.all(['one', 'two'].map((name) => writer(name, 200, 60)));
    expect(await Promise.all(writers.map((go) => go()))).toEqual(['', '']);
    const { observations, problems } = readHistory(path);
    expect(problems).toEqual([]);
    for (const name of ['one', 'two']) {
      const own = observations.filter(({ runId }) => runId.startsWith(name));
      expect(own.map(({ runId }) => runId)).toEqual(Array.from({ length: 200 }, (_, hour) => `${name}-${hour}`));
      expect(own.every(({ measures }) => measures.length === 60 && measures[59]?.id === `${name}-59`)).toBe(true);
    }
  });

  it('one that is cut off within a line is told so, and the next one loses nothing', async () => {
    appendObservation(path, observationOf(1));
    // The system then takes the first 8 KiB of the file, and no more.
    const go = await writer('cut', 1, 60, 'ulimit -f 8;');
    expect(await go()).toMatch(/cannot be written: the disk is full/);
    const cut = readFileSync(path);
    expect(cut).toHaveLength(8192);
    appendObservation(path, observationOf(2));
    expect(ids()).toEqual(['run-1', 'run-2']);
    expect(readHistory(path).problems).toMatchObject([{ line: 2 }]);
    expect(readFileSync(path).subarray(0, 8192)).toEqual(cut);
  });
});
