import type { Layer, OperationName } from '../contract';
import { compileFaults, type Faults, NO_FAULTS, type OperationFaults } from './faults';
import { MEDIAN_MS, OPERATIONS } from './operation';
import { lognormal, type Random, randomStream } from './random';

/** What one request will go through. */
export interface Passage {
  readonly serviceMs: number;
  readonly addMs: number;
  /** The layer that its answer is to fail in; null: none. */
  readonly failure: Layer | null;
}

/** What requests go through before and after their work: faults, service times, and the limit of how many at once. */
export class Gate {
  faults: Faults = NO_FAULTS;
  inFlight = 0;
  readonly requests: Record<string, number> = {};
  private compiled = compileFaults(NO_FAULTS);
  private readonly waiting: (() => void)[] = [];
  private readonly draws: Record<string, () => number> = {};
  private readonly luck: Record<string, Random> = {};
  private held: Buffer[] = [];
  private heldUp: Promise<void> | undefined;

  /** @param sigma of the service times' logarithm; null: no service time. */
  constructor(seed: number, sigma: number | null) {
    for (const name of OPERATIONS) {
      this.requests[name] = 0;
      this.luck[name] = randomStream(seed, `failure ${name}`);
      this.draws[name] =
        sigma === null ? () => 0 : lognormal(randomStream(seed, `service ${name}`), MEDIAN_MS[name], sigma);
    }
  }

  setFaults(faults: Faults): void {
    this.faults = faults;
    this.compiled = compileFaults(faults);
    if (faults.leakBytes === 0) this.held = [];
    this.admit();
  }

  /** What an answer about these symbols is to be late by, ms. */
  lateness(symbols: readonly string[]): number {
    const { symbolAddMs } = this.faults;
    return Math.max(0, ...symbols.map((symbol) => symbolAddMs[symbol] ?? 0));
  }

  /** Waits for its turn; {@link leave} must follow. */
  async enter(operation: OperationName): Promise<Passage> {
    this.requests[operation] = (this.requests[operation] ?? 0) + 1;
    const { capacity, leakBytes } = this.faults;
    // Filled, because untouched pages would not be resident.
    if (leakBytes > 0) this.held.push(Buffer.alloc(leakBytes, 1));
    if (capacity !== null && this.inFlight >= capacity)
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.inFlight++;
    const { addMs, factor, failures } = this.compiled[operation] as OperationFaults;
    return {
      addMs,
      serviceMs: (this.draws[operation]?.() ?? 0) * factor,
      failure: this.failureOf(operation, failures),
    };
  }

  leave(): void {
    this.inFlight--;
    this.admit();
  }

  /** Resolves when nothing holds the process up any more; undefined when nothing does. */
  free(): Promise<void> | undefined {
    return this.heldUp?.then(() => this.free());
  }

  /** Holds up every request until `work` is done, as a blocking call does; several come one after the other. */
  holdUp<T>(work: () => Promise<T>): Promise<T> {
    const done = this.heldUp === undefined ? work() : this.heldUp.then(work);
    const over = () => {
      if (this.heldUp === heldUp) this.heldUp = undefined;
    };
    const heldUp: Promise<void> = done.then(over, over);
    this.heldUp = heldUp;
    return done;
  }

  private admit(): void {
    while (this.waiting.length > 0 && this.inFlight < (this.faults.capacity ?? Number.POSITIVE_INFINITY)) {
      this.inFlight++;
      this.waiting.shift()?.();
    }
  }

  private failureOf(operation: OperationName, failures: OperationFaults['failures']): Layer | null {
    if (failures.length === 0) return null;
    const drawn = this.luck[operation]?.() ?? 0;
    return failures.find(([, end]) => drawn < end)?.[0] ?? null;
  }
}
