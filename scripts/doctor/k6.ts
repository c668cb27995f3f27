import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { root } from '../root';
import { PINNED_VERSION, SUPPORTED_RANGE } from '../setup';
import { cachedBinary, cacheFolder } from '../setup/cache';
import { findOnPath } from '../setup/find';
import { K6_PROGRAM } from '../setup/program';
import { probeK6 } from '../setup/version';
import { bad, type Look, ok, warn } from './finding';

/** Looks for k6 where set-up does, in its order, and fetches nothing. */
export async function lookForK6(env: NodeJS.ProcessEnv): Promise<Look> {
  if (env.PERF_K6) return chosen(resolve(env.PERF_K6), env);
  const refused: string[] = [];
  for (const { path, where } of candidates(env)) {
    const probe = await probeK6(path, env);
    if (probe.ok) return ok(`v${probe.version} ${where}`);
    refused.push(`${path} ${probe.reason}`);
  }
  const why = refused.length === 0 ? 'none on PATH and none fetched yet' : refused.join('; ');
  return warn(
    `${why} (needed is ${SUPPORTED_RANGE})`,
    `The first run fetches v${PINNED_VERSION}, or do it now: make setup`,
  );
}

/** Who names a binary means that one: no other is used in its place. */
async function chosen(path: string, env: NodeJS.ProcessEnv): Promise<Look> {
  const probe = await probeK6(path, env);
  if (probe.ok) return ok(`v${probe.version} named by PERF_K6`);
  return bad(
    `PERF_K6 names ${path}, which ${probe.reason}`,
    `Point PERF_K6 at a k6 binary (${SUPPORTED_RANGE}), or unset it`,
  );
}

function candidates(env: NodeJS.ProcessEnv): { path: string; where: string }[] {
  const onPath = findOnPath('k6', env, process.platform);
  const cached = cachedBinary(cacheFolder(root, env, K6_PROGRAM.name), K6_PROGRAM, process.platform, process.arch);
  return [
    ...(onPath === undefined ? [] : [{ path: onPath, where: 'on PATH' }]),
    ...(existsSync(cached) ? [{ path: cached, where: 'fetched by set-up' }] : []),
  ];
}
