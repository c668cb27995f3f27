import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { type Bundle, buildScenarios } from '../../build';
import { ensureK6, k6Environment } from '../../scripts/setup';

const repository = resolve(__dirname, '../..');
const RUN_DEADLINE_MS = 60_000;
/** Whatever decides about a k6 run and may be set on the machine that runs the tests. */
const FOREIGN = /^(PERF_|K6_|(HTTPS?|NO|ALL)_PROXY$)/i;
/** What runs in k6, and is needed to build a scenario of a test's own. */
const ROOMS = ['lib', 'contract', 'thresholds', 'profiles', 'config', 'scenarios'];

export interface K6Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface K6Options {
  /** The folder that it is started in. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** A command that starts it, such as `nsenter`. */
  readonly through?: readonly string[];
}

let found: ReturnType<typeof ensureK6> | undefined;

/** Runs a script with plain k6, as a user would: nothing but its environment says what to do. */
export async function runK6(script: string, { cwd, env = {}, args = [], through = [] }: K6Options): Promise<K6Run> {
  found ??= ensureK6();
  const { path } = await found;
  const own = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  const [command, ...rest] = [...through, path, 'run', '--quiet', '--no-color', ...args, script] as [string];
  const options = { cwd, env: k6Environment({ ...Object.fromEntries(own), PWD: cwd, ...env }) };
  return new Promise((done, fail) => {
    const limits = { timeout: RUN_DEADLINE_MS, killSignal: 'SIGKILL', maxBuffer: 64e6 } as const;
    execFile(command, rest, { ...options, ...limits }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') fail(new Error(`${error.message}\n${stderr}`));
      else done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** A sample as k6's JSON output has it. */
export interface Sample {
  readonly metric: string;
  readonly value: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** The samples that `--out json=FILE` wrote. */
export function samplesIn(file: string): Sample[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const points = lines.map((line) => JSON.parse(line)).filter((line) => line.type === 'Point');
  return points.map(({ metric, data }) => ({ metric, value: data.value, tags: data.tags }));
}

/** Builds the suite's own scenarios and one more, which may import whatever they import. */
export async function buildWith(folder: string, name: string, source: string): Promise<Bundle[]> {
  const root = join(folder, 'root');
  mkdirSync(root);
  for (const room of ROOMS) cpSync(join(repository, room), join(root, room), { recursive: true });
  writeFileSync(join(root, 'scenarios', `${name}.ts`), source);
  return buildScenarios({ root, outDir: join(folder, 'dist') });
}

export interface Recorded {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Recorder {
  readonly url: string;
  /** In the order of their arrival. */
  readonly requests: readonly Recorded[];
  close(): void;
}

/**
 * Keeps what it was sent.
 *
 * @param upstream the server that answers; null: a web server that is not FIML.
 */
export async function startRecorder(upstream: string | null): Promise<Recorder> {
  const requests: Recorded[] = [];
  const server = createServer((incoming, answer) => {
    const { method, headers, url = '' } = incoming;
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      requests.push({ url, headers, body: body.toString() });
      if (upstream === null) {
        answer.end('<html>It works!</html>');
        return;
      }
      // What comes to a proxy names its server as well.
      const path = url.replace(/^http:\/\/[^/]*/, '');
      const forwarded = httpRequest(upstream + path, { method, headers }, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(answer);
      });
      forwarded.on('error', () => answer.destroy());
      forwarded.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close };
}

/**
 * A `test` for what not every machine can do. Where `probe` fails it is skipped, and says why; under `CI=true` it fails
 * instead, so that nobody takes a skipped test for a passed one.
 */
export function testWhere(probe: readonly [string, ...string[]], name: string, fn: () => Promise<void>): void {
  const [program, ...args] = probe;
  try {
    execFileSync(program, args, { stdio: 'pipe' });
    test(name, fn);
  } catch (error) {
    const reason = `\`${probe.join(' ')}\` does not work here: ${(error as Error).message.split('\n').pop()}`;
    if (process.env.CI !== 'true') test.skip(`${name} (${reason})`, fn);
    else {
      test(name, () => {
        throw new Error(reason);
      });
    }
  }
}
