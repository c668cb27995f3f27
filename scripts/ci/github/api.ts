import { z } from 'zod';
import { UserError } from '../../errors';
import { oneLine } from '../../text/printable';

/** GitHub's REST API, as far as the suite needs it, for the repository that a workflow runs in. */
export interface GitHub {
  /** Path of the repository, `/repos/OWNER/NAME`. */
  readonly repository: string;
  /** @throws UserError for whatever GitHub does not do, with what to do about it; it never repeats the token. */
  send(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<unknown>;
  /** All items of a list, whatever number of pages it has. @param path with its query. @throws UserError as `send`. */
  list<Schema extends z.ZodType>(path: string, item: Schema): Promise<z.output<Schema>[]>;
}

const ANSWER_DEADLINE_MS = 30_000;
const PAGE_ITEMS = 100;

/** Who wrote a comment or an issue, as GitHub tells it with each. */
export const authorship = {
  user: z.object({ type: z.string() }).nullish(),
  author_association: z.string().nullish(),
};

/** Who may change what a workflow wrote anyway; it is they whose token a workflow has where it is not its own. */
const TRUSTED = ['OWNER', 'MEMBER', 'COLLABORATOR'];

/**
 * Whether a text with the suite's mark can be the suite's. Anybody may write the mark; in a comment of a stranger's the
 * verdict would be the stranger's to change afterwards.
 */
export const canBeOwn = ({ user, author_association: association }: z.infer<z.ZodObject<typeof authorship>>): boolean =>
  user?.type === 'Bot' || TRUSTED.includes(association ?? '');

/** What a permission is called in a workflow, by what is asked for. */
const PERMISSIONS =
  'its job needs the permission pull-requests: write for a comment, and issues: write for an issue; ' +
  'a workflow that a fork triggers never has them, so that its report is published by a second one';

/** @throws UserError with every variable that is missing. */
export function gitHubOf(env: NodeJS.ProcessEnv): GitHub {
  const { GITHUB_TOKEN: token = '', GITHUB_REPOSITORY: name = '', GITHUB_API_URL: api } = env;
  const problems = [
    ...(token === '' ? ['GITHUB_TOKEN is not set: give the step the token of its job, github.token, as env'] : []),
    ...(/^[^/\s]+\/[^/\s]+$/.test(name) ? [] : ['GITHUB_REPOSITORY is not OWNER/NAME: GitHub Actions sets it']),
  ];
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  const root = (api || 'https://api.github.com').replace(/\/$/, '');
  const send: GitHub['send'] = async (method, path, body) => {
    const request = `GitHub, ${method} ${path}`;
    const response = await fetch(root + path, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': 'fiml-perf',
        'x-github-api-version': '2022-11-28',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
    }).catch(({ cause, message }: Error) => {
      // What fetch says itself is only that it failed.
      throw new UserError(`${request}: no answer: ${(cause as Error | undefined)?.message ?? message}`);
    });
    const text = await response.text();
    if (!response.ok) {
      const advice = response.status === 403 || response.status === 404 ? `\n${PERMISSIONS}` : '';
      throw new UserError(`${request}: it answered ${response.status}: ${messageIn(text)}${advice}`);
    }
    try {
      return JSON.parse(text);
    } catch {
      throw new UserError(`${request}: what it answered is not JSON: is GITHUB_API_URL right?`);
    }
  };
  return {
    repository: `/repos/${name}`,
    send,
    list: async (path, item) => {
      const all: z.output<typeof item>[] = [];
      for (let page = 1; ; page++) {
        const answer = await send('GET', `${path}${path.includes('?') ? '&' : '?'}per_page=${PAGE_ITEMS}&page=${page}`);
        const items = answered(z.array(item), answer, path);
        all.push(...items);
        if (items.length < PAGE_ITEMS) return all;
      }
    },
  };
}

/** @throws UserError for an answer of another form than GitHub's. */
export function answered<Schema extends z.ZodType>(schema: Schema, answer: unknown, path: string): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new UserError(`GitHub, ${path}: not as GitHub answers: ${first?.path.join('.')}: ${first?.message}`);
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return oneLine(message);
  } catch {
    // A gateway in between answers with a page of its own.
  }
  return oneLine(text);
}
