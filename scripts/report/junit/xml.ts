import { createRequire } from 'node:module';
import { nameText, oneLine } from '../../text/printable';
import type { Case, Outcome, Suite } from './suite';

/**
 * JUnit's XML, as Jenkins, GitLab and GitHub's reporters read it: valid against the schema by which Jenkins' xUnit plugin
 * refuses files.
 */
export function junitXml(suites: readonly Suite[]): string {
  const counts = countsOf(suites.flatMap(({ cases }) => cases));
  // That schema knows no number of skipped cases of all suites together.
  const root = xmlbuilder()
    .create('testsuites', { encoding: 'UTF-8' })
    .att({ name: 'fiml-perf', tests: counts.tests, failures: counts.failures, errors: counts.errors });
  const names = distinct(suites.map(({ name }) => name));
  suites.forEach(({ startedAtMs, durationS, properties, cases }, at) => {
    const name = names[at] ?? '';
    const suite = root.ele('testsuite', {
      name,
      ...countsOf(cases),
      // Without a zone, which readers do not expect, it is UTC.
      ...(startedAtMs === null ? {} : { timestamp: new Date(startedAtMs).toISOString().slice(0, 19) }),
      ...(durationS === null ? {} : { time: durationS.toFixed(3) }),
    });
    const list = suite.ele('properties');
    for (const [property, value] of properties) list.ele('property', { name: property, value: oneLine(value) });
    // Readers keep one of several cases that are called alike.
    const caseNames = distinct(cases.map((one) => one.name));
    cases.forEach(({ group, outcome, detail }, place) => {
      const text = oneLine(detail);
      const testCase = suite.ele('testcase', { classname: `${name}.${group}`, name: caseNames[place] ?? '' });
      // Some readers show the message of what did not pass, others its content.
      if (outcome === 'passed') testCase.ele('system-out').txt(text);
      else testCase.ele(outcome, { type: outcome, message: text }).txt(text);
    });
  });
  return `${root.end({ pretty: true })}\n`;
}

function countsOf(cases: readonly Case[]): Record<'tests' | 'failures' | 'errors' | 'skipped', number> {
  const of = (word: Outcome) => cases.filter(({ outcome }) => outcome === word).length;
  return { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') };
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
const xmlbuilder = (): typeof import('xmlbuilder') => createRequire(__filename)('xmlbuilder');
