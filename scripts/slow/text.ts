import type { SlowView } from '../report/view';
import { printable } from '../text/printable';
import { table } from '../text/table';

/** Longer queries are cut: the whole of them is in `--json`. */
const LONGEST_SUBJECT = 60;

/** The slowest requests for a terminal. */
export function slowText({ sentence, subjects, requests, more, advice }: SlowView): string {
  return [
    printable(`${sentence} ${subjects}`),
    ...(requests.length === 0
      ? []
      : [
          '',
          table(
            ['took', 'ended at', 'phase', 'operation', 'symbol or query', 'failed in'],
            requests.map(({ duration, at, phase, operation, subject, layer }) => [
              duration,
              at,
              printable(phase),
              printable(operation),
              shortened(printable(subject)),
              printable(layer),
            ]),
            [0, 1],
          ),
        ]),
    ...(more === '' ? [] : ['', `${more} --json has the slowest 1,000.`]),
    ...(advice.length === 0 ? [] : ['', ...advice.map((line) => `- ${line}`)]),
    '',
  ].join('\n');
}

function shortened(text: string): string {
  // By characters: half of a surrogate pair is no character.
  const shown = [...text];
  return shown.length <= LONGEST_SUBJECT ? text : `${shown.slice(0, LONGEST_SUBJECT - 1).join('')}…`;
}
