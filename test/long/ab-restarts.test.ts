import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cli, temporaryFolder } from '../support/cli';
import { type ReferenceProcess, startReferenceProcess } from '../support/reference';

let folder: string;
const servers: ReferenceProcess[] = [];

beforeAll(() => {
  folder = temporaryFolder('ab-restarts');
});

afterAll(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

test('with restarts each round is one observation, and the commands are run before each', async () => {
  for (const factor of ['10', '20']) servers.push(await startReferenceProcess(['--latency-factor', factor]));
  const [a, b] = servers.map(({ url }) => url);
  const notes = join(folder, 'restarts');
  const args = ['ab', '--baseline-url', a ?? '', '--candidate-url', b ?? '', '--out', join(folder, 'restarts-ab')];
  const restarts = ['--restart-baseline', `echo a >> ${notes}`, '--restart-candidate', `echo b >> ${notes}`];
  const finished = await cli([...args, '--max-duration', '40s', ...restarts], { env: { PERF_RATE: '100' } });
  expect(finished).toMatchObject({ code: 1, stdout: expect.stringContaining('5 independent observations') });
  expect(finished.stdout).not.toContain('these two processes');
  expect(readFileSync(notes, 'utf8')).toBe('a\nb\n'.repeat(5));
}, 240_000);
