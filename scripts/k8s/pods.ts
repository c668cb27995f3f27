import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors';
import { readSummary } from '../result/evidence';
import { readProblem, writeProblem } from '../result/files';
import type { Segments } from '../result/segments';

/** The pods of a divided run, from 1, and for each what folders of it are on the volume: none before it has started. */
export type PodFolders = ReadonlyMap<number, readonly string[]>;

/** The job of the n-th k6, as k6-operator names it; its pod has the same name with five characters behind it. */
export const jobOf = ({ id }: Pick<Segments, 'id'>, ordinal: number): string => `${id}-${ordinal}`;

/**
 * Finds the folders of a run's pods on the volume, where those of other runs are as well.
 *
 * @throws UserError when the volume cannot be read.
 */
export function findPods(volume: string, run: Pick<Segments, 'id' | 'segments'>): PodFolders {
  const folders = foldersIn(volume);
  return new Map(
    Array.from({ length: run.segments }, (_, at) => {
      const job = jobOf(run, at + 1);
      return [at + 1, folders.filter((name) => isPodOf(job, name))];
    }),
  );
}

/** Kubernetes puts a hyphen and some letters and digits behind the name of a job. */
const isPodOf = (job: string, name: string): boolean =>
  name.startsWith(job) && /^-[a-z0-9]+$/.test(name.slice(job.length));

/** Pods that have not left k6's end-of-test data yet, which is the last thing that k6 writes. */
export const unfinished = (volume: string, pods: PodFolders): number[] =>
  [...pods].flatMap(([ordinal, folders]) =>
    folders.some((folder) => readSummary(join(volume, folder)).summary !== null) ? [] : [ordinal],
  );

/**
 * Puts what the pods left into the folder of their run, by renaming, so that nothing is ever there twice or in part. A pod
 * that has left nothing gets an empty folder with the name of its job: that is how it is called in the verdict.
 *
 * @throws UserError when the volume cannot be written.
 */
export function gatherPods(volume: string, run: Pick<Segments, 'id' | 'segments'>): string {
  const target = join(volume, run.id);
  try {
    mkdirSync(target, { recursive: true });
    for (const [ordinal, folders] of findPods(volume, run)) {
      for (const folder of folders) renameSync(join(volume, folder), join(target, folder));
      const job = jobOf(run, ordinal);
      if (!readdirSync(target).some((name) => name === job || isPodOf(job, name))) mkdirSync(join(target, job));
    }
  } catch (error) {
    throw new UserError(`${volume}: what the pods left cannot be put into ${run.id}: ${writeProblem(error)}`);
  }
  return target;
}

function foldersIn(volume: string): string[] {
  if (!existsSync(volume))
    throw new UserError(`${volume}: there is no such folder; give the one that has the pods' folders`);
  try {
    return readdirSync(volume, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (error) {
    throw new UserError(`${volume} cannot be read: ${readProblem(error)}`);
  }
}
