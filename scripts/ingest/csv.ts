import { SixDecimals } from './number';
import type { Form } from './quick';
import { BAD_TIME, BAD_VALUE, type LineParser, parseTime, type Tags, withoutEmpty } from './sample';
import { hasSubject, subjectIn } from './slowest';
import { Times } from './times';

const SEPARATOR = ',';

const FIRST_COLUMNS = ['metric_name', 'timestamp', 'metric_value'];
/** `vu` and `iter`: a value of their own for each iteration, so no series. */
const NOT_TAGS: readonly string[] = ['metadata'];

/** Whether a line is the first of k6's CSV output. */
export function looksLikeCsv(line: string): boolean {
  return line.startsWith(`${FIRST_COLUMNS.join(',')},`);
}

/**
 * Reads k6's CSV output, whose columns are what the header says. `extra_tags` is `name=value&name=value` without any
 * escaping: a value that itself holds `&` and `=` cannot be told from two tags.
 */
export function csvReader(header: string): LineParser {
  const columns = header.replace(/\r$/, '').split(',').slice(FIRST_COLUMNS.length);
  return (line, sink) => {
    const nameEnd = line.indexOf(',');
    const timeEnd = line.indexOf(',', nameEnd + 1);
    const valueEnd = line.indexOf(',', timeEnd + 1);
    if (nameEnd < 1 || timeEnd === -1 || valueEnd === -1) {
      sink.reject('not a CSV line of k6');
      return false;
    }
    const metric = line.slice(0, nameEnd);
    const number = line.slice(timeEnd + 1, valueEnd);
    const timeMs = parseCsvTime(line.slice(nameEnd + 1, timeEnd));
    const value = number === '' ? Number.NaN : Number(number);
    const text = line.slice(valueEnd + 1);
    if (!Number.isFinite(value)) sink.reject(BAD_VALUE);
    else if (Number.isNaN(timeMs)) sink.reject(BAD_TIME);
    else {
      const subject = hasSubject(metric) ? subjectIn(metadataOf(columns, text)) : null;
      if (sink.sample(metric, `${metric},${text}`, () => parseTags(columns, text), timeMs, value, subject)) {
        return subject === null;
      }
      sink.reject('another number of columns than the header');
    }
    return false;
  };
}

/** Where lines have what, as bytes. */
export const csvForm = (): Form => ({
  nameAt: 0,
  nameEnd: SEPARATOR.charCodeAt(0),
  toTime: SEPARATOR.length,
  times: new Times(SEPARATOR, parseCsvTime),
  digits: new SixDecimals(),
});

/** A sample's metadata, which k6 writes as it does the tags of a script. */
function metadataOf(columns: readonly string[], text: string): Tags {
  const field = splitFields(text)?.[columns.indexOf('metadata')] ?? '';
  return pairsOf(field);
}

function pairsOf(field: string): Tags {
  const pairs: Tags = {};
  for (const pair of field.split('&')) {
    const equals = pair.indexOf('=');
    if (equals > 0) pairs[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return pairs;
}

function parseTags(columns: readonly string[], text: string): Tags | null {
  const fields = splitFields(text);
  if (fields === null || fields.length !== columns.length) return null;
  const tags: Tags = {};
  columns.forEach((column, at) => {
    const field = fields[at] as string;
    if (column !== 'extra_tags') {
      if (!NOT_TAGS.includes(column)) tags[column] = field;
      return;
    }
    Object.assign(tags, pairsOf(field));
  });
  return withoutEmpty(tags);
}

/** RFC 4180 fields of one line; null when a quote is left open. */
function splitFields(text: string): string[] | null {
  if (!text.includes('"')) return text.replace(/\r$/, '').split(',');
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|\r?$)/y;
  for (;;) {
    const match = field.exec(text);
    if (match === null) return null;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] !== ',') return fields;
  }
}

/** k6's `K6_CSV_TIME_FORMAT`: the digits of a Unix time tell its unit. */
function parseCsvTime(text: string): number {
  if (!/^\d+$/.test(text)) return parseTime(text);
  if (text.length <= 11) return Number(text) * 1000;
  if (text.length <= 14) return Number(text);
  return text.length <= 17 ? Number(text) / 1000 : Number(text) / 1e6;
}
