import { breakpointInWords, stepInWords } from '../../judge/breakpoint';
import { knee } from '../knee';
import type { Report } from '../model';
import { type Figure, figureOf } from './figure';

/** The knee of a rising load; null of any other run, and where no step was completed. */
export function kneeFigure({ breakpoint, run: { targets } }: Report): Figure | null {
  if (breakpoint === null || breakpoint.steps.length === 0) return null;
  const limit = targets.find(({ statistic }) => statistic === 'p95-at-capacity')?.limit ?? null;
  const shown = [
    breakpoint.steps[0],
    ...[breakpoint.last, breakpoint.first].map((at) => (at === null ? undefined : breakpoint.steps[at])),
  ];
  const said = shown.flatMap((step) => {
    if (step === undefined) return [];
    const [offered, carriedOut, p95, , outcome] = stepInWords(step);
    return [`offered ${offered}, carried out ${carriedOut}, P95 ${p95}: ${outcome}`];
  });
  return figureOf(
    {
      title: 'The knee: where more load is no longer carried out',
      caption: `A point is a step of the rising load: ● holds its targets, ▲ does not. Shaded: between the last step before the break and the first of it.${limit === null ? '' : ` P95 must be below ${limit} ms.`}`,
      alt: `${breakpointInWords(breakpoint)} ${said.join('; ')}.`,
    },
    knee(breakpoint, { p95Ms: limit }, 'figure'),
  );
}
