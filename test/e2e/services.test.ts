import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Redis from 'ioredis';
import { Client } from 'pg';
import * as contract from '../../contract';
import { missingServices, readState, type State, startServices } from '../../scripts/services';
import { lives } from '../../scripts/services/process';
import { ensureToxiproxy } from '../../scripts/setup';
import { cli, repository, startCli, temporaryFolder, until } from '../support/cli';
import { describeWith } from '../support/services';

jest.setTimeout(90_000);

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
    execFile(process.execPath, args, { cwd: repository, env, timeout: DEADLINE_MS }, (error, stdout, stderr) => {
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

describe('what is not installed', () => {
  // Debian keeps PostgreSQL off PATH, so it is found without.
  const env = { PATH: '', PERF_CACHE_DIR: join(repository, 'no-such-folder') };

  test('is named', () => {
    expect(missingServices(env)).toEqual(expect.arrayContaining(['redis-server', 'toxiproxy-server']));
  });

  test('is a mistake that says what to install, and nothing is started', async () => {
    const { code, stdout, stderr } = await cli(['services', 'up'], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/not installed:\n.* {2}redis-server: apt-get install redis-server/);
    expect(stderr).toContain('docker compose up');
    expect(existsSync(env.PERF_CACHE_DIR)).toBe(false);
  });
});

describeWith(['redis', 'postgres', 'toxiproxy'], 'the services', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const stateFile = () => join(folder, 'services', 'state.json');
  const services = (command: string) => cli(['services', command], { env });

  beforeAll(async () => {
    const { path } = await ensureToxiproxy();
    folder = temporaryFolder('services');
    // A state of its own; Toxiproxy comes from PATH then, since the cache is another one as well.
    env = { PERF_CACHE_DIR: folder, PATH: `${dirname(path)}:${process.env.PATH}` };
  });
  afterEach(async () => {
    // Left by a test that failed.
    if (existsSync(stateFile())) await services('down');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const up = async (): Promise<{ state: State; addresses: Record<string, string> }> => {
    const { code, stdout, stderr } = await services('up');
    expect([code, stderr]).toEqual([0, expect.stringContaining('starting the reference server')]);
    return { state: readState(stateFile()) as State, addresses: exported(stdout) };
  };

  test('answer, each through its proxy, and leave nothing', async () => {
    const { state, addresses } = await up();
    expect(Object.keys(addresses)).toEqual([
      'PERF_TARGET',
      'PERF_TOXIPROXY',
      'PERF_CONTROL',
      'REDIS_URL',
      'DATABASE_URL',
    ]);
    const again = await services('up');
    expect(again).toMatchObject({ code: 0, stderr: 'services: already up\n' });
    expect(exported(again.stdout)).toEqual(addresses);
    expect(exported((await services('env')).stdout)).toEqual(addresses);

    const { PERF_TARGET: target = '', PERF_TOXIPROXY: toxiproxy = '', PERF_CONTROL: control = '' } = addresses;
    const search = async () => {
      const request = contract.searchBySymbol('AAPL', 'standard');
      const { method, path, body } = request;
      const answer = await fetch(target + path, { method, body, headers: { 'content-type': 'application/json' } });
      return contract.classify({ status: answer.status, body: await answer.text() }, request, 'full');
    };
    expect(await search()).toMatchObject({ ok: true, value: { narrative: { language: 'en' } } });
    for (const part of ['db', 'cache']) expect((await fetch(`${target}/health/${part}`)).status).toBe(200);
    expect(await (await fetch(`${control}/stats`)).json()).toMatchObject({ cacheMisses: 1 });

    const redis = new Redis(addresses.REDIS_URL ?? '');
    expect(await redis.keys('price:*')).toEqual(['price:AAPL:any']);
    redis.disconnect();
    const client = new Client({ connectionString: addresses.DATABASE_URL });
    await client.connect();
    expect((await client.query('SELECT symbol FROM assets ORDER BY id')).rows.map(({ symbol }) => symbol)).toEqual([
      'AAPL',
      'TSLA',
      'BTC',
      'ETH',
    ]);
    await client.end();

    const proxies = (await (await fetch(`${toxiproxy}/proxies`)).json()) as Record<string, { upstream: string }>;
    expect(Object.keys(proxies).sort()).toEqual(['fiml', 'llm', 'postgres', 'redis']);
    const cut = async (name: string, enabled: boolean) => {
      const answer = await fetch(`${toxiproxy}/proxies/${name}`, { method: 'POST', body: JSON.stringify({ enabled }) });
      expect(answer.status).toBe(200);
    };
    await cut('postgres', false);
    expect((await fetch(`${target}/health/db`)).status).toBe(503);
    await cut('fiml', false);
    await expect(fetch(`${target}/health`)).rejects.toThrow();

    expect(await services('down')).toMatchObject({ code: 0, stderr: 'services: stopped\n' });
    nothingLeft(state);
    expect(readdirSync(folder)).toEqual([]);
    expect(await services('down')).toMatchObject({ code: 0, stderr: 'services: none are up\n' });
    expect(await services('env')).toMatchObject({ code: 2, stderr: expect.stringContaining('not up') });
  });

  test('are stopped as well when some have been killed, and started anew', async () => {
    const { state } = await up();
    const pidOf = (name: string) => state.processes.find((each) => each.name === name)?.pid ?? 0;
    for (const name of ['postgres', 'redis']) process.kill(pidOf(name), 'SIGKILL');
    // It can still be ended where it cannot hear.
    process.kill(pidOf('toxiproxy'), 'SIGSTOP');
    await until(() => state.processes.filter(lives).length === 3, 'both have ended');
    expect(await services('env')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/redis, postgres|postgres, redis/),
    });
    const { code, stderr } = await services('up');
    expect([code, stderr]).toEqual([0, expect.stringContaining('starting anew')]);
    nothingLeft(state);
    const anew = readState(stateFile()) as State;
    expect(await services('down')).toMatchObject({ code: 0 });
    nothingLeft(anew);
  });

  test('are found by down when up was killed in the middle, and whose id is another process now is left alone', async () => {
    const { child, finished } = startCli(['services', 'up'], { env });
    const processes = () => readState(stateFile())?.processes ?? [];
    await until(() => processes().length > 0, 'something has been started');
    child.kill('SIGKILL');
    await finished;
    const state = readState(stateFile()) as State;
    expect(state.addresses).toBeNull();
    const mine = { ...(state.processes[0] as State['processes'][number]), pid: process.pid };
    writeFileSync(stateFile(), JSON.stringify({ ...state, processes: [...state.processes, mine] }));
    expect(await services('down')).toMatchObject({ code: 0, stderr: 'services: stopped\n' });
    nothingLeft(state);
  });

  test('that a process has started for itself end when it stops them, and when it is killed', async () => {
    const started = await startServices({ env: { ...process.env, ...env }, log: () => undefined });
    expect((await fetch(`${started.url}/health`)).status).toBe(200);
    await started.stop();
    await expect(fetch(`${started.directUrl}/health`)).rejects.toThrow();

    const program = `require('./scripts/services').startServices({ env: process.env, log: () => {} })
      .then(({ directUrl }) => console.log(directUrl));
    setInterval(() => {}, 1000);`;
    // PostgreSQL has an account of its own where this is root.
    chmodSync(folder, 0o711);
    const child = execFile(process.execPath, ['-r', './build/register.js', '-e', program], {
      cwd: repository,
      env: { ...process.env, ...env, TMPDIR: folder },
    });
    const url = await new Promise<string>((line) => {
      child.stdout?.once('data', (text: string) => line(text.trim()));
    });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const homes = () => readdirSync(folder).filter((name) => name.startsWith('fiml-services-'));
    const [home = ''] = homes();
    const state = readState(join(folder, home, 'state.json')) as State;
    child.kill('SIGKILL');
    await until(() => homes().length === 0, 'the folder is removed');
    nothingLeft(state);
  });

  test('a state that is damaged is a mistake that names the file', async () => {
    mkdirSync(dirname(stateFile()), { recursive: true });
    writeFileSync(stateFile(), '{"folder":1}');
    const { code, stderr } = await services('down');
    expect([code, stderr]).toEqual([2, expect.stringContaining(stateFile())]);
    rmSync(stateFile());
  });
});

/** The lines that `up` prints, by variable. */
function exported(stdout: string): Record<string, string> {
  const lines = stdout.trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^export (\w+)=(\S+)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`no shell line: ${line}`);
      return [name, value];
    }),
  );
}

/** No process, no folder; the helpers of a PostgreSQL are known by the folder that they work in. */
function nothingLeft({ processes, folder }: State): void {
  expect(processes.filter(lives)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  const inFolder = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
  expect(inFolder).toEqual([]);
}
