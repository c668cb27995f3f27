import exec from 'k6/execution';
import { Gauge } from 'k6/metrics';
import { loadTags } from '../config';
import type { FimlRequest } from '../contract';
import type { Client } from './client';
import { type ClockLook, clockOffset, serverTimeMs } from './server-clock';
import type { Settings } from './settings';

/** Looks at the server's clock: the quickest of them decides. */
const LOOKS = 5;

const segment = new Gauge('fiml_segment');
const offset = new Gauge('fiml_segment_clock_offset_ms');
const uncertainty = new Gauge('fiml_segment_clock_error_ms');

/**
 * Which part of a load that several k6 processes share this one carries (`1/4:1/2`); null when it carries all of it. k6 does
 * not tell it to init code, where options are made.
 */
export const ownSegment = (): string | null => exec.test.options.executionSegment ?? null;

/** @throws Error when this k6 carries a part of a load that is more than its parts, which ends k6 with 107. */
export function refuseSegment(): void {
  if (ownSegment() === null) return;
  throw new Error('only the scenario load can be divided, under any profile but breakpoint: run it on one k6');
}

/**
 * Says in the samples which segment they are of, and of what load, how far this machine's clock is from the server's, and, by their time, when
 * the load began: nothing else that plain k6 leaves tells the parts of a load from each other. To be called last in setup,
 * which every segment runs; does nothing where the load is not divided.
 *
 * @param searches whose answers tell the server's time, and that it has answered before.
 */
export function tellSegment({ config }: Settings, client: Client, searches: readonly FimlRequest[]): void {
  const own = ownSegment();
  if (own === null) return;
  const looks: ClockLook[] = [];
  for (const search of searches.slice(0, LOOKS)) {
    const sentMs = Date.now();
    const outcome = client.sendUncounted([search])[0];
    const receivedMs = Date.now();
    const atMs = outcome?.ok ? serverTimeMs(outcome.value) : null;
    if (atMs !== null) looks.push({ sentMs, receivedMs, serverMs: atMs });
  }
  const found = clockOffset(looks);
  if (found !== null) {
    offset.add(found.offsetMs);
    uncertainty.add(found.errorMs);
  }
  segment.add(1, { segment: own, ...loadTags(config) });
}
