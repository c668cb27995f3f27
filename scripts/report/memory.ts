import { batchMedians, lineEnds } from '../drift';
import { judgedPhases, phaseWindow } from '../result/phases';
import { selectSeries } from '../result/query';
import type { Result } from '../result/result';
import type { Run } from '../result/run';
import { median } from '../statistics';

/** Resident memory of the server's process at a moment, epoch ms. */
export interface MemoryLook {
  readonly atMs: number;
  readonly bytes: number;
}

/** What is known of the server's memory. */
export interface Memory {
  /** Whether the suite has read it from the process, or the server has told it. */
  readonly source: 'read' | 'told';
  /** Of the whole run, in time order. */
  readonly looks: readonly MemoryLook[];
  /** Both ends of the line through the looks of the judged phases, as the judge draws it; null where there are too few. */
  readonly trend: readonly [from: MemoryLook, to: MemoryLook] | null;
}

/** What the suite has read from the process itself, where one was named, comes before what the server tells: as for the judge. */
export function memoryOf(run: Run, result: Result): Memory {
  const { serverMemory } = run;
  const looks = serverMemory ?? toldBy(result);
  return { source: serverMemory === undefined ? 'told' : 'read', looks, trend: trendOf(looks, run, result) };
}

function toldBy(result: Result): MemoryLook[] {
  const found = new Map<number, number[]>();
  for (const { buckets = [] } of selectSeries(result, 'fiml_server_rss_bytes')) {
    for (const { i, sum, count } of buckets) found.set(i, [...(found.get(i) ?? []), sum / count]);
  }
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([i, bytes]) => ({ atMs: result.startMs + (i + 0.5) * result.bucketMs, bytes: median(bytes) }));
}

function trendOf(looks: readonly MemoryLook[], run: Run, result: Result): Memory['trend'] {
  const windows = judgedPhases(run).flatMap((phase) => phaseWindow(run, result, phase) ?? []);
  const [startMs, endMs] = [
    Math.min(...windows.map((one) => one.startMs)),
    Math.max(...windows.map((one) => one.endMs)),
  ];
  const judged = looks.filter(({ atMs }) => atMs >= startMs && atMs < endMs).map(({ bytes }) => bytes);
  const batches = batchMedians(judged);
  if (batches === null) return null;
  const [from, to] = lineEnds(batches);
  return [
    { atMs: startMs, bytes: from },
    { atMs: endMs, bytes: to },
  ];
}
