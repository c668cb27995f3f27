import { formatMeasure, formatSize } from '../../compare/text';
import { plot } from '../../history/plot';
import { effectOf, formatTime } from '../../history/text';
import type { HistoryView, Trend } from '../../history/trend';
import { plural } from '../../text/format';
import { type Figure, figureOf } from './figure';

/**
 * A plot for each measure of a history that decides, with the places where its level changed.
 *
 * @param runId the run that the page is about, which is marked.
 */
export const historyFigures = (view: HistoryView, runId: string): Figure[] =>
  view.trends.flatMap((trend) => (trend.levels.length === 0 ? [] : [historyFigure(view, trend, runId)]));

function historyFigure(view: HistoryView, trend: Trend, runId: string): Figure {
  const { measure, values, levels, changes } = trend;
  const isIn = view.runs.some((run) => run.runId === runId);
  const level = levels.at(-1)?.median ?? null;
  const newest = values.filter((value) => value !== null).at(-1) ?? null;
  const said = changes
    .filter(({ status }) => status !== 'went away')
    .map((change) => {
      const run = view.runs[change.index];
      const when = run === undefined ? '' : ` from ${formatTime(run.startedAtMs)} UTC on`;
      return `${effectOf(change, measure)} by ${formatSize(measure, Math.abs(change.change))}${when} (${change.status})`;
    });
  const course = said.length === 0 ? 'No change of its level was found' : `Its level changed: ${said.join('; ')}`;
  const now = `Newest ${formatMeasure(newest, measure.unit)}, level now ${formatMeasure(level, measure.unit)}, over ${plural(values.length, 'run')}.`;
  return figureOf(
    {
      title: `${measure.title}, over earlier runs`,
      caption: `A point is a run${isIn ? ', the diamond this one' : ''}, a line the level between two changes; the scale does not begin at 0. ${course}. ${now}`,
      alt: `${measure.title} of each run of ${view.name}. ${course}. ${now}`,
    },
    plot({ ...view, trends: [trend] }, 'figure', runId),
  );
}
