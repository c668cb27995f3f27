import { FILL_LEAD_MS } from '../../profiles';
import type { Result } from '../result/result';
import type { Run, SegmentPart } from '../result/run';
import type { Check } from '../result/verdict';
import { checkOf, uncheckedOf } from './check';

type Segments = NonNullable<Run['segments']>;

/**
 * How much later than the first a segment may begin. What one k6 puts into the cache others ask for so long afterwards: later
 * it would not be there yet, and phases of one name would be of different times.
 */
export const START_TOLERANCE_MS = FILL_LEAD_MS;
const SHOWN_FLAWS = 5;

const check = checkOf('blinding');

/** Whether the parts of a divided load make up the whole: each there, once, to its end, and at the same time as the others. */
export const segmentChecks = (segments: Segments): Check[] => [wholeness(segments), start(segments)];

function wholeness({ planned, parts }: Segments): Check {
  const expected = Array.from({ length: planned }, (_, at) => segmentOf(at, planned));
  const holders = (segment: string) => parts.filter((part) => part.segment === segment);
  const flaws = [
    ...parts.flatMap((part) => part.flaws.map((flaw) => `${part.name}: ${flaw}`)),
    ...expected.flatMap((segment, at) => {
      const names = holders(segment).map(({ name }) => name);
      if (names.length === 0) return [`nothing is left of segment ${segment}, number ${at + 1} of ${planned}`];
      return names.length === 1 ? [] : [`${names.join(' and ')} are the same segment, ${segment}`];
    }),
    ...parts.flatMap(({ name, segment }) =>
      segment === null || expected.includes(segment)
        ? []
        : [`${name} is segment ${segment}, which is none of ${planned}`],
    ),
  ];
  const more = flaws.length - SHOWN_FLAWS;
  const flaw =
    flaws.length === 0 ? null : flaws.slice(0, SHOWN_FLAWS).join('; ') + (more > 0 ? `; and ${more} more` : '');
  return check('segments', 'every segment is there, once and to its end', flaw, `${planned} segments`);
}

/** The segment of one of several k6 as k6 itself writes it, in lowest terms: `1/4:1/2`. */
export const segmentOf = (at: number, of: number): string => `${fraction(at, of)}:${fraction(at + 1, of)}`;

function fraction(part: number, whole: number): string {
  const divisor = greatestCommon(part, whole);
  return whole === divisor ? String(part / divisor) : `${part / divisor}/${whole / divisor}`;
}

const greatestCommon = (a: number, b: number): number => (b === 0 ? a : greatestCommon(b, a % b));

function start({ parts }: Segments): Check {
  const [id, title] = ['segments-start', 'all segments began together'];
  const byServer = parts.every(({ clock }) => clock !== null);
  const starts = parts
    .flatMap(({ name, startedAtMs, clock }) =>
      startedAtMs === null ? [] : [{ name, atMs: startedAtMs + (byServer ? (clock?.offsetMs ?? 0) : 0) }],
    )
    .sort((a, b) => a.atMs - b.atMs);
  const [first] = starts;
  if (first === undefined || starts.length < 2) return uncheckedOf('blinding')(id, title, 'fewer than two say when');
  const clock = byServer ? "the server's clock" : 'their own clocks';
  const late = starts.filter(({ atMs }) => atMs - first.atMs > START_TOLERANCE_MS);
  const spreadMs = Math.max(...starts.map(({ atMs }) => atMs)) - first.atMs;
  return check(
    id,
    title,
    late.length === 0
      ? null
      : `${late.map(({ name, atMs }) => `${name} began ${seconds(atMs - first.atMs)} after ${first.name}`).join(', ')} by ${clock}, and ${seconds(START_TOLERANCE_MS)} are allowed`,
    `within ${seconds(spreadMs)} by ${clock}`,
  );
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/**
 * Whether the clocks of the segments' machines agree well enough for time buckets of all of them to be of one time. Phases
 * and latencies are each segment's own and need no common clock.
 *
 * @returns no check for what one k6 carried.
 */
export function clocksCheck({ segments }: Pick<Run, 'segments'>, result: Result | null): Check[] {
  if (segments === undefined || result === null) return [];
  const [id, title] = ['segments-clocks', "the segments' clocks agree"];
  const clocks = segments.parts.flatMap(({ name, clock }) => (clock === null ? [] : [{ name, ...clock }]));
  const [least, ...others] = clocks.sort((a, b) => a.offsetMs - b.offsetMs);
  const most = others.at(-1);
  const silent = segments.parts.flatMap(({ name, clock }: SegmentPart) => (clock === null ? [name] : []));
  if (least === undefined || most === undefined || silent.length > 0) {
    const why = `the server did not tell its time to ${silent.join(', ') || 'two segments'}`;
    return [uncheckedOf('note')(id, title, why)];
  }
  const skewMs = most.offsetMs - least.offsetMs;
  const errorMs = most.errorMs + least.errorMs;
  const words = `${least.name} and ${most.name} are ${skewMs.toFixed(1)} ms apart, give or take ${errorMs.toFixed(1)} ms, by what the server's clock said to each before the load`;
  const flaw =
    skewMs + errorMs > result.bucketMs
      ? `${words}: what is said of single moments (${result.bucketMs / 1000} s) mixes different ones`
      : null;
  return [checkOf('note')(id, title, flaw, words)];
}
