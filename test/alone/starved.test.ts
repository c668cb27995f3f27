import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../../scripts/result/files';
import { runSchema } from '../../scripts/result/run';
import { ensureK6 } from '../../scripts/setup';
import { startCli, temporaryFolder, until, wrapK6 } from '../support/cli';
import { SHORT_LOAD } from '../support/load';
import { answered, reference, stopReferences } from '../support/reference';

let folder: string;
let k6: string;

beforeAll(async () => {
  folder = temporaryFolder('starved-generator');
  k6 = (await ensureK6()).path;
}, 300_000);

afterEach(stopReferences);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a measurement for which k6 had no CPU is INVALID, and the server is not blamed', async () => {
  const server = await reference('--control-port', '0');
  spawnSync('taskset', ['-pc', '1', String(server.child.pid)]);
  // On one core, and with the least of claims on it: of its process group's share as well as within that.
  const yielding = `echo 19 >/proc/self/autogroup 2>/dev/null\nexec taskset -c 0 chrt --idle 0 '${k6}' "$@"`;
  const pinned = wrapK6(temporaryFolder('starved'), k6, yielding);
  const out = join(folder, 'starved');
  const args = ['run', 'load', '--target', server.url, '--out', out, ...SHORT_LOAD];
  const running = startCli(args, { env: { PERF_K6: pinned } });
  // Whatever else this machine does comes before a process of the idle class.
  await until(async () => (await answered(server)) > 100, 'the load is under way', 60_000);
  // Busy neighbours on that core; they end by themselves.
  const neighbours = [1, 2].map(() => spawn('taskset', ['-c', '0', 'timeout', '8', 'sh', '-c', 'while :; do :; done']));
  const { code, stdout } = await running.finished;
  for (const neighbour of neighbours) neighbour.kill('SIGKILL');
  expect(stdout).toMatch(
    /k6 used or waited for \d+ % of its CPU .* other processes on this machine starved the generator/,
  );
  // Shares are of what k6 may use, which its command may set only after it was started.
  const { generator } = readJson(join(out, 'run.json'), runSchema, 'run.json');
  expect(generator.cpuLimit).toBe(1);
  expect(code).toBe(3);
}, 120_000);
