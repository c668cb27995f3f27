// Appends runs to a history once it is told to: node -r ./build/register.js writer.ts <path> <name> <runs> <measures>
import { appendObservation } from '../../../scripts/history/file';
import { measureOf, observationOf } from './series';

const [path, name, runs, measures] = process.argv.slice(2) as [string, string, string, string];
process.stdin.once('data', () => {
  try {
    for (let hour = 0; hour < Number(runs); hour++) {
      const many = Array.from({ length: Number(measures) }, (_, at) => measureOf(hour, { id: `${name}-${at}` }));
      appendObservation(path, observationOf(hour, { runId: `${name}-${hour}`, measures: many }));
    }
  } catch (error) {
    process.stderr.write((error as Error).message);
    process.exitCode = 1;
  }
  process.stdin.destroy();
});
process.stdout.write('ready');
