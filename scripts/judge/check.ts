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

/** A check that had nothing to look at. It spoils nothing, and must not look as if it had found that all is well. */
export const uncheckedOf =
  (kind: Check['kind']) =>
  (id: string, title: string, why: string): Check => ({ id, title, kind, ok: true, unchecked: true, detail: why });
