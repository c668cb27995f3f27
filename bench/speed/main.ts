// What the suite claims of its own speed, measured beside what each claim is held against: the table of docs/performance.md.
// make bench, or node -r ./build/register.js bench/speed/main.ts [--short] [--only generator,locust] [--out FILE]
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../../scripts/errors';
import { EXIT_USAGE } from '../../scripts/exit-codes';
import { mustBeWritable, writeTextAtomically } from '../../scripts/result/files';
import { root } from '../../scripts/root';
import { identity } from '../../scripts/run/identity';
import { ensureK6, SetupError } from '../../scripts/setup';
import { generator } from './generator';
import { ingest } from './ingest';
import { judge } from './judge';
import { locust } from './locust';
import { exitCodeOf, RECORD_VERSION, type RecordedRow, recorded, recordSchema, type SpeedRecord } from './record';
import { reference } from './reference';
import type { Bench, Size } from './row';
import { start } from './start';
import { asText } from './table';

/** In the order of the table. */
const GROUPS: Readonly<Record<string, Bench>> = { generator, locust, ingest, judge, start, reference };

async function main(): Promise<number> {
  const { short, only, out } = new Command('make bench')
    .description('Measure what the suite claims of its own speed, as ratios to baselines of the same run.')
    .option('--short', 'tiny inputs: proves that everything works; its figures mean nothing and are not judged')
    .option('--only <groups>', `some of ${Object.keys(GROUPS).join(', ')}, separated by commas`)
    .option('--out <file>', "where the figures go; otherwise those of a whole table are the day's in bench/results/")
    .parse()
    .opts<{ short?: true; only?: string; out?: string }>();
  const size = short === true ? 'short' : 'full';
  const groups = chosen(only);
  const path =
    out ?? (size === 'full' && only === undefined ? join(root, 'bench', 'results', `${today()}.json`) : null);
  if (path !== null) mustBeWritable(path);

  const record = await measured(size, groups);
  process.stdout.write(asText(record));
  if (path !== null) {
    writeTextAtomically(path, `${JSON.stringify(record, null, 2)}\n`);
    process.stdout.write(`\nwritten: ${path}\n`);
  }
  return exitCodeOf(record.rows);
}

/** @throws UserError for a name that is none. */
function chosen(only: string | undefined): readonly string[] {
  if (only === undefined) return Object.keys(GROUPS);
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !(name in GROUPS));
  if (unknown.length === 0) return names;
  throw new UserError(`--only: there is no ${unknown.join(', ')}; there are ${Object.keys(GROUPS).join(', ')}`);
}

const today = (): string => new Date().toISOString().slice(0, 10);

async function measured(size: Size, groups: readonly string[]): Promise<SpeedRecord> {
  const createdAt = new Date().toISOString();
  // Before anything else: while it is measured somebody may commit.
  const measuredOn = identity((await ensureK6()).version);
  const before = lastMinute();
  const rows: RecordedRow[] = [];
  for (const group of groups) {
    process.stderr.write(`bench: ${group}\n`);
    rows.push(...(await rowsOf(group, size)));
  }
  return recordSchema.parse({
    schema: 'fiml-perf/speed',
    version: RECORD_VERSION,
    createdAt,
    size,
    identity: measuredOn,
    loadAverage: { before, after: lastMinute() },
    rows,
  });
}

/** One group that cannot be measured keeps no other from it. */
async function rowsOf(group: string, size: Size): Promise<RecordedRow[]> {
  try {
    return ((await GROUPS[group]?.(size)) ?? []).map((row) => recorded(group, row, size));
  } catch (error) {
    return [{ group, what: `all of ${group}`, notMeasured: error instanceof Error ? error.message : String(error) }];
  }
}

const lastMinute = (): number => loadavg()[0] ?? 0;

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `bench: ${error instanceof UserError || error instanceof SetupError ? error.message : (error as Error).stack}\n`,
    );
    process.exitCode = EXIT_USAGE;
  },
);
