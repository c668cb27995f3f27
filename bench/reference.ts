import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Pool } from 'undici';
import { searchBySymbol } from '../contract';

/**
 * How many quick searches the reference server answers per second of one core, beside Node's bare HTTP server sending a
 * body of the same size. Per second of the server's own CPU time, so that a generator that shares the cores with it
 * does not count: `node -r ./build/register.js bench/reference.ts`.
 */
const root = resolve(__dirname, '..');
const REQUESTS = 20_000;
const WARMUP = 4000;
const CONNECTIONS = 32;
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'META', 'TSLA', 'AVGO', 'COST'];
const FLOOR_PER_S = 5000;

interface Measured {
  readonly perCpuS: number;
  /** By the clock, with the generator on the same machine. */
  readonly perS: number;
  readonly bytes: number;
}

const BARE = `
const http = require('node:http');
const body = 'x'.repeat(Number(process.argv[1]));
http.createServer((request, response) => {
  if (request.url.startsWith('/metrics/')) {
    const { user, system } = process.cpuUsage();
    return response.end('process_cpu_seconds_total ' + (user + system) / 1e6 + '\\n');
  }
  request.resume();
  request.on('end', () => response.setHeader('content-type', 'application/json').end(body));
}).listen(0, '127.0.0.1', function () {
  console.log(JSON.stringify({ url: 'http://127.0.0.1:' + this.address().port }));
});
process.stdin.resume().on('end', () => process.exit(0));
`;

async function measure(args: readonly string[]): Promise<Measured> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const url = await new Promise<string>((ready, reject) => {
    child.once('exit', () => reject(new Error('the server ended before it was ready')));
    createInterface({ input: child.stdout }).once('line', (line) => ready((JSON.parse(line) as { url: string }).url));
  });
  const pool = new Pool(url, { connections: CONNECTIONS });
  try {
    await load(pool, WARMUP);
    const before = await cpuS(pool);
    const startedAt = performance.now();
    const bytes = await load(pool, REQUESTS);
    const tookS = (performance.now() - startedAt) / 1000;
    return { perCpuS: REQUESTS / ((await cpuS(pool)) - before), perS: REQUESTS / tookS, bytes };
  } finally {
    await pool.destroy();
    child.stdin.end();
  }
}

async function load(pool: Pool, requests: number): Promise<number> {
  let sent = 0;
  let bytes = 0;
  const user = async () => {
    while (sent < requests) {
      const { path, method, body } = searchBySymbol(SYMBOLS[sent++ % SYMBOLS.length] ?? 'AAPL', 'quick');
      const answer = await pool.request({ path, method, body, headers: { 'content-type': 'application/json' } });
      bytes = (await answer.body.arrayBuffer()).byteLength;
      if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, user));
  return bytes;
}

async function cpuS(pool: Pool): Promise<number> {
  const { body } = await pool.request({ path: '/metrics/?name[]=process_cpu_seconds_total', method: 'GET' });
  const value = /^process_cpu_seconds_total ([\d.]+)$/m.exec(await body.text())?.[1];
  if (value === undefined) throw new Error('the server does not say its CPU time');
  return Number(value);
}

async function main(): Promise<void> {
  const register = ['-r', './build/register.js', 'reference/main.ts', '--port', '0', '--exit-with-parent'];
  const reference = await measure([...register, '--no-service-time']);
  const bare = await measure(['-e', BARE, String(reference.bytes)]);
  const ratio = reference.perCpuS / bare.perCpuS;
  process.stdout.write(
    `reference: ${Math.round(reference.perCpuS)} quick searches per second of one core, ${Math.round(reference.perS)} by the clock\n` +
      `bare HTTP server, ${bare.bytes} bytes: ${Math.round(bare.perCpuS)}, ${Math.round(bare.perS)} by the clock\n` +
      `ratio: ${ratio.toFixed(2)}\n`,
  );
  if (reference.perCpuS < FLOOR_PER_S) process.exitCode = 1;
}

void main();
