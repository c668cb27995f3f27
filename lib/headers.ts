import type { Config } from '../config';

/** Headers that every request to the server under test carries, whoever sends it. */
export function targetHeaders({ PERF_HEADERS, PERF_AUTHORIZATION }: Config): Record<string, string> {
  const headers: Record<string, string> = { ...PERF_HEADERS };
  if (PERF_AUTHORIZATION !== null) headers.Authorization = PERF_AUTHORIZATION;
  return headers;
}
