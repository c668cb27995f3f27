import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../scripts/errors';
import { makeRunFolder, pointLatest } from '../../../scripts/run/folder';

let results: string;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'results-'));
});
afterEach(() => rmSync(results, { recursive: true }));

const NOW = new Date('2026-11-24T09:15:30.500Z');
const make = (out: string | null = null) => makeRunFolder(results, out, 'load-smoke', NOW);

test('is named after its time, scenario and profile; a twin of the same second gets a number', () => {
  expect(make().id).toBe('2026-11-24T09-15-30-load-smoke');
  expect(make().id).toBe('2026-11-24T09-15-30-load-smoke-2');
});

test('a run has an id of its own, though its given folder is called like another', () => {
  const ids = ['a', 'b'].map((name) => make(join(results, name, '1')).id);
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^2026-11-24T09-15-30-load-smoke-[\da-f]{6}$/);
});

test('latest points at the run that was published last', () => {
  pointLatest(make());
  const second = make();
  pointLatest(second);
  expect(readlinkSync(join(results, 'latest'))).toBe(second.id);
});

test('leaves alone what a user called latest', () => {
  mkdirSync(join(results, 'latest'));
  pointLatest(make());
  expect(() => readlinkSync(join(results, 'latest'))).toThrow();
});

test('refuses a folder that holds a run, and says what to do', () => {
  const out = join(results, 'mine');
  make(out).release();
  writeFileSync(join(out, 'run.json'), '{}');
  expect(() => make(out)).toThrow(UserError);
  expect(() => make(out)).toThrow(/already holds a run.*--out/);
});

test('refuses a folder that another run is writing to', () => {
  const out = join(results, 'mine');
  make(out);
  expect(() => make(out)).toThrow(/already holds a run/);
});

test('a results folder that is a file is a mistake to be told', () => {
  const file = join(results, 'file');
  writeFileSync(file, '');
  expect(() => makeRunFolder(file, null, 'load-smoke', NOW)).toThrow(/is not a folder: choose another/);
});

test('a run that could not start leaves no folder behind, one that wrote something keeps it', () => {
  const empty = make();
  empty.discard();
  expect(existsSync(empty.path)).toBe(false);
  const used = make();
  writeFileSync(used.file('k6.log'), 'x');
  used.discard();
  expect(existsSync(used.path)).toBe(true);
});
