import type { Check } from '../result/verdict';

/** What is wrong, in words; null when nothing is. */
export type Flaw = string | null;

/** Makes checks of one kind: each says what was wrong, or else what was seen. */
export const checkOf =
  (kind: Check['kind']) =>
  (id: string, title: string, flaw: Flaw, fine: string): Check => ({
    id,
    title,
    kind,
    ok: flaw === null,
    detail: flaw ?? fine,
  });
