import { printable } from './printable';

/**
 * ECharts' renderer keeps the widths of texts in an object, by the texts. Under this one it finds the prototype of all objects,
 * takes it for an entry of its own and gives it neighbours: every object of the process would have a `next`.
 */
const PROTOTYPE = '__proto__';

/**
 * A text in one line of at most so many characters. Longer ones are cut in their middle: both ends tell more than one.
 *
 * @param longest at least 3.
 */
export function shortened(text: string, longest: number): string {
  // By characters: half of a surrogate pair is no character.
  const shown = [...(text === PROTOTYPE ? `${PROTOTYPE}\u00a0` : printable(text))];
  if (shown.length <= longest) return shown.join('');
  const half = (longest - 1) / 2;
  return [...shown.slice(0, Math.ceil(half)), '…', ...shown.slice(-Math.floor(half))].join('');
}
