import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { locustFolder } from '../../bench/locust/install';
import { locustUser } from '../../bench/speed/locust';
import { recordSchema } from '../../bench/speed/record';
import { readJson } from '../../scripts/result/files';
import { ensureK6 } from '../../scripts/setup';
import { repository, temporaryFolder } from '../support/cli';
import { reference, stopReferences } from '../support/reference';

const DEADLINE_MS = 120_000;

let folder: string;
let env: NodeJS.ProcessEnv;
let installed: string;
beforeAll(async () => {
  folder = temporaryFolder('bench');
  env = { ...process.env, PERF_K6: (await ensureK6()).path, PERF_CACHE_DIR: join(folder, 'cache') };
  expect(await locustFolder(false, env)).toBeNull();
  installed = (await locustFolder(true, env)) as string;
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(stopReferences);

test('Locust is installed once, as it is pinned, and every row beside it is measured', async () => {
  expect(await locustFolder(false, env)).toBe(installed);
  const out = join(folder, 'speed.json');
  const args = ['-r', './build/register.js', 'bench/speed/main.ts', '--short', '--only', 'locust', '--out', out];
  execFileSync(process.execPath, args, { cwd: repository, env, timeout: DEADLINE_MS, stdio: 'pipe' });
  const { rows } = readJson(out, recordSchema, 'the figures');
  expect(rows).toHaveLength(4);
  for (const row of rows) expect(row).toMatchObject({ figure: expect.any(Number) });
}, 180_000);

describe.each(['FastUser', 'PlainUser'])('%s', (user) => {
  const load = async (...faults: string[]) => {
    const { url } = await reference(...faults);
    return locustUser(user, user, installed, 50).start(url, 2).ended;
  };

  test('finds every answer of a healthy server right', () => load());

  test.each([
    'transport',
    'http',
    'envelope',
    'inner',
    'data',
  ])('finds what fails in layer %s, as the suite does', (layer) =>
    expect(load('--error-rate', `${layer}=0.2`)).rejects.toThrow(/ended with 1/));
});
