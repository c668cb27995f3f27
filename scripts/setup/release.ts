import { execFile } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Dispatcher } from 'undici';
import { undici } from '../clients';
import { parseChecksums, sha256 } from './checksums';
import { AttemptError, rootCause } from './errors';
import type { WorkContext } from './obtain';
import { PINNED_VERSION, probeK6 } from './version';

const RELEASES = 'https://github.com/grafana/k6/releases/download';

/** A machine without network must reach the next way quickly: only the first answer is waited for this long. */
const CONNECT_TIMEOUT_MS = 10_000;
const FIRST_ANSWER_TIMEOUT_MS = 20_000;
/** A download may take long, but not stand still. */
const STALL_TIMEOUT_MS = 30_000;
const PROGRESS_EVERY_MS = 2_000;

const PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-amd64.tar.gz',
  'linux-arm64': 'linux-arm64.tar.gz',
  'darwin-x64': 'macos-amd64.zip',
  'darwin-arm64': 'macos-arm64.zip',
  'win32-x64': 'windows-amd64.zip',
};

/** The name of the official archive for a platform, or undefined where k6 publishes none. */
export function archiveName(platform: string, arch: string): string | undefined {
  const suffix = PLATFORMS[`${platform}-${arch}`];
  return suffix && `k6-v${PINNED_VERSION}-${suffix}`;
}

/** Fetches, verifies and unpacks the official archive; resolves to the unpacked binary inside the workspace. */
export async function downloadRelease(context: WorkContext): Promise<string> {
  const { env, log, platform, arch, workspace } = context;
  const archive = archiveName(platform, arch);
  if (archive === undefined) throw new AttemptError(`k6 publishes no archive for ${platform} on ${arch}`);
  const base = `${(env.PERF_K6_RELEASE_URL || RELEASES).replace(/\/+$/, '')}/v${PINNED_VERSION}`;
  const sums = `k6-v${PINNED_VERSION}-checksums.txt`;

  const { EnvHttpProxyAgent, fetch } = undici();
  const connect = { timeout: CONNECT_TIMEOUT_MS };
  const dispatcher = new EnvHttpProxyAgent({
    connect,
    proxyTls: connect,
    requestTls: connect,
    headersTimeout: STALL_TIMEOUT_MS,
    bodyTimeout: STALL_TIMEOUT_MS,
    ...proxiesOf(env),
  });
  const get = (name: string) => open(fetch, `${base}/${name}`, dispatcher, context.signal);
  try {
    log(`k6: looking for release v${PINNED_VERSION} at ${base}`);
    const list = await get(sums);
    const expected = parseChecksums(await readText(list.body, list.url)).get(archive);
    if (expected === undefined) throw new AttemptError(`${list.url} has no checksum for ${archive}; not downloaded`);

    const answer = await get(archive);
    const file = join(workspace, archive);
    await save(answer, file, log);
    const actual = await sha256(file);
    if (actual !== expected) {
      rmSync(file, { force: true });
      throw new AttemptError(
        `${answer.url} has a wrong checksum and was deleted (sha256 ${actual}, the release says ${expected})`,
      );
    }
    log('k6: checksum is right, unpacking');
    return await unpack(context, archive);
  } finally {
    await dispatcher.destroy();
  }
}

interface Answer {
  url: string;
  body: AsyncIterable<Uint8Array>;
  bytes: number | undefined;
}

async function open(
  fetch: typeof import('undici').fetch,
  url: string,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<Answer> {
  const impatience = new AbortController();
  const timer = setTimeout(
    () => impatience.abort(new Error(`no answer within ${FIRST_ANSWER_TIMEOUT_MS / 1000} s`)),
    FIRST_ANSWER_TIMEOUT_MS,
  );
  try {
    const response = await fetch(url, { dispatcher, signal: AbortSignal.any([signal, impatience.signal]) });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new AttemptError(`${url} answered HTTP ${response.status}`);
    }
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    return { url, body: response.body, bytes: Number.isFinite(length) ? length : undefined };
  } catch (error) {
    if (error instanceof AttemptError) throw error;
    throw new AttemptError(`${url} cannot be reached: ${rootCause(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

async function readText(body: AsyncIterable<Uint8Array>, url: string): Promise<string> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of body) parts.push(part);
  } catch (error) {
    throw new AttemptError(`${url} broke off: ${rootCause(error)}`);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function save(answer: Answer, file: string, log: (line: string) => void): Promise<void> {
  let received = 0;
  let lastReport = Date.now();
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const total = answer.bytes === undefined ? '' : ` of ${megabytes(answer.bytes)}`;
  log(`k6: downloading ${answer.url}${total && ` (${megabytes(answer.bytes ?? 0)})`}`);
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of answer.body) {
      received += chunk.length;
      if (Date.now() - lastReport >= PROGRESS_EVERY_MS) {
        lastReport = Date.now();
        log(`k6: ${megabytes(received)}${total}`);
      }
      yield chunk;
    }
  }
  try {
    await pipeline(Readable.from(counted()), createWriteStream(file));
  } catch (error) {
    rmSync(file, { force: true });
    throw new AttemptError(`${answer.url} broke off after ${megabytes(received)}${total}: ${rootCause(error)}`);
  }
}

async function unpack(context: WorkContext, archive: string): Promise<string> {
  const { workspace, platform, env, signal } = context;
  const folder = archive.replace(/\.(tar\.gz|zip)$/, '');
  const member = `${folder}/${platform === 'win32' ? 'k6.exe' : 'k6'}`;
  // The tar of macOS and Windows reads zip as well; GNU tar does not, but Linux archives are tar.gz.
  const args = archive.endsWith('.zip') ? ['-xf', archive, member] : ['-xzf', archive, member];
  try {
    await promisify(execFile)('tar', args, { cwd: workspace, env, signal });
  } catch (error) {
    throw new AttemptError(`${archive} cannot be unpacked with tar: ${rootCause(error).trim()}`);
  }
  const binary = join(workspace, member);
  const probe = await probeK6(binary, env);
  if (!probe.ok) throw new AttemptError(`the k6 from ${archive} ${probe.reason}`);
  return binary;
}

/** undici reads the proxy from its own process only; set-up may be handed another environment. */
function proxiesOf(env: NodeJS.ProcessEnv): { httpProxy?: string; httpsProxy?: string; noProxy?: string } {
  const httpProxy = env.http_proxy || env.HTTP_PROXY;
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY;
  const noProxy = env.no_proxy || env.NO_PROXY;
  return {
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    ...(noProxy ? { noProxy } : {}),
  };
}
