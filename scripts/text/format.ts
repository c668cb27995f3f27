import { formatDuration } from '../../config';

/** Units in which values are shown; a share from 0 to 1 as per cent. */
export type Unit = 'ms' | 's' | 'share' | 'ratio' | 'per-second';

const MOST_DECIMALS = 6;

/** `12.3 ms`, `99.52 %`; latencies keep three figures below 100 ms. */
export function formatValue(value: number, unit: Unit): string {
  if (unit === 'share') return percent(value, 2);
  if (unit === 's') return DECIMAL.s(value, value < 10 ? 1 : 0);
  return DECIMAL[unit](value, value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** A limit as a person would write it: `200 ms`, `99.5 %`. */
export function formatLimit(limit: number, unit: Unit): string {
  return unit === 'share' ? `${trimmed(limit * 100)} %` : `${trimmed(limit)} ${SUFFIX[unit]}`;
}

/**
 * A value that stands beside its limit: with as many decimals as it takes to show on which side of it it lies, since
 * `99.50 %, not above 99.5 %` would look like a mistake.
 */
export function formatBeside(value: number, limit: number, unit: Unit): string {
  const usual = formatValue(value, unit);
  const shownLimit = formatLimit(limit, unit);
  const side = Math.sign(value - limit);
  const showsSide = (text: string) => Math.sign(Number.parseFloat(text) - Number.parseFloat(shownLimit)) === side;
  if (!Number.isFinite(value) || showsSide(usual)) return usual;
  const format = unit === 'share' ? percent : DECIMAL[unit];
  for (let decimals = 3; decimals <= MOST_DECIMALS; decimals++) {
    const text = format(value, decimals);
    if (showsSide(text)) return text;
  }
  return side === 0 ? shownLimit : `just ${side < 0 ? 'below' : 'above'} ${shownLimit}`;
}

/** `below 200 ms`, `above 80 %`. */
export const formatClaim = (operator: '<' | '>', limit: number, unit: Unit): string =>
  `${operator === '<' ? 'below' : 'above'} ${formatLimit(limit, unit)}`;

/** `3.0 %`. */
export const percent = (share: number, decimals = 1): string => `${(share * 100).toFixed(decimals)} %`;

type Plain = Exclude<Unit, 'share'>;
const SUFFIX: Readonly<Record<Plain, string>> = { ms: 'ms', s: 's', ratio: '×', 'per-second': '/s' };
const decimal = (unit: Plain) => (value: number, decimals: number) => `${value.toFixed(decimals)} ${SUFFIX[unit]}`;
const DECIMAL = { ms: decimal('ms'), s: decimal('s'), ratio: decimal('ratio'), 'per-second': decimal('per-second') };

/** Without the noise that binary fractions leave: 0.995 × 100 is 99.50000000000001 there. */
const trimmed = (value: number): string => String(Number(value.toPrecision(12)));

/** `1h 12s`: a length of time for a reader; without its spaces, as overrides are written, `1h12s` is read as an hour and twelve minutes. */
export const formatLength = (durationMs: number): string =>
  formatDuration(durationMs).replace(/(?<=[a-z])(?=\d)/g, ' ');

/** `14,400`: a count for a reader, rounded. */
export const grouped = (count: number): string => Math.round(count).toLocaleString('en-US');

/** `1 request`, `2 requests`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `1.5 GB`, `200 MB`, `3 KB`. */
export const formatBytes = (bytes: number): string =>
  bytes >= 1e9
    ? `${(bytes / 1e9).toFixed(1)} GB`
    : bytes >= 1e6
      ? `${Math.round(bytes / 1e6)} MB`
      : `${Math.ceil(bytes / 1000)} KB`;

/** `12.3 s`, however long: lengths that are held beside each other need the same unit. */
export const formatSeconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(1)} s`;
