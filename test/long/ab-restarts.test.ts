import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cli, temporaryFolder } from '../support/cli';
import { reference, stopReferences } from '../support/reference';

let folder: string;

beforeAll(() => {
  folder = temporaryFolder('ab-restarts');
});

afterAll(async () => {
  await stopReferences();
  rmSync(folder, { recursive: true, force: true });
});

test('with restarts each round is one observation, and the commands are run before each', async () => {
  const [a, b] = [await reference('--latency-factor', '10'), await reference('--latency-factor', '20')];
  const notes = join(folder, 'restarts');
  const args = ['ab', '--baseline-url', a.url, '--candidate-url', b.url, '--out', join(folder, 'restarts-ab')];
  const restarts = ['--restart-baseline', `echo a >> ${notes}`, '--restart-candidate', `echo b >> ${notes}`];
  const finished = await cli([...args, '--max-duration', '40s', ...restarts], { env: { PERF_RATE: '100' } });
  expect(finished).toMatchObject({ code: 1, stdout: expect.stringContaining('5 independent observations') });
  expect(finished.stdout).not.toContain('these two processes');
  expect(readFileSync(notes, 'utf8')).toBe('a\nb\n'.repeat(5));
}, 240_000);
