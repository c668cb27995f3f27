import type { z } from 'zod';

/** Where a value is not what its shape says. Values are as they came: whoever shows them cuts and cleans them. */
export interface Mismatch {
  /** `cached.price`, `tools[3].name`; empty for the whole. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

type Path = readonly PropertyKey[];

/** Compares a value with its shape: every mismatch, and apart from them the paths of fields that the shape does not have. */
export function compare(schema: z.ZodType, value: unknown): { mismatches: Mismatch[]; extras: string[] } {
  const issues = schema.safeParse(value).error?.issues ?? [];
  const mismatches = new Map<string, Mismatch>();
  const extras: string[] = [];
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      extras.push(...issue.keys.map((key) => pathText([...issue.path, key])));
      continue;
    }
    const path = pathText(issue.path);
    mismatches.set(path, { path, expected: expectedAt(schema, issue.path), found: wordsFor(at(value, issue.path)) });
  }
  return { mismatches: [...mismatches.values()], extras };
}

/** What the shape wants at a path, in words. */
function expectedAt(schema: z.ZodType, path: Path): string {
  let here: z.core.$ZodType = schema;
  for (const key of path) here = inside(bare(here), key) ?? here;
  return inWords(here);
}

/** A shape without `or nothing` around it. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod as z.core.$ZodNullable['_zod'];
  return (def.type as string) === 'optional' || def.type === 'nullable' ? bare(def.innerType) : schema;
}

function inside(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'object') return def.shape[String(key)] ?? def.catchall;
  if (def.type === 'array') return def.element;
  if (def.type === 'record') return def.valueType;
  return def.type === 'tuple' ? def.items[Number(key)] : undefined;
}

function inWords(schema: z.core.$ZodType): string {
  const described = (schema as z.ZodType).description;
  if (described !== undefined) return described;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'nullable':
      return `${inWords(def.innerType)} or null`;
    case 'optional':
      return inWords(def.innerType);
    case 'literal':
      return def.values.map((each) => JSON.stringify(each)).join(' or ');
    case 'enum':
      return Object.values(def.entries)
        .map((each) => JSON.stringify(each))
        .join(' or ');
    case 'array':
    case 'tuple':
      return 'a list';
    case 'object':
    case 'record':
      return 'an object';
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    default:
      return `a ${def.type}`;
  }
}

/** What there is, in words; `undefined` is a field that is missing. */
export function wordsFor(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const names = Object.keys(value);
  return names.length === 0 ? 'an empty object' : `an object with ${names.join(', ')}`;
}

function at(value: unknown, path: Path): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<PropertyKey, unknown>)[key];
  }
  return here;
}

const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
