import { formatDuration } from '../../config';
import type { RunPlan } from '../../profiles';

export interface Progress {
  say(line: string): void;
  /** @param cpuShare of k6; null while unknown. */
  tick(elapsedMs: number, cpuShare: number | null): void;
  end(): void;
}

/** Between two lines where no terminal can rewrite one. */
const LINE_EVERY_MS = 10_000;
const BAR_WIDTH = 30;

/** Shows how far the load is: one line that is rewritten on a terminal, a line now and then anywhere else; or nothing. */
export function progressOn(stream: NodeJS.WriteStream, plan: RunPlan | null, quiet: boolean): Progress {
  const total = plan === null ? '' : ` of ${formatDuration(Math.ceil(plan.durationMs / 1000) * 1000)}`;
  let lastLineMs = Number.NEGATIVE_INFINITY;
  let open = false;
  const phaseAt = (elapsedMs: number) =>
    plan === null ? '' : `  ${plan.phases.find((window) => elapsedMs < window.endMs)?.phase ?? 'ending'}`;
  const text = (elapsedMs: number, cpuShare: number | null) =>
    `${formatDuration(Math.floor(elapsedMs / 1000) * 1000)}${total}${phaseAt(elapsedMs)}` +
    (cpuShare === null ? '' : `  k6 uses ${Math.round(cpuShare * 100)} % of its CPU`);
  const close = () => {
    if (open) stream.write('\n');
    open = false;
  };
  return {
    say(line) {
      close();
      stream.write(`${line}\n`);
    },
    tick(elapsedMs, cpuShare) {
      if (quiet) return;
      if (stream.isTTY && plan !== null) {
        const done = Math.min(BAR_WIDTH, Math.round((elapsedMs / plan.durationMs) * BAR_WIDTH));
        stream.write(`\r\u001b[K[${'='.repeat(done).padEnd(BAR_WIDTH)}] ${text(elapsedMs, cpuShare)}`);
        open = true;
      } else if (elapsedMs - lastLineMs >= LINE_EVERY_MS) {
        stream.write(`${text(elapsedMs, cpuShare)}\n`);
        lastLineMs = elapsedMs;
      }
    },
    end: close,
  };
}
