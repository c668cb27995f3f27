import { basename } from 'node:path';
import { UserError } from '../errors';
import type { Run } from '../result/run';
import { EXTENSION, historyPath, readHistoryIfAny } from './file';
import { type HistoryView, historyView } from './trend';

/**
 * The history of a run's scenario and profile as it was when the run had ended: a report of an old run does not show what came
 * after it.
 *
 * @returns null where none is kept, and where it cannot be read: a report is not lost for its history, and whoever adds to
 *   that history or looks at it is told why.
 */
export function historyUpTo(
  folder: string,
  { scenario, profile, k6 }: Pick<Run, 'scenario' | 'profile' | 'k6'>,
): HistoryView | null {
  const path = historyPath(folder, scenario, profile);
  try {
    const history = readHistoryIfAny(path);
    const view = historyView(
      basename(path, EXTENSION),
      {
        ...history,
        observations: history.observations.filter(({ startedAtMs }) => startedAtMs <= k6.startedAtMs),
        notes: history.notes.filter(({ atMs }) => atMs <= k6.endedAtMs),
      },
      null,
    );
    return view.runs.length === 0 ? null : view;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return null;
  }
}
