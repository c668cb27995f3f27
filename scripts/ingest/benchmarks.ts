import { closeSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { formatMeasure } from '../compare/text';
import { UserError } from '../errors';
import { FEWEST_FOR_P95, isPytestBenchmark, observePytestBenchmark } from '../observe/pytest-benchmark';
import { readJson, readProblem } from '../result/files';
import type { Measure, Observation } from '../result/observation';
import { plural } from '../text/format';
import { printable } from '../text/printable';
import { table } from '../text/table';

const HEAD_BYTES = 4096;
/** One of pytest-benchmark's own keys, with nothing but its short ones before it, in whatever order they were written. */
const STARTS = /^\s*\{\s*(?:"(?:datetime|version)"\s*:\s*"[^"]*"\s*,\s*)*"(?:machine_info|commit_info|benchmarks)"\s*:/;

/**
 * Whether a file starts as pytest-benchmark's JSON does. Only the start is read: k6's samples, which the file may be
 * instead, are larger than memory.
 *
 * @throws UserError when it cannot be read, or is empty.
 */
export function startsLikeBenchmarks(path: string): boolean {
  const head = Buffer.alloc(HEAD_BYTES);
  let bytes: number;
  try {
    const file = openSync(path, 'r');
    try {
      bytes = readSync(file, head, 0, HEAD_BYTES, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${readProblem(error)}`);
  }
  if (bytes === 0) {
    throw new UserError(`${path} is empty: k6 or pytest ended before it wrote anything; what it printed says why`);
  }
  return STARTS.test(head.toString('utf8', 0, bytes));
}

/** @throws UserError when the file is damaged, with what to do. */
export function readBenchmarks(path: string): Observation {
  let value: unknown;
  try {
    value = readJson(path, z.unknown(), "pytest-benchmark's file");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${error.message}\nit is cut off or damaged: run pytest --benchmark-json anew`);
  }
  if (isPytestBenchmark(value)) return observePytestBenchmark(value, path);
  throw new UserError(`${path} starts as pytest-benchmark's file does, and its machine_info or benchmarks are missing`);
}

const COLUMNS = ['median', 'mean', 'p95'] as const;

/** What was read: every benchmark in a line, and which values may decide nothing, with the reason. */
export function benchmarksText({ fingerprint, identity, measures, startedAtMs }: Observation): string {
  const operations = [...new Set(measures.map(({ operation }) => operation))];
  const find = (operation: string, statistic: string) =>
    measures.find((one) => one.operation === operation && one.statistic === statistic);
  const rows = operations.map((operation) => [
    printable(operation),
    String(find(operation, 'median')?.samples ?? 0),
    ...COLUMNS.map((statistic) => figure(find(operation, statistic))),
  ]);
  const commit = identity.commit === null ? '' : `, commit ${identity.commit}${identity.dirty ? ' with changes' : ''}`;
  return [
    printable(
      `${plural(operations.length, 'benchmark')} of ${new Date(startedAtMs).toISOString()}${commit}, ${fingerprint.python}, pytest-benchmark ${fingerprint['pytest-benchmark']}`,
    ),
    '',
    table(['benchmark', 'rounds', 'median', 'mean', 'P95'], rows, [1, 2, 3, 4]),
    ...cannotBeJudged(measures),
    ...aboutP95(measures),
  ].join('\n');
}

const figure = (measure: Measure | undefined): string =>
  measure === undefined || measure.insufficient !== null ? '' : formatMeasure(measure.value, measure.unit);

const cannotBeJudged = (measures: readonly Measure[]): string[] =>
  measures
    .filter(({ gating, insufficient }) => gating && insufficient !== null)
    .map(({ operation, insufficient }) => `cannot be judged: ${printable(operation)}: ${insufficient}`);

/** Why the last column is empty where it is. */
function aboutP95(measures: readonly Measure[]): string[] {
  const p95s = measures.filter(({ statistic }) => statistic === 'p95');
  if (p95s.length === 0) {
    return [
      'the file holds no single rounds, so there is no P95, and less is known of the medians: --benchmark-json keeps them',
    ];
  }
  return p95s.some(({ insufficient }) => insufficient !== null)
    ? [`a P95 takes ${FEWEST_FOR_P95} rounds, each of one call`]
    : [];
}
