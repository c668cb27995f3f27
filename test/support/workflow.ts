import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Contexts, holds, interpolate } from './expressions';
import { tokenOf } from './github';
import { ended } from './reference';

interface StepFile {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string | number>>;
  readonly 'continue-on-error'?: boolean;
}

interface JobFile {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | number>>;
  readonly steps: readonly StepFile[];
}

interface WorkflowFile {
  readonly env?: Readonly<Record<string, string | number>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, JobFile>>;
}

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly StepFile[] };
}

/** What GitHub would run a workflow with. */
export interface Replay {
  /** A clean clone at the commit that is measured. */
  readonly workspace: string;
  /** A folder of this replay alone. */
  readonly scratch: string;
  /** Artefacts by name; what one workflow leaves there, another finds. */
  readonly artefacts: string;
  readonly repository: string;
  readonly apiUrl: string;
  readonly event: { readonly name: string; readonly payload: object };
  /** Whether the token may do no more than read, whatever the workflow says: the event comes from a fork. */
  readonly isFork?: boolean;
  /** Wins over every variable of that name, so that loads are short. */
  readonly short: Readonly<Record<string, string>>;
}

export interface StepDone {
  /** Its command, or the action that it uses. */
  readonly what: string;
  readonly outcome: 'success' | 'failure' | 'skipped';
  readonly code: number | NodeJS.Signals | null;
  /** Both streams, as a log shows them. */
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface JobDone {
  readonly failed: boolean;
  readonly steps: readonly StepDone[];
}

const STEP_DEADLINE_MS = 600_000;
/** They set up a runner; here everything is there, the checkout as well. */
const SETTING_UP = ['actions/checkout', 'actions/setup-node', 'actions/cache'];

/**
 * Runs the jobs of a workflow whose conditions hold, step by step, as GitHub's runner would: expressions, variables, files for
 * outputs and summaries, and a token with the permissions of the job.
 *
 * @param path below the workspace. @returns the jobs that ran, by their names.
 */
export async function replay(path: string, options: Replay): Promise<Map<string, JobDone>> {
  const workflow = parse(readFileSync(join(options.workspace, path), 'utf8')) as WorkflowFile;
  const done = new Map<string, JobDone>();
  for (const [name, job] of Object.entries(workflow.jobs)) {
    const permissions = job.permissions ?? workflow.permissions ?? {};
    const runner = new Runner(options, permissions);
    const env = { ...workflow.env, ...job.env };
    if (!holds(job.if, runner.contexts({}, {}), { failed: false })) continue;
    await runner.steps(job.steps, env, { env: {} });
    done.set(name, { failed: runner.failed, steps: runner.done });
  }
  return done;
}

/** What steps of one list share: those of a job, or of an action. */
interface Scope {
  /** Of the action. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Where the action is. */
  readonly actionPath?: string;
  readonly env: Readonly<Record<string, string>>;
}

class Runner {
  readonly done: StepDone[] = [];
  failed = false;
  private readonly eventPath: string;

  constructor(
    private readonly options: Replay,
    private readonly permissions: Readonly<Record<string, string>>,
  ) {
    mkdirSync(options.scratch, { recursive: true });
    this.eventPath = join(options.scratch, 'event.json');
    writeFileSync(this.eventPath, JSON.stringify(options.event.payload));
  }

  contexts(
    env: Readonly<Record<string, string>>,
    steps: Contexts,
    { inputs = {}, actionPath }: Partial<Scope> = {},
  ): Contexts {
    const { event, repository, isFork = false } = this.options;
    const allowed = isFork ? { contents: 'read' } : this.permissions;
    return {
      github: {
        event: event.payload,
        event_name: event.name,
        repository,
        token: tokenOf(allowed),
        action_path: actionPath,
      },
      env,
      inputs,
      steps,
      runner: { os: 'Linux', arch: 'X64' },
    };
  }

  /** @returns the outputs of steps with an id. */
  async steps(
    steps: readonly StepFile[],
    given: Readonly<Record<string, string | number>>,
    scope: Scope,
  ): Promise<Record<string, { outputs: Readonly<Record<string, string>> }>> {
    const known: Record<string, { outputs: Readonly<Record<string, string>> }> = {};
    for (const step of steps) {
      const outer = {
        ...scope.env,
        ...this.resolved(given, this.contexts(scope.env, known, scope)),
        ...this.options.short,
      };
      const contexts = this.contexts(outer, known, scope);
      const env = { ...outer, ...this.resolved(step.env ?? {}, contexts), ...this.options.short };
      const outcome = await this.step(step, env, this.contexts(env, known, scope), scope);
      this.done.push(outcome);
      if (outcome.outcome === 'failure' && step['continue-on-error'] !== true) this.failed = true;
      if (step.id !== undefined) known[step.id] = { outputs: outcome.outputs };
    }
    return known;
  }

  private resolved(values: Readonly<Record<string, string | number>>, contexts: Contexts): Record<string, string> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, interpolate(String(value), contexts, this)]),
    );
  }

  private async step(
    step: StepFile,
    env: Readonly<Record<string, string>>,
    contexts: Contexts,
    scope: Scope,
  ): Promise<StepDone> {
    const what = step.run ?? step.uses ?? '';
    const empty = { what, code: null, log: '', summary: '', outputs: {} };
    if (!holds(step.if, contexts, this)) return { ...empty, outcome: 'skipped' };
    if (step.run !== undefined) return this.run(step.run, env, contexts, scope);
    const inputs = this.resolved(
      Object.fromEntries(Object.entries(step.with ?? {}).map(([name, value]) => [name, String(value)])),
      contexts,
    );
    if (what === './') return { ...empty, ...(await this.action(inputs, env)) };
    return { ...empty, outcome: this.uses(what, inputs) ? 'success' : 'failure' };
  }

  /** @returns whether it succeeded. @throws for an action that is not known. */
  private uses(what: string, inputs: Readonly<Record<string, string>>): boolean {
    const { workspace, artefacts } = this.options;
    const [action = ''] = what.split('@');
    if (SETTING_UP.includes(action)) return true;
    const { path = '.', name = '' } = inputs;
    const stored = join(artefacts, name);
    const [from, to] =
      action === 'actions/upload-artifact' ? [join(workspace, path), stored] : [stored, join(workspace, path)];
    if (action !== 'actions/upload-artifact' && action !== 'actions/download-artifact')
      throw new Error(`${what} is not known`);
    if (!existsSync(from)) return action === 'actions/upload-artifact';
    rmSync(to, { recursive: true, force: true });
    // `latest` becomes a folder, as it does in an archive.
    cpSync(from, to, { recursive: true, dereference: true });
    return true;
  }

  /** The composite action of the workspace. */
  private async action(
    given: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>>,
  ): Promise<Pick<StepDone, 'outcome' | 'outputs'>> {
    const { workspace } = this.options;
    const file = parse(readFileSync(join(workspace, 'action.yml'), 'utf8')) as ActionFile;
    for (const name of Object.keys(given)) if (!(name in file.inputs)) throw new Error(`there is no input ${name}`);
    const inputs: Record<string, string> = {};
    for (const [name, { default: value = '', required = false }] of Object.entries(file.inputs)) {
      if (required && given[name] === undefined) throw new Error(`the input ${name} is required`);
      inputs[name] = given[name] ?? interpolate(value, this.contexts(env, {}), this);
    }
    const scope = { inputs, env, actionPath: workspace };
    const failedBefore = this.failed;
    const known = await this.steps(file.runs.steps, {}, scope);
    const contexts = this.contexts(env, known, scope);
    const outputs = Object.entries(file.outputs).map(([name, { value }]) => [name, interpolate(value, contexts, this)]);
    return {
      outcome: this.failed && !failedBefore ? 'failure' : 'success',
      outputs: Object.fromEntries(outputs) as Record<string, string>,
    };
  }

  private async run(
    command: string,
    env: Readonly<Record<string, string>>,
    contexts: Contexts,
    { actionPath }: Scope,
  ): Promise<StepDone> {
    const { workspace, scratch, repository, apiUrl, event } = this.options;
    const folder = join(scratch, `step-${this.done.length}`);
    mkdirSync(folder, { recursive: true });
    const [script, output, summary] = ['script.sh', 'output', 'summary'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(script, interpolate(command, contexts, this));
    writeFileSync(output, '');
    writeFileSync(summary, '');
    // A make that runs these tests would pass its own arguments on to those of the steps.
    const inherited = Object.entries(process.env).filter(([name]) => !/^(PERF_|GITHUB_|npm_|MAKE|MFLAGS)/.test(name));
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: workspace,
      env: {
        ...Object.fromEntries(inherited),
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: apiUrl,
        GITHUB_SERVER_URL: 'https://github.test',
        GITHUB_REPOSITORY: repository,
        GITHUB_RUN_ID: '42',
        GITHUB_EVENT_NAME: event.name,
        GITHUB_EVENT_PATH: this.eventPath,
        GITHUB_WORKSPACE: workspace,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        ...(actionPath === undefined ? {} : { GITHUB_ACTION_PATH: actionPath }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
    }
    const closed = new Promise<void>((done) => child.once('close', () => done()));
    const code = await ended(child, STEP_DEADLINE_MS);
    await closed;
    const lines = readFileSync(output, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const outputs = Object.fromEntries(lines.map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]));
    return {
      what: command,
      outcome: code === 0 ? 'success' : 'failure',
      code,
      log,
      summary: readFileSync(summary, 'utf8'),
      outputs,
    };
  }
}
