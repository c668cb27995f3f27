import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { loadTags, parseConfig } from '../../config';
import { segmentOf } from '../../scripts/judge/segments';
import { writeJsonAtomically } from '../../scripts/result/files';
import type { Run } from '../../scripts/result/run';
import { SEGMENTS_FILE, type Segments } from '../../scripts/result/segments';
import type { Summary } from '../../scripts/result/summary';
import { evidenceOf, given, healthy, LOAD_MS, metricsOf, type Plain, plain, times } from './evidence';

/** What one k6 leaves of a divided load. */
export interface Left {
  readonly name: string;
  readonly plains: readonly Plain[];
  /** k6's own counts, of the samples before anything happened to them; null: it wrote none. */
  readonly summary: Summary | null;
  /** What becomes of the file of samples on its way to the disk. */
  readonly onDisk: (samples: Buffer) => Buffer;
  readonly log: string | null;
}

/** What each k6 says of the load: the options of the healthy run. */
const LOAD = loadTags(parseConfig({ PERF_TARGET: evidenceOf([]).run.target.url }));
/** Virtual users that each k6 has. */
const USERS = 30;

/** The n-th of several parts of a load: each series' samples dealt out in turn, and what a k6 says of itself. */
export function partOf(plains: readonly Plain[], at: number, of: number): Left {
  const own = plains
    // Only one k6 has the virtual user that looks at the server.
    .filter(({ metric }) => !/^fiml_(server|cache)_/.test(metric) || at === 0)
    .map((one) => (/^fiml_(server|cache)_/.test(one.metric) ? one : dealt(one, at, of)));
  const told = (metric: string, value: number, tags = {}): Plain => ({ metric, tags, points: [[LOAD_MS, value]] });
  const all = [
    ...own,
    plain('vus_max', {}, times(60, USERS)),
    told('fiml_segment_clock_offset_ms', 2),
    told('fiml_segment_clock_error_ms', 1),
    told('fiml_segment', 1, { segment: segmentOf(at, of), ...LOAD }),
  ];
  return {
    name: `pod-${at + 1}`,
    plains: all,
    summary: evidenceOf(all, []).summary,
    onDisk: (samples) => samples,
    log: '',
  };
}

const dealt = (one: Plain, at: number, of: number): Plain => ({
  ...one,
  points: one.points.filter((_, i) => i % of === at),
});

/**
 * Writes what a divided load leaves.
 *
 * @param left by default the parts of a healthy run.
 */
export function writeDivided(folder: string, left: readonly Left[], segments = left.length): Run {
  const { run } = evidenceOf(healthy());
  mkdirSync(folder, { recursive: true });
  const { id, createdAt, scenario, profile, options, plan, targets, target, identity } = run;
  const described: Segments = {
    schema: 'fiml-perf/segments',
    version: 1,
    ...{ id, createdAt, segments, scenario, profile, options, plan: given(plan), targets, target, identity },
  };
  writeJsonAtomically(join(folder, SEGMENTS_FILE), described);
  for (const { name, plains, summary, onDisk, log } of left) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'samples.json.gz'), onDisk(samplesOf(plains)));
    if (summary !== null) writeFileSync(join(folder, name, 'summary.json'), JSON.stringify(summary));
    if (log !== null) writeFileSync(join(folder, name, 'k6.log'), log);
  }
  return run;
}

/** Most tests change one part of several, and to write the others anew would take most of their time. */
const written = new WeakMap<readonly Plain[], Buffer>();

function samplesOf(plains: readonly Plain[]): Buffer {
  const samples = written.get(plains) ?? gzipSync(linesOf(plains));
  written.set(plains, samples);
  return samples;
}

function linesOf(plains: readonly Plain[]): string {
  const filled = plains.filter(({ points }) => points.length > 0);
  const heads = Object.entries(metricsOf(filled)).map(([metric, { type, contains }]) =>
    JSON.stringify({ type: 'Metric', data: { name: metric, type, contains }, metric }),
  );
  const points = plains
    .flatMap(({ metric, tags, points: own }) => own.map(([atMs, value]) => ({ metric, tags, atMs, value })))
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ metric, tags, atMs, value }) =>
      JSON.stringify({ metric, type: 'Point', data: { time: new Date(atMs).toISOString(), value, tags } }),
    );
  return `${[...heads, ...points].join('\n')}\n`;
}
