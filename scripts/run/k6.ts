import { spawn } from 'node:child_process';
import type { Run } from '../result/run';
import { k6Environment } from '../setup';
import { watchCpu } from './cpu';
import type { K6Log } from './log';

export interface K6Process {
  readonly path: string;
  readonly script: string;
  /** k6's `--out`. */
  readonly output: string;
  readonly env: NodeJS.ProcessEnv;
  /** The only proxy k6 is told of; those of the environment it must not take, as the preflight does not: both go one way. */
  readonly proxy: string | null;
  /** Host and port that k6 reaches past that proxy. */
  readonly pastProxy?: string;
  /** More of `k6 run`'s options. */
  readonly args?: readonly string[];
  /** The variables of its own web page; null: it has none. */
  readonly page?: Readonly<Record<string, string>> | null;
  readonly log: K6Log;
  /** Takes k6's standard output, where an output such as `csv=-` writes samples; without it that goes to the log. */
  readonly samples?: (text: string) => void;
  /** Stops k6 in order when the suite has seen enough; such an end is no interruption. */
  readonly enough?: AbortSignal;
  /** Called with k6's process id when it has started. */
  readonly onStart?: (pid: number) => void;
  /** Called about every second with k6's newest CPU share, null while unknown. */
  onTick(elapsedMs: number, cpuShare: number | null): void;
}

export type K6Outcome = Pick<Run, 'generator'> & {
  readonly k6: Run['k6'];
  readonly notes: string[];
};

const TICK_MS = 1000;
/** After Ctrl-C k6 ends its iterations first; a server that is frozen could keep it for as long as the timeout. */
const STOP_DEADLINE_MS = 60_000;

/**
 * Runs k6 to its end. Ctrl-C and SIGTERM stop it in order, so that its samples and its summary are complete as far as
 * they go; a second one kills it.
 */
export async function runK6(options: K6Process): Promise<K6Outcome> {
  const startedAtMs = Date.now();
  // Secrets travel in the environment: a command line can be read by every user of the machine.
  const args = ['run', '--quiet', '--no-color', '--out', options.output, ...(options.args ?? []), options.script];
  const child = spawn(options.path, args, {
    env: k6Environment({ ...withoutPage(withProxy(options)), ...options.page }),
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a group of its own a terminal's Ctrl-C does not reach k6 twice, which would make it drop everything.
    detached: true,
  });
  const samples = options.samples ?? ((text: string) => options.log.write(text));
  if (child.pid !== undefined) options.onStart?.(child.pid);
  child.stdout.setEncoding('utf8').on('data', samples);
  child.stderr.setEncoding('utf8').on('data', (text: string) => options.log.write(text));

  let interrupted = false;
  let deadline: NodeJS.Timeout | undefined;
  const interrupt = () => {
    child.kill(interrupted ? 'SIGKILL' : 'SIGINT');
    deadline ??= setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    interrupted = true;
  };
  const orphan = () => child.kill('SIGKILL');
  const stop = () => {
    child.kill('SIGINT');
    deadline ??= setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  };
  options.enough?.addEventListener('abort', stop);
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('exit', orphan);

  const cpu = child.pid === undefined ? null : watchCpu(child.pid);
  const ticker = setInterval(() => {
    options.onTick(Date.now() - startedAtMs, cpu?.generator.samples.at(-1)?.share ?? null);
  }, TICK_MS);
  const { exitCode, signal, problem } = await ended(child);
  clearInterval(ticker);
  clearTimeout(deadline);
  cpu?.stop();
  options.enough?.removeEventListener('abort', stop);
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt).off('exit', orphan);

  const { notes, ...thrown } = options.log.end();
  return {
    k6: { exitCode, signal, startedAtMs, endedAtMs: Date.now(), interrupted, ...thrown },
    generator: cpu?.generator ?? { cpuLimit: null, samples: [] },
    notes: problem === null ? notes : [...notes, `k6 could not be started: ${problem}`],
  };
}

const withProxy = ({ env, proxy, pastProxy }: K6Process): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !/^(https?|no)_proxy$/i.test(name))),
  ...(proxy === null ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy }),
  ...(pastProxy === undefined ? {} : { NO_PROXY: pastProxy }),
});

/** A page that k6 has by itself keeps k6 from ending, and the verdict from being reached, for as long as somebody looks at it. */
const withoutPage = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('K6_WEB_DASHBOARD')));

function ended(
  child: ReturnType<typeof spawn>,
): Promise<{ exitCode: number | null; signal: string | null; problem: string | null }> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, signal: null, problem: error.message }));
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, problem: null }));
  });
}
