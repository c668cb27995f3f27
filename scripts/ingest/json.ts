import type { MetricType } from '../result/result';
import { Digits } from './number';
import type { Form } from './quick';
import {
  BAD_TAGS,
  BAD_TIME,
  BAD_VALUE,
  type LineParser,
  parseTime,
  type SampleSink,
  type Tags,
  withoutEmpty,
} from './sample';
import { hasSubject, subjectIn } from './slowest';
import { RfcTimes } from './times';

const START = '{"metric":"';
const TO_TIME = '","type":"Point","data":{"time":"';
const TO_VALUE = '","value":';
const TO_TAGS = ',"tags":';
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const METRIC_NAME = /^[a-zA-Z_]\w*$/;
const TYPES: readonly unknown[] = ['counter', 'gauge', 'rate', 'trend'];

/** Whether a line is one of k6's JSON output. */
export function looksLikeJson(line: string): boolean {
  return line.startsWith('{');
}

/** Where the lines that k6 writes for samples have what, as bytes. */
export const jsonForm = (): Form => ({
  nameAt: START.length,
  nameEnd: TO_TIME.charCodeAt(0),
  toTime: TO_TIME.length,
  times: new RfcTimes(TO_VALUE, parseTime),
  digits: new Digits(),
});

/**
 * Reads a line of k6's JSON output.
 *
 * k6 writes the fields of a sample in one order; whatever deviates goes to the real parser, and so does a sample with
 * metadata, which follow the tags.
 */
export const readJsonLine: LineParser = (line, sink) => {
  if (readFixedForm(line, sink)) return true;
  readAnyForm(line, sink);
  return false;
};

/** @returns false when the line is not of the fixed form; nothing was taken from it then. */
function readFixedForm(line: string, sink: SampleSink): boolean {
  if (!line.startsWith(START) || !line.endsWith('}}')) return false;
  const nameEnd = line.indexOf('"', START.length);
  if (!line.startsWith(TO_TIME, nameEnd)) return false;
  const timeAt = nameEnd + TO_TIME.length;
  const timeEnd = line.indexOf('"', timeAt);
  if (!line.startsWith(TO_VALUE, timeEnd)) return false;
  const valueAt = timeEnd + TO_VALUE.length;
  const valueEnd = line.indexOf(',', valueAt);
  if (!line.startsWith(TO_TAGS, valueEnd)) return false;
  const metric = line.slice(START.length, nameEnd);
  const number = line.slice(valueAt, valueEnd);
  const timeMs = parseTime(line.slice(timeAt, timeEnd));
  const value = Number(number);
  if (Number.isNaN(timeMs) || !JSON_NUMBER.test(number) || !Number.isFinite(value)) return false;
  const text = line.slice(valueEnd + TO_TAGS.length, -2);
  const tags = () => (METRIC_NAME.test(metric) ? parseTags(text) : null);
  return sink.sample(metric, `${metric}${text}`, tags, timeMs, value);
}

function parseTags(text: string): Tags | null {
  try {
    return withoutEmpty(JSON.parse(text));
  } catch {
    return null;
  }
}

function readAnyForm(line: string, sink: SampleSink): void {
  let record: Partial<Record<string, unknown>> | null;
  try {
    record = JSON.parse(line);
  } catch {
    sink.reject('not JSON');
    return;
  }
  const { metric, type } = record ?? {};
  const data = record?.data as Partial<Record<string, unknown>> | null | undefined;
  if (typeof metric !== 'string' || typeof data !== 'object' || data === null) {
    sink.reject('neither a metric nor a sample of k6');
  } else if (type === 'Metric' && TYPES.includes(data.type)) {
    sink.metric(metric, data.type as MetricType, String(data.contains));
  } else if (type === 'Point') {
    const tags = withoutEmpty(data.tags ?? {});
    const timeMs = typeof data.time === 'string' ? parseTime(data.time) : Number.NaN;
    if (typeof data.value !== 'number' || !Number.isFinite(data.value)) sink.reject(BAD_VALUE);
    else if (Number.isNaN(timeMs)) sink.reject(BAD_TIME);
    else if (tags === null) sink.reject(BAD_TAGS);
    else {
      const subject = hasSubject(metric) ? subjectIn(data.metadata) : null;
      sink.sample(metric, `${metric}${JSON.stringify(tags)}`, () => tags, timeMs, data.value, subject);
    }
  } else {
    sink.reject('neither a metric nor a sample of k6');
  }
}
