import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { UserError } from '../errors';
import { root } from '../root';

const START_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 5000;
/** Lines of the server's own complaint that an error repeats. */
const SHOWN_LINES = 5;

export interface EmbeddedServer {
  readonly url: string;
  /** Of its faults; null unless it was asked for. */
  readonly controlUrl: string | null;
  stop(): Promise<void>;
}

/**
 * Starts the reference server as a process of its own, on a port that the system chooses: in this process its work would
 * compete with the suite's for one thread. It ends with this process, however that ends.
 *
 * @param args more of its options.
 * @throws UserError when it does not get ready, with what it said.
 */
export async function startEmbedded(env: NodeJS.ProcessEnv, args: readonly string[] = []): Promise<EmbeddedServer> {
  const program = join(root, 'dist', 'reference.js');
  const child = spawn(process.execPath, [program, '--port', '0', '--exit-with-parent', ...args], {
    env: withoutLlm(env),
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C in a terminal goes to the whole group: the server must outlive k6's orderly end.
    detached: true,
  });
  const complaint: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (complaint.length < SHOWN_LINES) complaint.push(line);
  });
  try {
    return { ...(await ready(child)), stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    const said = complaint.length === 0 ? '' : `; it said:\n${complaint.join('\n')}`;
    throw new UserError(`the embedded server did not start: ${(error as Error).message}${said}`);
  }
}

/** A test of the suite's own server must not spend the user's money on an LLM that happens to be set up in the shell. */
const withoutLlm = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AZURE_OPENAI_')));

type Ready = Pick<EmbeddedServer, 'url' | 'controlUrl'>;

function ready(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer in 20 s')), START_DEADLINE_MS);
    const settle = (action: () => void) => {
      clearTimeout(timer);
      action();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) => settle(() => reject(new Error(`it ended with ${signal ?? code}`))));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      settle(() => {
        try {
          const { url, controlUrl } = JSON.parse(line) as Ready;
          resolve({ url, controlUrl });
        } catch {
          reject(new Error(`unexpected output ${JSON.stringify(line.slice(0, 200))}`));
        }
      });
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
