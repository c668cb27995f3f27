import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors';
import { readJson, writeJsonAtomically } from '../result/files';
import { endProcess, holdsWithin, lives, processSchema, type ServiceProcess, startTimeOf } from './process';

const START_DEADLINE_MS = 30_000;
/**
 * Becomes the program once a line comes, by when its id is in the state file. Should we be killed before that, no line comes
 * and it ends, so that there never is a program that nobody knows of.
 */
const AFTER_A_LINE = 'read -r line && exec "$@" </dev/null';
/** Lines of a program's own complaint that an error repeats. */
const SHOWN_LINES = 5;

export const addressesSchema = z.strictObject({
  /** The reference server, through Toxiproxy's proxy `fiml`. */
  url: z.string(),
  /** The same, past Toxiproxy. */
  directUrl: z.string(),
  /** The reference server's control port. */
  controlUrl: z.string(),
  /** Toxiproxy's API. */
  toxiproxyUrl: z.string(),
  /** Redis itself, past Toxiproxy. */
  redisUrl: z.string(),
  /** PostgreSQL itself, past Toxiproxy. */
  databaseUrl: z.string(),
});

export type Addresses = z.output<typeof addressesSchema>;

const stateSchema = z.strictObject({
  /** Who starts them. */
  starter: processSchema.pick({ pid: true, startedAt: true }),
  folder: z.string(),
  processes: z.array(processSchema),
  /** Null until all of them answer. */
  addresses: addressesSchema.nullable(),
});

export type State = z.output<typeof stateSchema>;

/** What has been started and not stopped; null: nothing. @throws UserError when the file is damaged. */
export const readState = (stateFile: string): State | null =>
  existsSync(stateFile) ? readJson(stateFile, stateSchema, 'the state of the services') : null;

/** Processes of a state that have ended by themselves, by name. */
export const endedIn = (state: State): string[] =>
  state.processes.filter((process) => !lives(process)).map(({ name }) => name);

/**
 * Ends all processes that a state file names, and removes their folder and the file's, which it has to itself. Nothing there: nothing to do.
 * @throws UserError when one does not end; the file stays, so that it can be tried again.
 */
export async function stopServices(stateFile: string): Promise<void> {
  const state = readState(stateFile);
  if (state === null) return;
  await Promise.all(state.processes.map(endProcess));
  // The helpers of a PostgreSQL that was killed may write for a moment yet.
  rmSync(state.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  // With what a start has left beside it that was killed while it wrote.
  rmSync(dirname(stateFile), { recursive: true, force: true });
}

export interface RunOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly options?: Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'>;
}

export interface LaunchOptions extends RunOptions {
  readonly stopSignal?: ServiceProcess['stopSignal'];
  /** Resolves when the service answers; throws as long as it does not. */
  readonly probe: (output: () => string) => Promise<void> | void;
}

/** A child of ours. */
interface Started {
  readonly process: ServiceProcess;
  /** How it ended, or why it could not be started; null: it is there. `0`: it ended well. */
  readonly ending: () => string | null;
  /** All that it has said. */
  readonly output: () => string;
}

/**
 * Where a set of services lives: a temporary folder, and a state file by which anybody can end them. Each process is
 * written there before anything else is done, so that a start that is killed leaves nothing that `down` does not find.
 */
export class ServicesHome {
  private state: State;

  /** @throws UserError when that state file is there already: another start is at work, or has left something. */
  static open(stateFile?: string): ServicesHome {
    const folder = mkdtempSync(join(tmpdir(), 'fiml-services-'));
    try {
      return new ServicesHome(folder, stateFile ?? join(folder, 'state.json'));
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(
    readonly folder: string,
    readonly stateFile: string,
  ) {
    const starter = { pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' };
    this.state = { starter, folder, processes: [], addresses: null };
    mkdirSync(dirname(stateFile), { recursive: true });
    try {
      // Two starts at the same time: the second finds the file of the first.
      writeFileSync(stateFile, JSON.stringify(this.state), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new UserError(`${stateFile} is there already: the services are being started; stop them first`);
    }
  }

  /**
   * Starts a program and waits until it answers. It goes on when this process ends.
   * @throws UserError when it does not, with the end of what it said.
   */
  async launch({ stopSignal = 'SIGTERM', probe, ...program }: LaunchOptions): Promise<void> {
    const { ending, output } = this.start(program, stopSignal);
    let problem = '';
    const answers = await holdsWithin(async () => {
      if (ending() !== null) return true;
      try {
        await probe(output);
        return true;
      } catch (error) {
        problem = (error as Error).message;
        return false;
      }
    }, START_DEADLINE_MS);
    const ended = ending();
    if (ended !== null) throw failure(program.name, `it ended with ${ended}`, output());
    if (!answers) throw failure(program.name, `no answer in ${START_DEADLINE_MS / 1000} s: ${problem}`, output());
  }

  /**
   * Runs a program to its end.
   * @throws UserError when it fails, with the end of what it said.
   */
  async run(program: RunOptions): Promise<void> {
    const { process, ending, output } = this.start(program, 'SIGTERM');
    const ended = await holdsWithin(() => ending() !== null, START_DEADLINE_MS);
    if (!ended) throw failure(program.name, `it has not ended in ${START_DEADLINE_MS / 1000} s`, output());
    if (ending() !== '0') throw failure(program.name, `it ended with ${ending()}`, output());
    this.save({ processes: this.state.processes.filter((each) => each !== process) });
  }

  /** Writes down that all of them answer, and where. */
  ready(addresses: Addresses): void {
    this.save({ addresses });
  }

  stop(): Promise<void> {
    return stopServices(this.stateFile);
  }

  private start({ name, command, args, options = {} }: RunOptions, stopSignal: ServiceProcess['stopSignal']): Started {
    const log = join(this.folder, `${name}.log`);
    const file = openSync(log, 'a');
    // A group of its own: Ctrl-C in a terminal is for the command, and its children are ended with it.
    const child = spawn('/bin/sh', ['-c', AFTER_A_LINE, 'sh', command, ...args], {
      ...options,
      detached: true,
      stdio: ['pipe', file, file],
    });
    closeSync(file);
    const ending = endingOf(child);
    const pid = child.pid ?? 0;
    const process = { name, pid, startedAt: startTimeOf(pid) ?? '', stopSignal };
    if (pid !== 0) this.save({ processes: [...this.state.processes, process] });
    child.stdin?.on('error', () => undefined).end('go\n');
    child.unref();
    return { process, ending, output: () => readFileSync(log, 'utf8') };
  }

  private save(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    writeJsonAtomically(this.stateFile, this.state);
  }
}

/** See {@link Started.ending}. */
function endingOf(child: ChildProcess): () => string | null {
  let ending: string | null = null;
  child.once('error', (error) => {
    ending = error.message;
  });
  child.once('exit', (code, signal) => {
    ending ??= signal ?? String(code);
  });
  return () => ending;
}

function failure(name: string, reason: string, output: string): UserError {
  const lines = output.trim().split('\n').slice(-SHOWN_LINES).join('\n');
  return new UserError(`${name} did not start: ${reason}${lines === '' ? '' : `; it said:\n${lines}`}`);
}
