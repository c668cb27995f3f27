import { SLOW_METRIC, SLOW_MS, SLOW_SUBJECT } from '../../thresholds';
import { MOST_KEPT, SLOW_VERSION, type SlowRequest, type SlowRequests } from '../result/slow';
import type { Tags } from './sample';

const REQUEST_METRIC = 'http_req_duration';
/** The purpose of requests that make a fault or look at it, and may do so in a phase of the load. */
const CONTROL = 'control';
/** Longer subjects are no suite's of ours. */
const LONGEST_SUBJECT = 300;

/** What a series' samples are to a run's slowest requests. */
export type SlowRole = 'request' | 'remark' | null;

export function slowRoleOf(metric: string, { op, phase }: Tags): SlowRole {
  if (metric === SLOW_METRIC) return 'remark';
  if (metric !== REQUEST_METRIC) return null;
  // What the suite asks for itself, in setup or to look at the server's counters, belongs to no phase: no user waits for it.
  const isOwn = op !== undefined && (phase === undefined || op === CONTROL);
  return isOwn ? null : 'request';
}

/** Whether the metadata of a metric's samples are to be read at all: everything else of a line is known from its series. */
export const hasSubject = (metric: string): boolean => metric === SLOW_METRIC;

/**
 * What a sample's metadata say of its subject.
 *
 * @param metadata by name, of whatever type a hostile file gives them.
 */
export function subjectIn(metadata: unknown): string | null {
  if (typeof metadata !== 'object' || metadata === null) return null;
  const encoded = (metadata as Record<string, unknown>)[SLOW_SUBJECT];
  if (typeof encoded !== 'string') return null;
  try {
    return decodeURIComponent(encoded).slice(0, LONGEST_SUBJECT);
  } catch {
    return null; // Nothing of ours ends in half of an escape.
  }
}

interface Kept {
  readonly value: number;
  readonly atMs: number;
  readonly tags: Tags;
  readonly subject: string | null;
}

/** Keeps the largest of what it is given; of equal ones those that came first. Twice as many as asked for are in memory. */
export class Largest<Item extends { readonly value: number }> {
  private items: Item[] = [];
  /** What is no larger than this is not among the largest. */
  private floor = Number.NEGATIVE_INFINITY;

  constructor(private readonly most: number) {}

  takes(value: number): boolean {
    return value > this.floor;
  }

  /** To be asked {@link takes} first, so that nothing is made for what is not kept. */
  add(item: Item): void {
    this.items.push(item);
    if (this.items.length >= 2 * this.most) this.cut();
  }

  /** The largest first. */
  list(): readonly Item[] {
    this.cut();
    return this.items;
  }

  private cut(): void {
    // Sorting keeps the order of equals.
    this.items.sort((a, b) => b.value - a.value);
    this.items.length = Math.min(this.items.length, this.most);
    if (this.items.length === this.most) this.floor = this.items[this.most - 1]?.value ?? this.floor;
  }
}

/** The slowest requests of a run, out of two series of samples: every request's duration, and what is said of slow ones. */
export class Slowest {
  private readonly requests = new Largest<Kept>(MOST_KEPT);
  private readonly remarks = new Largest<Kept>(MOST_KEPT);
  private count = 0;
  private slow = 0;

  add(role: 'request' | 'remark', value: number, atMs: number, tags: Tags, subject: string | null): void {
    if (role === 'request') {
      this.count += 1;
      if (value > SLOW_MS) this.slow += 1;
    }
    const largest = role === 'request' ? this.requests : this.remarks;
    if (largest.takes(value)) largest.add({ value, atMs, tags, subject });
  }

  /** Undefined without a request. */
  finish(): SlowRequests | undefined {
    if (this.count === 0) return undefined;
    const remarks = new Map<string, Kept[]>();
    for (const remark of this.remarks.list()) {
      const key = keyOf(remark);
      const same = remarks.get(key);
      if (same === undefined) remarks.set(key, [remark]);
      else same.push(remark);
    }
    const kept = this.requests.list().map((request) => toRequest(request, remarks.get(keyOf(request))?.shift()));
    return { version: SLOW_VERSION, requests: this.count, slowMs: SLOW_MS, slow: this.slow, kept };
  }
}

/** Both samples of a request have its duration to the nanosecond, and the same names. */
const keyOf = ({ value, tags: { name, op, cache, phase } }: Kept): string =>
  JSON.stringify([value, name, op, cache, phase]);

function toRequest({ value, atMs, tags }: Kept, remark: Kept | undefined): SlowRequest {
  const { name = '', op = '', cache = '', phase = '' } = tags;
  return {
    name,
    op,
    cache,
    phase,
    atMs,
    durationMs: value,
    subject: remark?.subject ?? null,
    layer: remark?.tags.layer ?? null,
  };
}
