import { z } from 'zod';
import { UserError } from '../errors';
import { readJson } from './files';

/** Takes a file's content from one version to the next. */
export type Migration = (older: Record<string, unknown>) => Record<string, unknown>;

/** A form that is kept for long, so that files of former versions are still about when it changes. */
export interface VersionedForm {
  /** Name that every version of it carries. */
  readonly schema: string;
  /** What this suite writes. */
  readonly version: number;
  /** By the version that each starts from. */
  readonly migrations: Readonly<Record<number, Migration>>;
}

/**
 * Takes what a file holds to the current version of its form. What is of another form altogether, or says no version, is
 * left as it is: the form's schema tells what is wrong with it.
 *
 * @throws UserError for a version from the future, or one that nothing leads on from.
 */
export function migrated(value: unknown, { schema, version, migrations }: VersionedForm, path: string): unknown {
  if (!isRecord(value) || value.schema !== schema || !Number.isInteger(value.version)) return value;
  const found = value.version as number;
  if (found > version) {
    throw new UserError(
      `${path} was written by a newer fiml-perf: its version is ${found}, and this one knows up to ${version}; update fiml-perf, or make the file anew`,
    );
  }
  let content = value;
  for (let from = found; from < version; from++) {
    const migration = migrations[from];
    if (migration === undefined) {
      throw new UserError(
        `${path} has version ${found}, from which nothing leads to version ${version}: make the file anew`,
      );
    }
    content = { ...migration(content), version: from + 1 };
  }
  return content;
}

/** Reads a JSON file of a form that has versions. @throws UserError as {@link migrated} and `readJson` do. */
export function readVersioned<Schema extends z.ZodType>(
  path: string,
  form: VersionedForm,
  schema: Schema,
  what: string,
): z.output<Schema> {
  const anyVersion = z
    .unknown()
    .transform((value) => migrated(value, form, path))
    .pipe(schema);
  return readJson(path, anyVersion, what);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
