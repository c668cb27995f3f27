import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type EnsureOptions,
  ensureK6,
  ensureToxiproxy,
  type K6,
  PINNED_VERSION,
  SetupError,
} from '../../scripts/setup';
import { TOXIPROXY_VERSION } from '../../scripts/setup/toxiproxy';

const repository = resolve(__dirname, '../..');
const ARCHIVE = `k6-v${PINNED_VERSION}-linux-amd64.tar.gz`;
const SUMS = `k6-v${PINNED_VERSION}-checksums.txt`;

let folder: string;
let tools: string;
let cache: string;
let servers: Server[];
let log: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ensure-k6-'));
  tools = join(folder, 'tools');
  cache = join(folder, 'cache');
  servers = [];
  log = [];
  mkdirSync(tools);
  // What unpacking needs, and neither k6 nor go.
  for (const tool of ['tar', 'gzip']) {
    symlinkSync(execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(tools, tool));
  }
});

afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

function script(path: string, text: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A file that answers like k6 of that version. */
function fakeK6(path: string, version = PINNED_VERSION): string {
  return script(path, `echo "k6 v${version} (fake, linux/amd64)"`);
}

/** A go that `does` something with `$out`, the file it was asked to write. */
function fakeGo(does: string): void {
  script(join(tools, 'go'), `while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done\n${does}`);
}

const GO_WRITES_K6 = `printf '#!/bin/sh\\necho "k6 v${PINNED_VERSION} (built)"\\n' >"$out"; /bin/chmod 755 "$out"`;

/** An archive laid out like the official one. */
function makeArchive(version = PINNED_VERSION): Buffer {
  const inside = `k6-v${PINNED_VERSION}-linux-amd64`;
  const stage = join(folder, 'stage');
  fakeK6(join(stage, inside, 'k6'), version);
  execFileSync('tar', ['-czf', ARCHIVE, inside], { cwd: stage });
  return readFileSync(join(stage, ARCHIVE));
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A release server; `files` by name, anything else is 404. */
async function serveRelease(files: Record<string, Buffer | string | RequestListener>): Promise<string> {
  return serve((incoming, answer) => {
    const name = incoming.url?.startsWith(`/v${PINNED_VERSION}/`) ? incoming.url.split('/').pop() : undefined;
    const file = name === undefined ? undefined : files[name];
    if (typeof file === 'function') file(incoming, answer);
    else if (file === undefined) answer.writeHead(404).end('<html>not here</html>');
    else answer.end(file);
  });
}

/** Nothing listens here: the server that had the port is closed. */
async function deadAddress(): Promise<string> {
  const base = await serve(() => {});
  const server = servers.pop();
  server?.close();
  if (server) await once(server, 'close');
  return base;
}

function settings(env: NodeJS.ProcessEnv, more: Partial<EnsureOptions> = {}): EnsureOptions {
  return {
    root: repository,
    env: { PATH: tools, PERF_CACHE_DIR: cache, ...env },
    platform: 'linux',
    arch: 'x64',
    log: (line) => log.push(line),
    ...more,
  };
}

const ensure = (env: NodeJS.ProcessEnv, more?: Partial<EnsureOptions>): Promise<K6> => ensureK6(settings(env, more));

async function refusal(env: NodeJS.ProcessEnv, more?: Partial<EnsureOptions>): Promise<string> {
  const outcome = await ensure(env, more).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(SetupError);
  return (outcome as SetupError).message;
}

const cached = () => join(cache, 'k6', `${PINNED_VERSION}-linux-x64`, 'k6');

/** Everything below the cache, so that "nothing is left" can be said in one line. */
function left(): string[] {
  const programs = join(cache, 'k6');
  return existsSync(programs) ? readdirSync(programs).sort() : [];
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 10));
}

describe('PERF_K6', () => {
  it('wins over everything', async () => {
    fakeK6(join(tools, 'k6'), '2.3.0');
    const path = fakeK6(join(folder, 'mine', 'k6'), '2.9.1');
    await expect(ensure({ PERF_K6: path })).resolves.toEqual({ path, version: '2.9.1', source: 'PERF_K6' });
  });

  it.each<[string, () => string, RegExp]>([
    ['is missing', () => join(folder, 'none'), /this file does not exist/],
    ['is too old', () => fakeK6(join(folder, 'old'), '1.1.0'), /is v1\.1\.0; needed is 2\.2 or newer, below 3/],
    ['is too new', () => fakeK6(join(folder, 'new'), '3.0.0'), /is v3\.0\.0/],
    ['is something else', () => script(join(folder, 'other'), 'echo hello'), /answered "hello", not as k6/],
    ['fails', () => script(join(folder, 'fails'), 'exit 7'), /ended with exit code 7/],
    ['is a folder', () => folder, /is not executable/],
  ])('that %s is an error and never replaced by another in silence', async (_, make, reason) => {
    fakeK6(join(tools, 'k6'));
    const message = await refusal({ PERF_K6: make() });
    expect(message).toMatch(reason);
    expect(message).toMatch(/^PERF_K6=.*\n.*unset it/);
  });
});

describe('the order', () => {
  it('takes k6 from PATH before the cache, without touching the network', async () => {
    const path = fakeK6(join(tools, 'k6'), '2.4.0');
    fakeK6(cached());
    await expect(ensure({})).resolves.toEqual({ path, version: '2.4.0', source: 'PATH' });
    expect(log).toEqual([]);
  });

  it('passes over a k6 on PATH that is too old', async () => {
    fakeK6(join(tools, 'k6'), '1.7.1');
    const path = fakeK6(cached());
    await expect(ensure({})).resolves.toEqual({ path, version: PINNED_VERSION, source: 'cache' });
  });

  it('takes the release before Go, and the cache the next time, with the network gone', async () => {
    fakeGo(GO_WRITES_K6);
    const archive = makeArchive();
    const base = await serveRelease({ [ARCHIVE]: archive, [SUMS]: `${digest(archive)}  ${ARCHIVE}\n` });
    const k6 = { path: cached(), version: PINNED_VERSION };
    await expect(ensure({ PERF_K6_RELEASE_URL: base })).resolves.toEqual({ ...k6, source: 'release' });
    expect(log.join('\n')).toMatch(/downloading .*\n.*checksum is right/);
    expect(left()).toEqual([`${PINNED_VERSION}-linux-x64`]);
    await expect(ensure({ PERF_K6_RELEASE_URL: await deadAddress() })).resolves.toEqual({ ...k6, source: 'cache' });
  });

  it('builds with Go when no release can be reached', async () => {
    fakeGo(GO_WRITES_K6);
    const k6 = await ensure({ PERF_K6_RELEASE_URL: await deadAddress() });
    expect(k6).toEqual({ path: cached(), version: PINNED_VERSION, source: 'go' });
    expect(left()).toEqual([`${PINNED_VERSION}-linux-x64`]);
  });

  it('builds with Go where k6 publishes no archive', async () => {
    fakeGo(GO_WRITES_K6);
    await expect(ensure({}, { arch: 'riscv64' })).resolves.toMatchObject({ source: 'go' });
    expect(log.join('\n')).toContain('k6 publishes no archive for linux on riscv64');
  });

  it('replaces a cached file that does not work', async () => {
    fakeGo(GO_WRITES_K6);
    script(cached(), 'exit 1');
    await expect(ensure({ PERF_K6_RELEASE_URL: await deadAddress() })).resolves.toMatchObject({ source: 'go' });
  });

  it('ends in one message with every way, its reason, and what helps', async () => {
    fakeK6(join(tools, 'k6'), '2.1.0');
    fakeGo('echo "go: downloading a v1" >&2; echo "no space left on device" >&2; exit 1');
    const message = await refusal({ PERF_K6_RELEASE_URL: await deadAddress() });
    expect(message).toMatch(/ {2}PATH {5}.* is v2\.1\.0/);
    expect(message).toMatch(/ {2}cache {4}no k6 v/);
    expect(message).toMatch(/ {2}release {2}.* cannot be reached: .*ECONNREFUSED/);
    expect(message).toMatch(/ {2}go {7}go build ended with exit code 1: no space left on device\n/);
    for (const help of ['on PATH', 'PERF_K6 ', 'HTTPS_PROXY', 'PERF_K6_RELEASE_URL', 'Go 1.26'])
      expect(message).toContain(help);
    expect(message).not.toMatch(/\n\s+at /);
    expect(left()).toEqual([]);
  });
});

describe('a release', () => {
  it('with a wrong checksum is refused and deleted', async () => {
    const base = await serveRelease({ [ARCHIVE]: makeArchive(), [SUMS]: `${'0'.repeat(64)}  ${ARCHIVE}\n` });
    expect(await refusal({ PERF_K6_RELEASE_URL: base })).toMatch(
      /wrong checksum and was deleted \(sha256 [0-9a-f]{64}/,
    );
    expect(left()).toEqual([]);
  });

  it('without a checksum for the archive is not even fetched', async () => {
    let fetched = 0;
    const base = await serveRelease({
      [SUMS]: `${'0'.repeat(64)}  k6-v${PINNED_VERSION}-macos-amd64.zip\n`,
      [ARCHIVE]: (_, answer) => {
        fetched += 1;
        answer.end();
      },
    });
    expect(await refusal({ PERF_K6_RELEASE_URL: base })).toContain(`has no checksum for ${ARCHIVE}`);
    expect(fetched).toBe(0);
  });

  it.each<[string, RequestListener, RegExp]>([
    ['that is missing', (_, answer) => answer.writeHead(404).end(), /answered HTTP 404/],
    [
      'that breaks off',
      (_, answer) => {
        answer.writeHead(200, { 'content-length': 5_000_000 });
        answer.write(Buffer.alloc(1_000_000), () => answer.destroy());
      },
      /broke off after 1\.0 MB of 5\.0 MB/,
    ],
    ['that ends early without saying so', (_, answer) => answer.end(Buffer.alloc(1000)), /wrong checksum/],
  ])('%s is refused', async (_, handler, reason) => {
    const base = await serveRelease({ [ARCHIVE]: handler, [SUMS]: `${digest(makeArchive())}  ${ARCHIVE}\n` });
    expect(await refusal({ PERF_K6_RELEASE_URL: base })).toMatch(reason);
    expect(left()).toEqual([]);
  });

  it('that is no archive is refused, whatever its checksum', async () => {
    const page = Buffer.from('<html>sign in</html>');
    const base = await serveRelease({ [ARCHIVE]: page, [SUMS]: `${digest(page)}  ${ARCHIVE}\n` });
    expect(await refusal({ PERF_K6_RELEASE_URL: base })).toContain('cannot be unpacked');
    expect(left()).toEqual([]);
  });

  it('that holds another k6 is refused', async () => {
    const archive = makeArchive('1.0.0');
    const base = await serveRelease({ [ARCHIVE]: archive, [SUMS]: `${digest(archive)}  ${ARCHIVE}\n` });
    expect(await refusal({ PERF_K6_RELEASE_URL: base })).toContain('is v1.0.0');
    expect(left()).toEqual([]);
  });

  it('comes through a redirect and through the proxy of the environment', async () => {
    const archive = makeArchive();
    const store = await serveRelease({ [ARCHIVE]: archive, [SUMS]: `${digest(archive)}  ${ARCHIVE}\n` });
    const front = await serve((incoming, answer) => {
      answer.writeHead(302, { location: `${store}${incoming.url}` }).end();
    });
    let proxied = 0;
    const proxy = await serve((incoming, answer) => {
      proxied += 1;
      incoming.pipe(
        request(incoming.url ?? '', (upstream) => {
          answer.writeHead(upstream.statusCode ?? 502, upstream.headers);
          upstream.pipe(answer);
        }),
      );
    });
    servers[servers.length - 1]?.on('connect', (incoming, client) => {
      proxied += 1;
      const [host, port] = (incoming.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
    });
    await expect(ensure({ PERF_K6_RELEASE_URL: `${front}/`, http_proxy: proxy })).resolves.toMatchObject({
      source: 'release',
    });
    expect(proxied).toBeGreaterThan(0);
  });
});

describe('Toxiproxy', () => {
  const file = () => join(cache, 'toxiproxy', `${TOXIPROXY_VERSION}-linux-x64`, 'toxiproxy-server');
  const says = (version: string) => `printf '#!/bin/sh\\necho "toxiproxy-server version ${version}"\\n'`;

  it('is taken from PATH first', async () => {
    const path = script(join(tools, 'toxiproxy-server'), 'echo "toxiproxy-server version 2.9.0"');
    await expect(ensureToxiproxy(settings({}))).resolves.toEqual({ path, version: '2.9.0', source: 'PATH' });
    expect(log).toEqual([]);
  });

  it('is built by Go where there is none, and comes from the cache the next time', async () => {
    fakeGo(`${says(TOXIPROXY_VERSION)} >"$out"; /bin/chmod 755 "$out"`);
    const toxiproxy = { path: file(), version: TOXIPROXY_VERSION };
    await expect(ensureToxiproxy(settings({}))).resolves.toEqual({ ...toxiproxy, source: 'go' });
    rmSync(join(tools, 'go'));
    await expect(ensureToxiproxy(settings({}))).resolves.toEqual({ ...toxiproxy, source: 'cache' });
    expect(readdirSync(join(cache, 'toxiproxy'))).toEqual([`${TOXIPROXY_VERSION}-linux-x64`]);
  });

  it('that cannot be had ends in every way, its reason, and what helps; one that is too old is not taken', async () => {
    script(join(tools, 'toxiproxy-server'), 'echo "toxiproxy-server version 2.1.4"');
    const error = await ensureToxiproxy(settings({})).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SetupError);
    const { message } = error as SetupError;
    expect(message).toMatch(/^toxiproxy \(2\.5 or newer, below 3\) is needed/);
    expect(message).toMatch(/ {2}PATH {5}.* is v2\.1\.4/);
    expect(message).toMatch(/ {2}go {7}no go on PATH\n/);
    expect(message).toContain('tools/toxiproxy');
    expect(message).not.toContain('PERF_K6');
  });
});

describe('an interrupted set-up', () => {
  const main = join(repository, 'scripts/setup/main.ts');

  function start(env: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, ['-r', join(repository, 'build/register.js'), main], {
      env: { PATH: tools, PERF_CACHE_DIR: cache, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    return { child, ended: once(child, 'close') as Promise<[number | null, string | null]>, stderr: () => stderr };
  }

  const workspaces = () => left().filter((name) => name.startsWith('.tmp-'));
  /** The platform of this machine: here the program runs as users run it. */
  const binaries = () => left().filter((name) => !name.startsWith('.tmp-'));

  it('by kill -9 in the middle of a build leaves no binary, and the next run cleans up and succeeds', async () => {
    // `exec`, so that nothing is left running when the test ends.
    fakeGo('printf half >"$out"; exec /bin/sleep 30');
    const PERF_K6_RELEASE_URL = await deadAddress();
    const first = start({ PERF_K6_RELEASE_URL });
    const half = () => workspaces().some((name) => existsSync(join(cache, 'k6', name, 'k6')));
    await until(half);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(binaries()).toEqual([]);
    expect(workspaces()).toHaveLength(1);

    fakeGo(GO_WRITES_K6);
    const second = start({ PERF_K6_RELEASE_URL });
    expect(await second.ended).toEqual([0, null]);
    expect(workspaces()).toEqual([]);
    expect(binaries()).toHaveLength(1);
  });

  it('by kill -9 in the middle of a download leaves no binary, and the next run succeeds', async () => {
    if (process.platform !== 'linux' || process.arch !== 'x64') return; // The archive made here is for that platform.
    const archive = makeArchive();
    let sent = false;
    const files: Parameters<typeof serveRelease>[0] = {
      [SUMS]: `${digest(archive)}  ${ARCHIVE}\n`,
      [ARCHIVE]: (_, answer) => {
        answer.writeHead(200, { 'content-length': archive.length });
        answer.write(archive.subarray(0, 20), () => {
          sent = true;
        });
      },
    };
    const PERF_K6_RELEASE_URL = await serveRelease(files);
    const first = start({ PERF_K6_RELEASE_URL });
    await until(() => sent);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(binaries()).toEqual([]);

    files[ARCHIVE] = archive;
    const second = start({ PERF_K6_RELEASE_URL });
    expect(await second.ended).toEqual([0, null]);
    expect(left()).toEqual([`${PINNED_VERSION}-linux-x64`]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s cleans up at once, says so, and ends with %i', async (signal, code) => {
    fakeGo('printf half >"$out"; exec /bin/sleep 30');
    const run = start({ PERF_K6_RELEASE_URL: await deadAddress() });
    await until(() => workspaces().some((name) => existsSync(join(cache, 'k6', name, 'k6'))));
    run.child.kill(signal);
    expect(await run.ended).toEqual([code, null]);
    expect(run.stderr()).toMatch(/interrupted; nothing half done is left behind\n$/);
    expect(left()).toEqual([]);
  });

  it('and two at once both end well', async () => {
    fakeGo(GO_WRITES_K6);
    const PERF_K6_RELEASE_URL = await deadAddress();
    const runs = [start({ PERF_K6_RELEASE_URL }), start({ PERF_K6_RELEASE_URL })];
    for (const run of runs) expect(await run.ended).toEqual([0, null]);
    expect(workspaces()).toEqual([]);
    expect(binaries()).toHaveLength(1);
  });

  it('with an unwritable cache says which folder, and what to do', async () => {
    writeFileSync(cache, 'a file where the folder should be');
    const run = start({ PERF_K6_RELEASE_URL: await deadAddress() });
    expect(await run.ended).toEqual([2, null]);
    expect(run.stderr()).toMatch(/its cache cannot be written: .*\n.*PERF_CACHE_DIR/);
    expect(run.stderr()).not.toMatch(/\n\s+at /);
  });
});
