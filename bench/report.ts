// How long judging and reporting a run of one hour and 20 operations take, and how large its page is.
// node -r ./build/register.js bench/report.ts
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from '../scripts/judge';
import { render } from '../scripts/report';
import { readEvidence } from '../scripts/result/evidence';
import { readJson, writeJsonAtomically, writeTextAtomically } from '../scripts/result/files';
import { verdictSchema } from '../scripts/result/verdict';
import { root } from '../scripts/root';
import { identity } from '../scripts/run/identity';
import { largeRun } from '../test/support/large-run';
import { ranAsChild, timePass } from './pass';

const HOUR_MS = 3_600_000;
const OPERATIONS = 20;
/** 50 iterations a second with their polls, probes and refills. */
const REQUESTS_PER_S = 80;
/** What a page and the two steps may take. */
const MOST_BYTES = 1e6;
const MOST_SECONDS = 2;
const TIMES = 7;

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
  try {
    const { run, result, summary } = largeRun({
      operations: OPERATIONS,
      steadyMs: HOUR_MS,
      requestsPerS: REQUESTS_PER_S,
    });
    for (const [name, value] of Object.entries({ run, result, summary })) {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(value));
    }
    const passes = Array.from({ length: TIMES }, () => ({
      judged: timePass(__filename, 'judge', folder).seconds,
      reported: timePass(__filename, 'report', folder).seconds,
    }));
    // Whatever else the machine does only makes it slower.
    const best = passes.reduce((least, one) =>
      one.judged + one.reported < least.judged + least.reported ? one : least,
    );
    const bytes = statSync(join(folder, 'report.html')).size;
    const seconds = best.judged + best.reported;
    const text = [
      `a run of one hour, ${OPERATIONS} operations, ${REQUESTS_PER_S} requests a second; result.json ${(statSync(join(folder, 'result.json')).size / 1e6).toFixed(1)} MB; commit ${identity('').commit ?? 'unknown'}`,
      `judge ${best.judged.toFixed(2)} s and report ${best.reported.toFixed(2)} s, both with reading the run's files: ${seconds.toFixed(2)} s together, best of ${TIMES} (at most ${MOST_SECONDS} s: ${seconds <= MOST_SECONDS ? 'holds' : 'does not hold'})`,
      `report.html ${(bytes / 1000).toFixed(0)} KB (below ${MOST_BYTES / 1000} KB: ${bytes < MOST_BYTES ? 'holds' : 'does not hold'})`,
      '',
    ].join('\n');
    process.stdout.write(text);
    writeTextAtomically(join(root, 'bench', 'results', 'report.txt'), text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each in a process of its own, as the commands are, with whatever they load when they need it. */
function pass(way: string, folder: string): number {
  const evidence = readEvidence(folder);
  const path = join(folder, 'verdict.json');
  if (way === 'judge') writeJsonAtomically(path, judge(evidence));
  else {
    const rendered = render(evidence, readJson(path, verdictSchema, "the run's verdict"));
    writeTextAtomically(join(folder, 'report.md'), rendered.markdown);
    writeTextAtomically(join(folder, 'report.html'), rendered.html(null));
  }
  return 1;
}

if (!ranAsChild(pass)) main();
