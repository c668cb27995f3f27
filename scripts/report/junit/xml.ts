import { createRequire } from 'node:module';
import { nameText, oneLine } from '../../text/printable';
import type { Case, Suite } from './suite';

/** JUnit's XML, as Jenkins, GitLab and GitHub's reporters read it. */
export function junitXml(suites: readonly Suite[]): string {
  const report = builder().newBuilder().name('fiml-perf');
  const named = distinct(suites.map(({ name }) => name));
  suites.forEach(({ startedAtMs, durationS, properties, cases }, at) => {
    const suite = report.testSuite().name(named[at] ?? '');
    // The schema knows times without a zone only.
    if (startedAtMs !== null) suite.timestamp(new Date(startedAtMs).toISOString().slice(0, 19));
    if (durationS !== null) suite.time(durationS);
    for (const [name, value] of properties) suite.property(name, oneLine(value));
    // Readers keep one of several cases that are called alike.
    const names = distinct(cases.map(({ name }) => name));
    cases.forEach((one, place) => {
      const testCase = suite
        .testCase()
        .className(`${named[at]}.${one.group}`)
        .name(names[place] ?? '');
      tell(testCase, one);
    });
  });
  return `${report.build()}\n`;
}

type TestCase = ReturnType<ReturnType<Builder['testSuite']>['testCase']>;
type Builder = ReturnType<ReturnType<typeof builder>['newBuilder']>;

/** Some readers show the message of what did not pass, others its content. */
function tell(testCase: TestCase, { outcome, detail }: Case): void {
  const text = oneLine(detail);
  switch (outcome) {
    case 'failure':
      testCase.failure(text, 'failure').stacktrace(text);
      break;
    case 'error':
      testCase.error(text, 'error', text);
      break;
    case 'skipped':
      testCase.skipped().standardOutput(text);
      break;
    case 'passed':
      testCase.standardOutput(text);
      break;
  }
}

/** Names as they are shown, with a number behind those that others have, too. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const shown = nameText(name) || 'unnamed';
    let free = shown;
    for (let twin = 2; taken.has(free); twin++) free = `${shown} (${twin})`;
    taken.add(free);
    return free;
  });
}

/** Loaded from its package when something is written: no other command waits for it. */
const builder = (): typeof import('junit-report-builder').default => createRequire(__filename)('junit-report-builder');
