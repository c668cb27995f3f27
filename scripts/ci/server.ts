import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { targetSnapshot } from '../doctor';
import { UserError } from '../errors';
import { isHealthy, type TargetClient } from '../http';
import { readProblem, writeProblem } from '../result/files';
import { endProcess, type ServiceProcess, startTimeOf } from '../services/process';
import { InterruptedError } from '../setup';

/** Longest that a command may take to return, and a server to answer. */
const START_DEADLINE_MS = 120_000;
const ASK_EVERY_MS = 200;
/** Some servers say in whole seconds when they were started: only of an older one does the same second mean the same process. */
const TELLING_AGE_MS = 2000;
/** Lines of what a command said that an error repeats. */
const SHOWN_LINES = 5;

export interface ServerOptions {
  /** The option that the command came by. */
  readonly option: string;
  /** For `sh`. It either is the server, or starts one in the background and returns, and starts it anew the next time. */
  readonly command: string;
  /** Of the server. */
  readonly client: TargetClient;
  /** File to which the command's output is added. */
  readonly log: string;
  readonly stopped: AbortSignal;
}

/** A server that a command of the user's starts, and that is ended with all that the command left running. */
export class Server {
  private child: ChildProcess | null = null;
  private process: ServiceProcess | null = null;
  private first: Promise<void> | null = null;

  constructor(private readonly options: ServerOptions) {}

  /**
   * Starts it where that was not tried before.
   *
   * @throws UserError as `restart` does, and when something else answers there already.
   */
  ready(): Promise<void> {
    this.first ??= this.startFirst();
    return this.first;
  }

  /**
   * Starts it, anew where it was running, and waits until it answers.
   *
   * @throws UserError when the command fails, nothing answers in time, or what answers is the process of before: a server
   * that left the command's group, as daemons do, is measured as it is, whatever the command would start.
   */
  async restart(): Promise<void> {
    const { client } = this.options;
    const was = await startedAtS(client);
    await this.end();
    this.spawn();
    const endMs = Date.now() + START_DEADLINE_MS;
    while (!(await isHealthy(client))) {
      if (this.options.stopped.aborted) throw new InterruptedError();
      this.mustNotHaveFailed();
      if (Date.now() > endMs) throw this.complaint(`${client.url}/health did not answer with 200 within 2 minutes`);
      await sleep(ASK_EVERY_MS);
    }
    this.mustNotHaveFailed();
    if (was === null || was * 1000 > Date.now() - TELLING_AGE_MS || (await startedAtS(client)) !== was) return;
    throw this.complaint('what answers was not started anew: the command must be the server, or end the former one');
  }

  /** Ends what the command has left running; a server that something else keeps, such as Docker, is not this one's. */
  async close(): Promise<void> {
    await this.end();
    await this.options.client.close();
  }

  private async startFirst(): Promise<void> {
    const { client, option, stopped } = this.options;
    if (stopped.aborted) throw new InterruptedError();
    if (await isHealthy(client)) {
      // Whatever is started now could not get the port, and that other one would be measured in its place.
      throw new UserError(`${client.url} answers already, before ${option}: stop what is running there`);
    }
    await this.restart();
  }

  private async end(): Promise<void> {
    if (this.process !== null) await endProcess(this.process);
    this.process = null;
    this.child = null;
  }

  private spawn(): void {
    const { command, log, option } = this.options;
    const output = openLog(log);
    // What the command leaves in the background counts as running as well: without the wait nobody could find and end it.
    const script = `{ ${command}\n} || exit $?\nwait`;
    // A group of its own, so that all of it can be ended.
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', output, output], detached: true });
    closeSync(output);
    child.on('error', () => undefined);
    this.child = child;
    const { pid } = child;
    if (pid === undefined) throw new UserError(`${option}: there is no sh on PATH to run the command with`);
    const startedAt = startTimeOf(pid);
    // Null: it has already ended, and there is nothing to end.
    if (startedAt !== null) this.process = { name: option, pid, startedAt, stopSignal: 'SIGTERM' };
  }

  private mustNotHaveFailed(): void {
    const ended = this.child?.signalCode ?? this.child?.exitCode ?? null;
    if (ended !== null && ended !== 0) throw this.complaint(`the command ended with ${ended}`);
  }

  private complaint(what: string): UserError {
    const { option, log } = this.options;
    const said = readLog(log).slice(-SHOWN_LINES);
    return new UserError([`${option}: ${what}; what it said is in ${log}`, ...said].join('\n'));
  }
}

/** When the one process of a server was started, epoch s; null where it does not tell, or has several. */
async function startedAtS(client: TargetClient): Promise<number | null> {
  const [first = null, ...others] = (await targetSnapshot(client))?.startTimesS ?? [];
  return others.length === 0 ? first : null;
}

function openLog(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${writeProblem(error)}`);
  }
}

function readLog(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trim().split('\n');
  } catch (error) {
    return [readProblem(error)];
  }
}
