import { z } from 'zod';
import { instantMs } from './instant';

/** What someone tried or changed at a moment of a history, so that a later reader of the trend knows why it bends there. */
export const HISTORY_NOTE_VERSION = 1;

export const historyNoteSchema = z.object({
  schema: z.literal('fiml-perf/history-note'),
  version: z.literal(HISTORY_NOTE_VERSION),
  atMs: instantMs.nonnegative(),
  text: z.string().min(1),
});

export type HistoryNote = z.infer<typeof historyNoteSchema>;
