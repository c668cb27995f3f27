import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cli, repository, temporaryFolder } from '../support/cli';
import { describeWithPrograms } from '../support/programs';
import { INSTALL_MS, pythonPackage } from '../support/python-package';
import { ended, reference, stopReferences } from '../support/reference';

/** The version that the marks in its output were tried with. */
const MEMRAY = 'memray==1.20.0';
const SEARCH_LEAK_BYTES = 50_000;
const LENGTH = '40s';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder('memory-long');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(stopReferences);

const underLoad = (name: string, url: string, env: NodeJS.ProcessEnv = {}) =>
  cli(
    [
      'profile',
      '--mode',
      'memory',
      '--target',
      'cache',
      '--url',
      url,
      '--duration',
      LENGTH,
      '--out',
      join(folder, name),
    ],
    { env },
  );

describe('under the load of hot symbols', () => {
  test('a healthy server does not leak, and one that keeps memory for each request does', async () => {
    expect(await underLoad('calm', (await reference()).url)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^PASS {2}resident memory does not go on growing/),
    });
    expect(await underLoad('leak', (await reference('--leak-bytes', '60000')).url)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^FAIL {2}resident memory goes on growing[\s\S]*\narrayBuffers +\d+ [KM]B +\d{3} MB\n/,
      ),
    });
  }, 300_000);
});

describeWithPrograms(['python3', 'pip3', 'gdb'], 'a Python server that has memray', () => {
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    // A third of what it can do: one that drops requests has less to leak, and is no pass.
    env = { PYTHONPATH: await pythonPackage(MEMRAY, 'memray'), PERF_RATE: '60' };
  }, INSTALL_MS);

  async function onServer<T>(args: readonly string[], then: (url: string) => Promise<T>): Promise<T> {
    const child = spawn('python3', [join(repository, 'test', 'support', 'python-server.py'), ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    try {
      const url = await new Promise<string>((resolve, reject) => {
        child.once('exit', () => reject(new Error('the Python server has ended')));
        createInterface({ input: child.stdout }).once('line', (line) =>
          resolve((JSON.parse(line) as { url: string }).url),
        );
      });
      return await then(url);
    } finally {
      child.kill('SIGKILL');
      await ended(child, 5000);
    }
  }

  test('shows the function that keeps what it allocates on top, and that only where there is one', async () => {
    const calm = await onServer([], (url) => underLoad('python-calm', url, env));
    expect(calm).toMatchObject({ code: 0, stdout: expect.stringMatching(/^PASS .*\n.*\nmemray of /) });
    const leaking = await onServer(['--leak', String(SEARCH_LEAK_BYTES)], (url) => underLoad('python', url, env));
    expect(leaking).toMatchObject({ code: 1, stdout: expect.stringMatching(/^FAIL .*\n.*\nmemray of /) });
    expect(leaking.stdout).toMatch(
      /Functions by what they allocated and is still kept\n.*\n *\d+ MB +9\d\.\d % +search +.*python-server\.py +own code\n/,
    );
    const files = readdirSync(join(folder, 'python'));
    expect(files.filter((file) => file.startsWith('memray_')).map((file) => file.split('.').at(-1))).toEqual([
      'bin',
      'html',
    ]);
    const page = files.find((file) => /^memray_.*\.html$/.test(file)) ?? '';
    expect(readFileSync(join(folder, 'python', page), 'utf8')).toContain('python-server.py');
  }, 400_000);
});
