import { rmSync } from 'node:fs';
import { TOXIC_PREFIX } from '../../profiles';
import { undici } from '../clients';
import { UserError } from '../errors';
import { lives } from '../services/process';
import { runCommand } from './commands';
import { type FoundLease, leases, type Undo } from './lease';
import { setMaxClients } from './stores';

const DRIVER_TIMEOUT_MS = 10_000;

/** Undoes all of it, also after a part that failed. @returns what could not be undone, a sentence each. */
export async function undoAll(undo: readonly Undo[]): Promise<string[]> {
  const problems: string[] = [];
  for (const one of undo) {
    try {
      await undoOne(one);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return problems;
}

async function undoOne(undo: Undo): Promise<void> {
  switch (undo.kind) {
    case 'request': {
      const { method, url, body } = undo;
      const status = await send(method, url, body);
      // 404: it is undone already.
      if (!(status >= 200 && status < 300) && status !== 404)
        throw new Error(`${method} ${url} was answered ${status}`);
      return;
    }
    case 'command':
      return runCommand('PERF_FAULT_OFF', undo.command);
    case 'redis-maxclients':
      return setMaxClients(undo.url, undo.value);
  }
}

async function send(method: 'POST' | 'PATCH' | 'DELETE', url: string, body: string | null): Promise<number> {
  try {
    const { request } = undici();
    const answer = await request(url, {
      method,
      body,
      headers: { 'content-type': 'application/json' },
      headersTimeout: DRIVER_TIMEOUT_MS,
      bodyTimeout: DRIVER_TIMEOUT_MS,
    });
    await answer.body.dump();
    return answer.statusCode;
  } catch (error) {
    throw new Error(`${method} ${url} was not answered: ${(error as Error).message}`);
  }
}

/** What became of the fault of a run that was killed. */
export interface Leftover {
  readonly fault: string;
  readonly target: string;
  /** What could not be undone; empty: it is undone. */
  readonly problems: readonly string[];
}

/**
 * Finds what killed runs have left, ends the k6 that one of them may have left behind, and undoes their faults. A lease is
 * kept for as long as its fault is.
 */
export async function undoLeftovers(env: NodeJS.ProcessEnv): Promise<Leftover[]> {
  const left = leases(env).filter(({ held }) => !held);
  const done: Leftover[] = [];
  for (const lease of left) done.push(await undoLeftover(lease));
  return [...done, ...(await undoMarked(env))];
}

async function undoLeftover({ path, record }: FoundLease): Promise<Leftover> {
  // It would make the fault once more, or go on sending load.
  if (record.k6 !== null && lives(record.k6)) process.kill(record.k6.pid, 'SIGKILL');
  const problems = await undoAll(record.undo);
  if (problems.length === 0) rmSync(path, { force: true });
  return { fault: record.fault, target: record.target, problems };
}

/** Toxics that bear the suite's name and no lease tells of: a plain k6 that was killed has left them. */
async function undoMarked(env: NodeJS.ProcessEnv): Promise<Leftover[]> {
  const api = env.PERF_TOXIPROXY;
  if (!api || leases(env).some(({ held }) => held)) return [];
  const proxies = await proxiesOf(api);
  const found = Object.entries(proxies).flatMap(([proxy, { enabled, toxics }]) =>
    toxics.filter(({ name }) => name.startsWith(TOXIC_PREFIX)).map(({ name }) => ({ proxy, enabled, name })),
  );
  const done: Leftover[] = [];
  for (const { proxy, enabled, name } of found) {
    const url = `${api}/proxies/${proxy}`;
    const reopen: Undo[] = enabled ? [] : [{ kind: 'request', method: 'POST', url, body: '{"enabled":true}' }];
    const problems = await undoAll([
      ...reopen,
      { kind: 'request', method: 'DELETE', url: `${url}/toxics/${name}`, body: null },
    ]);
    done.push({ fault: name.slice(TOXIC_PREFIX.length), target: `the proxy ${proxy} of ${api}`, problems });
  }
  return done;
}

type Proxies = Readonly<Record<string, { enabled: boolean; toxics: readonly { name: string }[] }>>;

/** None where there is no Toxiproxy: whoever makes a fault with it will say so. */
async function proxiesOf(api: string): Promise<Proxies> {
  try {
    const { request } = undici();
    const answer = await request(`${api}/proxies`, {
      headersTimeout: DRIVER_TIMEOUT_MS,
      bodyTimeout: DRIVER_TIMEOUT_MS,
    });
    return (await answer.body.json()) as Proxies;
  } catch {
    return {};
  }
}

/**
 * Before a fault is made: nobody else's may be there on the same target.
 *
 * @throws UserError when another run is making one.
 */
export function requireNoFault(env: NodeJS.ProcessEnv, target: string): void {
  const other = leases(env).find(({ held, record }) => held && record.target === target);
  if (other === undefined) return;
  const { fault, owner } = other.record;
  throw new UserError(`another run (process ${owner.pid}) is making the fault ${fault} on ${target}: wait for its end`);
}

/** What was left and what became of it, a sentence each. */
export const leftoverInWords = ({ fault, target, problems }: Leftover): string =>
  problems.length === 0
    ? `a killed run had left the fault ${fault} on ${target}: it is undone`
    : `a killed run has left the fault ${fault} on ${target}, and it cannot be undone: ${problems.join('; ')}`;
