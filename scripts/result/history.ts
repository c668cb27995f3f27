import { z } from 'zod';

/** What someone tried or changed at a moment of a history, so that a later reader of the trend knows why it bends there. */
export const HISTORY_NOTE_VERSION = 1;

export const historyNoteSchema = z.object({
  schema: z.literal('fiml-perf/history-note'),
  version: z.literal(HISTORY_NOTE_VERSION),
  /** Epoch ms, up to the last time that ECMAScript knows. */
  atMs: z.number().nonnegative().max(8.64e15),
  text: z.string().min(1),
});

export type HistoryNote = z.infer<typeof historyNoteSchema>;
