/**
 * Expectations of loops that look at thousands of things. A call of `expect` takes far longer than a plain look, so it is made
 * of what does not hold only: it tells of that as it would have without.
 */

export function expectSame<T>(seen: T, wanted: T): void {
  if (!Object.is(seen, wanted)) expect(seen).toBe(wanted);
}

export function expectLess(seen: number, limit: number): void {
  if (!(seen < limit)) expect(seen).toBeLessThan(limit);
}

export function expectAtMost(seen: number, limit: number): void {
  if (!(seen <= limit)) expect(seen).toBeLessThanOrEqual(limit);
}

/** @param pattern without the flag `g`: one that goes on from where it stopped would miss what stands before. */
export function expectNo(pattern: RegExp, text: string): void {
  if (pattern.test(text)) expect(text).not.toMatch(pattern);
}
