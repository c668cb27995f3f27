import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(__dirname, '../..');
const READY_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 5000;

export interface ReferenceProcess {
  readonly url: string;
  readonly controlUrl: string | null;
  readonly child: ChildProcess;
  /** Ends it; its exit code, or the signal that it took. */
  stop(): Promise<number | NodeJS.Signals>;
}

/** Starts the reference server; it ends with its parent. */
export function spawnReference(args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return spawn(process.execPath, ['dist/reference.js', ...args], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** The code or signal that a process ends with. @throws when it has not ended in time; it is killed then. */
export function ended(child: ChildProcess, deadlineMs: number): Promise<number | NodeJS.Signals> {
  const already = child.exitCode ?? child.signalCode;
  if (already !== null) return Promise.resolve(already);
  return new Promise((resolveEnd, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the process did not end in ${deadlineMs} ms`));
    }, deadlineMs);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      resolveEnd(code ?? (signal as NodeJS.Signals));
    });
  });
}

/** Starts the reference server on ports that the system chooses (unless `args` say otherwise) and waits until it is ready. */
export async function startReferenceProcess(
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Promise<ReferenceProcess> {
  const child = spawnReference(['--port', '0', '--exit-with-parent', ...args], env);
  const stop = async () => {
    child.kill('SIGTERM');
    return ended(child, STOP_DEADLINE_MS);
  };
  try {
    const { url, controlUrl } = await ready(child);
    return { url, controlUrl, child, stop };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Requests that a reference server with a control port has answered. */
export async function answered({ controlUrl }: ReferenceProcess): Promise<number> {
  const { requests } = (await (await fetch(`${controlUrl}/stats`)).json()) as { requests: Record<string, number> };
  return Object.values(requests).reduce((sum, count) => sum + count, 0);
}

function ready(child: ChildProcess): Promise<{ url: string; controlUrl: string | null }> {
  return new Promise((resolveReady, reject) => {
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    const timer = setTimeout(() => reject(new Error(`not ready: ${complaint}`)), READY_DEADLINE_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`ended before it was ready: ${complaint}`));
    });
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      resolveReady(JSON.parse(line) as { url: string; controlUrl: string | null });
    });
  });
}

const started: ReferenceProcess[] = [];

/** The same for servers of a single test, which `afterEach(stopReferences)` ends. */
export async function reference(...args: string[]): Promise<ReferenceProcess> {
  const server = await startReferenceProcess(args);
  started.push(server);
  return server;
}

export async function stopReferences(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server.stop()));
}

/**
 * Changes the faults of a reference server with a control port.
 *
 * @throws when it does not take them.
 */
export async function setFaults({ controlUrl }: ReferenceProcess, faults: object): Promise<void> {
  const { ok, status } = await fetch(`${controlUrl}/faults`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });
  if (!ok) throw new Error(`the reference server answered ${status}`);
}
