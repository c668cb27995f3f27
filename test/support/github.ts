import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Posted {
  id: number;
  body: string;
  readonly user: { readonly type: 'Bot' | 'User' };
  readonly author_association: string;
}

export interface Issue extends Posted {
  readonly title: string;
  readonly isPull: boolean;
  state: 'open' | 'closed';
  readonly comments: Posted[];
}

export interface Pull {
  readonly number: number;
  readonly head: { readonly sha: string; readonly label: string };
}

/** As much of GitHub's API as the suite uses: issues, comments and pull requests of one repository, in pages. */
export interface FakeGitHub {
  readonly url: string;
  readonly issues: Map<number, Issue>;
  readonly pulls: Pull[];
  /** Method and path of each request. */
  readonly asked: string[];
  /** Opens an issue or pull request of that number. */
  open(number: number, about?: Partial<Issue>): Issue;
  stop(): Promise<void>;
}

export const REPOSITORY = 'acme/fiml';
/** The author that a workflow's own token makes. */
export const BOT = { user: { type: 'Bot' }, author_association: 'NONE' } as const;
/** Anybody with an account. */
export const STRANGER = { user: { type: 'User' }, author_association: 'NONE' } as const;

/** A token with permissions, which the fake server reads from it. */
export const tokenOf = (permissions: Readonly<Record<string, string>>): string =>
  `fake ${Object.entries(permissions)
    .map(([name, access]) => `${name}=${access}`)
    .join(' ')}`;

export async function startFakeGitHub(): Promise<FakeGitHub> {
  const issues = new Map<number, Issue>();
  const pulls: Pull[] = [];
  const asked: string[] = [];
  let lastId = 1000;
  const nextId = () => ++lastId;
  const open: FakeGitHub['open'] = (number, about = {}) => {
    const made: Issue = {
      id: nextId(),
      title: '',
      body: '',
      isPull: false,
      state: 'open',
      comments: [],
      ...BOT,
      ...about,
    };
    issues.set(number, made);
    return made;
  };
  const shown = (number: number, { isPull, comments, ...issue }: Issue) => ({
    ...issue,
    number,
    html_url: `https://github.test/${REPOSITORY}/issues/${number}`,
    ...(isPull ? { pull_request: {} } : {}),
  });
  const shownComment = (one: Posted) => ({ ...one, html_url: `https://github.test/comment/${one.id}` });

  const answer = async (request: IncomingMessage): Promise<[status: number, body: unknown]> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://github.test');
    asked.push(`${request.method} ${pathname}`);
    const body = (await text(request)) || '{}';
    const { title = '', body: written = '' } = JSON.parse(body) as { title?: string; body?: string };
    const token = /^Bearer fake(.*)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return [401, { message: 'Bad credentials' }];
    const may = (...permissions: string[]) => permissions.some((name) => token.includes(` ${name}=write`));
    const refused: [number, unknown] = [403, { message: 'Resource not accessible by integration' }];
    const page = <T>(items: readonly T[]): [number, T[]] => {
      const [size, at] = [Number(searchParams.get('per_page') ?? 30), Number(searchParams.get('page') ?? 1)];
      return [200, items.slice(size * (at - 1), size * at)];
    };
    const path = pathname.replace(`/repos/${REPOSITORY}`, '');
    const [, number, tail] = /^\/issues\/(\d+)(\/comments)?$/.exec(path) ?? [];
    const issue = issues.get(Number(number));
    if (request.method === 'GET') {
      if (path === '/issues') {
        return page([...issues].filter(([, { state }]) => state === 'open').map(([at, one]) => shown(at, one)));
      }
      const pull = pulls.find(({ number: one }) => path === `/pulls/${one}`);
      if (pull !== undefined) return [200, { ...pull, state: issues.get(pull.number)?.state ?? 'open' }];
      if (path === '/pulls') {
        const isOpen = ({ number: one }: Pull) => issues.get(one)?.state !== 'closed';
        return page(pulls.filter((one) => one.head.label === searchParams.get('head') && isOpen(one)));
      }
      if (issue !== undefined && tail !== undefined) return page(issue.comments.map(shownComment));
    }
    if (request.method === 'POST' && path === '/issues') {
      if (!may('issues')) return refused;
      const made = issues.size + 1;
      return [201, shown(made, open(made, { title, body: written }))];
    }
    if (request.method === 'POST' && issue !== undefined && tail !== undefined) {
      if (!may('issues', ...(issue.isPull ? ['pull-requests'] : []))) return refused;
      const made = { id: nextId(), body: written, ...BOT };
      issue.comments.push(made);
      return [201, shownComment(made)];
    }
    if (request.method === 'PATCH' && issue !== undefined && tail === undefined) {
      if (!may('issues')) return refused;
      issue.body = written;
      return [200, shown(Number(number), issue)];
    }
    const id = Number(/^\/issues\/comments\/(\d+)$/.exec(path)?.[1]);
    for (const { comments, isPull } of issues.values()) {
      const comment = comments.find((one) => one.id === id);
      if (request.method !== 'PATCH' || comment === undefined) continue;
      if (!may('issues', ...(isPull ? ['pull-requests'] : []))) return refused;
      comment.body = written;
      return [200, shownComment(comment)];
    }
    return [404, { message: 'Not Found' }];
  };

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    issues,
    pulls,
    asked,
    open,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
