import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Pool } from 'undici';
import { searchBySymbol } from '../../contract';
import { openAlarm } from '../../reference/alarm';
import { MEDIAN_MS } from '../../reference/operation';
import { root } from '../../scripts/root';
import type { Bench, Row, Size } from './row';
import { HANDLED, type Seen } from './watched';

const CONNECTIONS = 32;
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'META', 'TSLA', 'AVGO', 'COST'];
const RATE = 1000;
/** Keeps this machine's other processes out of a server's own times; what the system refuses it does without. */
const UNDISTURBED = ['chrt', '--rr', '1'] as const;
/** Of compiled code, and of a heap that has its size: a server's first thousands of requests cost twice as much. */
const AMOUNTS: Readonly<Record<Size, { warmup: number; requests: number; seconds: number; times: number }>> = {
  full: { warmup: 30_000, requests: 40_000, seconds: 5, times: 3 },
  short: { warmup: 100, requests: 200, seconds: 0.2, times: 1 },
};

/** The server of runs that are given no target: what it carries of one core, and how exact the times are that it takes. */
export const reference: Bench = async (size) => {
  const { times } = AMOUNTS[size];
  const ours: number[] = [];
  const bare: number[] = [];
  const errorsMs: number[] = [];
  for (let time = 0; time < times; time++) {
    const { perCpuS, bytes } = await requestsPerCpuS(size, ['dist/reference.js', '--port', '0', '--no-service-time']);
    ours.push(perCpuS);
    bare.push(
      (await requestsPerCpuS(size, ['-r', './build/register.js', 'bench/speed/bare-server.ts', String(bytes)])).perCpuS,
    );
    errorsMs.push(await timingErrorMs(size));
  }
  const measured = Math.max(...ours);
  return [
    {
      what: 'reference server: quick searches, embedded stores',
      unit: 'requests per second of one core',
      measured,
      baseline: null,
      target: { atLeast: 10_000 },
    },
    {
      what: 'reference server: the same',
      unit: 'requests per second of one core',
      measured,
      baseline: { name: "Node's bare HTTP server, as many bytes", measured: Math.max(...bare) },
      target: { atLeast: 1 / 3 },
    },
    {
      what: `reference server: P99 of its own timing error at ${RATE} requests per second`,
      unit: 'ms',
      measured: Math.min(...errorsMs),
      baseline: null,
      target: { atMost: 1 },
    },
  ] satisfies Row[];
};

/**
 * As many as fit into a second of the server's own CPU time, of all its threads: a generator that shares the cores with it
 * does not count.
 */
async function requestsPerCpuS(size: Size, program: readonly string[]): Promise<{ perCpuS: number; bytes: number }> {
  const { warmup, requests } = AMOUNTS[size];
  return onServer(nodeOn(program), {}, async (pool, look) => {
    await busily(pool, warmup);
    const before = await look();
    const bytes = await busily(pool, requests);
    return { perCpuS: requests / ((await look()).cpuS - before.cpuS), bytes };
  });
}

/**
 * By how much the time that a search was handled for differs from the service time that it is to have. All have the same, and
 * come at a steady rate but at any point of the millisecond, as requests do.
 */
async function timingErrorMs(size: Size): Promise<number> {
  const { seconds } = AMOUNTS[size];
  const alarm = openAlarm();
  try {
    const allowed = spawnSync(UNDISTURBED[0], [...UNDISTURBED.slice(1), 'true']).status === 0;
    const server = nodeOn(['dist/reference.js', '--port', '0', '--sigma', '0']);
    return await onServer([...(allowed ? UNDISTURBED : []), ...server], { [HANDLED]: '1' }, async (pool, look) => {
      await steadily(pool, alarm.sleep, seconds / 5);
      await look();
      await steadily(pool, alarm.sleep, seconds);
      const { handledMs } = await look();
      const errorsMs = handledMs.map((ms) => Math.abs(ms - MEDIAN_MS['search-quick'])).sort((a, b) => a - b);
      return errorsMs[Math.ceil(0.99 * errorsMs.length) - 1] ?? Number.NaN;
    });
  } finally {
    await alarm.close();
  }
}

const nodeOn = (program: readonly string[]): readonly string[] => [
  process.execPath,
  ...['-r', './build/register.js', '-r', './bench/speed/watched.ts'],
  ...program,
];

type Look = () => Promise<Seen>;

async function onServer<T>(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  use: (pool: Pool, look: Look) => Promise<T>,
): Promise<T> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  try {
    const url = await Promise.race([
      new Promise<string>((ready) => {
        createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) =>
          ready((JSON.parse(line) as { url: string }).url),
        );
      }),
      ended.then(() => Promise.reject(new Error('the server ended before it was ready'))),
    ]);
    const pool = new Pool(url, { connections: CONNECTIONS });
    const look = async () => {
      const answer = once(child, 'message');
      child.send('look');
      return (await answer)[0] as Seen;
    };
    try {
      return await use(pool, look);
    } finally {
      await pool.destroy();
    }
  } finally {
    if (child.connected) child.disconnect();
    await ended;
  }
}

/** Users who ask again at once. @returns bytes of an answer. */
async function busily(pool: Pool, requests: number): Promise<number> {
  let sent = 0;
  let bytes = 0;
  const user = async () => {
    while (sent < requests) bytes = await ask(pool, sent++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, user));
  return bytes;
}

async function steadily(pool: Pool, sleep: (ms: number) => Promise<void>, seconds: number): Promise<void> {
  const startedMs = performance.now();
  const answers: Promise<number>[] = [];
  for (let sent = 0; sent < seconds * RATE; sent++) {
    const waitMs = startedMs + ((sent + Math.random()) * 1000) / RATE - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    answers.push(ask(pool, sent));
  }
  await Promise.all(answers);
}

async function ask(pool: Pool, nth: number): Promise<number> {
  const { path, method, body } = searchBySymbol(SYMBOLS[nth % SYMBOLS.length] ?? 'AAPL', 'quick');
  const answer = await pool.request({ path, method, body, headers: { 'content-type': 'application/json' } });
  const { byteLength } = await answer.body.arrayBuffer();
  if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode}`);
  return byteLength;
}
