import { UserError } from '../errors';
import { type FoundLease, type Leftover, leases, leftoverInWords, undoLeftovers } from '../faults';
import { bad, type Finding, finding, type Look, ok, warn } from './finding';

/**
 * Faults that runs of the suite made and that are still there. What a killed run has left is undone: nobody wants it, and
 * the next run would do the same.
 */
export async function faultFinding(env: NodeJS.ProcessEnv): Promise<Finding> {
  return finding('faults', 'Faults that were left', await lookAtFaults(env));
}

async function lookAtFaults(env: NodeJS.ProcessEnv): Promise<Look> {
  try {
    const left = await undoLeftovers(env);
    return told(left, leases(env));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return bad(error.message, 'Look for what that run has left broken, then remove the file');
  }
}

function told(left: readonly Leftover[], found: readonly FoundLease[]): Look {
  const going = found.filter(({ held }) => held);
  const detail = [...left.map(leftoverInWords), ...going.map(goingInWords)].join('; ');
  if (left.some(({ problems }) => problems.length > 0)) {
    const notes = found.filter(({ held }) => !held).map(({ path }) => path);
    const forget = notes.length === 0 ? '' : `, and remove ${notes.join(', ')} when nothing of it is left`;
    return bad(detail, `Start again what it was made by, or undo it there by hand; then ask the doctor anew${forget}`);
  }
  if (left.length > 0) return warn(detail, 'Measure anew whatever was measured since then');
  if (going.length > 0) return warn(detail, "Wait for that run's end: until then the server is broken on purpose");
  return ok('none');
}

const goingInWords = ({ record: { owner, fault, target } }: FoundLease): string =>
  `a run that is going on (process ${owner.pid}) makes the fault ${fault} on ${target}`;
