import { UserError } from '../errors';
import { combinedMarkdown, commentText, summaryText } from './github/digest';
import { junitXml } from './junit/xml';
import { combine, documentOf, type Reported, type Subject } from './subject';

/** The forms of a report by their names, each of one verdict or of several. */
export const FORMATS = {
  markdown: (subjects: readonly Subject[]) =>
    subjects.length === 1 ? (subjects[0]?.markdown ?? '') : combinedMarkdown(subjects),
  html: htmlOf,
  junit: (subjects: readonly Subject[]) => junitXml(combine(subjects).subjects.flatMap((subject) => subject.suites())),
  json: (subjects: readonly Subject[]) => `${JSON.stringify(documentOf(subjects))}\n`,
  github: (subjects: readonly Subject[]) => summaryText(subjects),
  comment: commentText,
} as const satisfies Readonly<Record<string, (subjects: readonly Reported[]) => string>>;

function htmlOf([first, ...others]: readonly Reported[]): string {
  if (first === undefined || others.length > 0) {
    throw new UserError('--format html is the page of one folder: name one, or take another format for several');
  }
  return first.page();
}

export type Format = keyof typeof FORMATS;
