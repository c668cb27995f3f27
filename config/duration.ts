const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of a duration in Go's and k6's notation: `1m30s`, `500ms`, `1.5h`. A bare number is refused, because k6
 * reads it as milliseconds and people mean seconds.
 *
 * @returns null when the text is not a duration.
 */
export function parseDurationMs(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return null;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    totalMs += Number(amount) * (UNITS_MS[unit ?? ''] ?? Number.NaN);
  }
  // To the microsecond: 1.001 × 1000 is a little less than 1001 in binary fractions.
  return Math.round(totalMs * 1000) / 1000;
}

/** The shortest exact notation that {@link parseDurationMs} reads back: 90000 → `1m30s`. */
export function formatDuration(durationMs: number): string {
  let restMs = Math.round(durationMs);
  if (restMs === 0) return '0s';
  let text = '';
  for (const [unit, unitMs] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const amount = Math.floor(restMs / unitMs);
    if (amount > 0) text += `${amount}${unit}`;
    restMs -= amount * unitMs;
  }
  return text;
}
