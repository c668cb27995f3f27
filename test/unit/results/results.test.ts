import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { countTests, readReport, selecting, testsIn } from '../../results';
import { temporaryFolder } from '../../support/cli';

/** A project of jest with a test that fails the first time only, one that always fails, one that is skipped and a broken file. */
const FILES = {
  'jest.config.js': "module.exports = { testEnvironment: 'node' };",
  'now-and-then.test.js': `
    const { existsSync, writeFileSync } = require('node:fs');
    let made = 0;
    beforeAll(() => { made++; });
    test('fails (once) [at $1]', () => {
      const before = existsSync('seen');
      writeFileSync('seen', '');
      expect({ before, made }).toEqual({ before: true, made: 1 });
    });
    test('fails (once)', () => {});`,
  'always.test.js': `
    test('holds', () => {});
    test('never holds', () => { throw new Error('as ever'); });
    test.skip('is left out', () => {});`,
  'broken.test.js': "require('./nowhere');",
};

let folder: string;
beforeAll(() => {
  folder = temporaryFolder('results');
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function jest(name: string, ...args: string[]) {
  const path = join(folder, name);
  const bin = resolve('node_modules/.bin/jest');
  spawnSync(bin, ['--json', `--outputFile=${path}`, '--runInBand', ...args], { cwd: folder });
  const report = readReport(path);
  if (report === undefined) throw new Error(`jest wrote no ${path}`);
  return report;
}

test('a test that passes when it is run again counts as passed and is told, and nothing else does', () => {
  const first = jest('first.json');
  const failed = testsIn(first, 'failed');
  expect(failed.map(({ fullName }) => fullName).sort()).toEqual(['fails (once) [at $1]', 'never holds']);
  expect(countTests(first, undefined, { inCi: false })).toMatchObject({ passed: 2, failed: 3, notes: [] });

  const again = jest('again.json', ...selecting(failed));
  expect(testsIn(again, 'passed').map(({ fullName }) => fullName)).toEqual(['fails (once) [at $1]']);
  const { problems, notes, ...counted } = countTests(first, again, { inCi: true });
  expect(counted).toEqual({ passed: 3, failed: 3 });
  expect(notes).toEqual([
    expect.stringMatching(/once more by itself: .*now-and-then\.test\.js: fails \(once\) \[at \$1\]\n/),
  ]);
  expect(notes[0]).toContain('"before": false');
  expect(problems).toEqual([
    '1 test files could not be run, each counted as one failure',
    '1 tests were skipped, which counts as failed in CI:\n  is left out',
    expect.stringMatching(/^failed: .*always\.test\.js: never holds\n {4}Error: as ever\n/),
  ]);
});

test('a jest that ended without a report has none', () => {
  expect(readReport(join(folder, 'nothing.json'))).toBeUndefined();
});
