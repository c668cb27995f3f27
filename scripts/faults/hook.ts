import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runCommand } from './commands';
import type { Undo } from './lease';

/** A fault that this process makes for k6, which is the only one that knows the phases' times. */
export interface Switch {
  /** What must be undone by whoever comes after this process; what ends with it is not among it. */
  readonly undo: readonly Undo[];
  on(): Promise<void>;
  off(): Promise<void>;
  /** Whether it is there, as far as its maker can tell. */
  there(): Promise<boolean>;
  close(): Promise<void>;
}

export interface Hook {
  readonly url: string;
  /** What went wrong so far, a sentence each. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/** Serves `POST /on`, `POST /off` and `GET /sign` on this machine, for the k6 that this process has started. */
export async function serveHook(fault: Switch): Promise<Hook> {
  const problems: string[] = [];
  const routes: Readonly<Record<string, () => Promise<unknown>>> = {
    'POST /on': () => fault.on(),
    'POST /off': () => fault.off(),
    'GET /sign': async () => ({ there: await fault.there() }),
  };
  const server = createServer((incoming, answer) => {
    const serve = routes[`${incoming.method} ${incoming.url}`];
    const say = (status: number, body: unknown) => {
      answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
    };
    if (serve === undefined) return say(404, {});
    serve().then(
      (body) => say(200, body),
      (error: Error) => {
        problems.push(error.message);
        say(500, { error: error.message });
      },
    );
  });
  await new Promise<void>((listening, fail) => {
    server.once('error', fail).listen(0, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    problems,
    close: async () => {
      await closed(server);
      await fault.close();
    },
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}

/** The user's own commands. That the second has run is all that they tell. */
export function commandsOf(on: string, off: string): Switch {
  let there = false;
  return {
    undo: [{ kind: 'command', command: off }],
    async on() {
      there = true;
      await runCommand('PERF_FAULT_ON', on);
    },
    async off() {
      await runCommand('PERF_FAULT_OFF', off);
      there = false;
    },
    there: async () => there,
    close: async () => undefined,
  };
}
