import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { UserError } from '../errors';
import { readProblem, writeProblem } from '../result/files';
import { HISTORY_NOTE_VERSION, type HistoryNote, historyNoteSchema } from '../result/history';
import { inTime, OBSERVATION_VERSION, type Observation, observationSchema } from '../result/observation';

export const EXTENSION = '.jsonl';

/** What a history file holds, in time order and each thing once, and what of it could not be read. */
export interface History {
  readonly observations: readonly Observation[];
  readonly notes: readonly HistoryNote[];
  /** Lines that count for nothing; they stay in the file, for whoever wrote them to put right. */
  readonly problems: readonly LineProblem[];
}

export interface LineProblem {
  /** From 1, as editors count. */
  readonly line: number;
  readonly problem: string;
}

/** The history of a scenario under a profile, such as `history/load.smoke.jsonl`. */
export const historyPath = (folder: string, scenario: string, profile: string | null): string =>
  join(folder, `${scenario}${profile === null ? '' : `.${profile}`}${EXTENSION}`);

/**
 * Appends a finished run.
 *
 * @throws UserError when it cannot be written; what was in the file before is untouched.
 */
export const appendObservation = (path: string, observation: Observation): void => appendLine(path, observation);

/** Appends a note. Otherwise as `appendObservation`. */
export function appendNote(path: string, { atMs, text }: Pick<HistoryNote, 'atMs' | 'text'>): HistoryNote {
  const note: HistoryNote = { schema: 'fiml-perf/history-note', version: HISTORY_NOTE_VERSION, atMs, text };
  appendLine(path, note);
  return note;
}

/**
 * Appends one line in one write.
 *
 * A write in append mode is placed and done as a whole by the system, so that two processes which write at once cannot lose
 * or mix their lines on a local disk. A former writer may have been cut off by a full disk or a power failure: then the
 * file does not end in a newline, and one goes first, so that the damaged line harms only itself. The same happens when
 * another process is seen in the middle of its write; that only leaves an empty line.
 */
function appendLine(path: string, value: unknown): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'a+');
    try {
      const line = Buffer.from(`${endsInNewline(file) ? '' : '\n'}${JSON.stringify(value)}\n`);
      // To write the rest in a second go could put another process's line in the middle of this one.
      if (writeSync(file, line) < line.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${writeProblem(error)}`);
  }
}

function endsInNewline(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] === NEWLINE;
}

const NEWLINE = 0x0a;

/**
 * Reads a history. Lines may be doubled and out of order, as git's union merge leaves them: a run or note counts once.
 *
 * @throws UserError when there is no such file, when it cannot be read, or when a newer fiml-perf wrote to it: what its lines
 *   mean cannot be known then, and to leave them out would move the trend.
 */
export function readHistory(path: string): History {
  const history = read(path);
  if (history === null) {
    throw new UserError(`${path}: the history cannot be read: there is no such file\n${howToGetOne(path)}`);
  }
  return history;
}

/** As `readHistory`; a file that does not exist is an empty history. */
export const readHistoryIfAny = (path: string): History => read(path) ?? { observations: [], notes: [], problems: [] };

/** Null when there is no such file. */
function read(path: string): History | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UserError(`${path}: the history cannot be read: ${readProblem(error)}`);
  }
  return parseHistory(path, text);
}

function howToGetOne(path: string): string {
  const [scenario, ...profile] = basename(path, EXTENSION).split('.');
  const flags = profile.length === 0 ? '' : ` --profile ${profile.join('.')}`;
  return `every finished run adds a line to it; run: fiml-perf run ${scenario}${flags}`;
}

function parseHistory(path: string, text: string): History {
  const observations = new Map<string, { line: number; value: Observation }>();
  const notes = new Map<string, HistoryNote>();
  const problems: LineProblem[] = [];
  const newer: string[] = [];
  text.split('\n').forEach((content, index) => {
    const line = index + 1;
    if (content.trim() === '') return;
    const parsed = parseLine(content);
    switch (parsed.kind) {
      case 'observation': {
        const { runId, startedAtMs } = parsed.value;
        // Two machines may name their runs alike, by the second in which they began.
        const key = `${startedAtMs} ${runId}`;
        const former = observations.get(key);
        if (former !== undefined && JSON.stringify(former.value) !== JSON.stringify(parsed.value)) {
          const problem = `line ${line} is of the same run, ${runId}, and differs: the later line counts`;
          problems.push({ line: former.line, problem });
        }
        observations.set(key, { line, value: parsed.value });
        break;
      }
      case 'note':
        notes.set(`${parsed.value.atMs} ${parsed.value.text}`, parsed.value);
        break;
      case 'newer':
        newer.push(`  line ${line}: version ${parsed.version} of ${parsed.schema}`);
        break;
      case 'damaged':
        problems.push({ line, problem: parsed.problem });
    }
  });
  if (newer.length > 0) {
    throw new UserError(
      [
        `${path}: a newer fiml-perf wrote to this history, and this one cannot tell what that means`,
        ...(newer.length > MOST_NAMED
          ? [...newer.slice(0, MOST_NAMED), `  and ${newer.length - MOST_NAMED} more`]
          : newer),
        'update fiml-perf to the version that wrote it',
      ].join('\n'),
    );
  }
  return {
    observations: [...observations.values()].map(({ value }) => value).sort(inTime),
    notes: [...notes.values()].sort((a, b) => a.atMs - b.atMs || (a.text < b.text ? -1 : 1)),
    problems: problems.sort((a, b) => a.line - b.line),
  };
}

const MOST_NAMED = 5;

type ParsedLine =
  | { readonly kind: 'observation'; readonly value: Observation }
  | { readonly kind: 'note'; readonly value: HistoryNote }
  | { readonly kind: 'newer'; readonly schema: string; readonly version: number }
  | { readonly kind: 'damaged'; readonly problem: string };

function parseLine(content: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { kind: 'damaged', problem: 'not valid JSON: cut off, or edited by hand' };
  }
  const { schema, version } = (value ?? {}) as { schema?: unknown; version?: unknown };
  switch (schema) {
    case 'fiml-perf/observation':
      return typeof version === 'number' && version > OBSERVATION_VERSION
        ? { kind: 'newer', schema, version }
        : checked(observationSchema, value, (data) => ({ kind: 'observation', value: data }));
    case 'fiml-perf/history-note':
      return typeof version === 'number' && version > HISTORY_NOTE_VERSION
        ? { kind: 'newer', schema, version }
        : checked(historyNoteSchema, value, (data) => ({ kind: 'note', value: data }));
    default:
      return { kind: 'damaged', problem: 'neither a run nor a note of a history' };
  }
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  accept: (data: z.output<Schema>) => ParsedLine,
): ParsedLine {
  const parsed = schema.safeParse(value);
  if (parsed.success) return accept(parsed.data);
  const [first, ...rest] = parsed.error.issues;
  const more = rest.length === 0 ? '' : `, and ${rest.length} more`;
  return { kind: 'damaged', problem: `${first?.path.join('.')}: ${first?.message}${more}` };
}
