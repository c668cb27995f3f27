import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors';
import { root } from '../root';
import { ensureToxiproxy } from '../setup';
import { howToInstall, missingServices } from './binaries';
import { type Addresses, ServicesHome } from './home';
import { createDatabase, startPostgres } from './postgres';
import { holdsWithin } from './process';
import { startRedis } from './redis';
import { addProxy, startToxiproxy } from './toxiproxy';

export { missingServices } from './binaries';
export { freePort, HOST } from './free-port';
export { type Addresses, endedIn, readState, ServicesHome, type State, stopServices } from './home';
export { createDatabase, startPostgres } from './postgres';
export { startRedis } from './redis';
export { addProxy, startToxiproxy } from './toxiproxy';

const WATCHDOG_DEADLINE_MS = 5000;
const DEPLOYMENT = 'stub';

export interface StartOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  /** More arguments for the reference server. */
  readonly referenceArgs?: readonly string[];
}

/** Redis, PostgreSQL, an LLM and the reference server on them, with Toxiproxy before each. */
export interface Services extends Addresses {
  /** Leaves nothing: no process, no folder. */
  stop(): Promise<void>;
}

/**
 * Starts the services for this process: they end with it, however it ends.
 *
 * Toxiproxy's proxies are `redis`, `postgres` and `llm`, which the reference server uses, and `fiml` before that server.
 * @throws UserError naming every program that is missing and how to install it, or what did not start and why.
 */
export async function startServices(options: StartOptions): Promise<Services> {
  requirePrograms(options.env);
  const home = ServicesHome.open();
  const watchdog = spawn(process.execPath, [servicesProgram(), 'watchdog', home.stateFile], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  const stop = async () => {
    await home.stop();
    await endWatchdog(watchdog);
  };
  try {
    return { ...(await startIn(home, options)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Starts the services in a home of the caller's.
 * @throws UserError saying what did not start and why; what has been started until then is the caller's to stop.
 */
export async function startIn(home: ServicesHome, { env, log, referenceArgs = [] }: StartOptions): Promise<Addresses> {
  const toxiproxy = await ensureToxiproxy({ env, log });
  log('services: starting Redis, PostgreSQL, the LLM stub and Toxiproxy');
  const [redisUrl, databaseUrl, llmUrl, toxiproxyUrl] = await settled([
    startRedis(home, env),
    startPostgres(home, env).then(createDatabase),
    startLlm(home, env),
    startToxiproxy(home, toxiproxy),
  ]);
  const through = async (name: string, upstream: string) => {
    const url = new URL(upstream);
    url.host = await addProxy(toxiproxyUrl, name, upstream);
    return url.href.replace(/\/$/, '');
  };
  log('services: starting the reference server');
  const reference = await startReference(home, referenceArgs, {
    ...env,
    REDIS_URL: await through('redis', redisUrl),
    DATABASE_URL: await through('postgres', databaseUrl),
    AZURE_OPENAI_ENDPOINT: await through('llm', llmUrl),
    AZURE_OPENAI_API_KEY: 'none',
    AZURE_OPENAI_DEPLOYMENT_NAME: DEPLOYMENT,
  });
  const addresses = {
    url: await through('fiml', reference.url),
    directUrl: reference.url,
    controlUrl: reference.controlUrl,
    toxiproxyUrl,
    redisUrl,
    databaseUrl,
  };
  home.ready(addresses);
  return addresses;
}

/** @throws UserError naming every program that is missing and how to install it. */
export function requirePrograms(env: NodeJS.ProcessEnv): void {
  const missing = missingServices(env);
  if (missing.length === 0) return;
  throw new UserError(['the services need what is not installed:', ...howToInstall(missing), COMPOSE].join('\n'));
}

const COMPOSE = 'Or let Docker run them: docker compose up --detach --wait (docker-compose.yml says how to use them)';

/** All results; the first failure only when nothing is being started any more, so that nothing is started after a stop. */
async function settled<T extends readonly unknown[]>(starts: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(starts);
  return (await Promise.all(starts)) as unknown as T;
}

async function startLlm(home: ServicesHome, env: NodeJS.ProcessEnv): Promise<string> {
  return (await launchNode(home, 'llm', [servicesProgram(), 'llm-stub'], env)).url;
}

async function startReference(home: ServicesHome, args: readonly string[], env: NodeJS.ProcessEnv) {
  const program = bundle('reference');
  const { url, controlUrl } = await launchNode(
    home,
    'reference',
    [program, '--port', '0', '--control-port', '0', ...args],
    env,
  );
  return { url, controlUrl: controlUrl ?? '' };
}

/** Starts a program that says on a line of its own where it listens. */
async function launchNode(home: ServicesHome, name: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  let ready: { url: string; controlUrl?: string } | null = null;
  await home.launch({
    name,
    command: process.execPath,
    args,
    options: { env },
    probe: (output) => {
      const line = output()
        .split('\n')
        .slice(0, -1)
        .find((each) => each.startsWith('{"ready":true'));
      if (line === undefined) throw new Error('it has not said that it is ready');
      ready = JSON.parse(line) as { url: string; controlUrl?: string };
    },
  });
  return ready as unknown as { url: string; controlUrl?: string };
}

const servicesProgram = (): string => bundle('services');

function bundle(name: string): string {
  const path = join(root, 'dist', `${name}.js`);
  if (!existsSync(path)) throw new UserError(`dist/${name}.js has not been built: make build`);
  return path;
}

async function endWatchdog(watchdog: ChildProcess): Promise<void> {
  const ended = () => watchdog.exitCode !== null || watchdog.signalCode !== null;
  watchdog.stdin?.end();
  if (!(await holdsWithin(ended, WATCHDOG_DEADLINE_MS))) watchdog.kill('SIGKILL');
}
