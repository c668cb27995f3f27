import { formatTime } from '../history/text';
import { suiteHtml } from '../report/html';
import type { Full } from '../result/full';
import { worstFirst } from './combine';
import { timeOf, took } from './text';

/** `report.html` of a full suite: a line a part, the worst first, each with a link to its own page. */
export const fullHtml = (full: Full): string =>
  suiteHtml({
    title: 'full performance suite',
    verdict: full.verdict,
    headline: full.headline,
    about: [`full performance suite, ${formatTime(Date.parse(full.createdAt))} UTC; ${took(full)}`],
    parts: worstFirst(full.parts).map((part) => ({
      name: part.name,
      verdict: part.verdict,
      headline: part.headline,
      reasons: part.reasons,
      href: part.folder === null ? null : `${part.folder}/report.html`,
      took: timeOf(part),
    })),
  });
