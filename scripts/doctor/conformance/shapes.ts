import { z } from 'zod';

/** The words of the contract's shapes. A description is what a difference says was expected. */
export const text = z.string().describe('a text');
export const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)
  .describe('an ISO 8601 time');
export const uuid = z.guid().describe('a UUID');
export const count = z.int().min(0).describe('a whole number');
export const share = z.number().min(0).max(1).describe('a number from 0 to 1');
export const percent = z.number().min(0).max(100).describe('a number from 0 to 100');
/** Whatever it is, it is there. */
export const anything = z
  .unknown()
  .refine((value) => value !== undefined)
  .describe('anything');
export const object = z.record(z.string(), z.unknown());
export const beginning = (start: string) =>
  z
    .string()
    .refine((value) => value.startsWith(start))
    .describe(`a text that begins ${JSON.stringify(start)}`);

/** What FastAPI says of a request that it refuses, in words. */
export const detail = (words?: string) => z.strictObject({ detail: words === undefined ? text : z.literal(words) });
/** What it says of a request that is not in its form. */
export const validation = z.strictObject({
  detail: z
    .array(
      z.strictObject({
        type: text,
        loc: z.array(z.union([z.string(), z.number()]).describe('a text or a number')),
        msg: text,
        input: anything,
        ctx: object.optional(),
        url: text.optional(),
      }),
    )
    .min(1)
    .describe('a list of what is wrong'),
});

/** What holds a tool's answer. */
export const envelope = (isError: boolean) =>
  z.strictObject({
    content: z.tuple([z.strictObject({ type: z.literal('text'), text })]).describe('a list with one item'),
    isError: z.literal(isError),
  });
