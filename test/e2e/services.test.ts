import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

jest.setTimeout(90_000);

const root = resolve(__dirname, '../..');
const DEADLINE_MS = 60_000;

/** Runs the tests that need Redis where no program can be found. */
function withoutServices(ci: string): Promise<{ code: number; output: string }> {
  const args = [
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    'e2e',
    '--testPathPatterns',
    'reference-real-stores',
  ];
  const env = { ...process.env, PATH: '', CI: ci };
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd: root, env, timeout: DEADLINE_MS }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? -1), output: stdout + stderr });
    });
  });
}

test('tests whose services are missing are skipped here, and fail in CI with the reason', async () => {
  const here = await withoutServices('');
  expect([here.code, here.output]).toEqual([0, expect.stringContaining('skipped')]);
  const inCi = await withoutServices('true');
  expect([inCi.code, inCi.output]).toEqual([1, expect.stringContaining('not installed: redis')]);
});
