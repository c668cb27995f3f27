import type { Clock } from '../../../reference/clock';

/** Time that passes only when nothing else is left to do; it keeps what was slept. */
export class VirtualClock implements Clock {
  readonly slept: number[] = [];
  private sleepers: { atMs: number; wake: () => void }[] = [];
  constructor(public nowMs = Date.UTC(2026, 0, 5, 12)) {}

  now(): number {
    return this.nowMs;
  }

  sleep(durationMs: number): Promise<void> {
    this.slept.push(durationMs);
    return new Promise((wake) => this.sleepers.push({ atMs: this.nowMs + durationMs, wake }));
  }

  /** Lets time pass until `promise` settles. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    promise.then(mark, mark);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (settled) return promise;
      const next = this.sleepers.reduce<number>((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY);
      if (next === Number.POSITIVE_INFINITY) continue;
      this.nowMs = next;
      const due = this.sleepers.filter(({ atMs }) => atMs <= next);
      this.sleepers = this.sleepers.filter(({ atMs }) => atMs > next);
      for (const { wake } of due) wake();
    }
  }
}
