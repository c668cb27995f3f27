import { pageSamples } from '../../contract';
import type { Run } from '../result/run';
import { roundedShare } from '../run/cpu';

type Generator = Run['generator'];

/** A look that takes longer says nothing about the second that it was meant for. */
const LOOK_DEADLINE_MS = 900;
const CPU_SECONDS = 'process_cpu_seconds_total';

interface Look {
  readonly atMs: number;
  readonly cpuS: number;
}

/**
 * Watches the CPU of k6 in several pods by what each says of its own process over its API. Kept is that of the busiest: one
 * generator at its limit spoils what all have measured.
 *
 * @param cpuLimit CPUs that each pod may use.
 * @returns the samples so far, which stay empty where no pod can be reached; and what takes the next one of them.
 */
export function watchPods(
  addresses: readonly string[],
  cpuLimit: number,
): { readonly generator: Generator; look(): Promise<void> } {
  const generator: Generator = { cpuLimit, samples: [] };
  const before = new Map<string, Look>();
  return {
    generator,
    async look() {
      const shares = await Promise.all(
        addresses.map(async (address) => {
          const now = await lookAt(address);
          const last = before.get(address);
          if (now === null) before.delete(address);
          else before.set(address, now);
          if (now === null || last === undefined) return [];
          return [((now.cpuS - last.cpuS) / (now.atMs - last.atMs)) * (1000 / cpuLimit)];
        }),
      );
      const seen = shares.flat();
      // How long k6 waited for a CPU only its own machine knows.
      if (seen.length > 0)
        generator.samples.push({ atMs: Date.now(), share: roundedShare(Math.max(...seen)), waiting: null });
    },
  };
}

/** @returns null while there is no k6 to be reached: it has not started, or is over. */
async function lookAt(address: string): Promise<Look | null> {
  try {
    const answer = await fetch(`${address}/metrics`, { signal: AbortSignal.timeout(LOOK_DEADLINE_MS) });
    const found = pageSamples(await answer.text()).find(({ name }) => name === CPU_SECONDS);
    return found === undefined ? null : { atMs: Date.now(), cpuS: found.value };
  } catch {
    return null;
  }
}
