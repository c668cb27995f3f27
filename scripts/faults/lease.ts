import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJsonAtomically } from '../result/files';
import { root } from '../root';
import { lives, startTimeOf } from '../services/process';
import { cacheFolder } from '../setup/cache';

/** A process, told from another that got its id later. */
const processSchema = z.object({ pid: z.int().positive(), startedAt: z.string() });

const undoSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('request'),
    method: z.enum(['POST', 'PATCH', 'DELETE']),
    url: z.string(),
    body: z.string().nullable(),
  }),
  z.object({ kind: z.literal('command'), command: z.string() }),
  z.object({ kind: z.literal('redis-maxclients'), url: z.string(), value: z.string() }),
]);

/** What undoes a fault, or a part of it; harmless where it is undone already. */
export type Undo = z.infer<typeof undoSchema>;

const leaseSchema = z.object({
  schema: z.literal('fiml-perf/fault-lease'),
  version: z.literal(1),
  fault: z.string(),
  target: z.string(),
  owner: processSchema,
  /** Goes on by itself when its owner is killed. */
  k6: processSchema.nullable(),
  undo: z.array(undoSchema),
});

export type LeaseRecord = z.infer<typeof leaseSchema>;

/** Says on disk, before a fault is made, how it is undone: whoever comes after a killed run can do it. */
export interface Lease {
  update(change: Partial<Pick<LeaseRecord, 'k6' | 'undo'>>): void;
  /** The fault is undone. */
  close(): void;
}

/**
 * @param id of the run.
 * @throws UserError when it cannot be written: without it no fault is made.
 */
export function openLease(
  env: NodeJS.ProcessEnv,
  id: string,
  { fault, target, undo }: Pick<LeaseRecord, 'fault' | 'target' | 'undo'>,
): Lease {
  const folder = leaseFolder(env);
  // A command of the user's may hold a password.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${id}.json`);
  let record: LeaseRecord = {
    schema: 'fiml-perf/fault-lease',
    version: 1,
    fault,
    target,
    owner: processOf(process.pid) ?? { pid: process.pid, startedAt: '' },
    k6: null,
    undo,
  };
  writeJsonAtomically(path, record);
  return {
    update(change) {
      record = { ...record, ...change };
      writeJsonAtomically(path, record);
    },
    close: () => rmSync(path, { force: true }),
  };
}

/** A lease that was found, with where it is. */
export interface FoundLease {
  readonly path: string;
  readonly record: LeaseRecord;
  /** Whether the run that made it is still going on. */
  readonly held: boolean;
}

/** Every lease there is. @throws UserError for a file that is none. */
export function leases(env: NodeJS.ProcessEnv): FoundLease[] {
  const folder = leaseFolder(env);
  return filesIn(folder).map((name) => {
    const path = join(folder, name);
    const record = readJson(path, leaseSchema, 'what a run noted of its fault');
    return { path, record, held: lives(record.owner) };
  });
}

export const processOf = (pid: number): { pid: number; startedAt: string } | null => {
  const startedAt = startTimeOf(pid);
  return startedAt === null ? null : { pid, startedAt };
};

const leaseFolder = (env: NodeJS.ProcessEnv): string => cacheFolder(root, env, 'faults');

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  } catch {
    return []; // No run has ever made a fault here.
  }
}
