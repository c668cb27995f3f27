import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Config } from '../../config';
import { UserError } from '../errors';
import { EXTENSION as HISTORY } from '../history/file';
import { readProblem, writeTextAtomically } from '../result/files';
import { plural } from '../text/format';

type Folders = Pick<Config, 'PERF_HISTORY' | 'PERF_BASELINES'>;

const BRANCH = 'performance-history';
const REF = `refs/heads/${BRANCH}`;
/** Other jobs that push at the same time may come first, each once. */
const MOST_TRIES = 10;
const GIT_DEADLINE_MS = 120_000;

/** A kind of file on the branch, and how that of the branch and one of this checkout become one. */
interface Kind {
  /** On the branch. */
  readonly folder: string;
  readonly extension: string;
  readonly local: (folders: Folders) => string;
  readonly merge: (theirs: string, ours: string) => string;
}

const KINDS: readonly Kind[] = [
  {
    folder: 'history',
    extension: HISTORY,
    local: ({ PERF_HISTORY }) => PERF_HISTORY,
    merge: withLinesOf,
  },
  {
    folder: 'baselines',
    extension: '.json',
    local: ({ PERF_BASELINES }) => PERF_BASELINES,
    merge: (theirs, ours) => (savedAtMs(ours) >= savedAtMs(theirs) ? ours : theirs),
  },
];

/**
 * Pushes histories and baselines to a branch of their own: the main branch is protected where it matters, and a commit a run
 * would be all that its log shows. Whoever pushes in the meantime loses nothing: a refused push fetches, merges and tries
 * again.
 *
 * @param cwd the checkout whose `origin` it is.
 * @throws UserError when git, or the remote, refuses.
 */
export function keep(folders: Folders, cwd: string, tell: (line: string) => void): void {
  const ours = filesIn(folders);
  if (ours.size === 0)
    throw new UserError(`there is nothing to keep in ${folders.PERF_HISTORY} or ${folders.PERF_BASELINES}`);
  for (let tries = 1; ; tries++) {
    const parent = fetched(cwd);
    const commit = committed(cwd, parent, ours);
    if (commit === null) {
      tell(`${BRANCH} has all of it already`);
      return;
    }
    const push = git(cwd, ['push', 'origin', `${commit}:${REF}`]);
    if (push.ok) {
      tell(`pushed to ${BRANCH}: ${plural(ours.size, 'file')}`);
      return;
    }
    const wasOvertaken = fetched(cwd) !== parent || /cannot lock ref|failed to update ref/.test(push.text);
    if (!wasOvertaken || tries === MOST_TRIES) {
      throw new UserError(
        `${BRANCH} cannot be pushed to origin:\n${push.text}\nthe job needs the permission contents: write`,
      );
    }
  }
}

/**
 * Adds what the branch has to the histories and baselines of this checkout.
 *
 * @throws UserError when git refuses, or a file cannot be written.
 */
export function restore(folders: Folders, cwd: string, tell: (line: string) => void): void {
  const parent = fetched(cwd);
  if (parent === null) {
    tell(`origin has no branch ${BRANCH} yet`);
    return;
  }
  const ours = filesIn(folders);
  let count = 0;
  for (const kind of KINDS) {
    for (const path of pathsOn(cwd, parent, kind)) {
      const theirs = mustGit(cwd, ['cat-file', 'blob', `${parent}:${path}`]);
      const own = ours.get(path);
      const folder = kind.local(folders);
      mkdirSync(folder, { recursive: true });
      writeTextAtomically(join(folder, basename(path)), own === undefined ? theirs : kind.merge(theirs, own.text));
      count += 1;
    }
  }
  tell(`restored from ${BRANCH}: ${plural(count, 'file')}`);
}

/** A history with the lines that only the other has behind its own; readers sort them by time. */
function withLinesOf(theirs: string, ours: string): string {
  const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '');
  return `${[...new Set([...lines(theirs), ...lines(ours)])].join('\n')}\n`;
}

/** When a baseline was saved; never, for what is none. */
function savedAtMs(text: string): number {
  try {
    const { savedAt } = JSON.parse(text) as { savedAt?: unknown };
    const ms = typeof savedAt === 'string' ? Date.parse(savedAt) : Number.NaN;
    return Number.isNaN(ms) ? Number.NEGATIVE_INFINITY : ms;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}

interface OwnFile {
  readonly text: string;
  readonly kind: Kind;
}

/** The files of this checkout, by their paths on the branch. */
function filesIn(folders: Folders): Map<string, OwnFile> {
  const found = KINDS.flatMap((kind) => {
    const folder = kind.local(folders);
    return namesIn(folder)
      .filter((name) => name.endsWith(kind.extension))
      .map((name) => [`${kind.folder}/${name}`, { kind, text: readFileSync(join(folder, name), 'utf8') }] as const);
  });
  return new Map(found);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new UserError(`${folder} cannot be read: ${readProblem(error)}`);
  }
}

/** Fetches the branch; its commit, or null where there is none yet. */
function fetched(cwd: string): string | null {
  const list = mustGit(cwd, ['ls-remote', 'origin', REF]);
  if (list.trim() === '') return null;
  mustGit(cwd, ['fetch', '--quiet', '--no-tags', '--depth=1', 'origin', REF]);
  return mustGit(cwd, ['rev-parse', 'FETCH_HEAD']).trim();
}

/** A commit of these files on top of what is there; null when there is nothing new. It touches neither checkout nor index. */
function committed(cwd: string, parent: string | null, ours: ReadonlyMap<string, OwnFile>): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'fiml-perf-index-'));
  const env = { GIT_INDEX_FILE: join(folder, 'index') };
  try {
    mustGit(cwd, ['read-tree', parent ?? '--empty'], { env });
    const there = new Set(parent === null ? [] : KINDS.flatMap((kind) => pathsOn(cwd, parent, kind)));
    for (const [path, { kind, text }] of ours) {
      const merged = there.has(path) ? kind.merge(mustGit(cwd, ['cat-file', 'blob', `${parent}:${path}`]), text) : text;
      const blob = mustGit(cwd, ['hash-object', '-w', '--stdin'], { input: merged }).trim();
      mustGit(cwd, ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { env });
    }
    const tree = mustGit(cwd, ['write-tree'], { env }).trim();
    if (parent !== null && tree === mustGit(cwd, ['rev-parse', `${parent}^{tree}`]).trim()) return null;
    const of = mustGit(cwd, ['rev-parse', '--short', 'HEAD']).trim();
    const parents = parent === null ? [] : ['-p', parent];
    return mustGit(cwd, ['commit-tree', tree, ...parents, '-m', `Keep the runs at ${of}`], { env: AUTHOR }).trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A runner has no name of its own, and git commits for nobody. */
const AUTHOR = {
  GIT_AUTHOR_NAME: 'fiml-perf',
  GIT_AUTHOR_EMAIL: 'fiml-perf@noreply.invalid',
  GIT_COMMITTER_NAME: 'fiml-perf',
  GIT_COMMITTER_EMAIL: 'fiml-perf@noreply.invalid',
};

const pathsOn = (cwd: string, commit: string, { folder, extension }: Kind): string[] =>
  mustGit(cwd, ['ls-tree', '-z', '--name-only', commit, `${folder}/`])
    .split('\0')
    .filter((path) => path.endsWith(extension));

interface GitOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** @throws UserError with what git said. */
function mustGit(cwd: string, args: readonly string[], options: GitOptions = {}): string {
  const { ok, text } = git(cwd, args, options);
  if (!ok) throw new UserError(`git ${args.join(' ')}:\n${text}`);
  return text;
}

function git(
  cwd: string,
  args: readonly string[],
  { env = {}, input = '' }: GitOptions = {},
): { ok: boolean; text: string } {
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    cwd,
    // A question for a password would wait for a terminal that a pipeline has not.
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', ...env },
    input,
    encoding: 'utf8',
    timeout: GIT_DEADLINE_MS,
    maxBuffer: 2 ** 30,
  });
  if (status === 0) return { ok: true, text: stdout };
  return { ok: false, text: error?.message ?? (stderr.trim() || `it ended with ${status}`) };
}
