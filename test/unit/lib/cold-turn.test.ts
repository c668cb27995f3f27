import fc from 'fast-check';
import { coldEquities } from '../../../contract';
import { coldTurn } from '../../../lib/cold-turn';
import { NARRATIVE_EVERY_MS } from '../../../profiles';

const SYMBOLS = coldEquities().length;
const NOW_MS = Date.parse('2026-11-24T10:00:00Z');

/** Places in the ring of symbols that a run asks for. */
const placesOf = (startMs: number, count: number): number[] =>
  Array.from({ length: count }, (_, iteration) => (coldTurn(startMs, NARRATIVE_EVERY_MS) + iteration) % SYMBOLS);

test('runs that follow each other within half an hour, however soon, share no symbol', () => {
  const run = fc.record({ count: fc.integer({ min: 1, max: 300 }), pauseMs: fc.integer({ min: 0, max: 20_000 }) });
  fc.assert(
    fc.property(
      fc.nat(NARRATIVE_EVERY_MS * SYMBOLS),
      fc.array(run, { minLength: 2, maxLength: 20 }),
      (offset, runs) => {
        const askedAtMs = new Map<number, number>();
        let soonestMs = Number.POSITIVE_INFINITY;
        let atMs = NOW_MS + offset;
        for (const { count, pauseMs } of runs) {
          placesOf(atMs, count).forEach((place, iteration) => {
            const now = atMs + iteration * NARRATIVE_EVERY_MS;
            soonestMs = Math.min(soonestMs, now - (askedAtMs.get(place) ?? Number.NEGATIVE_INFINITY));
            askedAtMs.set(place, now);
          });
          atMs += count * NARRATIVE_EVERY_MS + pauseMs;
        }
        expect(soonestMs).toBeGreaterThan(30 * 60_000);
      },
    ),
  );
});

test('the symbols of a run are as many as its questions', () => {
  expect(new Set(placesOf(NOW_MS, SYMBOLS)).size).toBe(SYMBOLS);
});
