import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from '../root';
import { cachedBinary, cacheFolder } from '../setup/cache';
import { findOnPath } from '../setup/find';
import { TOXIPROXY_PROGRAM } from '../setup/program';

const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** What the services need that is not part of the suite, and how a user gets it. */
const NEEDED: Readonly<Record<string, { find: (env: NodeJS.ProcessEnv) => string | undefined; install: string }>> = {
  'redis-server': {
    find: redisBinary,
    install: 'apt-get install redis-server, or brew install redis',
  },
  postgresql: {
    find: initdbBinary,
    install: 'apt-get install postgresql, or brew install postgresql@15',
  },
  'toxiproxy-server': {
    find: toxiproxyOrGo,
    install: 'install Go 1.26 or newer, which builds it from tools/toxiproxy, or brew install toxiproxy',
  },
};

/** Names of what is not installed; empty: the services can be started. */
export function missingServices(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(NEEDED).filter((name) => NEEDED[name]?.find(env) === undefined);
}

/** How to get what is missing, a line each. */
export const howToInstall = (missing: readonly string[]): string[] =>
  missing.map((name) => `  ${name}: ${NEEDED[name]?.install}`);

export function redisBinary(env: NodeJS.ProcessEnv): string | undefined {
  return findOnPath('redis-server', env, process.platform);
}

/** Its sibling `postgres` is in the same folder, which Debian keeps off PATH. */
export function initdbBinary(env: NodeJS.ProcessEnv): string | undefined {
  const PATH = [env.PATH ?? '', ...debianFolders()].join(delimiter);
  return findOnPath('initdb', { PATH }, process.platform);
}

function debianFolders(): string[] {
  try {
    return readdirSync(DEBIAN_POSTGRES).map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
  } catch {
    return []; // Not a Debian, or without PostgreSQL.
  }
}

function toxiproxyOrGo(env: NodeJS.ProcessEnv): string | undefined {
  const { name, executable } = TOXIPROXY_PROGRAM;
  const cached = cachedBinary(cacheFolder(root, env, name), TOXIPROXY_PROGRAM, process.platform, process.arch);
  const there = findOnPath(executable, env, process.platform) ?? findOnPath('go', env, process.platform);
  return there ?? (existsSync(cached) ? cached : undefined);
}
