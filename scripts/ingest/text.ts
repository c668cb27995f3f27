import { answered, mergeSeries, quantile, selectSeries } from '../result/query';
import type { Result } from '../result/result';
import { formatBytes, plural } from '../text/format';
import { printable } from '../text/printable';
import { table } from '../text/table';

/** What was read: every metric in a line, and whatever was not taken. */
export function resultText(result: Result): string {
  const { source, metrics } = result;
  const rows = Object.entries(metrics)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { type, contains }]) => {
      const series = selectSeries(result, name);
      const merged = mergeSeries(contains === 'time' ? series.filter(answered) : series);
      const figure = (value: number | null) => (value === null ? '' : value.toPrecision(4));
      const value = type === 'counter' ? merged.sum : type === 'rate' ? merged.nonZero / merged.count : merged.last;
      return [
        printable(name),
        type,
        String(merged.count),
        ...(type === 'trend'
          ? ['', figure(quantile(merged, 0.5)), figure(quantile(merged, 0.95)), figure(quantile(merged, 0.99))]
          : [merged.count === 0 ? '' : figure(value), '', '', '']),
      ];
    });
  const lost = source.rejected.map(
    ({ reason, count, firstLine }) => `not read: ${plural(count, 'line')} (the first is ${firstLine}): ${reason}`,
  );
  const { overflow } = source;
  return [
    `${plural(source.samples, 'sample')} in ${result.series.length} series, from ${formatBytes(source.bytes)} of ${source.format}`,
    `${source.parsedLines} of ${plural(source.lines, 'line')} took the slow parser: the first of each kind, and what is spelled unusually or beyond the cap`,
    '',
    table(['metric', 'type', 'samples', 'value', 'P50', 'P95', 'P99'], rows, [2, 3, 4, 5, 6]),
    ...(source.truncated ? ['the file is cut off: what is missing at its end is not known'] : []),
    ...lost,
    ...(overflow.samples > 0
      ? [
          `${plural(overflow.samples, 'sample')} in ${overflow.tagSets} further sets of tags were counted and not kept; the first ${overflow.cap} were`,
        ]
      : []),
    ...(source.clockStepBackMs > 0 ? [`the clock went back by ${source.clockStepBackMs} ms`] : []),
  ].join('\n');
}
