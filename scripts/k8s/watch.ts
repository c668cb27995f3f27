import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../../config';
import { targetSnapshot } from '../doctor';
import { targetClient } from '../http';
import type { Witness } from '../merge/perform';
import type { TargetSnapshot } from '../result/run';
import type { Segments } from '../result/segments';
import { plural } from '../text/format';
import { watchPods } from './cpu';
import { findPods, jobOf, unfinished } from './pods';

/** What was seen of a run, with what the server said of itself before the load; null: nobody asked it, or it was silent. */
export interface Watched extends Witness {
  readonly before: TargetSnapshot | null;
}

/** Between two looks at the pods, as often as `fiml-perf run` looks at its own k6. */
const PERIOD_MS = 1000;
/** k6-operator's own service for the API of each k6. */
const API_PORT = 6565;

/**
 * Waits until the pods of a run have ended, or the time is over, and watches the run meanwhile. Needs no right in the
 * cluster: whether a pod has ended is seen on the volume, and k6's CPU where k6-operator itself starts it from.
 *
 * @param say takes a line when something has changed.
 * @returns what was seen; nothing of the server where `PERF_TARGET` names none, or the load had begun before.
 */
export async function watchRun(
  volume: string,
  segments: Segments,
  config: Config,
  { waitMs, say }: { readonly waitMs: number; say(line: string): void },
): Promise<Watched> {
  const deadlineMs = performance.now() + waitMs;
  const client = config.PERF_TARGET === null ? null : targetClient(config);
  const snapshot = async () => (client === null ? null : targetSnapshot(client));
  const ordinals = Array.from({ length: segments.segments }, (_, at) => at + 1);
  const cpu = watchPods(
    ordinals.map((ordinal) => `http://${segments.id}-service-${ordinal}:${API_PORT}`),
    segments.identity.host.cpus,
  );
  try {
    const begun = [...findPods(volume, segments).values()].some((folders) => folders.length > 0);
    const before = begun ? null : await snapshot();
    let open = unfinished(volume, findPods(volume, segments));
    let told = 0;
    while (open.length > 0 && performance.now() < deadlineMs) {
      if (open.length !== told) say(`waiting for ${plural(open.length, 'pod')} of ${segments.segments}`);
      told = open.length;
      await Promise.all([cpu.look(), pause(PERIOD_MS)]);
      open = unfinished(volume, findPods(volume, segments));
    }
    for (const ordinal of open) say(`${jobOf(segments, ordinal)} has not ended in time: its part is judged as it is`);
    const notes = [`k6's CPU is that of the busiest of ${plural(segments.segments, 'pod')} at each moment`];
    return { before, after: await snapshot(), generator: cpu.generator, notes };
  } finally {
    await client?.close();
  }
}
