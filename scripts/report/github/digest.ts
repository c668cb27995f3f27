import { markdown } from '../escape';
import { type Combined, combine, type Subject } from '../subject';
import { type Chapter, fitted, type Room } from './fit';

/** A step's summary may have 1 MiB, or GitHub shows none of it. Source: GitHub Docs, Workflow commands. */
export const SUMMARY_BYTES = 2 ** 20;
/** A comment may have so many characters, or GitHub refuses it. */
const COMMENT_CHARACTERS = 65_536;
/** By which a workflow finds the comment that it wrote before; GitHub does not show it. */
export const COMMENT_MARK = '<!-- fiml-perf -->';

/** What a step's summary takes of so many bytes. */
export const summaryRoom = (bytes: number): Room => ({
  most: bytes,
  sizeOf: (text) => Buffer.byteLength(text),
  inWords: 'at most 1 MiB a step',
});

const COMMENT_ROOM: Room = {
  most: COMMENT_CHARACTERS,
  sizeOf: (text) => text.length,
  inWords: 'at most 65,536 characters',
};

/** The summary of a step of GitHub Actions. */
export const summaryText = (subjects: readonly Subject[], bytes = SUMMARY_BYTES): string =>
  digest(subjects, summaryRoom(bytes));

/** The body of a comment on a pull request, to be updated in place: its first line is {@link COMMENT_MARK}. */
export const commentText = (subjects: readonly Subject[]): string => markedText(COMMENT_MARK, subjects, '');

/**
 * The body of a comment or an issue.
 *
 * @param mark its first line. @param foot its last one, as Markdown; empty for none.
 */
export function markedText(mark: string, subjects: readonly Subject[], foot: string): string {
  const [head, end] = [`${mark}\n`, foot === '' ? '' : `\n${foot}\n`];
  return head + digest(subjects, { ...COMMENT_ROOM, most: COMMENT_ROOM.most - head.length - end.length }) + end;
}

/** Several reports in one Markdown text, which may be as long as it is. */
export const combinedMarkdown = (subjects: readonly Subject[]): string =>
  fitted(combinedHead(combine(subjects), 1), combine(subjects).subjects.map(asChapter), {
    most: Number.POSITIVE_INFINITY,
    sizeOf: (text) => text.length,
    inWords: '',
  });

/** Verdict and why first, then what is behind it, folded. */
function digest(subjects: readonly Subject[], room: Room): string {
  const [first, ...others] = subjects;
  if (first !== undefined && others.length === 0) return fitted(headOf(first, 3), chaptersOf(first), room);
  const combined = combine(subjects);
  return fitted(combinedHead(combined, 3), combined.subjects.map(withoutLinks).map(asChapter), room);
}

/** @param level of the heading. */
function headOf({ verdict, what, headline, reasons, worst }: Subject, level: number): string {
  return [
    `${'#'.repeat(level)} ${verdict}: ${markdown(what)}`,
    '',
    `${markdown(headline)}.`,
    ...(reasons.length === 0 ? [] : ['', ...reasons.map((reason) => `- ${markdown(reason)}`)]),
    ...(worst === '' ? [] : ['', worst]),
    '',
  ].join('\n');
}

function combinedHead({ verdict, headline, subjects }: Combined, level: number): string {
  return [
    `${'#'.repeat(level)} ${verdict}: ${headline}`,
    '',
    '| Verdict | What | |',
    '|---|---|---|',
    ...subjects.map((one) => `| ${one.verdict} | ${markdown(one.what)} | ${markdown(one.headline)} |`),
    '',
    ...subjects.filter(({ reasons }) => reasons.length > 0).map((one) => headOf({ ...one, worst: '' }, level + 1)),
  ].join('\n');
}

const asChapter = ({ verdict, what, markdown: body }: Subject): Chapter => ({ title: `${verdict}: ${what}`, body });

/** What the head says already. */
const IN_HEAD = 'Executive summary';

function chaptersOf(subject: Subject): Chapter[] {
  const [, ...parts] = withoutLinks(subject).markdown.split(/^## /m);
  return parts.flatMap((part) => {
    const end = part.indexOf('\n');
    const title = part.slice(0, end);
    return title === IN_HEAD ? [] : [{ title, body: part.slice(end + 1).trim() }];
  });
}

/** Files beside the report are not beside a comment. Brackets from outside are escaped, and are no links. */
const withoutLinks = (subject: Subject): Subject => ({
  ...subject,
  suites: subject.suites,
  markdown: subject.markdown.replace(/(?<!\\)\[((?:\\.|[^\]\\])*)\]\((?!\w+:)[^)\s]*\)/g, '$1'),
});
