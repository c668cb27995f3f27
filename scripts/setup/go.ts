import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AttemptError } from './errors';
import { findOnPath } from './find';
import type { WorkContext } from './obtain';
import type { Program } from './program';

const PROGRESS_EVERY_MS = 5_000;

/** Builds a program from its module in `tools/`, whose go.sum fixes every dependency; resolves to the binary. */
export async function buildWithGo(program: Program, context: WorkContext): Promise<string> {
  const { root, env, platform, workspace, log } = context;
  const { name, executable, version, buildTime } = program;
  const go = findOnPath('go', env, platform);
  if (go === undefined) throw new AttemptError('no go on PATH');
  const module = join(root, 'tools', name);
  if (!existsSync(join(module, 'go.sum'))) throw new AttemptError(`tools/${name}/go.sum is missing from this checkout`);

  log(`${name}: building v${version} from source with Go (${buildTime}, once)`);
  const binary = join(workspace, platform === 'win32' ? `${executable}.exe` : executable);
  await run(go, module, binary, program, context);
  const probe = await program.probe(binary, env);
  if (!probe.ok) throw new AttemptError(`the ${name} that go built ${probe.reason}`);
  return binary;
}

function run(go: string, module: string, binary: string, program: Program, context: WorkContext): Promise<void> {
  const { name, goPackage, linkerFlags } = program;
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const args = [
    'build',
    '-mod=readonly', // go.mod and go.sum are what was reviewed; a build must not change them.
    '-trimpath', // No path of this machine in the binary.
    `-ldflags=-s -w ${linkerFlags}`, // Without debug data: a k6 of 47 MB in place of 70.
    '-o',
    binary,
    goPackage,
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
      context.log(`${name}: still building, ${seconds()} s${downloads > 0 ? `, ${downloads} modules fetched` : ''}`);
    }, PROGRESS_EVERY_MS);
    const settle = (outcome: () => void) => {
      clearInterval(progress);
      outcome();
    };
    child.on('error', (error) => settle(() => fail(new AttemptError(`go cannot be started: ${error.message}`))));
    child.on('close', (code, signal) =>
      settle(() => {
        if (code === 0) {
          context.log(`${name}: built in ${seconds()} s`);
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
