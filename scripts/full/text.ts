import picocolors from 'picocolors';
import { markdown } from '../report/escape';
import { colorOf } from '../report/verdict-color';
import type { Full, FullPart } from '../result/full';
import { formatLength } from '../text/format';
import { nameText, oneLine, printable } from '../text/printable';
import { table } from '../text/table';
import { worstFirst } from './combine';
import type { FullPlan, PlannedPart } from './plan';

const seconds = (ms: number): string => formatLength(Math.round(ms / 1000) * 1000);

/** What the suite is going to take, before it starts: a line a part, and when it will be over. */
export function budgetText(plan: FullPlan, now: Date): string {
  const { parts, overheadMs, startMs, totalMs } = plan;
  const running = parts.filter(({ prepared }) => prepared !== null);
  const over = new Date(now.getTime() + totalMs).toTimeString().slice(0, 8);
  return [
    `full: ${running.length} of ${parts.length} parts in about ${seconds(totalMs)}, over at about ${over}; ${SERVERS[plan.server]}`,
    '',
    table(['part', 'length', ''], parts.map(budgetRow), [1]),
    `beside their loads: ${seconds(overheadMs)} each to start, ingest and judge${startMs === 0 ? '' : `, ${seconds(startMs)} to start the server`}`,
    '',
    '',
  ].join('\n');
}

const SERVERS: Readonly<Record<FullPlan['server'], string>> = {
  user: 'all on the server at PERF_TARGET',
  services: 'all on one server with real stores, whose cache is emptied between them',
  embedded: 'each on an embedded server of its own, since Redis, PostgreSQL or Toxiproxy is not installed',
};

function budgetRow({ part, prepared, reasons, loadMs, waitMs }: PlannedPart): string[] {
  if (prepared === null) return [part.name, 'not run', reasons.map(printable).join('; ')];
  const scale = prepared.config.PERF_TIME_SCALE;
  const wait = waitMs === 0 ? [] : [`after ${seconds(waitMs)} until the cache has forgotten the parts before`];
  return [part.name, seconds(loadMs), [scale === 1 ? 'at full length' : `scaled to ${scale}`, ...wait].join(', ')];
}

/** A finished part in short. */
export function partText({ name, verdict, headline, reasons }: FullPart, at: number, count: number): string {
  return [
    `part ${at + 1} of ${count}, ${printable(name)}: ${verdict}  ${printable(headline)}`,
    ...reasons.map((reason) => `  - ${printable(reason)}`),
    '',
  ].join('\n');
}

/** The end-of-suite text: the one verdict, every part in a line with the worst first, and why those that did not pass did not. */
export function fullText(full: Full, enableColors: boolean): string {
  const colors = picocolors.createColors(enableColors);
  const word = (verdict: string) => colorOf(colors, verdict)(verdict);
  const parts = worstFirst(full.parts);
  return [
    '',
    `${word(full.verdict)}  full: ${printable(full.headline)}; ${took(full)}`,
    '',
    table(
      ['part', 'verdict', 'took', ''],
      parts.map((part) => [printable(nameText(part.name)), word(part.verdict), timeOf(part), printable(part.headline)]),
      [2],
    ),
    ...parts.filter(hasReasons).flatMap(({ name, verdict, reasons }) => [
      '',
      // With its colon, since a name that ends with one would make it a command to GitHub.
      `${printable(`${nameText(name)}:`)} ${word(verdict)}`,
      ...reasons.map((reason) => `  - ${printable(reason)}`),
    ]),
    '',
    '',
  ].join('\n');
}

/** `report.md` of a full suite. */
export function fullMarkdown(full: Full): string {
  const parts = worstFirst(full.parts);
  const linked = ({ name, folder }: FullPart) =>
    folder === null ? markdown(nameText(name)) : `[${markdown(nameText(name))}](${inLink(folder)}/report.md)`;
  return [
    `# ${full.verdict}: full performance suite`,
    '',
    `${markdown(full.headline)}; ${took(full)}. Begun at ${full.createdAt}.`,
    '',
    '| Part | Verdict | Took | |',
    '|---|---|---:|---|',
    ...parts.map((part) => `| ${linked(part)} | ${part.verdict} | ${timeOf(part)} | ${markdown(part.headline)} |`),
    ...parts
      .filter(hasReasons)
      .flatMap(({ name, verdict, reasons }) => [
        '',
        `## ${markdown(nameText(name))}: ${verdict}`,
        '',
        ...reasons.map((reason) => `- ${markdown(reason)}`),
      ]),
    '',
  ].join('\n');
}

/** A folder within the brackets of a link, which a bracket of its own would end. */
const inLink = (folder: string): string =>
  encodeURIComponent(oneLine(folder)).replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29'));

const hasReasons = ({ verdict, reasons }: FullPart): boolean => verdict !== 'PASS' && reasons.length > 0;
export const timeOf = ({ folder, durationMs }: FullPart): string => (folder === null ? '–' : seconds(durationMs));
export const took = ({ durationMs, budgetMs }: Full): string =>
  `it took ${seconds(durationMs)} of ${seconds(budgetMs)}`;
