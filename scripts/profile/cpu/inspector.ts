import { once } from 'node:events';
import { z } from 'zod';
import { undici } from '../../clients';
import { UserError } from '../../errors';
import { holdsWithin } from '../../services/process';
import { portsOf } from '../process/listeners';
import { mustBeAlive } from './program';

const OPEN_DEADLINE_MS = 5000;
const ASK_DEADLINE_MS = 2000;
const ANSWER_DEADLINE_MS = 30_000;
const CLOSE_DEADLINE_MS = 5000;

/** Who looks at the process, in words. */
export const INSPECTOR = "Node's inspector";

const targetsSchema = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);

/** A session with the inspector of a running Node process. */
export interface Inspector {
  /** Calls a method of the Chrome DevTools Protocol. @throws UserError when it fails, or the process has ended. */
  call(method: string, params?: object): Promise<unknown>;
  /** When the session is over, on whichever side. */
  readonly ended: Promise<void>;
  /** Ends the session; the inspector is closed again where it was opened for this. */
  close(): Promise<void>;
}

/**
 * Opens a session with the inspector of a Node process, and the inspector itself by SIGUSR1 where it is not open.
 *
 * @throws UserError when there is none to be had, with what to do.
 */
export async function openInspector(pid: number): Promise<Inspector> {
  const open = await inspectorOf(pid);
  const url = open ?? (await openedBySignal(pid));
  const session = await connect(url);
  await session.call('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
  return {
    call: session.call,
    ended: session.ended,
    async close() {
      // Left open, whoever reaches its port could run code in the server.
      if (open === null && session.isOpen()) session.send('Runtime.evaluate', { expression: 'process._debugEnd()' });
      else session.end();
      await session.closed();
    },
  };
}

async function openedBySignal(pid: number): Promise<string> {
  // Only ever to Node: it would end any other program.
  process.kill(pid, 'SIGUSR1');
  let url: string | null = null;
  const opened = await holdsWithin(async () => {
    url = await inspectorOf(pid);
    return url !== null;
  }, OPEN_DEADLINE_MS);
  if (opened && url !== null) return url;
  mustBeAlive(pid, INSPECTOR);
  throw new UserError(
    `process ${pid} did not open its inspector when asked to by SIGUSR1: it may have a handler of its own for it, or another ` +
      'process has port 9229 (its log says so); start the server with node --inspect=127.0.0.1:0 and profile anew',
  );
}

/** The address of an inspector among the ports on which a process listens; null where none is one. */
async function inspectorOf(pid: number): Promise<string | null> {
  const { fetch } = undici();
  for (const port of portsOf(pid)) {
    try {
      const reply = await fetch(`http://127.0.0.1:${port}/json/list`, { signal: AbortSignal.timeout(ASK_DEADLINE_MS) });
      const [first] = targetsSchema.parse(await reply.json());
      if (first !== undefined) return first.webSocketDebuggerUrl;
    } catch {
      // Another port of the server, which knows no such path, or speaks another language.
    }
  }
  return null;
}

interface Session {
  call(method: string, params?: object): Promise<unknown>;
  /** Without waiting for an answer. */
  send(method: string, params: object): number;
  end(): void;
  isOpen(): boolean;
  readonly ended: Promise<void>;
  /** Waits for that, and ends it itself when the other side does not. */
  closed(): Promise<void>;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: UserError): void;
}

async function connect(url: string): Promise<Session> {
  const { WebSocket } = undici();
  const socket = new WebSocket(url);
  const pending = new Map<number, Pending>();
  const end = new Promise<void>((resolve) => socket.addEventListener('close', () => resolve()));
  socket.addEventListener('close', () => failAll('its process has ended, or closed it'));
  socket.addEventListener('message', ({ data }) => {
    const { id, method, result, error } = JSON.parse(String(data)) as {
      method?: string;
      id?: number;
      result?: unknown;
      error?: { message: string };
    };
    // A program that has come to its end stays until nobody looks at it any more.
    if (method === 'NodeRuntime.waitingForDisconnect') socket.close();
    const waiting = pending.get(id ?? 0);
    pending.delete(id ?? 0);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new UserError(`the inspector of Node refused: ${error.message}`));
  });
  const failAll = (why: string) => {
    for (const { reject } of pending.values()) reject(new UserError(`the inspector of Node is gone: ${why}`));
    pending.clear();
  };
  await Promise.race([
    once(socket, 'open', { signal: AbortSignal.timeout(OPEN_DEADLINE_MS) }),
    end.then(() => {
      throw new UserError(`the inspector at ${url} takes no session: another debugger may have it; close that first`);
    }),
  ]);
  let lastId = 0;
  const send = (method: string, params: object): number => {
    lastId += 1;
    socket.send(JSON.stringify({ id: lastId, method, params }));
    return lastId;
  };
  return {
    send,
    call(method, params = {}) {
      return new Promise((resolve, reject) => {
        if (socket.readyState !== WebSocket.OPEN) {
          reject(new UserError('the inspector of Node is gone: its process has ended, or closed it'));
          return;
        }
        const id = send(method, params);
        const deadline = setTimeout(() => {
          pending.delete(id);
          reject(new UserError(`the inspector of Node did not answer ${method} within ${ANSWER_DEADLINE_MS / 1000} s`));
        }, ANSWER_DEADLINE_MS);
        const settled =
          <T>(settle: (value: T) => void) =>
          (value: T) => {
            clearTimeout(deadline);
            settle(value);
          };
        pending.set(id, { resolve: settled(resolve), reject: settled(reject) });
      });
    },
    end: () => socket.close(),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    ended: end,
    async closed() {
      const deadline = setTimeout(() => socket.close(), CLOSE_DEADLINE_MS);
      await end;
      clearTimeout(deadline);
    },
  };
}
