import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';

interface Listener {
  readonly port: number;
  readonly inode: string;
}

/**
 * The processes of this machine that listen on a TCP port, and what they have started: some hand their connections on.
 *
 * @returns process ids in order; none where nobody listens, or only processes of others, into which this user may not look.
 */
export function processesAt(port: number): number[] {
  const inodes = new Set(listeners().flatMap((one) => (one.port === port ? [one.inode] : [])));
  const direct = processes().filter((pid) => socketInodes(pid).some((inode) => inodes.has(inode)));
  return withDescendants(direct).sort((a, b) => a - b);
}

/** The TCP ports on which a process listens. */
export function portsOf(pid: number): number[] {
  const inodes = new Set(socketInodes(pid));
  return [...new Set(listeners().flatMap(({ port, inode }) => (inodes.has(inode) ? [port] : [])))];
}

/** Listening TCP sockets, IPv4 and IPv6: lines of `sl local_address rem_address st … inode`, addresses and ports in hexadecimal. */
export function listenersIn(table: string): Listener[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      return state === LISTEN ? [{ port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16), inode }] : [];
    });
}

const listeners = (): Listener[] =>
  ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => listenersIn(orElse('', () => readFileSync(path, 'utf8'))));

const processes = (): number[] =>
  orElse<string[]>([], () => readdirSync('/proc'))
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** None of a process that has ended, or of another user's. */
function socketInodes(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return orElse<string[]>([], () => readdirSync(folder)).flatMap((fd) => {
    const inode = /^socket:\[(\d+)\]$/.exec(orElse('', () => readlinkSync(`${folder}/${fd}`)))?.[1];
    return inode === undefined ? [] : [inode];
  });
}

function withDescendants(pids: readonly number[]): number[] {
  const family = new Set(pids);
  // A child may have a smaller id than its parent, once ids have started again from the beginning.
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
  for (let before = -1; family.size > before; ) {
    before = family.size;
    for (const [pid, parent] of parents) if (parent !== null && family.has(parent)) family.add(pid);
  }
  return [...family];
}

/** Null of one that has ended: it stays in the list, with no program left in it, until its parent asks what became of it. */
function parentOf(pid: number): number | null {
  const status = orElse('', () => readFileSync(`/proc/${pid}/status`, 'utf8'));
  const parent = /^PPid:\s*(\d+)$/m.exec(status)?.[1];
  return parent === undefined || /^State:\s*Z/m.test(status) ? null : Number(parent);
}

/** Processes end while one looks at them. */
function orElse<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
