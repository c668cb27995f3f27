import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from '../scripts/root';

/** Of what a failed test said, what is told at the end. */
const MOST_TOLD_LINES = 30;

/** What `jest --json` writes of a project's tests, as far as it counts here. */
interface Report {
  readonly numPassedTests: number;
  /** Test files that could not be run at all. */
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    /** Path of the file. */
    readonly name: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** One test, with what it said if it failed. */
interface Test {
  readonly file: string;
  readonly fullName: string;
  readonly said: string;
}

/** @returns jest's report; undefined when it ended without. */
export function readReport(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The tests of a report that ended in one of these states. */
export const testsIn = ({ testResults }: Report, ...states: readonly string[]): Test[] =>
  testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => states.includes(status))
      .map(({ fullName, failureMessages }) => ({ file: name, fullName, said: failureMessages.join('\n') })),
  );

/** A failed test, with the beginning of what it said. */
function told({ file, fullName, said }: Test): string {
  const lines = stripVTControlCharacters(said)
    .split('\n')
    .filter((line) => !/^\s*at .*(node_modules|node:)/.test(line));
  const shown = lines.length > MOST_TOLD_LINES ? [...lines.slice(0, MOST_TOLD_LINES), '…'] : lines;
  return `${relative(root, file)}: ${fullName}\n${shown.map((line) => `    ${line}`).join('\n')}`;
}

/**
 * Counts a project's tests. A file that could not be run has no tests to count, so it counts as one failure itself.
 *
 * @param again what the tests said that failed were run once more, if they were: one that passed then counts as passed.
 * @returns with `problems`, each of which makes the whole fail, and `notes`, which do not.
 */
export function countTests(
  report: Report,
  again: Report | undefined,
  { inCi }: { readonly inCi: boolean },
): { passed: number; failed: number; problems: string[]; notes: string[] } {
  const problems: string[] = [];
  const broken = report.numRuntimeErrorTestSuites;
  if (broken > 0) problems.push(`${broken} test files could not be run, each counted as one failure`);
  const skipped = inCi ? testsIn(report, 'pending', 'todo') : [];
  if (skipped.length > 0) {
    const names = skipped.map(({ fullName }) => fullName);
    problems.push(`${skipped.length} tests were skipped, which counts as failed in CI:\n  ${names.join('\n  ')}`);
  }
  const passedThen = again === undefined ? [] : testsIn(again, 'passed');
  const hasPassed = ({ file, fullName }: Test) =>
    passedThen.some((other) => other.file === file && other.fullName === fullName);
  const failed = testsIn(report, 'failed');
  const stillFailed = failed.filter((one) => !hasPassed(one));
  problems.push(...stillFailed.map((one) => `failed: ${told(one)}`));
  const notes = failed
    .filter(hasPassed)
    .map((one) => `failed, and passed when it was run once more by itself: ${told(one)}`);
  return {
    passed: report.numPassedTests + notes.length,
    failed: stillFailed.length + broken + skipped.length,
    problems,
    notes,
  };
}

/** Arguments of jest that run just these tests, and all that their files do before. */
export function selecting(tests: readonly Test[]): string[] {
  const names = tests.map(({ fullName }) => fullName.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return [`--testNamePattern=^(${names.join('|')})$`, '--runTestsByPath', ...new Set(tests.map(({ file }) => file))];
}
