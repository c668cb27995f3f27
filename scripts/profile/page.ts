import { page } from '../report/html/page';
import type { Findings } from './findings';
import { flameGraphParts } from './flame-graph';

const MEANINGS: Readonly<Record<string, string>> = {
  PROFILE: 'Where the time went',
  PASS: 'Memory does not go on growing',
  FAIL: 'Memory goes on growing',
  INVALID: 'This profile shows nothing',
};

/**
 * A profile as one page that needs nothing beside it. Where it has a flame graph it has a script, which draws that.
 *
 * @param files that lie beside it.
 */
export function profileHtml(title: string, findings: Findings, files: readonly string[]): string {
  const { verdict, headline, about, facts, notes, tables, figures, flameGraph } = findings;
  const drawn = flameGraph === null ? null : flameGraphParts(flameGraph);
  return page(
    'profile',
    {
      title: `${verdict}: ${title}`,
      verdict,
      meaning: MEANINGS[verdict] ?? '',
      headline,
      story: [],
      about,
      reasonsTitle: '',
      reasons: [],
      moreReasons: [],
      next: '',
      facts,
    },
    {
      figures,
      tables: tables.map(({ title: name, hint, head, rows, right }) => ({
        name,
        hint,
        head: head.map((text, column) => ({ text, figure: right.includes(column) })),
        rows: rows.map((row) => row.map((text, column) => ({ text, figure: right.includes(column) }))),
      })),
      notes,
      files,
      flame: drawn === null ? null : { body: drawn.markup, caption: flameGraph?.caption },
    },
    drawn === null ? null : { code: drawn.script, style: drawn.style },
  );
}
