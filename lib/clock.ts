import exec from 'k6/execution';
import type { PhaseWindow } from '../profiles';

/**
 * Tells the time since a k6 scenario's start, and puts the phase of that moment on every sample that the VU writes from
 * then on. Call it once at an iteration's start: an answer belongs to the phase in which it was asked for.
 *
 * @param phases windows of that scenario, ms after its start.
 */
export function phaseClock(phases: readonly PhaseWindow[]): () => number {
  let startedAtMs = 0;
  let tags: typeof exec.vu.metrics.tags | null = null;
  let phase = '';
  // Phases change a few times in a run, and every iteration asks for its own: looking one up costs as much as ten of these.
  let fromMs = 0;
  let untilMs = 0;
  return () => {
    // One k6 scenario has one start time, and asking k6 for it costs more than the rest of this function.
    if (startedAtMs === 0) startedAtMs = exec.scenario.startTime;
    const elapsedMs = Date.now() - startedAtMs;
    if (elapsedMs < fromMs || elapsedMs >= untilMs) {
      const at = indexAt(phases, elapsedMs);
      phase = phases[at]?.phase ?? 'steady';
      fromMs = phases[at - 1]?.endMs ?? Number.NEGATIVE_INFINITY;
      untilMs = at + 1 < phases.length ? (phases[at]?.endMs ?? 0) : Number.POSITIVE_INFINITY;
    }
    // k6 drops a VU's tags when it takes it up again, as a closed model does that goes down and up: what was set before
    // is no proof that it is still there. The object shows what the tags are now, and is got once: to ask k6 for it takes
    // fifty times as long as to look into it (9 µs, more than a tenth of a request).
    tags ??= exec.vu.metrics.tags;
    if (tags.phase !== phase) tags.phase = phase;
    return elapsedMs;
  };
}

/** The phase at a moment; the last one for whatever starts late. */
export const phaseAt = (phases: readonly PhaseWindow[], elapsedMs: number): string =>
  phases[indexAt(phases, elapsedMs)]?.phase ?? 'steady';

function indexAt(phases: readonly PhaseWindow[], elapsedMs: number): number {
  const at = phases.findIndex(({ endMs }) => elapsedMs < endMs);
  return at === -1 ? phases.length - 1 : at;
}
