import type { Json } from '../contract';

/** A question to the server, by this machine's clock, and the moment of it by the server's; epoch ms. */
export interface ClockLook {
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly serverMs: number;
}

/** `Date.now` counts whole milliseconds. */
const RESOLUTION_MS = 1;

/** When the server took up a search, by its own clock: it makes a task of each, cached or not. Null where it does not say. */
export function serverTimeMs(answer: Json | null): number | null {
  const created = (answer?.task as Json | null | undefined)?.created_at;
  // A time without its zone could be that of any.
  if (typeof created !== 'string' || !/(Z|[+-]\d\d:\d\d)$/.test(created)) return null;
  // Three digits of a second are what every JavaScript engine reads, and Python writes six.
  const atMs = Date.parse(created.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(atMs) ? null : atMs;
}

/**
 * How far the server's clock is ahead of this one, ms, and by how much that may be wrong: the server looked at its clock some
 * time between question and answer. The quickest answer says it best.
 */
export function clockOffset(
  looks: readonly ClockLook[],
): { readonly offsetMs: number; readonly errorMs: number } | null {
  const tookMs = ({ sentMs, receivedMs }: ClockLook) => receivedMs - sentMs;
  const [quickest] = [...looks].sort((a, b) => tookMs(a) - tookMs(b));
  if (quickest === undefined) return null;
  const { sentMs, receivedMs, serverMs } = quickest;
  return { offsetMs: serverMs - (sentMs + receivedMs) / 2, errorMs: tookMs(quickest) / 2 + RESOLUTION_MS };
}
