import type { MetricType } from '../result/result';

export type Tags = Record<string, string>;

/** Where a format's parser puts what it finds. */
export interface SampleSink {
  /**
   * @param key equal for two samples only if metric and tags are equal; lets the tags be parsed once a series.
   * @param timeMs epoch ms, with its fraction.
   * @param subject what a slow request asked for; for metrics that have one.
   * @returns false when the tags are none.
   */
  sample(
    metric: string,
    key: string,
    tags: () => Tags | null,
    timeMs: number,
    value: number,
    subject?: string | null,
  ): boolean;
  metric(name: string, type: MetricType, contains: string): void;
  reject(reason: string): void;
}

/**
 * Reads a line, which is text, into the sink.
 *
 * @returns whether it is one that the quick way of reading knows by its bytes, once it has seen their like.
 */
export type LineParser = (line: string, sink: SampleSink) => boolean;

export const BAD_TAGS = 'tags that are not an object of texts';
export const BAD_TIME = 'a time that cannot be read';
export const BAD_VALUE = 'a value that is not a finite number';

let lastPrefix = '';
let lastPrefixMs = Number.NaN;

/** Reads RFC 3339 with any number of fractional digits; NaN when it is none. */
export function parseTime(text: string): number {
  const end = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (end === null) return Number.NaN;
  // Thousands of samples share a second, and Date.parse costs more than the rest of the line.
  const prefix = text.slice(0, 19) + end[2];
  if (prefix !== lastPrefix) {
    lastPrefix = prefix;
    lastPrefixMs = Date.parse(prefix);
  }
  return end[1] === undefined ? lastPrefixMs : lastPrefixMs + Number(`0.${end[1]}`) * 1000;
}

/** Tags without the empty ones: k6's JSON has `group: ""` where its CSV has nothing, and both mean none. */
export function withoutEmpty(tags: unknown): Tags | null {
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) return null;
  const kept: Tags = {};
  for (const [name, value] of Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (typeof value !== 'string') return null;
    if (value !== '') kept[name] = value;
  }
  return kept;
}
