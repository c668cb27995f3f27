import { SLOW_MS } from '../../thresholds';
import { formatAge } from '../text/age';
import { formatBytes, formatLimit, formatValue, percent, plural } from '../text/format';
import { printable } from '../text/printable';
import { bucketOf, type Change, meanMs, type Since, slowIn } from './change';
import type { Look } from './look';
import type { Durations } from './page';
import type { Group } from './unmeasured';

/** Routes and providers beyond so many would push the rest off the screen; all are in `--json`. */
const MOST_LISTED = 5;
const WIDTH = 14;

/**
 * A look for a person, by the guide's groups of metrics.
 *
 * @param since what happened since the look before; null for the first.
 */
export function lookText(look: Look, since: Since | null): string {
  const change = since?.kind === 'change' ? since.change : null;
  const groups: readonly (readonly [Group, readonly string[]])[] = [
    ['requests', requests(look, change)],
    ['cache', cache(look, change)],
    ['providers', providers(look)],
    ['tasks', []],
    ['slow queries', slow(look, change)],
    ['process', process(look, change)],
  ];
  return [
    `${printable(look.url)} at ${new Date(look.atMs).toISOString().slice(11, 19)} UTC${ageOf(look)}`,
    ...(since?.kind === 'restart' ? ['the server was restarted: its counters began anew'] : []),
    ...(since?.kind === 'several' ? [SEVERAL] : []),
    '',
    ...groups.flatMap(([group, lines]) => section(group, [...lines, ...unmeasured(look, group)])),
    '',
  ].join('\n');
}

export const SEVERAL = 'several processes answer at this address: each look shows what one of them counted for itself';

const ageOf = ({ startTimeS, atMs }: Look): string =>
  startTimeS === null ? '' : `, counted since its start ${formatAge(atMs - startTimeS * 1000)} ago`;

const section = (group: Group, lines: readonly string[]): string[] =>
  lines.map((line, at) => `${(at === 0 ? group : '').padEnd(WIDTH)}${line}`);

function requests({ requests: { total, byStatus, active, durations } }: Look, change: Change | null): string[] {
  const statuses = Object.entries(byStatus)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, count]) => `${printable(status)} ${count}`)
    .join(', ');
  return [
    `${total}${statuses === '' ? '' : ` (by status: ${statuses})`}, without looks at the server`,
    ...(active === null ? [] : [`${active} at this moment, with this look`]),
    `durations: ${spread(durations)}`,
    ...(change === null ? [] : [`now: ${perS(change.requestsPerS)}; durations: ${spread(change.durations)}`]),
    'an unhandled error is counted as status 200, and FIML answers most failures with it',
  ];
}

function cache({ cache: { hits, misses, durations } }: Look, change: Change | null): string[] {
  const reads = hits + misses;
  return [
    reads === 0
      ? 'no read of the L1 cache yet'
      : `hit rate ${percent(hits / reads)}: ${hits} of ${plural(reads, 'read')} of the L1 cache`,
    ...(reads === 0 ? [] : [`durations: ${spread(durations)}`]),
    ...(change === null ? [] : [now(change)]),
  ];
}

function now({ readsPerS, hitShare, cacheDurations }: Change): string {
  if (hitShare === null) return 'now: no reads';
  return `now: hit rate ${percent(hitShare)} of ${perS(readsPerS)}; durations: ${spread(cacheDurations)}`;
}

function providers({ providers: all }: Look): string[] {
  if (all === null) return ['GET /health/providers does not tell their success rates'];
  if (all.length === 0) return ['none is registered'];
  const worstFirst = [...all].sort((a, b) => a.successShare - b.successShare);
  return [
    ...listed(
      worstFirst.map(({ name, successShare }) => `${printable(name)}: ${percent(successShare)} of its calls succeed`),
    ),
    'their health, uptime and latency are constants of the server, and not shown',
  ];
}

function slow({ requests: { durations }, slow: routes }: Look, change: Change | null): string[] {
  const limit = formatLimit(SLOW_MS / 1000, 's');
  return [
    `${slowIn(durations)} of ${plural(durations.count, 'request')} took more than ${limit}`,
    ...listed(routes.map(({ route, count }) => `${printable(route)}: ${count}`)),
    ...(change === null ? [] : [`now: ${change.slow} of ${change.durations.count}`]),
  ];
}

function process({ process: { rssBytes, cpuS, openFiles } }: Look, change: Change | null): string[] {
  const cores = change?.cpuCores ?? null;
  const figures = [
    ...(rssBytes === null ? [] : [`${formatBytes(rssBytes)} resident`]),
    ...(openFiles === null ? [] : [`${openFiles} open files`]),
    ...(cpuS === null ? [] : [`${cpuS.toFixed(1)} s of CPU`]),
    ...(cores === null ? [] : [`now ${cores.toFixed(2)} cores`]),
  ];
  return [figures.length === 0 ? 'not told' : figures.join(', ')];
}

function unmeasured({ unmeasured: { still, moving } }: Look, of: Group): string[] {
  return [
    ...still
      .filter(({ group }) => group === of)
      .map(({ what, instead }) => `not measured by the server: ${what}; instead: ${instead}`),
    ...moving.filter(({ group }) => group === of).map(({ name, value }) => `${name}: ${value}`),
  ];
}

function spread(durations: Durations): string {
  const mean = meanMs(durations);
  const bucket = bucketOf(durations, 0.95);
  if (mean === null || bucket === null) return 'none';
  const above = formatLimit(bucket.aboveMs, 'ms');
  const p95 = bucket.upToMs === null ? `above ${above}` : `between ${above} and ${formatLimit(bucket.upToMs, 'ms')}`;
  return `mean ${formatValue(mean, 'ms')}, P95 ${p95}`;
}

const listed = (lines: readonly string[]): string[] =>
  lines.length <= MOST_LISTED
    ? [...lines]
    : [...lines.slice(0, MOST_LISTED), `and ${lines.length - MOST_LISTED} more: --json has them all`];

const perS = (value: number): string => formatValue(value, 'per-second');
