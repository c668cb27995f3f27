import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AttemptError } from './errors';
import { findOnPath } from './find';
import { PINNED_VERSION, probeK6 } from './version';

const PROGRESS_EVERY_MS = 5_000;

/** What a build needs to know about the machine. */
export interface GoContext {
  root: string;
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** A folder of our own; the caller removes it whatever happens. */
  workspace: string;
  log: (line: string) => void;
  signal: AbortSignal;
}

/** Builds k6 from the module in `tools/k6`, whose go.sum fixes every dependency; resolves to the binary. */
export async function buildWithGo(context: GoContext): Promise<string> {
  const { root, env, platform, workspace, log } = context;
  const go = findOnPath('go', env, platform);
  if (go === undefined) throw new AttemptError('no go on PATH');
  const module = join(root, 'tools', 'k6');
  if (!existsSync(join(module, 'go.sum'))) throw new AttemptError('tools/k6/go.sum is missing from this checkout');

  log(`k6: building v${PINNED_VERSION} from source with Go (one to three minutes, once)`);
  const binary = join(workspace, platform === 'win32' ? 'k6.exe' : 'k6');
  await run(go, module, binary, context);
  const probe = await probeK6(binary, env);
  if (!probe.ok) throw new AttemptError(`the k6 that go built ${probe.reason}`);
  return binary;
}

function run(go: string, module: string, binary: string, context: GoContext): Promise<void> {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const args = [
    'build',
    '-mod=readonly', // go.mod and go.sum are what was reviewed; a build must not change them.
    '-trimpath', // No path of this machine in the binary.
    '-ldflags=-s -w', // Without debug data: 47 MB in place of 70.
    '-o',
    binary,
    'go.k6.io/k6/v2',
  ];
  return new Promise((done, fail) => {
    const child = spawn(go, args, {
      cwd: module,
      // A go.work in a folder above would replace our module; C is not needed and may not be installed.
      env: { ...context.env, CGO_ENABLED: '0', GOWORK: 'off' },
      stdio: ['ignore', 'ignore', 'pipe'],
      signal: context.signal,
    });
    let stderr = '';
    let downloads = 0;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      downloads += text.split('go: downloading ').length - 1;
      stderr = (stderr + text).slice(-4000);
    });
    const progress = setInterval(() => {
      context.log(`k6: still building, ${seconds()} s${downloads > 0 ? `, ${downloads} modules fetched` : ''}`);
    }, PROGRESS_EVERY_MS);
    const settle = (outcome: () => void) => {
      clearInterval(progress);
      outcome();
    };
    child.on('error', (error) => settle(() => fail(new AttemptError(`go cannot be started: ${error.message}`))));
    child.on('close', (code, signal) =>
      settle(() => {
        if (code === 0) {
          context.log(`k6: built in ${seconds()} s`);
          done();
        } else {
          fail(new AttemptError(`go build ended with ${signal ?? `exit code ${code}`}: ${lastLines(stderr)}`));
        }
      }),
    );
  });
}

/** The end of what go said, without the list of downloads that comes before any reason. */
function lastLines(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('go: downloading '));
  return lines.slice(-3).join(' / ') || 'it gave no reason';
}
